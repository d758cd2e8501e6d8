import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import Transcript

extension Finding.Code {
  /// The first record is not one that this engine wrote.
  public static let beginMalformed = Finding.Code("BEGIN-MALFORMED")
  /// Another engine version made the transcript; it can be verified and not re-executed.
  public static let engineVersion = Finding.Code("ENGINE-VERSION")
  /// The script is not the one that the first record names.
  public static let scriptChanged = Finding.Code("SCRIPT-CHANGED")
}

extension Performance {
  /// The first record, and the engine that it starts.
  ///
  /// - Parameters:
  ///   - script: the exact bytes of the script.
  ///   - setting: what a live ceremony begins with; not called in a replay.
  public func begin(script: [UInt8], _ setting: () throws -> Setting) throws -> CeremonyEngine {
    let body = try journal.obtain(.begin, step: "") { try setting().json }
    guard let version = body["engine"]?.integer, body["format"]?.integer == Int64(TranscriptFormat.current) else {
      throw Finding(
        .beginMalformed, "The first record is not one that this program knows.",
        hint: "Use the release that made the transcript.", place: "transcript.jsonl record 0")
    }
    guard version == Int64(EngineVersion.current) else {
      let release = body["program"]?["version"]?.string ?? "unknown"
      throw Finding(
        .engineVersion, .warning,
        "Engine version \(version) made this transcript; this program has version \(EngineVersion.current) and cannot re-execute it.",
        hint: "Re-execute it with release \(release).", place: "transcript.jsonl record 0")
    }
    guard let setting = Setting(body), let time = journal.beginning?.at else {
      throw Finding(
        .beginMalformed, "The first record does not have exactly the fields that this engine writes.",
        hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl record 0")
    }
    guard SHA256Digest(of: script) == setting.script else {
      throw Finding(
        .scriptChanged, "script.yaml is not the script that the first record names.",
        hint: "Compare the folder with another copy.", place: "script.yaml")
    }
    return CeremonyEngine(script: try Script(script), setting: setting, time: time)
  }
}
