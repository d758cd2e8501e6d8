import CanonicalJSON
import Findings
import UTC

extension WatchVerdict {
  /// One object with stable names; `Runbook/schemas` describes it.
  package var json: JSONObject {
    [
      "command": .string(command), "at": .string(time.description), "verdict": .string(word),
      "exit": .integer(Int64(exitStatus.rawValue)), "rehearsal": .bool(isRehearsal),
      "repositories": .array(repositories.map { .object($0.json(at: time)) }),
      "findings": .array((unreadable + findings).map { .object($0.json) }),
    ]
  }
}

extension RepositoryVerdict {
  func json(at time: UTCTime) -> JSONObject {
    [
      "path": .string(path), "trust": .string(trust.rawValue),
      "root_version": rootVersion.map { .integer($0) } ?? .null,
      "files": .array(files.map { .object($0.json(at: time)) }),
      "findings": .array(findings.map { .object($0.json) }),
      "not_judged": .array(notJudged.map(\.json)),
    ]
  }
}

extension NotJudged {
  var json: JSONValue {
    [
      "role": .string(role), "version": version.map { .integer($0) } ?? .null, "why": .string(why),
      "file": file.map { .string($0) } ?? .null,
    ]
  }
}

extension FileVerdict {
  func json(at time: UTCTime) -> JSONObject {
    [
      "path": .string(path), "role": .string(role), "status": .string(status.rawValue),
      "online": .bool(isOnline),
      "rehearsal": .bool(isRehearsal), "version": version.map { .integer($0) } ?? .null,
      "expires": expires.map { .string($0.description) } ?? .null,
      "days_left": daysLeft(at: time).map { .integer($0) } ?? .null,
      "signatures": signatures.map {
        ["valid": .integer(Int64($0.valid)), "threshold": .integer(Int64($0.threshold))]
      } ?? .null, "client": client.map { .string($0) } ?? .null,
      "findings": .array(findings.map { .object($0.json) }),
    ]
  }
}

extension Finding {
  /// A finding as every command's JSON output holds it.
  package var json: JSONObject {
    [
      "code": .string(code.description), "severity": .string(severity.rawValue), "what": .string(what),
      "hint": .string(hint), "place": place.map { .string($0) } ?? .null,
    ]
  }
}
