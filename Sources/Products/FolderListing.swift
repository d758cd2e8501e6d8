import Findings
import UntrustedFiles

extension ProductsFolder {
  package struct Entry: Hashable, Sendable {
    /// Where the name is no UTF-8, with `\\x` and two digits for each byte that is none of ASCII.
    package let path: String
    /// Whether it is a file that can be read by its path.
    package let isRegular: Bool

    package init(path: String, isRegular: Bool) {
      self.path = path
      self.isRegular = isRegular
    }

    /// Whether it is in that folder of the top, byte by byte: text comparison takes a mark for a part of the slash.
    package func isBelow(_ folder: String) -> Bool { path.utf8.starts(with: "\(folder)/".utf8) }
  }

  /// Every file below the folder by relative path, sorted; links, devices and what cannot be listed among them.
  ///
  /// Throws `FILE-REFUSED` where the folder itself cannot be listed, or has more than 100,000 files.
  package func list() throws(Finding) -> [Entry] { try list(besides: []) }

  /// Folders in which anything may be: what people add, and in a rehearsal its cards, which are hardware.
  package static func exempt(isRehearsal: Bool) -> Set<String> { isRehearsal ? ["annex", "virtual-cards"] : ["annex"] }

  /// The same without what is in these folders of the top: they are not even opened, whatever people put into them.
  package func list(besides folders: Set<String>) throws(Finding) -> [Entry] {
    try listing(besides: folders).files.sorted { $0.path < $1.path }
  }

  /// Every folder below the folder by relative path, sorted. Throws as ``list()`` does.
  ///
  /// - Parameter folders: of the top, which are not opened.
  package func folders(besides folders: Set<String> = []) throws(Finding) -> [String] {
    try listing(besides: folders).folders.sorted()
  }

  /// Whether it is a folder, and can be listed.
  package var canBeListed: Bool { (try? UntrustedFolder(path)) != nil }

  private func listing(besides closed: Set<String>) throws(Finding) -> (files: [Entry], folders: [String]) {
    var files: [Entry] = []
    var folders: [String] = []
    guard let top = try? UntrustedFolder(path) else { throw refused("the folder", "cannot be listed") }
    try collect(top, "", closed, depth: 0, &files, &folders)
    return (files, folders)
  }

  private func collect(
    _ folder: UntrustedFolder, _ prefix: String, _ closed: Set<String>, depth: Int, _ files: inout [Entry],
    _ folders: inout [String]
  ) throws(Finding) {
    while let name = folder.next() {
      guard files.count + folders.count < 100_000 else { throw refused("the folder", "has more than 100000 files") }
      let path = prefix + (name.text ?? name.escaped)
      let kind = name.text == nil ? .other : folder.kind(of: name)
      guard kind == .folder else {
        files.append(Entry(path: path, isRegular: kind == .file))
        continue
      }
      folders.append(path)
      if closed.contains(path) { continue }
      guard depth < 7, let inner = try? UntrustedFolder(name, in: folder) else {
        files.append(Entry(path: path, isRegular: false))
        continue
      }
      try collect(inner, path + "/", closed, depth: depth + 1, &files, &folders)
    }
  }
}
