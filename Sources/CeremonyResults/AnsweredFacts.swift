import CeremonyScript
import Keys
import Requests

/// What a ceremony answered, and who saw it.
package struct AnsweredFacts: Hashable, Sendable {
  /// SHA-256 of the request.
  package let request: SHA256Digest
  /// What the ceremony that asked is called.
  package let asked: String
  /// Whether a signature was asked for, and not a key.
  package let isSignature: Bool
  /// Whether that is one on the seal of the ceremony that asked.
  package let isSeal: Bool
  package let witnessing: Witnessing

  /// nil for a script that answers nothing.
  package init?(_ script: Script) {
    guard let answered = script.answered else { return nil }
    request = answered.request.digest
    asked = answered.request.title
    isSignature = answered.named != nil
    isSeal = answered.seal != nil
    witnessing = script.witnessing
  }

  /// What the ceremony is, in a sentence.
  package var words: String {
    if isSeal { return "This is the answer to a request: a signature on the seal of a ceremony that had ended." }
    return isSignature
      ? "This is the answer to a request: a signature over a root that waits for others. No threshold was judged."
      : "This is the answer to a request: a key that its keyholder made. No root was built."
  }
}
