import Foundation

/// Programs others wrote, as judges: the interpreter of the tests' virtual environment.
enum Python {
  static let path = ProcessInfo.processInfo.environment["TUF_CEREMONY_PYTHON"]

  /// What `script` prints, by lines; nil, and a line that says so, where the tests run without the
  /// environment.
  static func lines(_ script: String, _ arguments: [String] = [], skipping what: String) throws -> [String]? {
    guard let path else {
      print("SKIPPED \(what): TUF_CEREMONY_PYTHON is not set")
      return nil
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  struct Failed: Error { let status: Int32 }
}
