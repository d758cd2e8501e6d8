import ArgumentParser
import CanonicalJSON
import Findings
import Glibc
import Invocation
import Terminal
import Watch

/// What a command comes to: prints it in the format asked for and ends with its exit code.
struct Outcome {
  let status: ExitStatus
  /// For people: everything that there is to say, findings included.
  let text: String
  /// For machines: one object. `findings` and `exit` are in it under these names.
  let json: JSONObject
  /// What standard error says where standard output is for a machine.
  let words: String

  /// Only the findings: an error ends with exit 1, and under `isStrict` a warning does too; a path that cannot be read
  /// with 66 where there is no violation, and `isLess`, less than was asked for, with 3 where there is neither. `failure`
  /// is what kept the command from doing what it was asked, and outranks all.
  ///
  /// - Parameter accepted: codes of warnings that `isStrict` lets pass, because the command line did.
  init(
    _ command: String,
    findings: [Finding],
    unreadable: [Finding] = [],
    isStrict: Bool,
    accepted: Set<Finding.Code> = [],
    isLess: Bool = false,
    failure: ExitStatus? = nil,
    text: String = "",
    json: JSONObject = [:]
  ) {
    let isViolation = findings.contains { $0.severity == .error || isStrict && !accepted.contains($0.code) }
    status = failure ?? (isViolation ? .violation : !unreadable.isEmpty ? .noInput : isLess ? .warning : .fine)
    let all = unreadable + findings
    words = all.map { printable($0) + "\n" }.joined()
    self.text = text + words
    var object = json
    object["command"] = .string(command)
    object["exit"] = .integer(Int64(status.rawValue))
    object["findings"] = .array(all.map { .object($0.json) })
    self.json = object
  }

  /// In one format alone: there may be thousands of files.
  init(_ verdict: WatchVerdict, _ format: OutputFormat) {
    status = verdict.exitStatus
    text = format == .text ? verdict.text : ""
    json = format == .json ? verdict.json : [:]
    words = format == .json ? verdict.findingsInWords : ""
  }

  func finish(_ format: OutputFormat) throws -> Never {
    switch format {
    case .text: try Self.finish(Self.shown(text, STDOUT_FILENO), status.rawValue)
    case .json:
      try Self.finish(
        loggedJSON(String(decoding: JSONValue.object(json).pretty(), as: UTF8.self)),
        status.rawValue,
        Self.shown(words, STDERR_FILENO)
      )
    }
  }

  /// Lines as a terminal gets them, broken between words; as they are elsewhere.
  private static func shown(_ text: String, _ descriptor: Int32) -> String {
    text.hasSuffix("\n") ? wrapped(String(text.dropLast()), for: descriptor) : text
  }

  /// Writes all of `output`, then throws the exit code, which ends the program. Output that cannot be written is 73.
  static func finish(_ output: String, _ status: Int32, _ words: String = "") throws -> Never {
    _ = write(words, STDERR_FILENO)
    guard write(output, STDOUT_FILENO) else { throw ExitCode(ExitStatus.cannotCreate.rawValue) }
    throw ExitCode(status)
  }

  static func write(_ text: String, _ descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
