import CeremonyReplay
import CeremonyScript
import Findings

extension Script {
  /// The same script, held against the ceremony before it: it goes on from the root that was made there, finishes the one that
  /// waits there, or withdraws it. What it withdraws is known then.
  ///
  /// Throws `PREVIOUS-DIFFERS` for another ceremony, and `PAYLOAD-OPEN` where it says nothing of what was left open there.
  package func following(_ earlier: EarlierCeremony) throws(Finding) -> Script {
    func differs(_ what: String, _ hint: String, at path: String = "previous") -> Finding {
      Finding(.previousDiffers, what, hint: hint, place: place(of: path))
    }
    if let open = openFinding(earlier.open) { throw open }
    if let pending {
      guard earlier.isPending else {
        throw differs("The ceremony that was named did not end pending.", "Name the folder of the one that did.")
      }
      guard pending.head == earlier.names.head else {
        throw differs(
          "The script finishes another ceremony than the one that was named.",
          "Name the folder of the ceremony that ended pending, or correct “previous.pending”.", at: "previous.pending")
      }
      return self
    }
    guard let goesOn else {
      guard !earlier.isPending || earlier.version == 1 else {
        throw differs(
          "The ceremony that was named ended pending: its root waits for signatures.",
          "Finish it first, with the script that `draft collect` writes.")
      }
      return earlier.isPending ? try withdrawing(earlier.root) : self
    }
    if earlier.isPending { return try withdrawing(earlier.root) }
    guard goesOn.root.digest == earlier.names.root, goesOn.head == nil || goesOn.head == earlier.names.head else {
      throw differs(
        "The script goes on from another root, or another head, than this ceremony left behind.",
        "Name the folder of the ceremony that made that root, or correct “previous” in the script.")
    }
    return self
  }
}
