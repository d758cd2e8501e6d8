import Bundles
import Findings
import Keys
import Products
import Requests
import TUFMetadata

/// One file that brings signatures: metadata by itself, or an answer, which is the folder of the small ceremony in which
/// somebody signed.
package struct SignaturePart: Sendable {
  package enum Kind: String, Sendable {
    case metadata, answer

    /// The most bytes that are read.
    package var largest: Int {
      switch self {
      case .metadata: 1 << 20
      case .answer: Answer.limit
      }
    }
  }

  /// Where the small ceremony keeps what it was asked.
  package static let request = "inputs/\(Request.fileName)"

  /// As findings call the file.
  package let path: String
  package let kind: Kind
  /// The whole file as it came.
  package let bytes: [UInt8]
  package let digest: SHA256Digest
  package let envelope: Envelope
  package let header: Header
  /// Whether the signature comes with a ceremony that verifies from its files.
  package let isWitnessed: Bool
  /// What people must hear of it, and what does not keep it from being joined.
  package let warnings: [Finding]
  /// The role that an answer names its file by; nil where only the signed part says what it is.
  let role: String?

  /// Reads a file. An answer is read in memory, and never unpacked.
  ///
  /// Throws what ``Envelope`` and ``Header`` refuse, `FILE-REFUSED` for a file that is too large, `MERGE-UNSIGNED`,
  /// `METADATA-TYPE`, `BUNDLE-MALFORMED`, `REQUEST-MALFORMED`, `ANSWER-MALFORMED` and `MERGE-REHEARSAL`, each with `path` in its place.
  /// - Parameter evidence: what keeps the folder of an answer from being proof of what it holds; nothing where it is.
  package init(_ bytes: [UInt8], path: String, evidence: (any ProductsSource) -> [Finding]) throws(Finding) {
    self.path = path
    self.bytes = bytes
    digest = SHA256Digest(of: bytes)
    kind = BundleSource.begins(bytes) ? .answer : .metadata
    switch kind {
    case .metadata:
      (envelope, header) = try Self.metadata(bytes, path: path)
      role = nil
      isWitnessed = false
      warnings = []
    case .answer:
      let source: BundleSource
      let pending: PendingFile
      do throws(Finding) {
        source = try BundleSource(bytes: bytes, atMost: Kind.answer.largest)
        pending = try Self.pending(in: source)
      } catch { throw error.at(path) }
      (envelope, header) = try Self.metadata(pending.bytes, path: "\(path), \(pending.path)")
      do throws(Finding) { try pending.agrees(with: envelope, header, source) } catch { throw error.at(path) }
      role = pending.role
      let codes = evidence(source).filter { $0.severity == .error }.map(\.code.rawValue)
      isWitnessed = codes.isEmpty
      warnings = isWitnessed ? [] : [Self.unwitnessed(Set(codes).sorted(), path)]
    }
  }

  private static func metadata(_ bytes: [UInt8], path: String) throws(Finding) -> (Envelope, Header) {
    do throws(Finding) {
      guard bytes.count <= Kind.metadata.largest else {
        throw Finding(
          .fileRefused, "The file has \(bytes.count) bytes; at most \(Kind.metadata.largest) are read.",
          hint: "Metadata that is signed by hand is never so large. Look whether it is the right file.")
      }
      let envelope = try Envelope(parsing: bytes, place: path)
      let header = try Header.read(envelope.signed)
      guard TopLevelRole(rawValue: header.type) != nil else {
        throw Finding(
          .metadataType, "This is metadata of type \(shown(header.type)), which TUF does not know.",
          hint: "Signatures over root, targets, snapshot and timestamp are joined.")
      }
      guard envelope.signatures.contains(where: { !$0.bytes.isEmpty }) else {
        throw Finding(
          .mergeUnsigned, "Nobody has signed this file: it brings nothing.",
          hint: "Name the files that come back from those who signed.")
      }
      return (envelope, header)
    } catch { throw error.place == nil ? error.at(path) : error }
  }

  private static func unwitnessed(_ codes: [String], _ path: String) -> Finding {
    Finding(
      .answerUnsound, .warning,
      "The ceremony in this answer does not verify from its files: \(codes.joined(separator: ", ")). "
        + "Its signature is joined, and nobody has seen how it was made.",
      hint: "'tuf-audit replay' with this file says what is wrong. Ask for the answer again.", place: path)
  }
}

