import Findings
import TUFMetadata
import Transcript

extension Script {
  /// What the script allows and everybody should know before the day: warnings. None keeps a ceremony from being held.
  package var cautions: [Finding] {
    var cautions: [Finding] = []
    func add(_ code: Finding.Code, _ what: String, _ hint: String, _ place: String?) {
      cautions.append(Finding(code, .warning, what, hint: hint, place: place))
    }
    if let root = offlineRole("root"), sealCount < root.threshold {
      add(
        .sealBelowRoot,
        "The script asks for a transcript seal of \(counted(sealCount, "root key")), and the root's threshold is "
          + "\(root.threshold): fewer cards than sign a root could write another transcript of it.",
        "Ask for “seal: \(root.threshold)” or more, or leave “seal” out.",
        place(of: "seal"))
    }
    if cards.acceptsOtherVendors {
      add(
        .otherVendors,
        "The script accepts vendors whose roots are not built into this program. Anybody can make such a root, under any "
          + "name, and a card without hardware below it.",
        "Leave “other-vendors” out, or have everybody compare the SHA-256 of the vendor's root with the vendor's own word.",
        place(of: "cards.other-vendors"))
    }
    if cards.attestation == .optional {
      add(
        .attestationOptional, "The script accepts keys that no device attests: nothing says that they are on hardware.",
        "Leave “attestation: optional” out where every card can attest.",
        place(of: "cards.attestation"))
    }
    return cautions
  }

  /// Ids of the keyholders whom `close` has sign the transcript seal.
  package var sealers: [String] {
    guard case .close(let sealers)? = closing?.action else { return [] }
    return sealers
  }

  /// Whether no card seals here: a second request asks for the seal.
  package var isSealedElsewhere: Bool { pending != nil && sealers.isEmpty }

  private var closing: Step? {
    steps.first { if case .close = $0.action { true } else { false } }
  }

  /// An error where `close` lets fewer root keys seal than the script asks for.
  var sealFindings: [Finding] {
    guard let closing else { return [] }
    let large = largeSeal.map { [$0] } ?? []
    guard sealers.count < sealCount, !mayEndPending, pending == nil else { return large }
    return large + [
      Finding(
        .scriptThreshold,
        "The transcript seal needs \(counted(sealCount, "signature")) by root keys, and “close” lets "
          + "\(counted(sealers.count, "keyholder")) seal.",
        hint: "Name more keyholders under “seal” of “close”, or ask for fewer in “seal” at the top.",
        place: closing.place)
    ]
  }

  /// The transcript seal names each metadata file, and an Ed25519 card signs it whole.
  private var largeSeal: Finding? {
    guard let limit = payloadLimit(for: TopLevelRole.root.rawValue), let closing else { return nil }
    let size = TranscriptSeal.size(over: sealedPaths, isRehearsal: false, engine: .max)
    guard size > limit else { return nil }
    return Finding(
      .payloadTooLarge,
      "The transcript seal over \(counted(sealedPaths.count, "metadata file")) has \(size) bytes, and a card of the root signs at most \(limit).",
      hint: "Build fewer roles in one ceremony, or give root an ECDSA algorithm, which signs a digest.",
      place: closing.place)
  }
}
