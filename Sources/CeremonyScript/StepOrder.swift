import Findings

extension Script {
  /// What is wrong with the order of the steps: keys before metadata, metadata built, shown, signed, verified
  /// and written in that order, the transcript closed last.
  var orderFindings: [Finding] {
    var findings: [Finding] = []
    var seen = StepsSeen()
    for step in steps {
      if let finding = seen.refusal(of: step, in: self) { findings.append(finding.at(step.place)) }
      seen.note(step)
    }
    return findings + seen.missing(in: self)
  }
}

/// The steps that came so far.
private struct StepsSeen {
  private var provisioned: [String] = []
  private var proven: [String] = []
  private var built: [String] = []
  private var shown: [String] = []
  private var collected: [String] = []
  private var signed: [String: [String]] = [:]
  private var verified: [String] = []
  private var written: [String] = []
  private var made: [String] = []
  private var used: [String] = []
  private var hasWiped = false
  private var isClosed = false
  private var isAttended = false
  private var hasLeft = false
  private var sealers: [String] = []
  private var wiped: [String] = []
  private var discarded: [String] = []

  mutating func note(_ step: Step) {
    switch step.action {
    case .say, .confirm, .time, .preflight, .bag, .head, .identify: break
    case .attendance: isAttended = true
    case .departure: hasLeft = true
    case .provision(let keyholder), .enrol(let keyholder): provisioned.append(keyholder)
    case .prove(let keyholder): proven.append(keyholder)
    case .make(let role): made.append(role)
    case .use(let role): used.append(role)
    case .wipe: hasWiped = true
    case .discard(let keyholder): discarded.append(keyholder)
    case .build(let role): built.append(role)
    case .collect(let role): collected.append(role)
    case .show(let role): shown.append(role)
    case .sign(let role, let keyholder): signed[role, default: []].append(keyholder)
    case .verify(let role): verified.append(role)
    case .write(let role): written.append(role)
    case .close(let seal): (isClosed, sealers) = (true, seal)
    case .destroy(let keyholder): wiped.append(keyholder)
    }
  }

