import Glibc

/// A folder that is open, whatever happens to its path meanwhile. Its names come as the disk has them, in no order.
package final class UntrustedFolder {
  /// A name in a folder.
  package struct Name: Sendable {
    fileprivate let bytes: [CChar]
    /// nil where it is no UTF-8.
    package let text: String?

    fileprivate init(_ bytes: [CChar]) {
      self.bytes = bytes
      text = String(validating: bytes.dropLast(), as: UTF8.self)
    }

    /// With `\\x` and two digits for each byte that is none of ASCII.
    package var escaped: String {
      bytes.dropLast().map { byte in
        byte >= 0 ? String(UnicodeScalar(UInt8(bitPattern: byte))) : "\\x" + String(UInt8(bitPattern: byte), radix: 16)
      }.joined()
    }
  }

  /// What has a name, links not followed.
  package enum Kind: Sendable {
    case folder
    case file
    /// A link, a device, or what cannot be asked.
    case other
  }

  private let stream: OpaquePointer

  /// Links are followed.
  package init(_ path: String) throws(FileRefusal) {
    stream = try Self.stream(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
  }

  /// A folder in this one, links not followed.
  package init(_ name: Name, in folder: UntrustedFolder) throws(FileRefusal) {
    stream = try Self.stream(
      openat(dirfd(folder.stream), name.bytes, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
  }

  private static func stream(_ descriptor: Int32) throws(FileRefusal) -> OpaquePointer {
    guard descriptor >= 0 else { throw .unopened(errno) }
    guard let stream = fdopendir(descriptor) else {
      let error = errno
      close(descriptor)
      throw .unopened(error)
    }
    return stream
  }

  deinit { closedir(stream) }

  /// The next name, without `.` and `..`; nil at the end.
  package func next() -> Name? {
    while let entry = readdir(stream) {
      let name = Name(
        withUnsafePointer(to: &entry.pointee.d_name) { tuple in
          tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
            Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
          }
        })
      if name.text != ".", name.text != ".." { return name }
    }
    return nil
  }

  package func kind(of name: Name) -> Kind {
    var status = stat()
    guard fstatat(dirfd(stream), name.bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .other }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .other
    }
  }
}
