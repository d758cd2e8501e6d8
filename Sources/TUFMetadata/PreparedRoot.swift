import CanonicalJSON
import Findings

/// A root that was read, with its signatures checked by its own keys: the part of the work that needs no other root,
/// so that it can be done for many at once.
package struct PreparedRoot: Sendable {
  struct Content: Sendable {
    let envelope: Envelope
    let root: Root
    let oddities: [Finding]
    /// Roles that nobody can sign for, which no client minds.
    let sick: [Finding]
    var checker: SignatureChecker
    let byOwnKeys: SignatureCount
  }

  let place: String
  let content: Result<Content, Finding>

  /// Reads a file; what is wrong with it becomes a finding of the chain that it is given to. `known` are keys of an
  /// earlier root, which need not be checked again.
  package init(_ bytes: [UInt8], place: String, known: KeyRing? = nil) {
    self.place = place
    content = Result { () throws(Finding) -> Content in
      guard bytes.count <= RootChain.largestRoot else {
        throw Finding(
          .rootTooLarge,
          "This root has \(bytes.count) bytes; clients download at most \(RootChain.largestRoot).",
          hint: "Remove keys or custom fields."
        )
      }
      let envelope = try Envelope(asClientsRead: bytes, place: place)
      let (root, oddities, sick) = try Root.readAsClient(envelope.signed, known: known)
      var checker = SignatureChecker(envelope)
      let count = checker.count(root[.root], root.keys)
      return Content(
        envelope: envelope,
        root: root,
        oddities: oddities,
        sick: sick,
        checker: checker,
        byOwnKeys: count
      )
    }
  }

  /// The bytes that the signatures are over; nil where the file could not be read so far.
  package var signedBytes: [UInt8]? { (try? content.get())?.envelope.signedBytes }

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
