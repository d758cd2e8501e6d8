import Foundation

/// A ceremony as it was committed: a products folder of the package.
package enum GoldenCeremony {
  /// The first rehearsal of the newest engine version.
  package static let folder: URL = {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.path())) ?? []
    let newest = names.compactMap { $0.hasPrefix("engine-") ? Int($0.dropFirst(7)) : nil }.max()
    return fixtures.appending(path: "engine-\(newest ?? 0)/first-rehearsal")
  }()
}

/// A program of the system that judges or plays what we wrote.
package enum ForeignProgram {
  /// Where it is; nil, and a line that says so, where it is not installed.
  package static func path(_ name: String, skipping count: Int, _ what: String) -> String? {
    let path = "/usr/bin/\(name)"
    guard FileManager.default.isExecutableFile(atPath: path) else {
      print("SKIPPED \(count) \(what): \(name) is not installed")
      return nil
    }
    return path
  }
}
