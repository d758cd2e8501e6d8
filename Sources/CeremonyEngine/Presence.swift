import CeremonyRecords
import CeremonyResults
import CeremonyScript

/// Somebody who is not here, and what the ceremony cannot do without them.
struct Lack {
  let person: Person
  /// In words, in the order of the steps.
  let parts: [String]
}

extension PlannedStep {
  /// Who must be in the room for this step: the administrator is at the keyboard, the witness sees what is read, shown,
  /// signed and done with cards, and whoever acts is here. Nobody is needed for what the program does alone.
  func needs(in script: Script) -> [Person] {
    var ids = Keyholder.officials
    switch action {
    case .build, .verify, .write, .make, .buildTwin, .writeTwin: return []
    case .enrol, .collect: break
    case .say, .confirm: if who != "everyone" { ids = ["administrator", who] }
    case .departure: ids = ["administrator"]
    case .bag(let owner, _): ids.append(owner)
    case .attendance, .time, .show, .headSoFar, .head, .close, .initials: ids.append(who)
    default: action.keyholder.map { ids.append($0) }
    }
    return script.people.filter { ids.contains($0.id) }
  }
}

extension PlannedStep.Action {
  /// A part of somebody's provisioning.
  fileprivate var isProvisioning: Bool {
    switch self {
    case .sign, .seal, .signInitials, .recognize, .standIn, .signTwin, .destroy, .discard: false
    default: keyholder != nil
    }
  }
}

extension Ceremony {
  /// The first of those whom the present step needs who is not here.
  ///
  /// - Parameter withOwner: whether the keyholder whose card it is counts; after a failure others choose what to do.
  func missing(withOwner: Bool = true) -> Person? {
    step.needs(in: script).first { person in
      !attendance.isHere(person.id) && (withOwner || person.isOfficial)
    }
  }

  /// Whoever is not here and is needed by a step that is still to come and cannot be left out, in the script's order.
  var lacks: [Lack] {
    let coming = plan.steps.indices.filter { $0 > position && skips[$0] == nil }.map { plan.steps[$0] }
    return script.people.filter { !attendance.isHere($0.id) }.compactMap { person in
      var parts: [String] = []
      for step in coming where step.needs(in: script).contains(person) && !mayLeaveOut(step, without: person) {
        let part = words(for: step)
        if !parts.contains(part) { parts.append(part) }
      }
      return parts.isEmpty ? nil : Lack(person: person, parts: parts)
    }
  }

  static let provisioning = "provide a card and its keys"

  private func keptPart(of keyholder: String) -> String {
    script.roles(of: keyholder).isEmpty ? "show a card with a key that leaves" : "show that a kept key still signs"
  }

  private func words(for step: PlannedStep) -> String {
    switch step.action {
    case .sign(let role, _): "sign \(role)"
    case .standIn: "make a stand-in key"
    case .signTwin: "sign the twin of the real root"
    case .seal: "sign the transcript seal"
    case .discard: "delete a key on their card"
    case .bag: "read the number of a bag"
    case .recognize(let keyholder): keptPart(of: keyholder)
    case .prove(let keyholder, _) where script.keyholder(keyholder)?.key != nil: keptPart(of: keyholder)
    case let action where action.isProvisioning: Self.provisioning
    default: "the step \(step.scriptID)"
    }
  }

  /// Whether a step may be left out because this keyholder is not here: the script lets the keys of absent people stay
  /// enrolled, theirs are made, and the others reach what is needed. Nobody's provisioning is ever left out: the root
  /// would be smaller than the script says.
  func mayLeaveOut(_ step: PlannedStep, without person: Person) -> Bool {
    let rule = script.absentRule(of: person.id)
    // A card that is not here is not wiped, whatever the rule: the root does not need it any more.
    if case .destroy = step.action { return !person.isOfficial }
    guard !person.isOfficial, rule != .stop, hasKey(person.id) else { return false }
    switch step.action {
    case .sign("root", _) where rule == .pending, .seal where rule == .pending: return true
    case .sign(let role, _):
      let others = signers(but: person.id) { if case .sign(role, _) = $0 { true } else { false } }
      return isReachable(quorums(of: role), payloads[role]?.signatures ?? [], with: others)
    case .seal:
      let others = signers(but: person.id) { if case .seal = $0 { true } else { false } }
      return isReachable(sealQuorums, sealSignatures, with: others.union(sealedElsewhere))
        || isLeftUnsealed && others.isEmpty
    case .recognize where script.roles(of: person.id).isEmpty: return true
    case .recognize, .prove:
      return rule == .keep && script.keyholder(person.id)?.key != nil && canStayUnproven(person.id)
    case .say, .confirm, .bag: return true
    default: return false
    }
  }

