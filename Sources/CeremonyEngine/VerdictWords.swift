import Findings

extension ReplayVerdict {
  /// What nobody should believe the rest without; said first, in the largest type.
  public var banners: [String] {
    (isRehearsal ? ["REHEARSAL: nothing that comes out of it is to be trusted"] : [])
      + (isUnproven ? ["NOT PROVEN TO BE ON HARDWARE"] : [])
      + (outcome?.ending == .aborted ? ["ABORTED"] : [])
  }

  /// The verdict in one line.
  public var headline: String {
    if isOwnAccount {
      return "NOT REPLAYED YET: the ceremony wrote this page about itself. Only 'tuf-audit replay' judges it."
    }
    if holds { return "REPLAYED: the ceremony came out again byte for byte." }
    if isSound { return "VERIFIED, NOT RE-EXECUTED: another engine version made it. Every file and signature holds." }
    return findings.isEmpty ? "NOT COMPLETE." : "NOT AS RECORDED, OR NOT COMPLETE. See the findings."
  }

  /// What the re-execution proved, a sentence each.
  public var proved: [String] {
    if isOwnAccount { return ["Nothing by this page. The program that held the ceremony wrote it."] }
    guard isReexecuted else { return provedByFiles }
    guard agrees else { return ["Nothing of the whole. What comes before the first finding agrees."] }
    var lines = ["\(records) records follow from each other, and every one came out again."]
    if products > 0 { lines.append("\(products) files came out again byte for byte, SHA256SUMS among them.") }
    guard outcome?.ending == .complete else { return lines }
    return lines + provedOfSignatures
  }

  private var provedOfSignatures: [String] {
    var lines = ["Every signature holds over the whole payload, and every threshold is reached."]
    if let seal {
      lines.append("\(seal.count) root keys sealed this transcript; the root's threshold is \(seal.threshold).")
    }
    if initials.signed > 0 {
      lines.append(
        "\(initials.signed) of \(initials.typed) initials were signed by a card of whoever gave them, over the head so far."
      )
    }
    if !isUnproven {
      lines.append(
        isRehearsal
          ? "Every key was attested by a chain that a rehearsal accepts." : "Every key was attested by a pinned vendor."
      )
    }
    if isEarlierVerified { lines.append("The ceremony before this one, which it names, holds as well.") }
    return lines
  }

  private var provedByFiles: [String] {
    guard isSound else { return ["Nothing of the whole. Nothing was re-executed."] }
    return [
      "\(records) records follow from each other; none was re-executed.",
      "\(products) files are as the records, the seal and SHA256SUMS name them.",
      "Every key was made, and every signature answered, by a card whose exchanges are in the records.",
    ] + provedOfSignatures
  }

  /// What this replay did not prove, and what none can.
  public var notProved: [String] {
    (isOwnAccount || isReexecuted ? [] : ["that the ceremony comes out again: only the release that made it can say"])
      + (setting?.after == nil || isEarlierVerified
        ? [] : ["that the ceremony before this one holds, which it names: its folder was not looked at (--after)"])
      + Self.notProvable
  }

  private static let notProvable = [
    "who typed at the keyboard, and who held the cards",
    "that nothing else was signed elsewhere with these keys",
    "when an attested key was made, beyond what the recorded reset and generation say",
    "that the program was the one that the first record names",
  ]

  /// Whether all that was recorded came out again, although the ceremony may not have come to its end.
  public var agrees: Bool {
    findings.allSatisfy { $0.severity == .warning || [.aborted, .incomplete].contains($0.code) }
  }
}
