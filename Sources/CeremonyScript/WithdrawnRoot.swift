import Findings
import Keys
import Requests
import TUFMetadata

/// A root that waited for signatures and will not be finished: what it has, and what would complete it all the same.
package struct WithdrawnRoot: Hashable, Sendable {
  /// SHA-256 of the signed part.
  package let digest: SHA256Digest
  /// Names of those who signed it, in the order of their key ids.
  package let signers: [String]
  /// How many signatures it lacks by keys of the root before, and by its own; of the root before nil where it founds version 1.
  package let lacking: (old: Int?, new: Int)

  package static func == (one: Self, other: Self) -> Bool {
    one.digest == other.digest && one.signers == other.signers && one.lacking == other.lacking
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  fileprivate var words: String {
    let who = signers.isEmpty ? "Nobody" : signers.joined(separator: ", ")
    return
      "\(who) \(signers.count > 1 ? "have" : "has") signed it. "
      + (lacking.old.map { "\($0) more by keys of the root before and " } ?? "")
      + "\(lacking.new) more by its own complete it. Nothing recalls a signature."
  }
}

extension Script {
  /// The same script with the root that waited in the ceremony before this one, and that this one withdraws. Both go on from
  /// one root, or found version 1.
  ///
  /// Throws `PREVIOUS-DIFFERS` where the script does not withdraw what is in the file, what is in it does not follow the root
  /// before, or a signature is of nobody.
  package func withdrawing(_ file: [UInt8]) throws(Finding) -> Script {
    guard (baseline == nil) == (goesOn == nil) else { return self }
    let place = "inputs/previous.root.json"
    func differs(_ what: String) -> Finding {
      Finding(
        .previousDiffers, what,
        hint: "Name the folder of the ceremony that made the root before, or that waited after it.", place: place)
    }
    let envelope = try Envelope(parsing: file, place: place)
    let digest = SHA256Digest(of: envelope.signedBytes)
    guard withdrawn.contains(digest) else {
      throw differs("The script goes on from another root, or another head, than this ceremony left behind.")
    }
    let root: Root
    do throws(Finding) {
      let marked = if let before = baseline?.root { before } else { try Root.read(envelope.signed).root }
      root = try AskedRoot(
        SignatureWanted(payload: envelope.signedBytes, trusted: baseline?.bytes, signers: []),
        isRehearsal: marked.isRehearsal
      ).root
    } catch { throw error.at(place) }
    let sides = RootSides(envelope, (root[.root], root.keys), after: baseline?.root)
    guard sides.idle.isEmpty, (sides.old == nil) == (baseline == nil) else {
      throw differs("The root that waited has a signature of nobody, or one that does not hold.")
    }
    var script = self
    script.withdrawnRoot = WithdrawnRoot(
      digest: digest,
      signers: envelope.signatures.map { signature in
        keyholders.first { keptKey(of: $0.id, "root")?.keyID == signature.keyID }?.name
          ?? "key \(signature.keyID.prefix(8))"
      },
      lacking: (
        old: sides.old.map { max(0, $0.threshold - $0.counted.count) },
        new: max(0, sides.new.threshold - sides.new.counted.count)
      ))
    return script
  }

  /// A sentence or two for each payload that is withdrawn, in the order of the script.
  package var withdrawnWords: [String] {
    withdrawn.map { digest in
      "The payload \(digest.hex) for this version is withdrawn. "
        + (withdrawnRoot.flatMap { $0.digest == digest ? $0.words : nil }
          ?? "Who signed it is not known here. Nothing recalls a signature: with enough of them it is a root.")
    }
  }

  /// What is wrong where the ceremony before this one left payloads for the same version that somebody signed: each is
  /// withdrawn, or the one that is finished here.
  package func openFinding(_ open: [SHA256Digest]) -> Finding? {
    guard let left = open.first(where: { !withdrawn.contains($0) && $0 != pending?.payload }) else { return nil }
    return Finding(
      .payloadOpen,
      "The ceremony before this one left the payload \(left.hex) for this version, which somebody may have signed.",
      hint: "Name it under “withdrawn”, for nothing recalls a signature; or finish it: tuf-ceremony draft collect.",
      place: place(of: "withdrawn") ?? place(of: "previous") ?? "script.yaml")
  }
}
