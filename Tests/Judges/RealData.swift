import Foundation

/// Files that others published, in a folder beside the package. It is no part of the project.
package enum RealData {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
    .appending(path: "shared")

  /// The folder `name`; nil, and a line that says so, where it is absent.
  package static func folder(_ name: String, skipping count: Int, _ what: String) -> URL? {
    guard FileManager.default.fileExists(atPath: folder.path()) else {
      print("SKIPPED \(count) \(what): the folder of real data is not at hand")
      return nil
    }
    return folder.appending(path: name)
  }

  /// The bytes of files in one folder; nil, and a line that says so, where the data is absent.
  package static func files(_ folder: String, _ names: [String], _ what: String) throws -> [[UInt8]]? {
    guard let folder = Self.folder(folder, skipping: names.count, what) else { return nil }
    return try names.map { Array(try Data(contentsOf: folder.appending(path: $0))) }
  }
}