/// The partially signed metadata in an answer: `pending/N.ROLE.json`.
private struct PendingFile {
  let path: String
  let version: Int64
  let role: String
  let bytes: [UInt8]

  init?(_ path: String, _ read: () throws(Finding) -> [UInt8]) throws(Finding) {
    guard let (version, role) = PendingName.read(path) else { return nil }
    self.path = path
    self.version = version
    self.role = role
    bytes = try read()
  }

  /// What the name says is what is in the file, it was asked for, and the folder is a rehearsal's exactly where the
  /// metadata is.
  func agrees(with envelope: Envelope, _ header: Header, _ source: BundleSource) throws(Finding) {
    let isOwnRole = role == header.type || header.type == "targets" && TopLevelRole(rawValue: role) == nil
    guard version == header.version, isOwnRole else {
      throw SignaturePart.noAnswer("the file \(path) is \(header.type) version \(header.version)")
    }
    guard case .sign(let wanted) = try Request(source.read(SignaturePart.request), place: SignaturePart.request).kind
    else { throw SignaturePart.noAnswer("the request asks for a key, and not for a signature") }
    guard wanted.payload == envelope.signedBytes else {
      throw SignaturePart.noAnswer("the request asks for a signature over something else than \(path)")
    }
    let isRehearsal = source.list().contains { $0.path == "REHEARSAL" }
    guard isRehearsal == header.isRehearsal else {
      throw Finding(
        .mergeRehearsal,
        isRehearsal
          ? "This answer is a rehearsal's, and what it signed is real."
          : "This answer is real, and signed a rehearsal's.",
        hint: "Ask for the answer again. Nothing that a rehearsal makes is to be trusted.", place: path)
    }
  }
}

/// Where metadata stands that not everybody has signed yet: never where a client looks.
enum PendingName {
  static func path(_ version: Int64, _ role: String) -> String { "pending/\(version).\(role).json" }

  static func read(_ path: String) -> (version: Int64, role: String)? {
    guard path.hasPrefix("pending/"), path.hasSuffix(".json") else { return nil }
    let parts = path.dropFirst("pending/".count).dropLast(".json".count).split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let version = Int64(parts[0]), version >= 1, isRole(String(parts[1])),
      Self.path(version, String(parts[1])) == path
    else { return nil }
    return (version, String(parts[1]))
  }

  /// Whether a file can be named by a role.
  static func isRole(_ name: String) -> Bool {
    ProductsFolder.isSafe("\(name).json") && !name.isEmpty && !name.utf8.contains(UInt8(ascii: "/"))
  }
}

extension SignaturePart {
  fileprivate static func pending(in source: BundleSource) throws(Finding) -> PendingFile {
    let paths = source.list().map(\.path)
    guard paths.contains(request) else { throw noAnswer("it has no \(request)") }
    guard !paths.contains(where: { $0.hasPrefix("inputs/answers/") }) else {
      throw noAnswer("it holds answers of others itself")
    }
    let pending = paths.filter { $0.hasPrefix("pending/") }
    guard pending.count == 1, let path = pending.first else {
      throw noAnswer("it has \(pending.count) files under pending/, and not one")
    }
    guard let file = try PendingFile(path, { () throws(Finding) in try source.read(path) }) else {
      throw noAnswer("\(path) is not named for a version and a role")
    }
    return file
  }

  fileprivate static func noAnswer(_ why: String) -> Finding {
    Finding(
      .answerMalformed, "This archive is no answer to a request: \(why).",
      hint: "Name the file that 'sign' wrote. Of another ceremony, name its metadata by itself.")
  }
}
