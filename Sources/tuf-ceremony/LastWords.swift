import CeremonyEngine
import CeremonyRecords
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products

/// What the program says when a ceremony has ended: what did not go to plan, what was made, and what comes next.
struct LastWords {
  let result: LiveCeremony.Result
  /// The products folder.
  let out: String
  let isRehearsal: Bool

  private var facts: CeremonyFacts { result.account.facts }
  private var isHeld: Bool { result.outcome.ending.isHeld }

  /// The digests first: what stays in sight is how it ended.
  var lines: [String] {
    var lines = [""]
    // Of a ceremony that was given up nothing is to be used.
    for product in result.account.products
    where isHeld && (product.path.hasPrefix("metadata/") || product.path.hasPrefix("pending/")) {
      lines += Self.digest(SHA256Digest(of: product.bytes), of: product.path)
    }
    lines += Self.digest(result.head, of: "head") + Self.digest(result.finalHead, of: "final head")
    do {
      let sums = try ProductsFolder(opening: out).digest(of: SumsFile.path)
      lines += Self.digest(sums, of: SumsFile.path)
    } catch {
      lines.append("\(SumsFile.path)  not read: \(error.what)")
    }
    let isGivenUp = isHeld && result.outcome.status == .aborted
    let ending = result.outcome.ending.rawValue + (isGivenUp ? ", and what was to follow the close was given up" : "")
    lines += [
      "",
      isRehearsal
        ? "REHEARSAL \(ending). Nothing in this folder is to be trusted." : "The ceremony is \(ending).",
    ]
    lines += shortfalls + incidents
    if isHeld { for root in result.roots { lines.append("root        \(out)/\(root)") } }
    lines.append("transcript  \(out)/transcript.jsonl")
    if let loss = result.mirrorLoss {
      lines += ["THE SECOND COPY IS NOT WHOLE: \(loss)", "  → Copy \(out) to another disk before anything else."]
    }
    return lines + next
  }

  /// What no verifier accepts, and what waits.
  private var shortfalls: [String] {
    var lines: [String] = []
    if isHeld, result.account.seal?.isAwaited == true {
      lines += [
        "UNSEALED: no root key has sealed this transcript. Until one does, anybody could have written this folder."
      ]
    } else if isHeld, let shortfall = result.account.seal?.shortfall {
      let who = result.isSealed ? "fewer cards than the script asks for" : "anybody"
      lines += [
        "\(shortfall): no verifier accepts this folder, for \(who) could have written it.",
        "  → Keep it, reset the cards, and hold a new ceremony with another folder.",
      ]
    }
    if result.outcome.ending == .pending {
      lines.append("PENDING: the root waits for signatures, and no client takes it yet.")
    }
    return lines
  }

  /// Exceptions; who was absent, where that was asked; and keys that nothing proved.
  private var incidents: [String] {
    let exceptions = facts.room.exceptions
    var lines = ["exceptions  \(exceptions.isEmpty ? "none" : String(exceptions.count))"]
    lines += exceptions.map { "            \($0.number). \($0.what)" }
    let absent = Self.last(facts.room.attendance).filter { $0.state == .absent }.map(\.person.name)
    if !facts.room.attendance.isEmpty {
      lines.append("absent      \(absent.isEmpty ? "nobody" : absent.joined(separator: ", "))")
    }
    if result.account.isUnproven { lines.append("NOT PROVEN TO BE ON HARDWARE: a key was taken without attestation.") }
    return lines + result.account.unproven.map(\.what)
  }

  /// What was said last of each person, in the order in which they were called.
  private static func last(_ attendance: [RoomFacts.Attended]) -> [RoomFacts.Attended] {
    var last: [RoomFacts.Attended] = []
    for each in attendance {
      if let place = last.firstIndex(where: { $0.person.id == each.person.id }) {
        last[place] = each
      } else {
        last.append(each)
      }
    }
    return last
  }

  private static func digest(_ digest: SHA256Digest, of name: String) -> [String] {
    let label = name.columns < 12 ? [] : [name]
    let words = digest.words
    return label + [(label.isEmpty ? name : "").padded(to: 12) + digest.hex]
      + stride(from: 0, to: words.count, by: 4).map {
        "            " + words[$0..<min($0 + 4, words.count)].joined(separator: " ")
      }
  }

  private var next: [String] {
    if isHeld, result.account.seal?.isAwaited == true {
      return [
        "  → Ask a keyholder for the seal: tuf-ceremony request \(out) --seal --for ID --out FILE. Then: tuf-ceremony seal "
          + "\(out) ANSWER."
      ]
    }
    if result.outcome.ending == .pending {
      return [
        "  → Send each request: tuf-ceremony request \(out) --for ID --out FILE. Then draft collect --after \(out)."
      ]
    }
    return ["  → Look at it as an auditor does: tuf-audit replay \(out)"]
  }
}