  /// What keeps a step from standing here.
  func refusal(of step: Step, in script: Script) -> Finding? {
    if isClosed, !step.followsClose {
      return order("comes after the transcript is closed", "After “close” stand only \(StepKind.followingClose).")
    }
    let isReady = { provisioned.contains($0) || step.action == .provision(keyholder: $0) }
    if let official = step.initials.first(where: { script.official($0) != nil && !isReady($0) }) {
      return order(
        "wants initials that the card of the \(official) signs, and that card has no key yet",
        "Provision the card of the \(official) before it.")
    }
    // The reader names those that may stand here, where there are any.
    if let stranger = step.action.stranger(in: script) { return stranger }
    switch step.action {
    case .say, .confirm, .time, .preflight, .bag, .head, .identify: return nil
    case .attendance: return isAttended ? repeated("takes attendance again") : nil
    case .departure:
      if hasLeft { return repeated("has everybody leave again") }
      return isClosed ? nil : order("has everybody leave before the transcript is closed", "Put it after “close”.")
    case .prove(let keyholder):
      if script.roles(of: keyholder).isEmpty {
        return Finding(
          .scriptReference, "“\(keyholder)” has no role, so nothing has to be proven.",
          hint: "Whoever leaves just signs. Drop the step, or write “do: identify”.")
      }
      if proven.contains(keyholder) { return repeated("has the card of “\(keyholder)” proven again") }
      return built.isEmpty ? nil : order("proves a key after metadata was built", "Prove every kept card first.")
    case .enrol(let keyholder):
      if provisioned.contains(keyholder) { return repeated("takes in the key of “\(keyholder)” again") }
      return built.isEmpty ? nil : order("takes in a key after metadata was built", "Take in every key first.")
    case .collect(let role):
      if verified.contains(role) {
        return order("takes in signatures of \(role) after it was verified", "Collect first.")
      }
      if script.pending != nil { return nil }
      return shown.contains(role) ? nil : order("takes in signatures of \(role) before it is shown", "Show it first.")
    case .provision(let keyholder):
      if script.keyholder(keyholder)?.enrol != nil {
        return Finding(
          .keptAndMade, "The key of “\(keyholder)” is made elsewhere, and the step would make another one here.",
          hint: "Write “do: enrol”, or leave “enrol” out of the keyholder.")
      }
      if script.keyholder(keyholder)?.key != nil {
        return Finding(
          .keptAndMade, "“\(keyholder)” keeps a key, and the step would reset the card that has it.",
          hint: "Write “do: prove”. For a new key take a second card, and a second id for the old one.")
      }
      if script.roles(of: keyholder).isEmpty {
        return Finding(
          .scriptReference, "“\(keyholder)” has no role, so the card would get no key.",
          hint: "Name the keyholder in a role, or drop the step.")
      }
      if provisioned.contains(keyholder) { return repeated("provisions the card of “\(keyholder)” again") }
      return built.isEmpty ? nil : order("makes keys after metadata was built", "Provision every card first.")
    case .make, .use, .wipe: return refusalOfOneTime(step.action, in: script)
    case .discard(let keyholder): return refusalToDiscard(keyholder, in: script)
    case .build(let role):
      if built.contains(role) { return repeated("builds \(role) again") }
      if script.isAnswer || script.pending != nil { return nil }
      if let missing = script.oneTimeRoles.first(where: { !made.contains($0.name) }) {
        return order(
          "comes before the one-time keys of \(missing.name) are made", "Add “do: make” before the first “build”.")
      }
      let absent = script.offlineRoles.flatMap(\.keyholders).first { id in
        guard script.keyholder(id)?.key != nil else { return !provisioned.contains(id) }
        return !proven.contains(id) && ![.keep, .pending].contains(script.absentRule(of: id))
      }
      return absent.map { id in
        script.keyholder(id)?.key == nil
          ? order("comes before the card of “\(id)” has its keys", "Provision every card before the first “build”.")
          : order(
            "comes before the kept card of “\(id)” was proven",
            "Add “do: prove” before the first “build”, or “absent: keep” for that keyholder.")
      }
    case .show where script.pending != nil: return nil
    case .show(let role):
      return built.contains(role) ? nil : order("shows \(role) before it is built", "Build it first.")
    case .sign(let role, let keyholder):
      guard script.signers(of: role).contains(keyholder) else {
        return Finding(
          .scriptReference, "“\(keyholder)” is not a keyholder of \(role).", hint: "Add the keyholder to the role.")
      }
      let isNaming = role == "root" || script.oneTimeRoles.contains { script.delegator(of: $0.name) == role }
      if isNaming, !hasWiped, !script.oneTimeRoles.isEmpty {
        return order(
          "has a card sign \(role) while one-time keys are still there",
          "Put “do: wipe” before it: what names such keys is signed only once nobody has them.")
      }
      if let refusal = refusalOfDiscarded(role, in: script) { return refusal }
      if signed[role]?.contains(keyholder) == true { return repeated("has “\(keyholder)” sign \(role) again") }
      if verified.contains(role) { return order("signs \(role) after it was verified", "Sign before “verify”.") }
      return shown.contains(role) || script.pending != nil
        ? nil : order("signs \(role) before it is shown", "Show it first.")
    case .verify(let role):
      if verified.contains(role) { return repeated("verifies \(role) again") }
      if script.pending == nil, !script.isAnswer, let delegator = script.delegator(of: role), !built.contains(delegator)
      {
        return order("verifies \(role) before \(delegator) is built, which names its keys", "Build \(delegator) first.")
      }
      guard let own = script.offlineRole(role), !collected.contains(role),
        script.pending == nil || !script.mayEndPending
      else { return nil }
      let needed = own.threshold
      // A root may wait for those who sign elsewhere; nothing else may.
      let later = role == "root" ? script.elsewhere(role).map(\.id) : []
      let count =
        used.contains(role)
        ? own.oneTime ?? 0 : Set((signed[role] ?? []) + later).intersection(own.keyholders).count
      return count >= needed
        ? nil : order("verifies \(role) after \(count) of \(needed) signatures", "Let more keyholders sign before it.")
    case .write(let role):
      if written.contains(role) { return repeated("writes \(role) again") }
      return verified.contains(role) ? nil : order("writes \(role) before it is verified", "Verify it first.")
    case .close: return nil
    case .destroy(let keyholder): return refusalToWipe(keyholder, in: script)
    }
  }

