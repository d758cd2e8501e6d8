import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import Transcript

extension CeremonyLoop {
  /// The first record, and the engine that it starts.
  ///
  /// - Parameters:
  ///   - script: the exact bytes of the script.
  ///   - setting: what a live ceremony begins with; not called in a replay.
  public func begin(script: [UInt8], _ configuration: () throws -> CeremonyConfiguration) throws -> CeremonyEngine {
    let body = try journal.obtain(.begin, step: "") { try configuration().json }
    let configuration = try CeremonyConfiguration(recorded: body)
    guard let time = journal.beginning?.at else { throw Unexpected(what: "a first record") }
    guard SHA256Digest(of: script) == configuration.script else {
      throw Finding(
        .scriptChanged, "script.yaml is not the script that the first record names.",
        hint: "Compare the folder with another copy.", place: "script.yaml")
    }
    return CeremonyEngine(script: try Script(script), configuration: configuration, time: time)
  }
}

extension CeremonyConfiguration {
  /// Reads the body of a first record. Throws `BEGIN-MALFORMED`, and `ENGINE-VERSION` for that of another engine.
  public init(recorded body: JSONObject) throws(Finding) {
    guard let version = body["engine"]?.integer, body["format"]?.integer == Int64(TranscriptFormat.current) else {
      throw Finding(
        .beginMalformed, "The first record is not one that this program knows.",
        hint: "Use the release that made the transcript.", place: "transcript.jsonl record 0")
    }
    guard EngineVersion.known.contains(version) else { throw Finding.unknownEngine(version) }
    guard version == Int64(EngineVersion.current) else {
      let release = body["program"]?["version"]?.string ?? "unknown"
      throw Finding(
        .engineVersion, .warning,
        "Engine version \(version) made this transcript; this program has version \(EngineVersion.current) and cannot re-execute it.",
        hint: "Re-execute it with release \(release); --from-files takes what the files prove for enough.",
        place: "transcript.jsonl record 0")
    }
    guard EngineVersion.isMade(version, by: body["program"]) else { throw Finding.otherRelease }
    guard let configuration = CeremonyConfiguration(body) else {
      throw Finding(
        .beginMalformed, "The first record does not have exactly the fields that this engine writes.",
        hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl record 0")
    }
    self = configuration
  }
}

extension Finding {
  /// A first record may name any release to keep the page from being compared.
  static var otherRelease: Finding {
    Finding(
      .beginMalformed, "The first record names a release that has another engine version than it says.",
      hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl record 0")
  }

  /// A first record may name any number to keep the rest from being held again.
  static func unknownEngine(_ version: Int64) -> Finding {
    Finding(
      .engineVersion,
      "The first record says that engine version \(version) made this transcript. This program knows 1 to \(EngineVersion.current), and judges nothing of it.",
      hint: "Use a newer release. If there is none, treat the folder as changed.", place: "transcript.jsonl record 0")
  }
}
