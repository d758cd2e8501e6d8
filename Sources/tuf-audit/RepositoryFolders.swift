import CanonicalJSON
import Findings
import MetadataFiles
import TUFMetadata
import Watch

/// Which of the files in several folders belong to one repository.
struct RepositoryFolders {
  typealias Folder = (path: String, files: [MetadataFile])

  private(set) var repositories: [MetadataRepository] = []

  /// Each folder is a repository, except that files of a folder below one with roots belong to it where it delegates to
  /// a role by such a name, as clients fetch them; and that roots without a key in common, under other names than TUF's,
  /// are repositories of their own.
  init(_ folders: [Folder]) {
    var folders = folders
    Self.moveSubfolders(&folders)
    for folder in folders where !folder.files.isEmpty {
      if Self.hasRoot(folder) {
        repositories.append(MetadataRepository(path: folder.path, files: folder.files))
      } else {
        repositories += Self.lineages(folder)
      }
    }
  }

  private static func hasRoot(_ folder: Folder) -> Bool {
    folder.files.contains { $0.name.topLevelRole == .root }
  }

  // MARK: Roles with a slash in their names

  /// `1.targets/releases.json` is what a file server gives to a client that asks for role `targets/releases`.
  private static func moveSubfolders(_ folders: inout [Folder]) {
    for place in folders.indices where hasRoot(folders[place]) {
      let path = folders[place].path
      let below = folders.indices.filter { other in
        other != place && !hasRoot(folders[other]) && Self.inside(path, folders[other].path) != nil
      }
      guard !below.isEmpty else { continue }
      var names = Set(folders[place].files.flatMap(delegated))
      var isMoved = true
      while isMoved, !names.isEmpty {
        isMoved = false
        for other in below {
          for file in folders[other].files {
            guard let relative = Self.inside(path, file.path), let name = MetadataName(relative),
              names.contains(Array(name.role.utf8))
            else { continue }
            let moved = MetadataFile(path: file.path, name: name, read: file.read)
            folders[place].files.append(moved)
            folders[other].files.removeAll { $0.path == file.path }
            names.formUnion(delegated(by: moved))
            isMoved = true
          }
        }
      }
    }
  }

  /// The way from a folder to a path below it; nil for any other path.
  private static func inside(_ folder: String, _ path: String) -> String? {
    let prefix = folder.utf8.last == UInt8(ascii: "/") ? folder : folder + "/"
    if path.utf8.starts(with: prefix.utf8) {
      return String(decoding: path.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
    return folder == "." && !path.hasPrefix("/") && !path.hasPrefix(".") ? path : nil
  }

  /// The names with a slash that a file delegates to.
  private static func delegated(by file: MetadataFile) -> [[UInt8]] {
    guard case .success(let bytes) = file.read(), let json = try? JSONValue(parsing: bytes),
      let roles = json["signed"]?["delegations"]?["roles"]?.array
    else { return [] }
    return roles.compactMap { $0["name"]?.string }.filter { $0.utf8.contains(UInt8(ascii: "/")) }
      .map { Array($0.utf8) }
  }

  // MARK: Several repositories

  private struct Lineage {
    var files: [MetadataFile]
    /// The ids of the keys that sign for it, and of those that signed its roots.
    var keyIDs: Set<String>
    let path: String
  }

  /// The files of a folder without a root by name: roots are found by what they hold, and go together where they have a
  /// key id in common. What was signed by a key of one of them goes with it.
  private static func lineages(_ folder: Folder) -> [MetadataRepository] {
    var lineages: [Lineage] = []
    var others: [MetadataFile] = []
    for file in folder.files {
      guard let (root, envelope) = root(file) else {
        others.append(file)
        continue
      }
      let name = MetadataName(version: nil, role: TopLevelRole.root.rawValue)
      var lineage = Lineage(
        files: [MetadataFile(path: file.path, name: name, read: file.read)],
        keyIDs: Set((root?[.root].keyIDs ?? []) + envelope.signatures.map(\.keyID)),
        path: file.path
      )
      for earlier in lineages where !earlier.keyIDs.isDisjoint(with: lineage.keyIDs) {
        lineage = Lineage(
          files: earlier.files + lineage.files,
          keyIDs: earlier.keyIDs.union(lineage.keyIDs),
          path: earlier.path
        )
      }
      let files = Set(lineage.files.map(\.path))
      lineages.removeAll { !$0.files.allSatisfy { !files.contains($0.path) } }
      lineages.append(lineage)
    }
    guard lineages.count > 1 else {
      return [MetadataRepository(path: folder.path, files: others + lineages.flatMap(\.files))]
    }
    give(others, to: &lineages)
    return lineages.map { MetadataRepository(path: $0.path, files: $0.files) }
  }

  private static func give(_ files: [MetadataFile], to lineages: inout [Lineage]) {
    for place in lineages.indices {
      for (root, _) in lineages[place].files.compactMap(root) {
        lineages[place].keyIDs.formUnion(root?.keys.keys.map(\.keyID) ?? [])
      }
    }
    var waiting = files.map { file in (file, (try? file.read().get()).flatMap { try? JSONValue(parsing: $0) }) }
    var isGiven = true
    while isGiven {
      isGiven = false
      for place in lineages.indices {
        let mine = waiting.filter { _, json in
          json?["signatures"]?.array?.contains { $0["keyid"]?.string.map(lineages[place].keyIDs.contains) ?? false }
            ?? false
        }
        for (file, json) in mine {
          lineages[place].files.append(file)
          lineages[place].keyIDs.formUnion(json?["signed"]?["delegations"]?["keys"]?.object?.names ?? [])
          waiting.removeAll { $0.0.path == file.path }
          isGiven = true
        }
      }
    }
    if !lineages.isEmpty { lineages[0].files += waiting.map(\.0) }
  }

  /// What a file under any name holds, where that says it is a root; without the root where it is none that can be read.
  private static func root(_ file: MetadataFile) -> (Root?, Envelope)? {
    guard file.name.topLevelRole == nil || file.name.topLevelRole == .root, case .success(let bytes) = file.read(),
      let envelope = try? Envelope(asClientsRead: bytes, place: file.path),
      envelope.signed["_type"]?.string == TopLevelRole.root.rawValue
    else { return nil }
    return ((try? Root.readAsClient(envelope.signed))?.root, envelope)
  }
}
