import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

extension Script {
  /// What is wrong with a script that goes on from a root, or with keys that only such a script can name.
  func rotationFindings(_ mode: Mode, online: [String: PublicKey], at now: UTCTime) -> [Finding] {
    keepingFindings(mode, online: online, at: now)
      + (baseline.map {
        isRotation && pending == nil
          ? oldQuorumFindings($0) + provenFindings + renewalFindings($0, online: online) : []
      } ?? [])
  }

  /// What it keeps, leaves out and says of the root before that it must not: whatever its steps come to.
  package func keepingFindings(_ mode: Mode, online: [String: PublicKey], at now: UTCTime) -> [Finding] {
    guard isRotation else { return (pending == nil ? foundingFindings : []) + groundlessLeavers }
    guard pending == nil else { return [] }
    guard let baseline else { return [] }
    return baselineFindings(baseline, mode, at: now) + keptKeyFindings(baseline) + leavingFindings(baseline, online)
      + fieldFindings(baseline) + targetsFindings(baseline)
  }

  /// Without a root before, nothing is kept.
  private var foundingFindings: [Finding] {
    keptKeyholders.map { keyholder in
      Finding(
        .keptKeyUnknown, "\(keyholder.name) keeps a key, and the script names no root before.",
        hint: "Add “previous” with the root's file, or leave “key” out.",
        place: place(of: "keyholders.\(keyholder.id).key"))
    }
  }

  /// Without a root before, nobody leaves.
  private var groundlessLeavers: [Finding] {
    leaving.map { leaver in
      Finding(
        .leavingUnknown, "“\(leaver.id)” leaves, and the script names no root before.",
        hint: "Add “previous” with the root's file, or leave “leaving” out.", place: leaver.place)
    }
  }

  func baselineFindings(_ baseline: Baseline, _ mode: Mode, at now: UTCTime) -> [Finding] {
    var findings: [Finding] = []
    let place = place(of: "previous.root")
    if mode == .real, baseline.root.isRehearsal {
      findings.append(
        Finding(
          .baselineRehearsal, "The root to go on from was made in a rehearsal.",
          hint: "Name the root that clients have. A rehearsal's root is for rehearsals.", place: place))
    }
    if baseline.root.isExpired(at: now) {
      findings.append(
        Finding(
          .baselineExpired, .warning, "The root to go on from expired at \(baseline.root.expires).",
          hint: "It can still be followed. Clients refuse to update until the new root is published.", place: place))
    }
    return findings
  }

  private func keptKeyFindings(_ baseline: Baseline) -> [Finding] {
    var findings: [Finding] = []
    var owners: [String: String] = [:]
    for keyholder in keptKeyholders {
      let place = place(of: "keyholders.\(keyholder.id).key") ?? keyholder.place
      func add(_ code: Finding.Code, _ what: String, _ hint: String) {
        findings.append(Finding(code, what, hint: hint, place: place))
      }
      let roles = Set(keptRoles(of: keyholder.id) + roles(of: keyholder.id).map(\.name)).sorted()
      for role in roles {
        guard let key = keptKey(of: keyholder.id, role) else {
          add(
            .keptKeyUnknown, "No single key of the root before is the \(role) key of \(keyholder.name).",
            "Write the first digits of its key id, so many that they name one key. A card with a kept key gets no other."
          )
          continue
        }
        if let why = trouble(of: key, in: baseline) {
          add(
            .keptKeyKind, "The key \(shortened(key.keyID)) of \(keyholder.name) cannot be kept: \(why)",
            "Let it leave, and make a new key.")
        }
        if let owner = owners[key.keyID], owner != keyholder.id {
          add(
            .keyRepeated, "\(name(of: owner)) and \(keyholder.name) keep the same key, \(shortened(key.keyID)).",
            "One key counts once. Write each keyholder's own.")
        }
        owners[key.keyID] = keyholder.id
      }
      if !keyholder.spares.isEmpty {
        add(
          .keptAndMade, "\(keyholder.name) keeps a key, and has spare cards: nothing but its own card has that key.",
          "Leave “spares” out.")
      }
      if !keyholder.fields.members.isEmpty {
        add(
          .keptAndMade, "\(keyholder.name) keeps a key, and is given custom fields: a kept key has those that it had.",
          "Leave “fields” out.")
      }
    }
    return findings
  }

