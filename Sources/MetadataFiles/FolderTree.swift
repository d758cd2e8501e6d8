import Findings
import Glibc
import UntrustedFiles

/// The `.json` files under a folder, folder by folder.
package struct FolderTree {
  /// One folder and the full paths of the `.json` files in it, sorted.
  package struct Folder: Sendable {
    package let path: String
    package let files: [String]
  }

  /// What cannot be read is named in `findings`; the rest goes on.
  package private(set) var folders: [Folder] = []
  package private(set) var findings: [Finding] = []

  private static let deepest = 64
  private struct Identity: Hashable {
    let device: dev_t
    let inode: ino_t
  }
  private var seen: Set<Identity> = []
  /// The folder itself, links resolved; nothing outside it is read.
  private let real: String?

  /// Walks the folder at `path`. Hidden folders are left out. A folder that a symbolic link leads to is walked once, and
  /// only where it lies in the folder: links out of it are refused, with a finding.
  package init(_ path: String) {
    var root = path
    while root.utf8.count > 1, root.utf8.last == UInt8(ascii: "/") { root.removeLast() }
    real = Self.resolved(root)
    walk(root, ancestors: [])
  }

  private mutating func walk(_ path: String, ancestors: [Identity]) {
    var status = stat()
    guard stat(path, &status) == 0 else { return findings.append(FileRefusal.unopened(errno).finding(path)) }
    let identity = Identity(device: status.st_dev, inode: status.st_ino)
    if ancestors.contains(identity) { return findings.append(FileRefusal.unopened(ELOOP).finding(path)) }
    guard seen.insert(identity).inserted else { return }
    guard ancestors.count < Self.deepest else {
      findings.append(
        Finding(
          .folderDepth,
          "Folders are nested more than \(Self.deepest) deep here; nothing below was read.",
          hint: "Name the folder that holds the metadata.",
          place: path
        )
      )
      return
    }
    guard let entries = entries(in: path) else { return }
    var files: [String] = []
    for (name, kind) in entries {
      let entry = path == "/" ? "/\(name)" : "\(path)/\(name)"
      let isJSON = name.hasSuffix(".json") && !name.hasPrefix(".#")
      // What most entries are: no link, so that nothing more need be asked.
      if kind == .file {
        if isJSON { files.append(entry) }
        continue
      }
      var status = stat()
      guard stat(entry, &status) == 0 else {
        if isJSON || errno == ELOOP { findings.append(FileRefusal.unopened(errno).finding(entry)) }
        continue
      }
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      if isJSON || (isFolder && !name.hasPrefix(".")), leavesFolder(entry) {
        findings.append(
          Finding(
            .linkOutside,
            "This link leads out of the folder that was named; it was not followed.",
            hint: "Put the file itself here, or name where the link leads to.",
            place: entry
          )
        )
        continue
      }
      if isFolder {
        if !name.hasPrefix(".") { walk(entry, ancestors: ancestors + [identity]) }
      } else if isJSON {
        files.append(entry)
      }
    }
    if !files.isEmpty { folders.append(Folder(path: path, files: files)) }
  }

  /// Whether a symbolic link leads to a place outside the folder.
  private func leavesFolder(_ entry: String) -> Bool {
    var status = stat()
    guard lstat(entry, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return false }
    guard let real, let target = Self.resolved(entry) else { return true }
    return target != real && !target.utf8.starts(with: (real == "/" ? "/" : real + "/").utf8)
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(validatingCString: resolved)
  }

  /// Names and what has them, sorted by bytes, without `.` and `..`; nil, and a finding, where the folder cannot be read.
  private mutating func entries(in path: String) -> [(name: String, kind: UntrustedFolder.Kind)]? {
    let folder: UntrustedFolder
    do throws(FileRefusal) { folder = try UntrustedFolder(path) } catch {
      findings.append(error.finding(path))
      return nil
    }
    var entries: [(name: String, kind: UntrustedFolder.Kind)] = []
    while let name = folder.next() {
      guard let text = name.text else {
        findings.append(
          Finding(
            .fileName, "A file in this folder has a name that is not UTF-8; it was not read.", hint: "Rename the file.",
            place: path))
        continue
      }
      entries.append((text, folder.kind(of: name)))
    }
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}