  /// Why one-time keys cannot be made, used or wiped here.
  private func refusalOfOneTime(_ action: Step.Action, in script: Script) -> Finding? {
    switch action {
    case .make(let role), .use(let role):
      guard script.offlineRole(role)?.oneTime != nil else {
        return Finding(
          .scriptReference, "\(role) has no one-time keys.",
          hint: "Write “one-time” in roles.\(role), or drop the step.")
      }
    default: break
    }
    switch action {
    case .make(let role):
      if made.contains(role) { return repeated("makes the one-time keys of \(role) again") }
      return built.isEmpty ? nil : order("makes keys after metadata was built", "Make them before the first “build”.")
    case .use(let role):
      if used.contains(role) { return repeated("uses the one-time keys of \(role) again") }
      if hasWiped { return order("uses one-time keys that were wiped", "Put it before “wipe”.") }
      if let refusal = refusalOfDiscarded(role, in: script) { return refusal }
      if verified.contains(role) { return order("signs \(role) after it was verified", "Sign before “verify”.") }
      return shown.contains(role) ? nil : order("signs \(role) before it is shown", "Show it first.")
    default:
      guard !script.oneTimeRoles.isEmpty else {
        return Finding(
          .scriptReference, "No role has one-time keys.", hint: "Write “one-time” in a role, or drop the step.")
      }
      if hasWiped { return repeated("wipes the one-time keys again") }
      let left = script.oneTimeRoles.first { !used.contains($0.name) }
      return left.map {
        order("wipes the one-time keys of \($0.name), which did not sign yet", "Let them sign first: “do: use”.")
      }
    }
  }

  /// Why nobody's keys may be deleted here.
  private func refusalToDiscard(_ id: String, in script: Script) -> Finding? {
    if discarded.contains(id) { return repeated("deletes the keys of “\(id)” again") }
    let roles = script.discardedRoles(of: id)
    guard !roles.isEmpty else {
      return Finding(
        .scriptReference, "“\(id)” has no key that is discarded.",
        hint: "Write “discarded: true” in the role, or drop the step.")
    }
    // A role that is shown is built, and who signs it comes before.
    return roles.first { !shown.contains($0.name) || signed[$0.name]?.contains(id) != true }.map {
      order("deletes the \($0.name) key of “\(id)”, which did not sign yet", "Show \($0.name), and let it sign first.")
    }
  }

  /// Why nobody may sign this role here, with a card or with one-time keys: a key of it was deleted, or keys that it names are still there.
  private func refusalOfDiscarded(_ role: String, in script: Script) -> Finding? {
    if let gone = script.discardedRoles.first(where: { $0.name == role })?.keyholders.first(where: discarded.contains) {
      return order(
        "has a card sign \(role) after the key of “\(gone)” was deleted",
        "Put “do: discard” after every “sign” of \(role): whoever has to sign anew could not.")
    }
    return script.discarded(before: role).first { !discarded.contains($0.keyholder) }.map { left in
      order(
        "signs \(role) while the \(left.role.name) key of “\(left.keyholder)” is still there",
        "Put “do: discard” before it: what names such keys is signed only once they are deleted.")
    }
  }

