import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys

extension ReplayVerdict {
  /// What nobody should believe the rest without; said first, in the largest type.
  package var banners: [String] {
    (isRehearsal ? ["REHEARSAL: nothing that comes out of it is to be trusted"] : [])
      + (isUnproven ? ["NOT PROVEN TO BE ON HARDWARE"] : [])
      + [facts?.answer?.witnessing.banner].compactMap(\.self)
      + (isPending
        ? ["PENDING: a root waits for signatures, and no client takes it\(stand.map { ": \($0)" } ?? "")"] : [])
      + (isAwaitingSeal ? ["UNSEALED: no root key has sealed this transcript. Anybody could have written it"] : [])
      + (findings.contains { $0.code == .signatureUnwitnessed }
        ? ["A SIGNATURE CAME WITHOUT A RECORD OF HOW IT WAS MADE"] : [])
      + (unconfirmed ? ["IDENTITY NOT CONFIRMED of somebody elsewhere"] : [])
      + (findings.contains { $0.code == .keptKeyUnproven } ? ["A KEPT KEY DID NOT SHOW THAT IT STILL SIGNS"] : [])
      + (unwiped.isEmpty
        ? [] : ["NOT WIPED, and its key left: the card of \(unwiped.map(\.keyholder).joined(separator: ", "))"])
      + (findings.contains { $0.code == .firmwareCopyable }
        ? ["A KEPT KEY IS ON FIRMWARE FROM WHICH IT CAN BE COPIED"] : [])
      + (findings.contains { $0.code == .vendorUnknown } ? ["VOUCHED FOR BY A VENDOR THAT THE SCRIPT ALONE NAMES"] : [])
      + (outcome?.ending == .aborted ? ["ABORTED"] : []) + [shortfall].compactMap(\.self)
  }

  /// “root 4: old 1 of 2, new 2 of 2, waiting for Fred”, or “root 1: 1 of 2, waiting for Fred” where it follows none: how far
  /// a root has come that waits; nil where that is not known.
  private var stand: String? {
    guard let facts, let root = facts.payloads.first(where: { $0.role == "root" }) else { return nil }
    let sides =
      facts.rotation.map { "old \($0.old.count) of \($0.old.threshold), new \($0.new.count) of \($0.new.threshold)" }
      ?? "\(root.signers.count) of \(root.threshold)"
    return "root \(root.version): \(sides), waiting for \(root.waiting.joined(separator: ", "))"
  }

  /// Whether nobody saw or heard somebody whose part came from elsewhere.
  private var unconfirmed: Bool {
    incidents.all.contains {
      if case .exception(_, Finding.Code.identityUnconfirmed.rawValue, _) = $0.kind { true } else { false }
    }
  }

  /// The verdict in one line.
  package var headline: String {
    if isOwnAccount {
      return "NOT REPLAYED YET: the ceremony wrote this page about itself. Only 'tuf-audit replay' judges it."
    }
    if holds { return "REPLAYED: the ceremony came out again byte for byte." }
    if isSound { return "VERIFIED, NOT RE-EXECUTED: another engine version made it. Every file and signature holds." }
    guard agrees else { return "NOT AS RECORDED, OR NOT COMPLETE. See the findings." }
    if let shortfall {
      let who = isUnsealed ? "anybody" : "fewer cards than the script asks for"
      return "\(shortfall): \(isReexecuted ? "it came out again, but " : "")\(who) could have written it."
    }
    let what = isReexecuted ? "everything that was recorded came out again" : "another engine version made it"
    return "\(outcome?.ending == .aborted ? "ABORTED" : "NOT COMPLETE"): \(what)."
  }

