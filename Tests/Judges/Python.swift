import Foundation

/// Programs others wrote, as judges: the interpreter of the tests' virtual environment, which has python-tuf and
/// securesystemslib.
package enum Python {
  /// From the environment variable that `Tests/run` sets.
  package static let path = ProcessInfo.processInfo.environment["TUF_CEREMONY_PYTHON"]

  /// What `script` prints when it is given `input`; nil, and a line that says so, where there is no environment.
  /// Where there is one that does not work, that is a failure.
  package static func output(
    of script: String,
    _ arguments: [String] = [],
    input: [UInt8] = [],
    skipping count: Int,
    _ what: String
  ) throws -> String? {
    guard let path else {
      print("SKIPPED \(count) \(what): TUF_CEREMONY_PYTHON is not set")
      return nil
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "judge-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let inputFile = folder.appending(path: "input")
    try Data(input).write(to: inputFile)
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = ["-c", script] + arguments
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The same, by lines.
  package static func lines(
    of script: String, _ arguments: [String] = [], skipping count: Int, _ what: String
  ) throws -> [String]? {
    try output(of: script, arguments, skipping: count, what)?.split(separator: "\n").map(String.init)
  }

  package struct Failed: Error { public let status: Int32 }
}
