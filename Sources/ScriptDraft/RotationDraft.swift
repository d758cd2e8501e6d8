import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import PIVTypes
import TUFMetadata
import UTC

/// A script for the root after another one: whole and commented. What is not known is marked, or takes a form that only a
/// rehearsal takes; nothing is made up.
package struct RotationDraft: Sendable {
  package let before: RootBefore
  /// What is not given is as the ceremony before had it.
  package var repository: String?
  package var title: String?
  package var administrator: String?
  package var witness: String?
  /// Whose keys leave, by the id of a keyholder or an online key or the first digits of a key id, and why.
  package var leaves: [(who: String, reason: Leaver.Reason)] = []
  /// Names of those who bring a new card. Who leaves and joins under one name gets a new card.
  package var joins: [String] = []
  /// Ids of those who will not be in the room.
  package var without: [String] = []
  /// Ids of those who leave and whose card is wiped at the end.
  package var wipes: [String] = []
  /// Ids of those who sign at their own place, and names of those who make their key there.
  package var elsewhere: [String] = []
  /// 16 random bytes for each of ``joins``, in their order, for those who make their key elsewhere.
  package var nonces: [[UInt8]] = []
  /// Of the root; as before where it is nil.
  package var threshold: Int?
  package var expires: UTCTime?
  /// Of new root keys; as before where it is nil.
  package var algorithm: KeyAlgorithm?
  /// In the place of the online keys that leave; of all of them where none is named.
  package var serviceKey: ServiceKey?
  package var serviceKeyURI: String?
  /// Payloads for the next version that somebody may have signed, and that will not be finished.
  package var withdrawn: [SHA256Digest] = []
  /// Makers' certificates beside the script.
  package var vendors: [PinnedFile] = []

  package init(after before: RootBefore) {
    self.before = before
    // What was open in the script before is open again.
    func known(_ text: String?) -> String? { text.flatMap { ScriptText.isOpen($0) ? nil : $0 } }
    repository = known(before.script?.repository)
    administrator = known(before.script?.administrator)
    witness = known(before.script?.witness)
    vendors = before.script?.cards.vendorCertificates ?? []
  }

  /// Whom somebody may name, as they are named.
  package var names: [String] { before.owners.map(\.id) + before.services.map(\.id) }

  /// The script, read back, and what lies beside it. Throws what the reader has against a value that was given,
  /// `LEAVING-UNKNOWN` for somebody whom the root before does not know, and what ``DraftedRenewal`` does.
  package func drafted() throws(Finding) -> DraftedScript {
    let cast = try RotationCast(self)
    let bytes = try ScriptTemplate.rotation.filled(with: content(cast))
    let baseline = try Baseline(
      before.baseline.bytes, named: before.file.name, metadata: cast.signedAgain.map { ($0.name, $0.bytes) })
    let script = try Script(bytes).going(on: baseline)
    let own = [before.file] + cast.signedAgain
    let kept = script.files.compactMap { file in
      (before.inputs + cast.keyFiles).first { $0.pinned == file }
    }
    return DraftedScript(
      bytes: bytes, script: script,
      online: (cast.services.map { ($0.id, $0.key) } + (cast.renewal?.keys.map { ($0.id, $0.key.key) } ?? []))
        .reduce(into: [:]) { $0[$1.0] = $1.1 },
      files: own + kept, open: open(cast))
  }

  private func open(_ cast: RotationCast) -> [String] {
    var open: [String] = []
    if repository == nil { open.append("the repository, as people name it") }
    if administrator == nil { open.append("the administrator's name and initials") }
    if witness == nil { open.append("the witness's name and initials") }
    for person in cast.people where ScriptText.isOpen(person.name) {
      open.append("the name of the keyholder \(person.id)")
    }
    if expires == nil { open.append("when the root expires") }
    if before.script?.place(of: "seal") != nil, seal(cast) == nil {
      open.append("how many seal the transcript, which the script before said")
    }
    if cast.services.contains(where: \.isStandIn) { open.append("the service's new public key") }
    if needsVendors(cast) { open.append("the makers' certificates of the cards") }
    for field in cast.unknownFields { open.append("the field \(field) of each new key, which every key before has") }
    return open
  }

  /// How many the script before asked to seal, where so many will be there.
  private func seal(_ cast: RotationCast) -> Int? {
    guard let script = before.script, script.place(of: "seal") != nil,
      script.sealCount <= cast.present.count(where: { $0.roles.contains(.root) })
    else { return nil }
    return script.sealCount
  }

  private func needsVendors(_ cast: RotationCast) -> Bool {
    vendors.isEmpty && !cast.joining.isEmpty && before.script?.cards.attestation != .optional
  }

  private func content(_ cast: RotationCast) -> [String: Any] {
    let old = before.baseline.root
    let officials = DraftedOfficials(
      administrator, witness,
      initials: administrator == before.script?.administrator && witness == before.script?.witness
        ? before.script?.initials : nil)
    var content = officials.content
    content["version"] = old.version + 1
    content["before"] = old.version
    content["oldThreshold"] = old[.root].threshold
    content["threshold"] = threshold ?? old[.root].threshold
    content["fatal"] = DraftedPreflight.lines()
    content["changes"] = cast.changes.map(printable)
    content["open"] = open(cast).map(printable)
    content["title"] = YAMLText.of(title ?? "Root \(old.version + 1)\(repository.map { " of \($0)" } ?? "")")
    content["repository"] = YAMLText.of(repository ?? ScriptText.open("repository"))
    content["rootFile"] = before.file.name
    content["rootDigest"] = before.file.pinned.digest.hex
    content["head"] = before.head?.hex
    content["hasWithdrawn"] = !withdrawn.isEmpty
    content["withdrawn"] = withdrawn.map(\.hex)
    content["isSignedAgain"] = !cast.signedAgain.isEmpty
    content["signedAgain"] = cast.signedAgain.map(\.pinned.content)
    content["isRenewed"] = cast.renewal != nil
    content["renewed"] = cast.renewal?.roles.map(renewed) ?? []
    content["below"] = cast.renewal?.online.map { role in
      known([
        "role": role.name, "needed": role.threshold, "online": cast.kept(role.keys).joined(separator: ", "),
        "roleFields": lines(role.fields),
      ])
    }
    content["keyholders"] = cast.people.map(keyholder)
    content["absent"] = before.script.flatMap { $0.absent == .stop ? nil : $0.absent.rawValue }
    content["seal"] = seal(cast)
    content["hasLeaving"] = !cast.leaving.isEmpty
    content["leaving"] = cast.leaving.map { known(["who": $0.who, "reason": $0.reason.rawValue, "whose": $0.whose]) }
    content["cardRules"] = before.script?.cards.lines ?? ["model: yubikey-5.7"]
    content["hasVendors"] = !vendors.isEmpty
    content["vendors"] = vendors.map(\.content)
    content["needsVendors"] = needsVendors(cast)
    content["roles"] = TopLevelRole.inOrder.filter { $0 != .targets || cast.renewal == nil }.map {
      roleContent($0, cast)
    }
    content["onlineKeys"] =
      cast.services.map { service in
        known(["onlineID": service.id, "isStandIn": service.isStandIn, "uri": service.uri.map(YAMLText.of)])
          .merging(service.content) { own, _ in own }
      }
      + (cast.renewal?.keys ?? []).map { id, key, fields in
        known(["onlineID": id, "ownFields": fields.isEmpty ? nil : ["lines": fields]])
          .merging(key.content) { own, _ in own }
      }
    var fields = old.fields
    fields[Header.rehearsalMark] = nil
    content["topFields"] = lines(fields)
    content["handOver"] = cast.handOver.isEmpty ? nil : cast.handOver.map(\.rawValue).joined(separator: ", ")
    func words(_ people: [RotationCast.Person]) -> [[String: Any]] {
      people.map {
        DraftedWords.of($0.name, id: $0.id, speaking: $0.owner, card: $0.owner == nil ? "card" : "old card")
      }
    }
    content["proving"] = words(cast.proving)
    content["leavers"] = words(cast.leavers.filter { !$0.isElsewhere })
    content["joining"] = words(cast.joining.filter { $0.enrol == nil })
    content["enrolling"] = words(cast.joining.filter { $0.enrol != nil })
    content["signing"] = words(cast.present.filter { $0.roles.contains(.root) || $0.signsOld })
    content["present"] = words(cast.present)
    content["wiped"] = words(cast.wiped)
    content["isCollected"] = cast.people.contains(where: \.isElsewhere)
    if cast.resigned != nil {
      content["resigned"] = ["signers": words(cast.present.filter { $0.roles.contains(.targets) })]
    }
    return content
  }

  private func keyholder(_ person: RotationCast.Person) -> [String: Any] {
    let digits = TopLevelRole.inOrder.compactMap { role in
      person.keys[role].map { (role: role.rawValue, digits: before.digits(of: $0)) }
    }
    var key: String?
    if let first = digits.first {
      key =
        digits.allSatisfy { $0.digits == first.digits }
        ? YAMLText.quoted(first.digits)
        : "{" + digits.map { "\($0.role): \(YAMLText.quoted($0.digits))" }.joined(separator: ", ") + "}"
    }
    return known([
      "id": person.id, "name": YAMLText.of(person.name), "keptKey": key, "isLeftOut": person.isLeftOut,
      "isElsewhere": person.isElsewhere, "enrol": person.enrol.map { YAMLText.quoted(Hex.encode($0)) },
      "ownFields": lines(person.fields),
      "ownRules": before.script?.keyholder(person.id)?.lines(isKept: key != nil) ?? [],
    ])
  }

  /// A role whose keys are made, used and wiped.
  private func renewed(_ role: OfflineRole) -> [String: Any] {
    known([
      "role": role.name, "needed": role.threshold, "count": role.oneTime, "until": expires?.description,
      "untilDays": expires == nil ? 365 : nil, "delegations": DraftedRenewal.delegations(of: role),
      "isDelegating": !role.delegations.isEmpty, "roleFields": lines(role.fields),
    ])
  }

  private func roleContent(_ role: TopLevelRole, _ cast: RotationCast) -> [String: Any] {
    let old = before.baseline.root[role]
    let online = cast.onlineRoles[role]
    let keyholders = cast.people.filter { $0.roles.contains(role) }.map(\.id)
    let isSigned = role == .root || cast.resigned != nil
    let rules =
      (before.script?.offlineRole(role.rawValue)?.lines ?? [])
      + (cast.algorithms[role].map { ["algorithm: \($0)"] } ?? [])
    return known([
      "role": role.rawValue, "needed": role == .root ? threshold ?? old.threshold : old.threshold,
      "onCards": online == nil, "online": online?.joined(separator: ", "), "ids": keyholders.joined(separator: ", "),
      "rules": rules, "until": isSigned ? expires?.description : nil,
      "untilDays": isSigned && expires == nil ? 365 : nil, "roleFields": lines(old.fields),
    ])
  }

  /// Without what is not known: to the template it is not there.
  private func known(_ content: [String: Any?]) -> [String: Any] { content.compactMapValues { $0 } }

  private func lines(_ fields: JSONObject) -> [String: Any]? {
    fields.members.isEmpty ? nil : ["lines": YAMLText.lines(fields)]
  }
}

