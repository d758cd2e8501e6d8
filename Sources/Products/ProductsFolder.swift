import Findings
import Glibc
import Keys

/// A products folder on disk: files are created and never overwritten, read without following links,
/// and named by relative paths alone.
package struct ProductsFolder: Sendable {
  /// As it was given; never recorded.
  package let path: String

  /// A folder that exists.
  package init(opening path: String) { self.path = path }

  /// Creates the folder; throws `CANNOT-CREATE` where anything of that name exists.
  package init(creating path: String) throws(Finding) {
    guard mkdir(path, 0o755) == 0 else {
      let isThere = errno == EEXIST
      throw Finding(
        .cannotCreate,
        isThere
          ? "The output folder exists already. Nothing in it was touched."
          : "The output folder cannot be made: \(reason()).",
        hint: isThere ? "Choose a name that is not there yet." : "Choose a folder on a writable disk with free space.",
        place: path)
    }
    self.path = path
  }

  /// Removes the folder where nothing is in it yet.
  package func removeIfEmpty() { rmdir(path) }

  /// Whether this folder is below the other, by whatever names.
  package func isInside(_ other: ProductsFolder) -> Bool {
    guard let inner = realpath(path, nil), let outer = realpath(other.path, nil) else { return false }
    defer {
      free(inner)
      free(outer)
    }
    let parts = { (path: UnsafeMutablePointer<CChar>) in String(cString: path).split(separator: "/") }
    return parts(inner).starts(with: parts(outer))
  }

  /// Creates a file, reads it back, compares, and has it and its folder on the disk when it returns.
  ///
  /// Throws `CANNOT-CREATE`: the file exists, the disk is full, what was read back differs.
  package func create(_ name: String, _ bytes: [UInt8]) throws(Finding) {
    try create(name, copying: FileStream(bytes))
  }

  /// The same for content of any size. Throws `FILE-REFUSED`, too, where that cannot be read to its end.
  package func create(_ name: String, copying content: FileStream) throws(Finding) {
    var stream = content
    var hash = SHA256Stream()
    var unreadable: Finding?
    let isMade = try within(name, isMade: true) { folder, last in
      let partial = last + Self.partialSuffix
      let descriptor = openat(folder, partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { return false }
      var isWritten = true
      var left = content.size
      while isWritten, left > 0 {
        do throws(Finding) {
          let piece = try stream.read(upTo: 1 << 16)
          guard !piece.isEmpty else { throw refused(name, "became shorter while it was copied") }
          hash.append(piece)
          left -= piece.count
          isWritten = writeAll(descriptor, piece)
        } catch {
          unreadable = error
          isWritten = false
        }
      }
      isWritten = isWritten && fsync(descriptor) == 0
      isWritten = close(descriptor) == 0 && isWritten
      if unreadable != nil { unlinkat(folder, partial, 0) }
      // A file has its name only when it is whole, and a name that is taken is never given again.
      guard isWritten, linkat(folder, partial, folder, last, 0) == 0 else { return false }
      return unlinkat(folder, partial, 0) == 0 && fsync(folder) == 0
    }
    if let unreadable { throw unreadable }
    guard isMade else { throw cannotWrite(name) }
    guard try digest(of: name) == hash.digest else {
      throw Finding(
        .cannotCreate, "\(name) was written, and reading it back gave something else.",
        hint: "The disk is failing. Use another one.", place: name)
    }
  }

  /// Of a file that is being written.
  package static let partialSuffix = ".partial"

  /// Takes a file away, where it is there. For what is written again from the records.
  package func remove(_ name: String) throws(Finding) {
    let isGone = try within(name) { folder, last in
      (unlinkat(folder, last, 0) == 0 || errno == ENOENT) && fsync(folder) == 0
    }
    guard isGone else { throw cannotWrite(name) }
  }

  /// Cuts bytes off the end of a file.
  package func shorten(_ name: String, by count: Int) throws(Finding) {
    let isShort = try within(name) { folder, last in
      let descriptor = openat(folder, last, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { return false }
      let isCut = ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - count) == 0 && fsync(descriptor) == 0
      return close(descriptor) == 0 && isCut
    }
    guard isShort else { throw cannotWrite(name) }
  }

  /// Puts a file in place of another at once. For what is hardware, not product: the state of virtual cards.
  package func replace(_ name: String, _ bytes: [UInt8]) throws(Finding) {
    let isReplaced = try within(name, isMade: true) { folder, last in
      let new = last + ".new"
      let descriptor = openat(folder, new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
      guard descriptor >= 0 else { return false }
      let isWritten = writeAll(descriptor, bytes)
      return close(descriptor) == 0 && isWritten && renameat(folder, new, folder, last) == 0
    }
    guard isReplaced else { throw cannotWrite(name) }
  }

  /// Whether anything has that name, a regular file or not.
  package func exists(_ name: String) throws(Finding) -> Bool {
    var status = stat()
    return lstat(try absolute(name), &status) == 0 || errno != ENOENT
  }

  /// The content of a regular file of at most 64 MiB. Throws `FILE-REFUSED`.
  package func read(_ name: String) throws(Finding) -> [UInt8] {
    guard let bytes = try FileContent.read(try absolute(name), atMost: FileContent.largest, place: name) else {
      throw refused(name, errno == ENOENT ? "is not there" : "cannot be opened: \(reason())")
    }
    return bytes
  }

  /// Asks the system to take a file from its medium when it is read next, and not from memory.
  package func readsAnew(_ name: String) {
    guard let path = try? absolute(name) else { return }
    let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    close(descriptor)
  }

  /// A regular file of any size, to be read in pieces. Throws `FILE-REFUSED`.
  package func open(_ name: String) throws(Finding) -> FileStream {
    guard let file = try OpenFile.at(try absolute(name), place: name) else { throw refused(name, "is not there") }
    return file.stream
  }

  /// Opens a regular file for appending, created if it is not there; the caller closes it.
  ///
  /// - Parameter isNew: whether nothing of that name may be there.
  package func appending(_ name: String, isNew: Bool = false) throws(Finding) -> Int32 {
    let descriptor = try within(name) { folder, last in
      // Without O_NONBLOCK the opening of a pipe would wait for its other end.
      let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (isNew ? O_EXCL : 0)
      let descriptor = openat(folder, last, flags, 0o644)
      var status = stat()
      guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, fsync(folder) == 0
      else {
        if descriptor >= 0 { close(descriptor) }
        return Int32(-1)
      }
      return descriptor
    }
    guard descriptor >= 0 else { throw cannotWrite(name) }
    return descriptor
  }

  /// Parts of letters, digits and . _ -, none of them `.` or `..`, so that no name leads out of the folder.
  package static func isSafe(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return !parts.isEmpty && name.utf8.count <= 400
      && parts.allSatisfy { part in
        !part.isEmpty && part != "." && part != ".."
          && part.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
              UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
              true
            default: false
            }
          }
      }
  }

  private func absolute(_ name: String) throws(Finding) -> String {
    guard Self.isSafe(name) else {
      throw refused(name, "is no path inside the folder of letters, digits and . _ - alone")
    }
    return "\(path)/\(name)"
  }

  /// Calls `work` with the folder in which a file stands, open, and the file's name in it. No part of the way may be a
  /// link, so that nothing is written outside.
  ///
  /// - Parameter isMade: whether folders on the way are made.
  private func within<Result>(
    _ name: String, isMade: Bool = false, _ work: (_ folder: Int32, _ last: String) -> Result
  ) throws(Finding) -> Result {
    _ = try absolute(name)
    var parts = name.split(separator: "/").map(String.init)
    let last = parts.removeLast()
    var folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for part in parts where folder >= 0 {
      let outer = folder
      folder = -1
      if !isMade || mkdirat(outer, part, 0o755) == 0 && fsync(outer) == 0 || errno == EEXIST {
        folder = openat(outer, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
      close(outer)
    }
    guard folder >= 0 else { throw cannotWrite(name) }
    defer { close(folder) }
    return work(folder, last)
  }

  func refused(_ name: String, _ why: String) -> Finding {
    Finding(.fileRefused, "\(name) \(why).", hint: "Compare the folder with another copy.", place: name)
  }

  private func cannotWrite(_ name: String) -> Finding {
    Finding(
      .cannotCreate, "\(name) cannot be written: \(reason()).",
      hint: "Make room or use another disk. What was recorded so far stands.", place: name)
  }
}

/// All bytes to a descriptor, through short writes and interruptions.
package func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
  var done = 0
  while done < bytes.count {
    let count = bytes.withUnsafeBytes { whole in
      Glibc.write(descriptor, whole.baseAddress?.advanced(by: done), whole.count - done)
    }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    done += count
  }
  return true
}

/// Whether an open file still has a name in a folder.
package func hasName(_ descriptor: Int32) -> Bool {
  var status = stat()
  return fstat(descriptor, &status) == 0 && status.st_nlink > 0
}

/// The system's words for what went wrong last.
func reason() -> String { strerror(errno).map { String(cString: $0) } ?? "unknown reason" }
