import Findings
import Keys
import Requests
import TUFMetadata
import UTC

/// The request that a small ceremony answers, read and judged before anything is asked of a card.
package struct AnsweredRequest: Hashable, Sendable {
  package let request: Request
  /// What is to be signed; nil where a key is asked for.
  package let root: AskedRoot?
  /// What is to be sealed; nil where something else is asked for.
  package let seal: AskedSeal?

  /// Throws what keeps the request from being answered: `REQUEST-MALFORMED`, `REQUEST-ENGINE` where another engine version
  /// has to answer it, `REQUEST-DEADLINE` where its time or that of its root is over, and what ``AskedRoot`` throws.
  ///
  /// - Parameters:
  ///   - engine: that of this program.
  ///   - now: when the ceremony began.
  package init(_ bytes: [UInt8], engine: Int64, isRehearsal: Bool, at now: UTCTime) throws(Finding) {
    let place = "inputs/\(Request.fileName)"
    request = try Request(bytes, place: place)
    guard request.engine == engine else {
      throw Finding(
        .requestEngine, "The request is for engine version \(request.engine), and this program has version \(engine).",
        hint: "Answer it with release \(request.release).", place: place)
    }
    guard request.isRehearsal == isRehearsal else {
      throw Finding(
        .rehearsalMark,
        request.isRehearsal ? "The request comes from a rehearsal." : "The request does not come from a rehearsal.",
        hint: request.isRehearsal
          ? "Add --rehearsal, and use no card with a real key." : "Leave --rehearsal out.", place: place)
    }
    if let deadline = request.deadline, deadline < now {
      throw Finding(
        .requestDeadline, "Until \(deadline) the request could be answered.",
        hint: "Sign nothing. Ask whether another root is to be signed.", place: place)
    }
    if case .seal(let wanted) = request.kind {
      root = nil
      seal = try AskedSeal(wanted, engine: request.engine, isRehearsal: isRehearsal)
      return
    }
    seal = nil
    guard case .sign(let wanted) = request.kind else {
      root = nil
      return
    }
    let asked = try AskedRoot(wanted, isRehearsal: isRehearsal)
    guard !asked.root.isExpired(at: now) else {
      throw Finding(
        .requestDeadline, "The root to sign expired at \(asked.root.expires).",
        hint: "Sign nothing. Ask for a request for a root that holds.", place: place)
    }
    root = asked
  }

  /// The root by whose keys the answer counts; nil where a key is asked for.
  package var named: AskedRoot? { root ?? seal?.root }
  /// What is asked to be signed.
  package var wanted: SignatureWanted? { if case .sign(let wanted) = request.kind { wanted } else { nil } }
  /// The key that is asked for.
  package var key: KeyWanted? { if case .enrol(let wanted) = request.kind { wanted } else { nil } }
}

extension Script {
  /// Whether this ceremony answers a request.
  package var isAnswer: Bool { request != nil }

  /// The same script with the request that it answers, which it must fit.
  ///
  /// Throws `REQUEST-KEY` where somebody here is not asked, or with another key.
  package func answering(_ answered: AnsweredRequest) throws(Finding) -> Script {
    var script = self
    script.answered = answered
    for keyholder in keyholders {
      let place = place(of: "keyholders.\(keyholder.id).key") ?? keyholder.place
      if let root = answered.named {
        guard let name = keyholder.key, let key = name.digits(for: TopLevelRole.root.rawValue).flatMap(root.key),
          answered.request.people.contains(where: { $0.keyID == key.keyID })
        else {
          throw Finding(
            .requestKey, "The request does not ask for a signature by the key of \(keyholder.name).",
            hint: "Sign nothing. Ask for a request that names your key.", place: place)
        }
        if let trouble = key.trouble ?? (key.cardAlgorithm == nil ? .noCardHas(key) : nil) {
          throw trouble.at(place)
        }
      } else if keyholder.key != nil || answered.key?.person.id != keyholder.id {
        throw Finding(
          .requestKey, "The request asks somebody else than \(keyholder.name) for a key.",
          hint: "Name the one whom it asks.", place: place)
      }
    }
    return script
  }
}

extension Finding {
  fileprivate static func noCardHas(_ key: MetadataKey) -> Finding {
    Finding(
      .requestKey, "No card that is known here has keys of the kind of \(shortened(key.keyID)).",
      hint: "Sign with the program that has the key.")
  }
}
