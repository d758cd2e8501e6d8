import CeremonyScript
import Findings
import Transcript

/// How many root keys sealed the transcript, and how many had to.
package struct SealCount: Hashable, Sendable {
  /// The file of the transcript seal.
  package static let path = "seal.dsse.json"

  package let count: Int
  /// How many the script asks for. It stands in the transcript, so nobody who seals can change it.
  package let needed: Int
  /// The root's threshold, by the script.
  package let threshold: Int
  /// Of a root that follows another: how many keys of the root before sealed, and how many had to.
  package let old: Side?
  /// Officials who have a card, and did not sign.
  package let missing: [String]
  /// Whether what was still to come after the close was given up.
  package let isGivenUp: Bool
  /// Whether nobody sealed it, and a second request may still have it sealed.
  package let isAwaited: Bool
  /// What is sealed.
  package let subject: Subject

  package enum Subject: Hashable, Sendable {
    case root
    /// The answer to a request: everybody who answers seals, and no root is sealed.
    case answer
    /// A root that waits for signatures: one seal is enough until it is collected.
    case pending
  }

  package struct Side: Hashable, Sendable {
    package let count: Int
    package let needed: Int

    package init(count: Int, needed: Int) {
      self.count = count
      self.needed = needed
    }
  }

  package init(
    count: Int, needed: Int, threshold: Int, old: Side? = nil, missing: [String] = [], isGivenUp: Bool = false,
    mayFollow: Bool = false, of subject: Subject = .root
  ) {
    self.count = count
    self.needed = needed
    self.threshold = threshold
    self.old = old
    self.missing = missing
    self.isGivenUp = isGivenUp
    isAwaited = mayFollow && count == 0
    self.subject = subject
  }

  /// `SEALED BY 1 OF 3`, that nobody did, or `UNSEALED` where a second request may have it sealed; nil where as many sealed as the script asks for.
  package var shortfall: String? {
    if isAwaited { return "UNSEALED" }
    if count < needed { return count == 0 ? "NOT SEALED" : "SEALED BY \(count) OF \(needed)" }
    return old.flatMap { $0.count < $0.needed ? "SEALED BY \($0.count) OF \($0.needed) OF THE ROOT BEFORE" : nil }
  }

  /// Both numbers, in a sentence.
  package var words: String {
    switch subject {
    case .answer: return "\(count) of \(needed) who answered sealed this transcript."
    case .pending:
      return "\(counted(count, "key")) sealed this transcript of a root that waits, whose threshold is \(threshold)."
    case .root: break
    }
    return "\(counted(count, "root key")) sealed this transcript; the script asks for \(needed), "
      + "and the root's threshold is \(threshold)."
      + (old.map { " Of the root before, \(counted($0.count, "key")) sealed it, and its threshold is \($0.needed)." }
        ?? "")
  }

  /// Errors or warnings; empty where as many root keys sealed as the script and the root ask for, every official with a
  /// card did, and the ceremony came to its end.
  package var findings: [Finding] {
    let hint = "Compare the head with the one that was read aloud on the stream."
    var findings: [Finding] = []
    func add(_ code: Finding.Code, _ severity: Finding.Severity, _ what: String) {
      findings.append(Finding(code, severity, what, hint: hint, place: Self.path))
    }
    if isAwaited {
      findings.append(
        Finding(
          .sealAwaited, .warning,
          "No root key has signed the transcript seal yet: until one does, anybody could have written this transcript.",
          hint:
            "Ask a keyholder: tuf-ceremony request FOLDER --seal --for ID --out FILE. Then: tuf-ceremony seal FOLDER ANSWER.",
          place: Self.path))
    } else if count == 0 {
      add(
        .sealMissing, .error,
        "No root key signed the transcript seal: somebody without any card could have written this transcript.")
    } else if count < needed {
      add(
        .sealBelowThreshold, .error,
        "The transcript seal has \(count) of the \(needed) signatures that the script asks for: "
          + "fewer cards could have written another transcript.")
    } else if count < threshold, subject == .root {
      add(
        .sealBelowRoot, .warning,
        "The transcript seal has \(counted(count, "signature")), as the script lets it, and the root's threshold is "
          + "\(threshold): fewer cards than sign a root could have written another transcript.")
    }
    if let old, old.count < old.needed {
      add(
        .sealBelowThreshold, .error,
        "The transcript seal has \(old.count) of the \(old.needed) signatures by keys of the root before that it needs: "
          + "fewer cards than sign a root could have written another transcript.")
    }
    for official in missing {
      add(
        .sealWithoutOfficial, .warning,
        "The \(official) has a card, and did not sign the transcript seal with it; or that signature was taken away.")
    }
    if isGivenUp {
      findings.append(
        Finding(
          .sealingGivenUp, .warning,
          "What was to follow the close was given up: signatures of the seal, bags or farewells may be missing.",
          hint: "Look at the last records, and ask those who were there.", place: RecordFile.sealing.name))
    }
    return findings
  }
}