  /// Why nobody's card may be wiped here. That its key leaves was seen before.
  private func refusalToWipe(_ id: String, in script: Script) -> Finding? {
    if wiped.contains(id) { return repeated("wipes the card of “\(id)” again") }
    if !isClosed {
      return order(
        "wipes a card before the transcript is closed",
        "Put it after “close”: the new root is written and verified by then, and the card has sealed.")
    }
    if hasLeft { return order("wipes a card after everybody left", "Put it before “departure”.") }
    guard
      script.absentRule(of: id) == .pending || !sealers.contains(id)
        || script.keyholder(id)?.key?.digits(for: "root") == nil
    else { return nil }
    return order(
      "wipes the card of “\(id)”, which does not seal the transcript here",
      "A card is wiped once it has sealed: name the keyholder under “seal” of “close”, or drop the step.")
  }

  func missing(in script: Script) -> [Finding] {
    var findings: [Finding] = []
    for official in script.officials where !provisioned.contains(official.id) {
      findings.append(
        lack(
          "The \(official.id) has a card, and no step provisions it.",
          "Add “do: provision” with “keyholder: \(official.id)”, or take the card away.", at: official.place))
    }
    // What is missing has no place of its own: it would stand after the last step.
    let end = script.steps.last?.place
    if !written.contains("root"), !script.answersWithKey {
      findings.append(lack("No step writes the root.", "Add build, show, sign, verify and write.", at: end))
    }
    if !script.oneTimeRoles.isEmpty, !hasWiped {
      findings.append(lack("No step wipes the one-time keys.", "Add “do: wipe” after the last “use”.", at: end))
    }
    for keyholder in script.keyholders where script.discards(keyholder.id) && !discarded.contains(keyholder.id) {
      let roles = script.discardedRoles(of: keyholder.id)
      findings.append(
        lack(
          "No step deletes the \(roles.map(\.name).joined(separator: " and ")) key of “\(keyholder.id)”.",
          "Add “do: discard” with “keyholder: \(keyholder.id)” after the last “sign” of it.", at: end))
    }
    for role in built where role != "root" && !written.contains(role) {
      findings.append(
        lack("\(role) is built and never written.", "Add sign, verify and write, or drop the step.", at: end))
    }
    if !isClosed { findings.append(lack("No step closes the transcript.", "End with “do: close”.", at: end)) }
    return findings
  }

  private func order(_ what: String, _ hint: String) -> Finding {
    Finding(.stepOrder, "This step \(what).", hint: hint)
  }
  private func repeated(_ what: String) -> Finding {
    Finding(.stepRepeated, "This step \(what).", hint: "Keep one of them.")
  }
  private func lack(_ what: String, _ hint: String, at place: String?) -> Finding {
    Finding(.stepMissing, what, hint: hint, place: place)
  }
}

extension Step.Action {
  /// Why nothing can come of the step for its keyholder; nil where something can.
  fileprivate func stranger(in script: Script) -> Finding? {
    switch self {
    case .identify(let id), .prove(let id):
      guard script.keyholder(id)?.key == nil else { return nil }
      return Finding(
        .scriptReference, "“\(id)” keeps no key, so there is nothing to know the card by.",
        hint: "Write “do: provision”, or “key” at the keyholder.")
    case .enrol(let id):
      guard script.keyholder(id)?.enrol == nil else { return nil }
      return Finding(
        .scriptReference, "“\(id)” has no key that is made elsewhere.",
        hint: "Write “enrol” at the keyholder, or “do: provision”.")
    case .destroy(let id):
      guard script.leaver(id) == nil || script.keyholder(id)?.key == nil || !script.roles(of: id).isEmpty else {
        return nil
      }
      return Finding(
        .wipeStays, "This step would wipe the card of “\(id)”, whose key does not leave.",
        hint: "Name the keyholder under “leaving”, or drop the step.")
    default: return nil
    }
  }
}
