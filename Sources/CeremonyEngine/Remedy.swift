import CeremonyRecords
import CeremonyScript
import Findings
import PIV

/// A step that failed.
struct Failure: Sendable {
  let finding: Finding
  /// Nobody knows what the card took over.
  var isInDoubt = false
}

/// What can be done after a failure. Each use is a numbered exception.
enum Remedy: Hashable, Sendable {
  /// The step from its beginning; where the card is in doubt, its provisioning from the reset on.
  case retry(isInDoubt: Bool)
  /// A new PIN by means of the PUK, then the step again.
  case unblock
  /// The keyholder's next spare card, from its provisioning on.
  case replace(by: UInt32)
  /// The signature is left out, because the others are enough.
  case without
  /// The initials are left as they were typed, without the official's card.
  case typedOnly
  /// The card of somebody who leaves is left as it is.
  ///
  /// - Parameter isTold: whether RESET was sent to it, and nobody saw what came of it.
  case withoutWiping(isTold: Bool)
  /// The card of this official has no part in the ceremony any more.
  case withoutCard(of: String)

  /// What is typed.
  var token: String {
    switch self {
    case .retry: "retry"
    case .unblock: "unblock"
    case .replace: "replace"
    case .without, .typedOnly, .withoutWiping, .withoutCard: "without"
    }
  }

  var meaning: String {
    switch self {
    case .retry(isInDoubt: false): "do this step again from its beginning"
    case .retry(isInDoubt: true): "reset the card and provision it again: nobody knows what it took over"
    case .unblock: "type the PUK, make a new PIN, then do this step again"
    case .replace(let spare):
      "take the spare card \(spare) instead: its keys are made anew, and so is what names the old ones"
    case .without: "leave this signature out; the others are enough"
    case .typedOnly: "go on without the card: the initials stand as they were typed at one keyboard"
    case .withoutWiping(isTold: false): "leave the card as it is: whatever is on it stays, and it goes into its bag"
    case .withoutWiping(isTold: true): "look at it no more: nobody saw what RESET did to it, and it goes into its bag"
    case .withoutCard(let official):
      "go on without the card of the \(official): initials are typed alone, and it does not sign the seal"
    }
  }

  /// What the exception says was done.
  var account: String {
    switch self {
    case .retry(isInDoubt: false): "The step was done again"
    case .retry(isInDoubt: true): "The card was provisioned again from its reset"
    case .unblock: "The PIN was to be set anew with the PUK"
    case .replace(let spare): "The spare card \(spare) took the place of the card"
    case .without: "The signature was left out"
    case .typedOnly: "The initials were left as typed, without the card"
    case .withoutWiping(isTold: false): "The card was left as it is"
    case .withoutWiping(isTold: true): "RESET was sent to the card, and nobody saw what came of it. It was left so"
    case .withoutCard(let official): "The ceremony went on without the card of the \(official)"
    }
  }
}

extension Ceremony {
  /// How many signatures of the transcript seal are by keys of the root.
  var rootSealCount: Int { sealSignatures.count { script.official($0.keyholder) == nil } }

  /// Whether nobody has sealed what a second request may have sealed: the root that is finished here waited.
  var isLeftUnsealed: Bool { script.pending != nil && sealSignatures.isEmpty }

  /// Whether nobody seals here where this keyholder does not.
  func mayStayUnsealed(without keyholder: String) -> Bool {
    isLeftUnsealed
      && !plan.steps.indices.contains { place in
        guard place > position, skips[place] == nil, case .seal(let owner) = plan.steps[place].action else {
          return false
        }
        return owner != keyholder && attendance.isHere(owner)
      }
  }

  /// What can be done now, in the order in which it is offered.
  func remedies(after failure: Failure) -> [Remedy] {
    var remedies = [Remedy.retry(isInDoubt: failure.isInDoubt)]
    // Nothing is wrong with the card.
    if failure.finding.code == .comparisonDiffers {
      return remedies + (canGoOnWithout(step.action) && step.action.keyholder != nil ? [.without] : [])
    }
    let isHere = step.action.keyholder.map(attendance.isHere) ?? true
    if step.action.usesOwnPIN, isHere, [.pinBlocked, .pinWrong, .lastTryKept, .pukWrong].contains(failure.finding.code)
    {
      remedies.append(.unblock)
    }
    // What is asked of people elsewhere is not given up: they may have signed it by now.
    if let keyholder = step.action.keyholder, let spare = spare(for: keyholder), !hasAsked {
      remedies.append(.replace(by: spare))
    }
    switch step.action {
    case .signInitials: remedies.append(.typedOnly)
    case .destroy(let keyholder): remedies.append(.withoutWiping(isTold: toldToWipe[keyholder] != nil))
    case .sign, .seal: if canGoOnWithout(step.action) { remedies.append(.without) }
    default:
      if let owner = step.action.keyholder, script.official(owner) != nil { remedies.append(.withoutCard(of: owner)) }
    }
    return remedies
  }

  /// Whether requests for a payload were written.
  private var hasAsked: Bool { products.contains { $0.path.hasPrefix("requests/") } }

  /// Whether the signature of this step may be left out: enough others signed or are still to sign.
  /// Of the transcript seal as many are enough as the script asks for: fewer is an error to every verifier.
  func canGoOnWithout(_ action: PlannedStep.Action) -> Bool {
    // Whoever is not here is not counted on.
    func left(_ isSuch: (PlannedStep.Action) -> Bool) -> Set<String> {
      Set(
        plan.steps.indices.compactMap { place in
          let action = plan.steps[place].action
          guard place > position, skips[place] == nil, isSuch(action), let owner = action.keyholder,
            attendance.isHere(owner)
          else { return nil }
          return owner
        })
    }
    switch action {
    case .sign("root", let keyholder) where script.absentRule(of: keyholder) == .pending: return true
    case .sign(let role, _):
      guard let payload = payloads[role] else { return false }
      return isReachable(
        quorums(of: role), payload.signatures, with: left { if case .sign(role, _) = $0 { true } else { false } })
    case .seal:
      let others = left { if case .seal = $0 { true } else { false } }
      return isReachable(sealQuorums, sealSignatures, with: others.union(sealedElsewhere))
        || isLeftUnsealed && others.isEmpty
    case .signInitials: return true
    default: return false
    }
  }
}
