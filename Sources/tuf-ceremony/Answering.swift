import ArgumentParser
import CanonicalJSON
import CardOperations
import Findings
import Invocation
import PIV
import SmartCard

/// What a command found, in both forms.
struct CommandAnswer {
  let text: String
  let json: JSONObject
  var warnings: [Finding] = []
  var status = ExitStatus.fine
}

/// Runs a command that finds something out. Where JSON is asked for it writes one object in every case, with `command`,
/// `exit` and `findings` as tuf-audit has them; `nothing` stands for what could not be found out.
func answering(
  _ command: String, _ format: OutputFormat, nothing: JSONObject, _ look: () throws -> CommandAnswer
) throws {
  func write(_ json: JSONObject, _ findings: [Finding], _ status: ExitStatus) {
    var json = json
    json["command"] = .string(command)
    json["exit"] = .integer(Int64(status.rawValue))
    json["findings"] = .array(findings.map(\.json))
    put(String(decoding: JSONValue.object(json).pretty(), as: UTF8.self))
  }
  try endingCard {
    do {
      let answer = try look()
      for warning in answer.warnings { say("\(warning)") }
      switch format {
      case .text: tell(answer.text)
      case .json: write(answer.json, answer.warnings, answer.status)
      }
      return answer.status
    } catch {
      guard format == .json else { throw error }
      switch error {
      case PIVError.noAnswer(.interrupted), is Interruption: write(nothing, [], .aborted)
      case let error as PIVError: write(nothing, [error.finding], .card)
      case let finding as Finding: write(nothing, [finding], finding.code.exitStatus)
      default: write(nothing, [], .internalError)
      }
      throw error
    }
  }
}

extension Finding {
  fileprivate var json: JSONValue {
    [
      "code": .string(code.description), "severity": .string(severity.rawValue), "what": .string(what),
      "hint": .string(hint), "place": place.map { .string($0) } ?? .null,
    ]
  }
}
