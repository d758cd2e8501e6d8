import CanonicalJSON
import Findings
import Keys

/// A root that was read, with its signatures checked by its own keys: the part of the work that needs no other root,
/// so that it can be done for many at once.
package struct PreparedRoot: Sendable {
  /// A class, because it is handed about and large.
  final class Content: Sendable {
    let envelope: Envelope
    let root: Root
    let oddities: [Finding]
    /// Roles that nobody can sign for, which no client minds.
    let sick: [Finding]
    let checker: SignatureChecker
    let byOwnKeys: SignatureCount
    let signedDigest: SHA256Digest

    init(_ envelope: Envelope, known: KnownKeys, by check: Ed25519Check) throws(Finding) {
      self.envelope = envelope
      (root, oddities, sick) = try Root.readAsClient(envelope.signed, known: known)
      var checker = SignatureChecker(envelope, by: check)
      byOwnKeys = checker.count(root[.root], root.keys)
      self.checker = checker
      signedDigest = SHA256Digest(of: envelope.signedBytes)
    }
  }

  let place: String
  let content: Result<Content, Finding>

  /// Reads a file; what is wrong with it becomes a finding of the chain that it is given to. Keys that are
  /// in `known` are not checked again.
  package init(
    _ bytes: [UInt8], place: String, known: KnownKeys = KnownKeys(), by check: Ed25519Check = .twoLibraries
  ) {
    self.place = place
    content = Result { () throws(Finding) -> Content in
      guard bytes.count <= RootChain.largestRoot else {
        throw Finding(
          .rootTooLarge,
          "This root has \(bytes.count) bytes; clients download at most \(RootChain.largestRoot).",
          hint: "Remove keys or custom fields."
        )
      }
      return try Content(Envelope(asClientsRead: bytes, place: place), known: known, by: check)
    }
  }

  /// SHA-256 of what the signatures are over; nil where the file could not be read so far.
  package var signedDigest: SHA256Digest? { (try? content.get())?.signedDigest }

  /// nil where the file could not be read so far.
  package var version: Int64? { (try? content.get())?.root.version }

  /// The root that stands there; nil where the file could not be read so far.
  package var root: Root? { (try? content.get())?.root }

  /// Why the file could not be read; nil where it could.
  package var refusal: Finding? {
    if case .failure(let finding) = content { finding } else { nil }
  }

  /// A file that could not be read at all, in the place of a root.
  package init(unreadable finding: Finding, place: String) {
    self.place = place
    content = .failure(finding)
  }
}
