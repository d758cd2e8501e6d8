import CanonicalJSON
import Findings
import MetadataFiles
import TUFMetadata
import Watch

/// The metadata behind the paths of a command line, by repository.
struct NamedPaths {
  private(set) var repositories: [MetadataRepository] = []
  /// Files and folders inside a named folder that cannot be read.
  private(set) var findings: [Finding] = []
  /// Named paths that cannot be read.
  private(set) var unreadable: [Finding] = []

  /// A folder is walked to its end; each folder with metadata is a repository, together with its `root_history`.
  /// Files named one by one that share a folder are one repository.
  init(_ paths: [String]) {
    var folders: [(path: String, files: [MetadataFile])] = []
    func add(_ folder: String, _ files: [MetadataFile]) {
      if let place = folders.firstIndex(where: { $0.path == folder }) {
        let known = Set(folders[place].files.map(\.path))
        folders[place].files += files.filter { !known.contains($0.path) }
      } else {
        folders.append((folder, files))
      }
    }
    for path in paths {
      switch PathKind(of: path) {
      case .folder:
        let tree = FolderTree(path)
        findings += tree.findings
        for folder in tree.folders {
          add(Self.repository(of: folder.path), folder.files.compactMap { Self.file($0) })
        }
      case .closedFolder: unreadable += FolderTree(path).findings
      case .file: add(Self.repository(of: Self.folder(of: path)), [Self.file(path) ?? Self.other(path)])
      case .other:
        if case .failure(let finding) = FileReader.read(path) { unreadable.append(finding) }
      }
    }
    repositories = RepositoryFolders(folders).repositories
  }

  /// `root_history` belongs to the folder that it is in, as tuf-on-ci has it.
  private static func repository(of folder: String) -> String {
    let name = folder.split(separator: "/").last ?? ""
    return name == "root_history" ? Self.folder(of: folder) : folder
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What follows the last slash.
  private static func fileName(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  static func file(_ path: String) -> MetadataFile? {
    MetadataName(fileName(of: path)).map { name in
      MetadataFile(path: path, name: name) { FileReader.read(path) }
    }
  }

  /// A file that is taken for a root whatever its name, unless a program left it.
  private static func other(_ path: String) -> MetadataFile {
    let name = fileName(of: path)
    let role = Dropping.isOne(name) ? name : TopLevelRole.root.rawValue
    return MetadataFile(path: path, name: MetadataName(version: nil, role: role)) { FileReader.read(path) }
  }
}
