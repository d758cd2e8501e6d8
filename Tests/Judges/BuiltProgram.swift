import Foundation

/// One of the two programs, as it was built beside the tests, run as a person or a CI job runs it.
package struct BuiltProgram: Sendable {
  package struct Run: Sendable {
    package let status: Int32
    package let output: String
    package let words: String
  }

  package let path: String

  package init(_ name: String) {
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    path = tests.deletingLastPathComponent().appending(path: name).path()
  }

  /// Runs to the end. Output goes through files, so that no amount of it blocks.
  package func run(_ arguments: [String], under wrapper: [String] = [], environment: [String: String] = [:])
    throws -> Run
  {
    try ScratchFolder.with { folder in
      let output = folder.appending(path: "output")
      let words = folder.appending(path: "words")
      let process = Process()
      process.executableURL = URL(filePath: wrapper.first ?? path)
      process.arguments = wrapper.isEmpty ? arguments : wrapper.dropFirst() + [path] + arguments
      process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
      for file in [output, words] { try Data().write(to: file) }
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: words)
      process.standardInput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return Run(
        status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
        output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
        words: String(decoding: try Data(contentsOf: words), as: UTF8.self)
      )
    }
  }
}

/// A folder for the length of a test.
package enum ScratchFolder {
  package static func with<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tuf-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
