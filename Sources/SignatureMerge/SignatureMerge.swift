import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// Partially signed copies of one metadata file, joined: every signature of every copy, each key id once.
///
/// The same parts give the same bytes, in whatever order and however often they are named. It is never a finished file:
/// that is for whoever asked for the signatures to make.
package struct SignatureMerge: Sendable {
  /// So many different files are joined at most.
  package static let mostParts = 64

  /// One signature of the result.
  package struct Signer: Sendable {
    package let keyID: String
    /// The key whose id that is, in the trusted root or in what is signed; nil where neither names one.
    package let key: MetadataKey?
    /// Why nothing is known of the signature; nil where it was verified over the whole signed part.
    package let unchecked: String?
    package let isWitnessed: Bool
    /// The parts that bring this very signature.
    package let parts: [SHA256Digest]
  }

  /// How many of a side's keys have signed, judged by the trusted root.
  package struct Sides: Sendable {
    /// By the root before; nil for other roles than root.
    package let old: SignatureCount?
    /// By the root itself; of other roles, by the keys that the trusted root gives the role.
    package let new: SignatureCount

    package var isMet: Bool { new.isMet && old?.isMet ?? true }
  }

  /// The role, of a delegated one its own name.
  package let role: String
  package let header: Header
  /// What is written: all signatures, sorted by key id, without placeholders.
  package let envelope: Envelope
  /// By key id.
  package let signers: [Signer]
  /// Each different file once, by its SHA-256.
  package let parts: [SignaturePart]
  package let trusted: TrustedRoot?
  /// nil where no root is trusted: then no threshold was judged.
  package let sides: Sides?

  /// Joins parts. Throws where they do not belong together (`MERGE-REHEARSAL`, `MERGE-ROLE`, `MERGE-VERSION`,
  /// `MERGE-CONTENT`, `MERGE-FIELDS`, `MERGE-TOO-MANY`), what is wrong with a signature (`SIGNATURE-INVALID`,
  /// `SIGNATURE-UNKNOWN-KEY`, `MERGE-CONFLICT`), `ROOT-VERSION-STEP`, and what keeps a root from being read.
  /// - Parameters:
  ///   - trusted: of a root that is signed, the root before it; of other metadata, the root that gives its role keys.
  ///   - named: the role; where it is nil, what the answers name, or the type of the metadata.
  package init(_ given: [SignaturePart], trusted: TrustedRoot? = nil, role named: String? = nil) throws(Finding) {
    let distinct = given.enumerated().filter { part in
      !given[..<part.offset].contains { $0.digest == part.element.digest }
    }.map(\.element)
    guard let first = distinct.first else {
      throw Finding(.mergeUnsigned, "There is nothing to join.", hint: "Name at least one file.")
    }
    guard distinct.count <= Self.mostParts else {
      throw Finding(
        .mergeTooMany, "\(distinct.count) different files were named; at most \(Self.mostParts) are joined.",
        hint: "Join some of them first, and then the results.")
    }
    for part in distinct.dropFirst() { try part.belongs(to: first) }
    role = try Self.role(of: distinct, named)
    header = first.header
    self.trusted = trusted
    if let trusted { try trusted.judges(role, header) }

    let keys = try SigningKeys(of: first, role, trusted)
    let signed = try Self.signers(in: distinct, keys)
    signers = signed.map(\.signer)
    var object = try Self.unsignedFields(of: distinct)
    object["signed"] = .object(first.envelope.signed)
    object["signatures"] = .array(signed.map(\.signature.json))
    envelope = try Envelope(.object(object))
    sides = keys.sides(of: envelope)
    parts = distinct.sorted { $0.digest.hex < $1.digest.hex }
  }

  /// In the folder of the result: where it stands, and every part as it came.
  package var files: [(path: String, bytes: [UInt8])] {
    parts.map { ($0.keptAs, $0.bytes) } + [(path, envelope.serialized())]
  }

  /// Of the joined metadata.
  package var path: String { PendingName.path(header.version, role) }

  private static func role(of parts: [SignaturePart], _ named: String?) throws(Finding) -> String {
    var role = named
    for part in parts {
      guard let own = part.role else { continue }
      guard role ?? own == own else {
        throw Finding(
          .mergeRole, "This answer signs for role \(shown(own)), and the others for \(shown(role ?? own)).",
          hint: "Join each role by itself.", place: part.path)
      }
      role = own
    }
    let type = parts[0].header.type
    let name = role ?? type
    guard name == type || type == TopLevelRole.targets.rawValue && TopLevelRole(rawValue: name) == nil,
      PendingName.isRole(name)
    else {
      throw Finding(
        .mergeRole, "The files are \(type) metadata, which is not signed for role \(shown(name)).",
        hint: "Give --role for a delegated role alone, by a name of letters, digits and . _ -", place: parts[0].path)
    }
    return name
  }

  /// Fields beside `signed` and `signatures`. Nobody signed them; none is dropped.
  private static func unsignedFields(of parts: [SignaturePart]) throws(Finding) -> JSONObject {
    var all = JSONObject()
    for part in parts {
      for field in part.envelope.fields.members {
        guard all[field.name] ?? field.value == field.value else {
          throw Finding(
            .mergeFields,
            "The field \(shown(field.name)) beside the signed part is another one than in the files before.",
            hint: "Nobody signed it. Find out which tool wrote it, and leave it out of one of the files.",
            place: part.path)
        }
        all[field.name] = field.value
      }
    }
    return all
  }
}