  /// Why a key of the root before cannot be kept; nil where it can.
  private func trouble(of key: MetadataKey, in baseline: Baseline) -> String? {
    if let trouble = key.trouble { return trouble.what }
    if key.cardAlgorithm == nil { return "no card here has keys of its kind." }
    if key.isHexPoint { return "it stands there as a point in hexadecimal, which clients refuse today." }
    if key.idRule == .none { return "its id is no digest of it." }
    if let twin = baseline.root.keys.keys.first(where: { $0.keyID != key.keyID && $0.material == key.material }) {
      return "it stands there a second time, as \(shortened(twin.keyID))."
    }
    return baseline.exposedKeys.contains { $0 == key.publicKey }
      ? "its signatures under the root before, or under the metadata that is signed again, give it away." : nil
  }

  /// Every key that leaves is named with a reason, and whoever is named leaves.
  private func leavingFindings(_ baseline: Baseline, _ online: [String: PublicKey]) -> [Finding] {
    var findings: [Finding] = []
    let staying = Set(
      offlineRoles.flatMap { role in role.keyholders.compactMap { keptKey(of: $0, role.name)?.material } })
    var named: Set<MetadataKey.Material> = []
    for leaver in leaving {
      let keys = keys(of: leaver)
      if let keyholder = keyholder(leaver.id) {
        if keyholder.key == nil || !roles(of: keyholder.id).isEmpty {
          findings.append(
            Finding(
              .leavingStays,
              keyholder.key == nil
                ? "\(keyholder.name) leaves, and the script does not say with which key."
                : "\(keyholder.name) leaves, and is a keyholder of \(roles(of: keyholder.id).map(\.name).joined(separator: ", ")).",
              hint: keyholder.key == nil
                ? "Add “key” to the keyholder, or write the first digits of the key's id instead of “\(leaver.id)”."
                : "Whoever leaves has no role. Give a person with a new card a second id, and another name for the old card.",
              place: leaver.place))
        }
      } else {
        if keys.isEmpty {
          findings.append(
            Finding(
              .leavingUnknown, "“\(leaver.id)” is the beginning of no single key id of the root before.",
              hint: "Write so many digits that they name one key.", place: leaver.place))
        }
      }
      for key in keys {
        named.insert(key.material)
        if staying.contains(key.material), keyholder(leaver.id) == nil {
          findings.append(
            Finding(
              .leavingStays,
              "The key \(shortened(key.keyID)) leaves as \(leaver.reason.rawValue), and somebody keeps it.",
              hint: "Take it from “leaving”, or from the keyholder.", place: leaver.place))
        }
      }
    }
    let used = Set(TopLevelRole.allCases.flatMap { baseline.root[$0].keyIDs })
    let online = Set(online.values.map { MetadataKey.Material.key($0) })
    for key in baseline.root.keys.keys where used.contains(key.keyID) && !named.contains(key.material) {
      guard !staying.contains(key.material), !online.contains(key.material) else { continue }
      findings.append(
        Finding(
          .leavingUnstated, "The key \(key.described) is in the root before and not in this one, and nobody says why.",
          hint: "Name it under “leaving” with a reason, or let its keyholder keep it.",
          place: place(of: "leaving") ?? place(of: "previous")))
    }
    return findings
  }

  /// Enough of those who could sign for the old side are to sign.
  private func oldQuorumFindings(_ baseline: Baseline) -> [Finding] {
    let signing = steps.compactMap { step -> String? in
      if case .sign("root", let keyholder) = step.action { keyholder } else { nil }
    }
    let elsewhere = Set(elsewhere("root").map(\.id))
    let count = oldSigners.count { signing.contains($0) || elsewhere.contains($0) }
    let needed = baseline.root[.root].threshold
    let sealers = oldSigners.count { self.sealers.contains($0) || elsewhere.contains($0) }
    var findings: [Finding] = []
    if count < needed {
      findings.append(
        Finding(
          .oldQuorum,
          "Root \(baseline.root.version) needs \(needed) of its own keys under the next root, and the steps let \(count) of them sign.",
          hint: "Let more keyholders of that root sign, also such as leave: no client accepts this root otherwise.",
          place: place(of: "previous.root")))
    }
    if sealers < needed, count >= needed {
      findings.append(
        Finding(
          .scriptThreshold,
          "The transcript seal needs \(counted(needed, "signature")) by keys of the root before, and “close” lets \(sealers) of them seal.",
          hint: "Name more keyholders under “seal” of “close”.", place: place(of: "previous.root")))
    }
    return findings
  }

  /// Keys that are shown to sign here, or may be, are as many as the new threshold.
  private var provenFindings: [Finding] {
    guard let root = offlineRole("root") else { return [] }
    let steps = Set(
      steps.compactMap { step -> String? in
        switch step.action {
        case .prove(let keyholder), .provision(let keyholder), .enrol(let keyholder): keyholder
        default: nil
        }
      })
    let count = root.keyholders.count { steps.contains($0) || absentRule(of: $0) == .pending }
    guard count < root.threshold else { return [] }
    return [
      Finding(
        .quorumUnproven,
        "The root needs \(root.threshold) signatures, and only \(count) of its keys are made or proven here.",
        hint: "Add “do: prove” for more kept cards, or lower the threshold.",
        place: place(of: "roles.root.threshold") ?? root.place)
    ]
  }