  /// Leaves out the present part of a step, and with it what its other parts would still do with that person's card: no
  /// challenge is signed by a card that was not known by its key, and nobody is proven by a part.
  mutating func leaveOutTheRest(of person: Person) {
    for place in plan.steps.indices.dropFirst(position)
    where place == position
      || plan.steps[place].scriptID == step.scriptID && plan.steps[place].action.keyholder == person.id
    {
      skips[place] = "\(name(of: person.id)) is not here"
    }
  }

  /// Whether as many keys of the new root as it needs are made or proven without this one.
  private func canStayUnproven(_ id: String) -> Bool {
    guard let root = script.offlineRole("root") else { return false }
    let others = signers(but: id) { if case .prove = $0 { true } else { false } }
    return root.keyholders.count { $0 != id && (provenRootKeyholders.contains($0) || others.contains($0)) }
      >= root.threshold
  }

  /// Keyholders who are here and still to act in such a step.
  private func signers(but id: String, _ isSuch: (PlannedStep.Action) -> Bool) -> Set<String> {
    Set(
      plan.steps.indices.compactMap { place in
        let action = plan.steps[place].action
        guard place >= position, skips[place] == nil, isSuch(action), let owner = action.keyholder, owner != id,
          script.official(owner) == nil, attendance.isHere(owner)
        else { return nil }
        return owner
      })
  }

  /// Whether somebody else may act from now on in the place of a person who is not here: of an official always, of a
  /// keyholder until their card is known, because its PIN is theirs alone.
  func mayBeStoodInFor(_ person: Person) -> Bool {
    person.isOfficial || cards[person.id] == nil && script.keyholder(person.id)?.key == nil
  }

  /// Whether somebody acts in this room for another who has the same duty: one person does not act for two.
  private func isTaken(_ name: String, for person: Person) -> Bool {
    script.people.contains { other in
      guard other != person, other.isOfficial == person.isOfficial else { return false }
      return ScriptText.looksLike(name, attendance.substitute(of: other.id) ?? other.name)
    }
  }

  /// Takes note that somebody left or came back, in every part that they have: a keyholder may stand in for an official.
  mutating func noting(moving person: Person, _ move: Attendance.State) -> [Effect] {
    func acting(_ id: String, _ name: String) -> String { attendance.substitute(of: id) ?? name }
    let name = acting(person.id, person.name)
    let parts = script.people.filter { ScriptText.looksLike(acting($0.id, $0.name), name) }
    return parts.filter { attendance.allows(move, of: $0.id) }.map { noting($0, move) }
  }

  /// Who saw that somebody is who they say; nobody vouches for themselves, or from outside the room.
  func identity(of person: Person, named name: String) -> Prompt {
    let answers = [
      Prompt.Answer(token: "administrator", meaning: "the administrator saw a document that says so"),
      Prompt.Answer(token: "witness", meaning: "the witness saw a document that says so"),
      Prompt.Answer(token: "known", meaning: "known to everybody here; no document was shown"),
    ].filter { answer in
      guard let official = script.person(answer.token) else { return true }
      let acting = attendance.substitute(of: official.id) ?? official.name
      return official != person && attendance.isHere(official.id) && !ScriptText.looksLike(acting, name)
    }
    return Prompt("Who saw that this is \(name)?", answers, unattended: answers[0].token)
  }

  /// The question who acts in somebody's place.
  func substitutePrompt(for person: Person) -> Prompt {
    let number = script.people.firstIndex(of: person).map { $0 + 1 } ?? 0
    return Prompt(
      "Who acts in the place of \(person.name)?", [Prompt.back], .name, SideRequest.allCases.map(\.rawValue),
      "Substitute \(number)")
  }

  /// Why somebody cannot act in a person's place; nil where they can.
  func refusal(of name: String, for person: Person) -> String? {
    if ScriptText.looksLike(name, person.name) {
      return "\(name) is the person in whose place somebody else would act. Type another name, or “back”."
    }
    return isTaken(name, for: person)
      ? "\(name) already acts here for somebody else, and nobody acts for two people. Type another name, or “back”."
      : nil
  }

  /// Whoever is not here, in words.
  var away: [String] {
    script.people.filter { !attendance.isHere($0.id) && !attendance.isUnknown($0.id) }.map {
      attendance.words(for: $0, name(of: $0.id))
    }
  }
}