/// A script that was drafted, and everything that it needs.
package struct DraftedScript: Sendable {
  package let bytes: [UInt8]
  /// With the root that it goes on from.
  package let script: Script
  /// By their ids.
  package let online: [String: PublicKey]
  /// What has to lie beside it.
  package let files: [FileBeside]
  /// What people have to fill in before it is held for real, a line each.
  package let open: [String]
}

extension TopLevelRole {
  /// As a script has them.
  static let inOrder: [TopLevelRole] = [.root, .targets, .snapshot, .timestamp]
}

extension CardRules {
  /// As a script has them, without the makers' certificates: what differs from the defaults.
  var lines: [String] {
    var lines = model.lines
    if attestation == .optional { lines.append("attestation: optional") }
    if acceptsOtherVendors { lines.append("other-vendors: accepted") }
    if readBack == .optional { lines.append("read-back: optional") }
    if tries == .optional { lines.append("tries: optional") }
    if pinTries != 5 { lines.append("pin-tries: \(pinTries)") }
    if pukTries != 5 { lines.append("puk-tries: \(pukTries)") }
    if managementKey == .protected { lines.append("management-key: protected") }
    return lines
  }
}

extension CardRules.Model {
  fileprivate var lines: [String] {
    switch self {
    case .yubikey57: ["model: yubikey-5.7"]
    case .other(let limit): ["model: other", "payload-limit: \(limit)"]
    }
  }
}

extension Keyholder {
  /// What holds for a card that stays: what differs from the defaults.
  func lines(isKept: Bool) -> [String] {
    guard isKept else { return [] }
    var lines = model?.lines ?? []
    if acceptsFirmware { lines.append("firmware: accepted") }
    return lines
  }
}

extension OfflineRole {
  /// As a script has it: what differs from the defaults and concerns the card.
  var lines: [String] {
    var lines: [String] = []
    if slot != (name == "root" ? .signature : .authentication) { lines.append("slot: \(slot)") }
    if pinPolicy != .always { lines.append("pin-policy: \(pinPolicy)") }
    if touchPolicy != .always { lines.append("touch-policy: \(touchPolicy)") }
    return lines
  }
}