  /// What the baseline's custom fields come to: repeated, changed, or taken away by `null`. New ones are `x-…`.
  private func fieldFindings(_ baseline: Baseline) -> [Finding] {
    var findings = fieldFindings("fields", fields, baseline.root.fields, of: "the root before")
    for role in TopLevelRole.allCases {
      let own = offlineRole(role.rawValue)?.fields ?? onlineRoles.first { $0.name == role.rawValue }?.fields ?? [:]
      findings += fieldFindings(
        "roles.\(role.rawValue).fields", own, baseline.root[role].fields,
        of: "the \(role.rawValue) role of the root before")
    }
    for name in delegatedRoles {
      guard let old = baseline.metadata.entry(of: name)?.role.fields else { continue }
      let own = offlineRole(name)?.fields ?? onlineRoles.first { $0.name == name }?.fields ?? [:]
      findings += fieldFindings("roles.\(name).fields", own, old, of: "the \(name) role in the metadata before")
    }
    return findings
  }

  private func fieldFindings(_ path: String, _ own: JSONObject, _ old: JSONObject, of whose: String) -> [Finding] {
    var findings: [Finding] = []
    for name in old.names where name != Header.rehearsalMark && own[name] == nil {
      findings.append(
        Finding(
          .fieldUnstated, "The field \(shown(name)) of \(whose) is neither repeated nor taken away.",
          hint: TextCheck.isPlain(name)
            ? "Write it under “\(path)”, or “\(CustomFields.written(name)): null” to take it away."
            : "Clients sort such a name in different ways. Write “\(CustomFields.written(name)): null” under “\(path)” to take it away.",
          place: place(of: path) ?? place(of: String(path.prefix(while: { $0 != "f" }).dropLast()))
            ?? place(of: "previous")))
    }
    for member in own.members where old[member.name] == nil {
      guard !CustomFields.isName(member.name) || member.value == .null else { continue }
      findings.append(
        Finding(
          .scriptValue, "\(path): “\(visible(member.name))” is no field of \(whose)",
          hint: "Leave it out. New names begin with “x-”.", place: place(of: "\(path).\(member.name)")))
    }
    return findings
  }

  /// Targets metadata whose keys leave is signed again here, or the script says why not.
  private func targetsFindings(_ baseline: Baseline) -> [Finding] {
    let unknown = signedRoles.filter { role in
      let isKnown = role.name == TopLevelRole.targets.rawValue || baseline.metadata.delegates(to: role.name)
      return role.name != "root" && isKnown && targetsBefore(role.name) == nil
    }
    guard unknown.isEmpty else {
      return unknown.map { role in
        Finding(
          .targetsBaseline,
          "The steps build \(role.name), and the script does not say which \(role.name) metadata clients have now.",
          hint: "Name its file under “previous.metadata”: a lower version would never reach a client.",
          place: self.place(of: "previous"))
      }
    }
    let builds = signedRoles.contains { $0.name == TopLevelRole.targets.rawValue }
    let place = place(of: "previous.orphaned.targets")
    let before = baseline.root.keys.materials(of: baseline.root[.targets])
    guard !builds, let targets = offlineRole("targets"), case let stay = staying(targets, of: before),
      stay < targets.threshold
    else {
      guard goesOn?.orphanedTargets != nil else { return [] }
      return [
        Finding(
          .targetsNotOrphaned,
          "The script says why targets is not signed again, and it is, or clients go on with what they have.",
          hint: "Leave “previous.orphaned” out.", place: place)
      ]
    }
    let what =
      "Of the \(before.count) targets keys of the root before \(stay) stay, and targets needs \(targets.threshold): "
      + "clients would refuse the targets metadata that they have."
    if let why = goesOn?.orphanedTargets {
      return [
        Finding(
          .targetsOrphaned, .warning, "\(what) It is not signed again here: \(why)",
          hint: "Publish targets metadata by the new keys together with the new root.", place: place)
      ]
    }
    return [
      Finding(
        .targetsOrphaned, what,
        hint:
          "Name it under “previous.metadata” and let the steps build, show, sign, verify and write targets; or say under “previous.orphaned” why not.",
        place: self.place(of: "roles.targets") ?? targets.place)
    ]
  }

  /// How many of the keys that a role had before stay.
  func staying(_ role: OfflineRole, of before: Set<MetadataKey.Material>) -> Int {
    before.intersection(role.keyholders.compactMap { keptKey(of: $0, role.name)?.material }).count
  }
}
