import CanonicalJSON
import TUFMetadata
import Transcript

/// The target files that a role's metadata will list, as they lay beside the script. They are not in the folder: a replay
/// takes them as recorded.
package struct ListedRecord: ReadableRecordBody, Hashable {
  package static let kind = RecordKind.listed

  package let role: String
  /// Sorted by path, each once.
  package let files: [TargetFile]

  package init(role: String, files: [TargetFile]) {
    self.role = role
    self.files = files
  }

  package var json: JSONObject {
    [
      "role": .string(role),
      "files": .array(
        files.map { file in
          var entry = file.entry
          entry["path"] = .string(file.path)
          return .object(entry)
        }),
    ]
  }

  /// nil, too, where a file has other members, or they are not in order.
  package init?(fields body: JSONObject) {
    guard let role = body["role"]?.string, let list = body["files"]?.array else { return nil }
    var files: [TargetFile] = []
    for one in list {
      guard var entry = one.object, let path = entry["path"]?.string else { return nil }
      entry["path"] = nil
      guard let file = TargetFile(path: path, entry: entry) else { return nil }
      files.append(file)
    }
    self.init(role: role, files: files)
    let paths = files.map { Array($0.path.utf8) }
    guard zip(paths, paths.dropFirst()).allSatisfy({ $0.lexicographicallyPrecedes($1) }) else { return nil }
  }
}
