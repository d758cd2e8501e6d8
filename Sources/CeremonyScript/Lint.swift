import Findings
import Keys
import TUFMetadata
import UTC

extension Script {
  /// What is wrong with the script in one form, at a time, and what is to be considered before the day. Errors keep it
  /// from being run.
  ///
  /// - Parameter online: the online keys as they were read; a missing one is left out of the payloads.
  package func lint(_ mode: Mode, online: [String: PublicKey], at now: UTCTime) -> [Finding] {
    var findings = remarks
    guard pending == nil else {
      return findings + offlineRoles.flatMap { quorumFindings(of: $0, mode) } + officialFindings + keyholderFindings
        + orderFindings + sealFindings + finishingFindings + (mode == .real ? rehearsalFindings(online) : [])
        + (baseline.map { baselineFindings($0, mode, at: now) } ?? keepingFindings(mode, online: online, at: now))
    }
    guard !isAnswer else { return findings + keyholderFindings + cardFindings(mode) + answerFindings + orderFindings }
    for role in offlineRoles { findings += quorumFindings(of: role, mode) }
    for role in onlineRoles where role.threshold > role.keys.count {
      findings.append(
        Finding(
          .scriptThreshold, "\(role.name) needs \(role.threshold) signatures and has \(role.keys.count) keys.",
          hint: "Lower the threshold or add keys.", place: place(of: "roles.\(role.name).threshold") ?? role.place))
    }
    findings += rotationFindings(mode, online: online, at: now) + delegationFindings
    findings += officialFindings + keyholderFindings + cardFindings(mode)
    if mode == .real { findings += rehearsalFindings(online) + cautions }
    findings += discardFindings + orderFindings + bagFindings + sealFindings + handOverFindings(online: online, at: now)
    for role in signedRoles { findings += payloadFindings(for: role, mode, online: online, at: now) }
    return findings
  }

  private func quorumFindings(of role: OfflineRole, _ mode: Mode) -> [Finding] {
    let place = place(of: "roles.\(role.name).threshold") ?? role.place
    let count = role.oneTime ?? role.keyholders.count
    if role.threshold > count {
      return [
        Finding(
          .scriptThreshold,
          "\(role.name) needs \(role.threshold) signatures and has \(count) \(role.oneTime == nil ? "keyholders" : "one-time keys").",
          hint: "Lower the threshold or add \(role.oneTime == nil ? "keyholders" : "keys").", place: place)
      ]
    }
    if role.name == "root", role.threshold < 2 {
      return [
        Finding(
          .scriptThreshold, "One root key would decide alone.", hint: "PEP 458 asks for a root threshold above 1.",
          place: place)
      ]
    }
    // A rehearsal's root is thrown away with its cards. Keys that are gone once they have signed are nobody's to lose.
    guard mode == .real, role.threshold == count, role.oneTime == nil, !role.isDiscarded else { return [] }
    return [
      Finding(
        .quorumWithoutSpare, .warning,
        count == 1
          ? "\(role.name) has one key: when its card is lost, nobody can sign \(role.name) any more."
          : "\(role.name) needs all of its \(count) keys: when one card is lost, nobody can sign \(role.name) any more.",
        hint: "Add a keyholder or lower the threshold.", place: place)
    ]
  }

  /// Nobody watches themselves.
  private var officialFindings: [Finding] {
    var findings: [Finding] = []
    if ScriptText.looksLike(administrator, witness), witnessing != .none {
      findings.append(
        Finding(
          .scriptNameRepeated, "Administrator and witness have the same name, or look so.",
          hint: "The witness sees what the administrator does: name two people.", place: place(of: "witness")))
    }
    return findings
  }

  private var keyholderFindings: [Finding] {
    var findings: [Finding] = []
    for (index, keyholder) in keyholders.enumerated() {
      let slots = roles(of: keyholder.id).map(\.slot)
      if slots.isEmpty, keyholder.key == nil {
        findings.append(
          Finding(
            .keyholderWithoutRole, .warning, "\(keyholder.name) is a keyholder and has no key of any role.",
            hint: "Name “\(keyholder.id)” in a role, or leave the keyholder out.", place: keyholder.place))
      }
      // One kept key for several roles stays in its one slot.
      let own = roles(of: keyholder.id).map { role in
        "\(role.slot) \(keptKey(of: keyholder.id, role.name)?.keyID ?? role.name)"
      }
      if Set(slots).count != Set(own).count {
        findings.append(
          Finding(
            .slotConflict, "Two roles want the same slot of the card of \(keyholder.name).",
            hint: "Give the roles different slots: 9c and 9a.",
            place: keyholder.place))
      }
      if let other = keyholders.prefix(index).first(where: { ScriptText.looksLike($0.name, keyholder.name) }) {
        findings.append(
          Finding(
            .scriptNameRepeated, "“\(other.id)” and “\(keyholder.id)” have names that look the same.",
            hint: "Tell them apart, as people in the room would.",
            place: place(of: "keyholders.\(keyholder.id).name") ?? keyholder.place))
      }
    }
    var serials: Set<UInt32> = []
    for keyholder in cardholders {
      var own = keyholder.spares
      if case .serial(let serial) = keyholder.card { own.insert(serial, at: 0) }
      guard let twice = own.first(where: { !serials.insert($0).inserted }) else { continue }
      findings.append(
        Finding(
          .serialRepeated, "The serial \(twice) of \(keyholder.name) stands twice among all cards and spare cards.",
          hint: "Correct the serials.", place: keyholder.place))
    }
    return findings
  }

  /// What a real ceremony does without.
  private func cardFindings(_ mode: Mode) -> [Finding] {
    guard mode == .real else { return [] }
    var findings: [Finding] = []
    if cards.readBack == .optional {
      findings.append(
        Finding(
          .readBackOptional, .warning,
          "A card that does not say what its slots hold is accepted: that the key is in its slot is then not read back"
            + (cards.attestation == .optional ? ", and nothing attests it." : "."),
          hint: "Write “read-back: required” where all cards can say it.", place: place(of: "cards.read-back")))
    }
    let counts = ["pin-tries", "puk-tries"].filter { place(of: "cards.\($0)") != nil }
    if cards.tries == .optional, !counts.isEmpty {
      findings.append(
        Finding(
          .triesOptional, .warning,
          "A card that cannot set its tries is accepted: \(counts.joined(separator: " and ")) may then not hold.",
          hint: "Write “tries: required”, or leave the numbers out.", place: place(of: "cards.tries")))
    }
    return findings
  }

  private func payloadFindings(
    for role: OfflineRole, _ mode: Mode, online: [String: PublicKey], at now: UTCTime
  ) -> [Finding] {
    guard let expires = role.expires else {
      return [
        Finding(
          .expiryMissing, "The steps build \(role.name), and the script does not say when it expires.",
          hint: "Add “expires” to roles.\(role.name).", place: role.place)
      ]
    }
    if mode == .real, case .days = expires {
      return [
        Finding(
          .expiryRelative, "\(role.name) expires so many days after a clock that nobody knows yet.",
          hint: "Write the moment: 2027-12-01T00:00:00Z. Days are for rehearsals.",
          place: place(of: "roles.\(role.name).expires") ?? role.place)
      ]
    }
    return reviewFindings(for: role, online: online, mode, at: now).map {
      let own = $0.code == .expiryWindow ? place(of: "roles.\(role.name).expires") : nil
      return $0.at("\(own ?? role.place), \(role.name) as \(mode == .real ? "the real one" : "a rehearsal")")
    }
  }
}
