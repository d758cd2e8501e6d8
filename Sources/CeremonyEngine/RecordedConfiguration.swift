import CanonicalJSON
import Findings

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
  package static var otherRelease: Finding {
    Finding(
      .beginMalformed, "The first record names a release that has another engine version than it says.",
      hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl record 0")
  }

  /// A first record may name any number to keep the rest from being held again.
  package static func unknownEngine(_ version: Int64) -> Finding {
    Finding(
      .engineVersion,
      "The first record says that engine version \(version) made this transcript. This program knows 1 to \(EngineVersion.current), and judges nothing of it.",
      hint: "Use a newer release. If there is none, treat the folder as changed.", place: "transcript.jsonl record 0")
  }
}
