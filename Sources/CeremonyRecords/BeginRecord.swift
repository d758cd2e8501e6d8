import CanonicalJSON
import Findings
import Transcript

extension CeremonyConfiguration: ReadableRecordBody {
  package static let kind = RecordKind.begin

  /// Reads the body of a first record. Throws `BEGIN-MALFORMED`, and `ENGINE-VERSION` for that of another engine.
  package init(recorded body: JSONObject) throws(Finding) {
    guard let heading = BeginHeading(body) else { throw Finding.beginningUnknown }
    let version = heading.engine
    guard EngineVersion.known.contains(version) else { throw Finding.unknownEngine(version) }
    guard version == Int64(EngineVersion.current) else {
      throw Finding(
        .engineVersion, .warning,
        "Engine version \(version) made this transcript; this program has version \(EngineVersion.current) and cannot re-execute it.",
        hint:
          "Re-execute it with release \(heading.release ?? "unknown"); --from-files takes what the files prove for enough.",
        place: Finding.beginning)
    }
    guard heading.isOfItsRelease else { throw Finding.otherRelease }
    guard let configuration = CeremonyConfiguration(body) else {
      throw Finding(
        .beginMalformed, "The first record does not have exactly the fields that this engine writes.",
        hint: "Treat the folder as changed; compare it with another copy.", place: Finding.beginning)
    }
    self = configuration
  }
}

/// What a first record says before everything else: by it a reader knows whether it can read the rest.
package struct BeginHeading: Sendable {
  package let engine: Int64
  /// The version of the program that began; nil where the record does not say it.
  package let release: String?

  /// nil for a format that this release does not know.
  package init?(_ body: JSONObject) {
    guard let engine = body["engine"]?.integer, body["format"]?.integer == Int64(TranscriptFormat.current) else {
      return nil
    }
    self.engine = engine
    release = body["program"]?["version"]?.string
  }

  /// Whether the release that it names has the engine version that it names.
  package var isOfItsRelease: Bool { release.map { EngineVersion.isMade(engine, by: $0) } ?? false }
}

extension Finding {
  fileprivate static let beginning = "transcript.jsonl record 0"

  package static var beginningUnknown: Finding {
    Finding(
      .beginMalformed, "The first record is not one that this program knows.",
      hint: "Use the release that made the transcript.", place: beginning)
  }

  /// A first record may name any release to keep the page from being compared.
  package static var otherRelease: Finding {
    Finding(
      .beginMalformed, "The first record names a release that has another engine version than it says.",
      hint: "Treat the folder as changed; compare it with another copy.", place: beginning)
  }

  /// A first record may name any number to keep the rest from being held again.
  package static func unknownEngine(_ version: Int64) -> Finding {
    Finding(
      .engineVersion,
      "The first record says that engine version \(version) made this transcript. This program knows 1 to \(EngineVersion.current), and judges nothing of it.",
      hint: "Use a newer release. If there is none, treat the folder as changed.", place: beginning)
  }
}