  /// What the re-execution proved, a sentence each.
  package var proved: [String] {
    if isOwnAccount { return ["Nothing by this page. The program that held the ceremony wrote it."] }
    guard isReexecuted else { return provedByFiles }
    guard agrees else {
      return [records > 0 ? "Nothing of the whole. What comes before the first finding agrees." : "Nothing."]
    }
    var lines = ["\(counted(records, "record")) follow from each other, and every one came out again."]
    if products > 0 {
      // The sums are the last file of a ceremony that came to its end.
      let sums = outcome == nil ? "" : ", SHA256SUMS among them"
      lines.append("\(counted(products, "file")) came out again byte for byte\(sums).")
    }
    guard outcome?.ending.isHeld == true else { return lines }
    return lines + provedOfSignatures + heard
  }

  private var provedOfSignatures: [String] {
    var lines =
      (isReexecuted ? oneTimeKeys : []) + discardedKeys
      + (facts?.answer.map { [$0.words, "Every signature holds over the whole payload."] }
        ?? [
          isPending
            ? "Every signature holds over the whole payload. The root waits for more."
            : "Every signature holds over the whole payload, and every threshold is reached."
        ])
    if let seal, seal.count > 0 { lines.append(seal.words) }
    if initials.signed > 0 {
      let signed = "\(initials.signed) of \(initials.typed) initials"
      lines.append("\(signed) were signed by a card of whoever gave them, over the head so far.")
    }
    for wipe in facts?.wipes ?? [] {
      guard let card = wipe.card, let words = wipe.words else { continue }
      lines.append("The card \(card) of \(wipe.keyholder), whose key left, was wiped by RESET: \(words).")
    }
    if !isUnproven { lines.append(attested) }
    if isEarlierVerified {
      let how = isEarlierReexecuted ? "" : " by its files"
      let count = chain?.links.count ?? 0
      lines.append(
        count == 1
          ? "The ceremony before this one, which it names, holds as well\(how)."
          : "The \(count) ceremonies before this one hold as well\(how), each named by the one after it.")
    }
    return lines
  }

  private var onCards: String { hasOneTimeKeys ? " on a card" : "" }

  private var attested: String {
    if facts?.answer?.isSignature == true { return "No key was made here, and nothing attests the one that signed." }
    let others = facts?.vendors.filter { $0.kind == .script } ?? []
    let kept = facts?.rootKeys.count { $0.origin == .kept } ?? 0
    guard kept == 0 else {
      let made = facts?.cards.flatMap(\.keys).count ?? 0
      return
        (made == 0
        ? "No key was made here"
        : made == 1
          ? "The key that was made here was attested" : "Each of the \(made) keys that were made here was attested")
        + (others.isEmpty ? "" : ", by vendors whom the script alone names, too")
        + "; \(counted(kept, "key")) \(kept == 1 ? "is" : "are") kept, and what attests \(kept == 1 ? "it" : "them") is in the folders of the ceremonies that made them."
    }
    if others.isEmpty {
      return isRehearsal
        ? "Every key\(onCards) was attested by a chain that a rehearsal accepts."
        : "Every key\(onCards) was attested by a vendor whose root is built into this program."
    }
    let names = others.map { "\($0.name), SHA-256 \($0.digest.hex)" }.joined(separator: "; ")
    let count = facts?.keyCount(.script) ?? 0
    return "Every key\(onCards) was attested, \(count) by a vendor that the script alone names: \(names)."
  }

  /// What was named beside the folder, and what that binds.
  private var heard: [String] {
    switch namedHead {
    case .head: ["The head is the one that was named: everything up to the close is what people heard of."]
    case .finalHead: ["The final head is the one that was named: every record is what people heard of."]
    case nil: []
    }
  }

  /// What neither a seal nor the head that was named says.
  private var unbound: [String] {
    guard isClosed, namedHead != .finalHead else { return [] }
    let last = finalHead == nil ? "nothing binds it, and it has no final head" : "only the final head binds it (--head)"
    return
      (namedHead == nil ? ["that this is the ceremony that people watched: no head was compared (--head)"] : [])
      + [
        "that what followed the close was as it is here (exceptions, substitutes, lost copies, signatures of the seal that "
          + "are missing, wiped cards, numbers of closing bags, times, who left): \(last)"
      ]
  }

