import Findings
import Glibc

extension ProductsFolder {
  public struct Entry: Hashable, Sendable {
    /// Where the name is no UTF-8, with `\\x` and two digits for each byte that is none of ASCII.
    public let path: String
    /// Whether it is a file that can be read by its path.
    public let isRegular: Bool

    public init(path: String, isRegular: Bool) {
      self.path = path
      self.isRegular = isRegular
    }

    /// Whether it is in that folder of the top, byte by byte: text comparison takes a mark for a part of the slash.
    public func isBelow(_ folder: String) -> Bool { path.utf8.starts(with: "\(folder)/".utf8) }
  }

  /// Every file below the folder by relative path, sorted; links, devices and what cannot be listed among them.
  ///
  /// Throws `FILE-REFUSED` where the folder itself cannot be listed, or has more than 100,000 files.
  public func list() throws(Finding) -> [Entry] { try list(besides: []) }

  /// The same without what is in these folders of the top: they are not even opened, whatever people put into them.
  public func list(besides folders: Set<String>) throws(Finding) -> [Entry] {
    try listing(besides: folders).files.sorted { $0.path < $1.path }
  }

  /// Every folder below the folder by relative path, sorted. Throws as ``list()`` does.
  ///
  /// - Parameter folders: of the top, which are not opened.
  public func folders(besides folders: Set<String> = []) throws(Finding) -> [String] {
    try listing(besides: folders).folders.sorted()
  }

  /// Whether it is a folder, and can be listed.
  public var canBeListed: Bool {
    guard let stream = opendir(path) else { return false }
    closedir(stream)
    return true
  }

  private func listing(besides closed: Set<String>) throws(Finding) -> (files: [Entry], folders: [String]) {
    var files: [Entry] = []
    var folders: [String] = []
    let top = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard try collect(top, "", closed, depth: 0, &files, &folders) else {
      throw refused("the folder", "cannot be listed")
    }
    return (files, folders)
  }

  /// Returns whether the folder could be listed; closes the descriptor.
  private func collect(
    _ descriptor: Int32, _ prefix: String, _ closed: Set<String>, depth: Int, _ files: inout [Entry],
    _ folders: inout [String]
  ) throws(Finding) -> Bool {
    guard descriptor >= 0 else { return false }
    guard depth < 8, let stream = fdopendir(descriptor) else {
      close(descriptor)
      return false
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let bytes = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
      let name = String(validating: bytes.dropLast(), as: UTF8.self)
      if name == "." || name == ".." { continue }
      guard files.count + folders.count < 100_000 else { throw refused("the folder", "has more than 100000 files") }
      let path = prefix + (name ?? Self.escaped(bytes))
      var status = stat()
      guard name != nil, fstatat(descriptor, bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
        files.append(Entry(path: path, isRegular: false))
        continue
      }
      guard status.st_mode & S_IFMT == S_IFDIR else {
        files.append(Entry(path: path, isRegular: status.st_mode & S_IFMT == S_IFREG))
        continue
      }
      folders.append(path)
      if closed.contains(path) { continue }
      let inner = openat(descriptor, bytes, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if try !collect(inner, path + "/", closed, depth: depth + 1, &files, &folders) {
        files.append(Entry(path: path, isRegular: false))
      }
    }
    return true
  }

  private static func escaped(_ name: [CChar]) -> String {
    name.dropLast().map { byte in
      byte >= 0 ? String(UnicodeScalar(UInt8(bitPattern: byte))) : "\\x" + String(UInt8(bitPattern: byte), radix: 16)
    }.joined()
  }
}
