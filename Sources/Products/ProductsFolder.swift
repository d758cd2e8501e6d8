import Findings
import Glibc
import Keys

extension Finding.Code {
  /// A file of the folder is missing, unreadable, a link, a device, or leads out of the folder.
  public static let fileRefused = Finding.Code("FILE-REFUSED")
  /// The output exists already, or cannot be written.
  public static let cannotCreate = Finding.Code("CANNOT-CREATE")
}

/// A products folder on disk: files are created and never overwritten, read without following links,
/// and named by relative paths alone.
public struct ProductsFolder: Sendable {
  /// As it was given; never recorded.
  public let path: String

  /// A folder that exists.
  public init(opening path: String) { self.path = path }

  /// Creates the folder; throws `CANNOT-CREATE` where anything of that name exists.
  public init(creating path: String) throws(Finding) {
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
  public func removeIfEmpty() { rmdir(path) }

  /// Whether this folder is below the other, by whatever names.
  public func isInside(_ other: ProductsFolder) -> Bool {
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
  public func create(_ name: String, _ bytes: [UInt8]) throws(Finding) {
    try makeFolders(of: name)
    let whole = try absolute(name)
    let partial = whole + Self.partialSuffix
    let descriptor = Glibc.open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw cannotWrite(name) }
    var isWritten = writeAll(descriptor, bytes) && fsync(descriptor) == 0
    isWritten = close(descriptor) == 0 && isWritten
    // A file has its name only when it is whole, and a name that is taken is never given again.
    guard isWritten, link(partial, whole) == 0 else { throw cannotWrite(name) }
    unlink(partial)
    guard try read(name) == bytes else {
      throw Finding(
        .cannotCreate, "\(name) was written, and reading it back gave something else.",
        hint: "The disk is failing. Use another one.", place: name)
    }
    try syncFolder(of: name)
  }

  /// Of a file that is being written.
  public static let partialSuffix = ".partial"

  /// Removes what is left of files whose writing was cut short.
  public func removePartials() throws(Finding) {
    for entry in try list() where entry.path.hasSuffix(Self.partialSuffix) {
      unlink(try absolute(entry.path))
    }
  }

  /// Takes a file away, where it is there. For what is written again from the records.
  public func remove(_ name: String) throws(Finding) {
    guard unlink(try absolute(name)) == 0 || errno == ENOENT else { throw cannotWrite(name) }
    try syncFolder(of: name)
  }

  /// Cuts bytes off the end of a file.
  public func shorten(_ name: String, by count: Int) throws(Finding) {
    let descriptor = Glibc.open(try absolute(name), O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw cannotWrite(name) }
    let isShort = ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - count) == 0 && fsync(descriptor) == 0
    guard close(descriptor) == 0, isShort else { throw cannotWrite(name) }
  }

  /// Puts a file in place of another at once. For what is hardware, not product: the state of virtual cards.
  public func replace(_ name: String, _ bytes: [UInt8]) throws(Finding) {
    try makeFolders(of: name)
    let whole = try absolute(name)
    let descriptor = Glibc.open(whole + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw cannotWrite(name) }
    let isWritten = writeAll(descriptor, bytes)
    guard close(descriptor) == 0, isWritten, rename(whole + ".new", whole) == 0 else { throw cannotWrite(name) }
  }

  /// The content of a regular file of at most 64 MiB. Throws `FILE-REFUSED`.
  public func read(_ name: String) throws(Finding) -> [UInt8] {
    guard let bytes = try FileContent.read(try absolute(name), atMost: FileContent.largest, place: name) else {
      throw refused(name, errno == ENOENT ? "is not there" : "cannot be opened: \(reason())")
    }
    return bytes
  }

  /// A regular file of any size, to be read in pieces. Throws `FILE-REFUSED`.
  public func open(_ name: String) throws(Finding) -> FileStream {
    guard let file = try OpenFile.at(try absolute(name), place: name) else { throw refused(name, "is not there") }
    return file.stream
  }

  /// Opens a file for appending, created if it is not there; the caller closes it.
  public func appending(_ name: String) throws(Finding) -> Int32 {
    let descriptor = Glibc.open(try absolute(name), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw cannotWrite(name) }
    try syncFolder(of: name)
    return descriptor
  }

  /// Every file below the folder by relative path, sorted; links, devices and unreadable folders among them.
  public func list() throws(Finding) -> [Entry] {
    var entries: [Entry] = []
    try collect("", depth: 0, &entries)
    return entries.sorted { $0.path < $1.path }
  }

  public struct Entry: Hashable, Sendable {
    public let path: String
    public let isRegular: Bool

    public init(path: String, isRegular: Bool) {
      self.path = path
      self.isRegular = isRegular
    }
  }

  private func collect(_ prefix: String, depth: Int, _ entries: inout [Entry]) throws(Finding) {
    let folder = prefix.isEmpty ? path : "\(path)/\(prefix)"
    guard depth < 8, entries.count < 100_000, let stream = opendir(folder) else {
      throw refused(prefix.isEmpty ? "the folder" : prefix, "cannot be listed")
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let relative = prefix.isEmpty ? name : "\(prefix)/\(name)"
      var status = stat()
      guard lstat("\(path)/\(relative)", &status) == 0 else { throw refused(relative, "cannot be looked at") }
      if status.st_mode & S_IFMT == S_IFDIR {
        try collect(relative, depth: depth + 1, &entries)
      } else {
        entries.append(Entry(path: relative, isRegular: status.st_mode & S_IFMT == S_IFREG))
      }
    }
  }

  /// Parts of letters, digits and . _ -, none of them `.` or `..`, so that no name leads out of the folder.
  public static func isSafe(_ name: String) -> Bool {
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
    guard Self.isSafe(name) else { throw refused(name, "is no path inside the folder") }
    return "\(path)/\(name)"
  }

  private func makeFolders(of name: String) throws(Finding) {
    _ = try absolute(name)
    var prefix = path
    for part in name.split(separator: "/").dropLast() {
      prefix += "/\(part)"
      if mkdir(prefix, 0o755) != 0, errno != EEXIST { throw cannotWrite(name) }
    }
  }

  private func syncFolder(of name: String) throws(Finding) {
    let folder = name.contains("/") ? path + "/" + name.split(separator: "/").dropLast().joined(separator: "/") : path
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw cannotWrite(name) }
    let isSynced = fsync(descriptor) == 0
    guard close(descriptor) == 0, isSynced else { throw cannotWrite(name) }
  }

  private func refused(_ name: String, _ why: String) -> Finding {
    Finding(.fileRefused, "\(name) \(why).", hint: "Compare the folder with another copy.", place: name)
  }

  private func cannotWrite(_ name: String) -> Finding {
    Finding(
      .cannotCreate, "\(name) cannot be written: \(reason()).",
      hint: "Make room or use another disk. What was recorded so far stands.", place: name)
  }
}

/// All bytes to a descriptor, through short writes and interruptions.
public func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
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
public func hasName(_ descriptor: Int32) -> Bool {
  var status = stat()
  return fstat(descriptor, &status) == 0 && status.st_nlink > 0
}

/// The system's words for what went wrong last.
func reason() -> String { strerror(errno).map { String(cString: $0) } ?? "unknown reason" }