extension SignaturePart {
  /// Where the result keeps it.
  package var keptAs: String { "parts/\(digest.hex).\(kind == .answer ? "tar" : "json")" }

  /// Whether the same bytes are signed. The canonical form has one value for each signed part, so equal bytes are equal
  /// documents.
  fileprivate func belongs(to first: SignaturePart) throws(Finding) {
    func refusal(_ code: Finding.Code, _ what: String, _ hint: String) -> Finding {
      Finding(code, what, hint: hint, place: path)
    }
    let other = "\(first.header.type) version \(first.header.version) in \(first.path)"
    guard header.isRehearsal == first.header.isRehearsal else {
      throw refusal(
        .mergeRehearsal, "One of this file and \(first.path) is a rehearsal's, and the other is real.",
        "Nothing that a rehearsal makes is to be trusted. Keep its files apart.")
    }
    guard header.type == first.header.type else {
      throw refusal(.mergeRole, "This is \(header.type) metadata, and not \(other).", "Join each role by itself.")
    }
    guard header.version == first.header.version else {
      throw refusal(
        .mergeVersion, "This is version \(header.version), and not \(other).", "Join each version by itself.")
    }
    guard envelope.signedBytes == first.envelope.signedBytes else {
      let (own, others) = (SHA256Digest(of: envelope.signedBytes), SHA256Digest(of: first.envelope.signedBytes))
      throw refusal(
        .mergeContent,
        "What is signed differs from \(other) in its content: SHA-256 \(own.hex) here, and \(others.hex) there.",
        "'tuf-audit diff' with both files says where. Ask which of them was meant; signatures over one say nothing of "
          + "the other.")
    }
  }
}

extension TrustedRoot {
  fileprivate func judges(_ role: String, _ header: Header) throws(Finding) {
    guard header.isRehearsal == root.isRehearsal else {
      throw Finding(
        .mergeRehearsal, "One of the trusted root and the files is a rehearsal's, and the other is real.",
        hint: "Keep what a rehearsal made apart.", place: path)
    }
    guard let role = TopLevelRole(rawValue: role) else {
      throw Finding(
        .mergeRole, "A root names no keys for role \(shown(role)): the targets metadata that delegates to it does.",
        hint: "Leave --trusted out. Then no threshold is judged.", place: path)
    }
    guard role == .root, header.version.subtractingReportingOverflow(1).partialValue != root.version else { return }
    throw Finding(
      .rootVersionStep, "The trusted root has version \(root.version), and the files have \(header.version).",
      hint: header.version == 1
        ? "Version 1 follows no root. Leave --trusted out." : "Name version \(header.version - 1), which comes before.",
      place: path)
  }
}