  private var provedByFiles: [String] {
    guard isSound else { return ["Nothing of the whole. Nothing was re-executed."] }
    let (key, signature) = hasOneTimeKeys ? ("other key", "signature by one") : ("key", "signature")
    return [
      "\(counted(records, "record")) follow from each other; none was re-executed.",
      "\(counted(products, "file")) are as the records, the seal and SHA256SUMS name them.",
      "Every \(key) was made, and every \(signature) answered, by a card whose exchanges are in the records.",
    ] + oneTimeKeys + provedOfSignatures + heard
  }

  private var hasOneTimeKeys: Bool { facts?.rootKeys.contains { $0.origin == .oneTime } == true }

  /// What the records show of keys that were on no card.
  private var oneTimeKeys: [String] {
    guard hasOneTimeKeys else { return [] }
    return ["The records of one-time keys have them made, used, and wiped before a card signed the root."]
  }

  private var discardedCount: Int { facts?.rootKeys.count { $0.isDiscarded } ?? 0 }

  /// What the cards' answers show of keys that they deleted.
  private var discardedKeys: [String] {
    let count = discardedCount
    guard count > 0 else { return [] }
    return [
      "\(counted(count, "key")) signed and \(count == 1 ? "was" : "were") deleted before a card signed the root: each card says that the slot is empty."
    ]
  }

  /// What this replay did not prove, and what none can.
  package var notProved: [String] {
    (isOwnAccount || isReexecuted ? [] : ["that the ceremony comes out again: only the release that made it can say"])
      + pageAlone
      + (!namesEarlier || isEarlierVerified
        ? [] : ["that the ceremony before this one holds, which it names: its folder was not looked at (--after)"])
      + (chain?.isOpen == true && isEarlierVerified
        ? ["that the ceremony before \(chain?.links.last?.name ?? "") holds: its folder was not looked at (--after)"]
        : [])
      + (isEarlierReexecuted
        ? [] : ["that the ceremony before this one comes out again: only the release that made it can say"])
      + (isUnsealed || isAwaitingSeal
        ? ["that the holders of the keys saw this transcript: no root key sealed it"] : [])
      + unbound
      + (hasOneTimeKeys ? ["that nobody has a copy of a one-time key: the program alone says that it wiped them"] : [])
      + (discardedCount > 0
        ? ["that a card kept nothing of a key that it deleted: it alone says that the slot is empty"] : [])
      + Self.notProvable
  }

  /// Engine version 1 wrote no page.
  private var pageAlone: [String] {
    let isUncompared = !isReexecuted && finalHead != nil || findings.contains { $0.code == .reportOtherRelease }
    guard !isOwnAccount, isUncompared else { return [] }
    return ["what report.html says: SHA256SUMS alone names it, and anybody can write both anew"]
  }

  private static let notProvable = [
    "who typed at the keyboard, and who held the cards",
    "that nothing else was signed elsewhere with these keys",
    "when an attested key was made, beyond what the recorded reset and generation say",
    "that the program was the one that the first record names",
  ]

  /// The first error that is more than how the ceremony ended: given up, interrupted, or closed and not sealed by enough.
  package var disagreement: Finding? {
    findings.first {
      $0.severity == .error && ![.aborted, .incomplete, .sealMissing, .sealBelowThreshold].contains($0.code)
    }
  }

  /// Whether all that was recorded came out again, although the ceremony may not have come to its end.
  package var agrees: Bool { disagreement == nil }

  /// Whether the transcript was closed as complete, and no root key signed its seal.
  private var isUnsealed: Bool { findings.contains { $0.code == .sealMissing } }

  /// Whether a second request may still have it sealed.
  package var isAwaitingSeal: Bool { seal?.isAwaited == true }

  /// What is said of a seal by fewer root keys than the script asks for.
  private var shortfall: String? {
    findings.contains { $0.code == .sealMissing || $0.code == .sealBelowThreshold } ? seal?.shortfall : nil
  }
}
