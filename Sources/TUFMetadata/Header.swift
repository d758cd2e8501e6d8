import CanonicalJSON
import Findings
import UTC

/// The fields that all TUF metadata shares (TUF §4.3).
package struct Header: Hashable, Sendable {
  /// The specification version that we write: 1.0.31, as python-tuf does.
  package static let writtenSpecVersion = "1.0.31"
  /// In the signed part of everything made in a rehearsal.
  package static let rehearsalMark = "x-tuf-ceremony-rehearsal"
  /// By so many bytes the mark makes the canonical form longer: with its value, and the comma beside it.
  package static let rehearsalMarkSize = JSONValue.object([rehearsalMark: true]).canonical().count - 1

  /// `root`, `targets`, `snapshot` or `timestamp`.
  package let type: String
  package let specVersion: String
  /// From 1.
  package let version: Int64
  /// Fractions of a second dropped.
  package let expires: UTCTime
  /// Whether ``expires`` was written as `YYYY-MM-DDTHH:MM:SSZ`, the only form that all clients read.
  package let isExpiryExact: Bool
  /// Whether the rehearsal mark stands there, whatever its value.
  package let isRehearsal: Bool

  /// Expired means `expires` ≤ the time judged.
  package func isExpired(at time: UTCTime) -> Bool { expires <= time }

  /// Reads the shared fields of a signed part. Throws `METADATA-SHAPE`, `METADATA-TYPE` (where `type` is given),
  /// `SPEC-VERSION`, `METADATA-VERSION` or `EXPIRES-FORM`.
  package static func read(_ signed: JSONObject, type expected: String? = nil) throws(Finding) -> Header {
    let field = Field(.object(signed), "signed")
    let type = try field["_type"].string()
    if let expected, type != expected {
      throw Finding(
        .metadataType,
        "This is metadata of type \(shown(type)); \(expected) was expected here.",
        hint: "Look whether two files were exchanged."
      )
    }
    let specVersion = try field["spec_version"].string()
    guard isSupported(specVersion) else {
      throw Finding(
        .specVersion,
        "The file follows version \(shown(specVersion)) of the TUF specification, not 1.x.",
        hint: "Use a program for that version."
      )
    }
    let version = try field["version"].integer()
    guard version >= 1 else {
      throw Finding(
        .metadataVersion,
        "The version is \(version); versions count from 1.",
        hint: "Correct the version and sign again."
      )
    }
    let text = try field["expires"].string()
    guard let (expires, isExact) = ExpiryTime.read(text) else {
      throw Finding(
        .expiresForm,
        "The expiry \(shown(text)) is no moment in UTC.",
        hint: "Write it as YYYY-MM-DDTHH:MM:SSZ and sign again."
      )
    }
    return Header(
      type: type,
      specVersion: specVersion,
      version: version,
      expires: expires,
      isExpiryExact: isExact,
      isRehearsal: signed[rehearsalMark] != nil
    )
  }

  /// `1` and at least one more number, joined by dots.
  private static func isSupported(_ version: String) -> Bool {
    let parts = version.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return (2...3).contains(parts.count) && parts.first.map { $0.elementsEqual("1".utf8) } ?? false
      && parts.allSatisfy {
        !$0.isEmpty && $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }
  }

  /// What clients live with in this header, as warnings.
  var oddities: [Finding] {
    isExpiryExact
      ? []
      : [
        Finding(
          .expiresForm,
          .warning,
          "The expiry is not written as YYYY-MM-DDTHH:MM:SSZ; python-tuf refuses it.",
          hint: "Write the exact form in the next version."
        )
      ]
  }
}
