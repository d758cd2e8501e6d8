import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import PIVTypes
import TUFMetadata

/// Who does what in a drafted rotation: who stays, leaves and joins, and which keys sign for a service.
struct RotationCast {
  struct Person {
    let id: String
    let name: String
    /// Those of the root before; none for whoever joins.
    let keys: [TopLevelRole: MetadataKey]
    /// In the new root; none for whoever leaves.
    let roles: [TopLevelRole]
    var isLeftOut = false
    /// Whether they sign at their own place.
    var isElsewhere = false
    /// Whoever has an old card beside a new one.
    var owner: String?
    /// The nonce of a key that is made elsewhere.
    var enrol: [UInt8]?
    /// Of a key that is made.
    var fields = JSONObject()
    /// Whether their key counts for the root before.
    var signsOld: Bool { keys[.root] != nil }
    /// Whether their old card is wiped at the end.
    var isWiped = false
  }

  struct Leaving {
    /// As a script has it.
    let who: String
    let reason: Leaver.Reason
    let whose: String?
  }

  struct Service {
    let id: String
    let key: PublicKey
    var isStandIn = false
    var uri: String?
    /// How a script names the key.
    let content: [String: Any]
  }

  private(set) var staying: [Person] = []
  private(set) var leavers: [Person] = []
  private(set) var joining: [Person] = []
  private(set) var leaving: [Leaving] = []
  private(set) var services: [Service] = []
  private(set) var onlineRoles: [TopLevelRole: [String]] = [:]
  /// Ids of keys that are replaced by the first of them.
  private var replacedServices: [String] = []
  /// PEM files of online keys that the script names and nobody has yet.
  private(set) var keyFiles: [FileBeside] = []
  /// The targets metadata that is signed again.
  private(set) var resigned: FileBeside?
  /// Targets, and what is below it, where their keys are made anew.
  private(set) var renewal: DraftedRenewal?
  /// Of new keys, where it is not Ed25519.
  private(set) var algorithms: [TopLevelRole: KeyAlgorithm] = [:]
  private(set) var handOver: [HandOver] = []
  /// Custom fields that each root key before has, and whose values for new ones nobody knows.
  private(set) var unknownFields: [String] = []
  /// What changes, a sentence each.
  private(set) var changes: [String] = []

  /// In the order in which they act.
  var people: [Person] { staying + leavers + joining }
  /// The files of metadata that is signed again.
  var signedAgain: [FileBeside] { renewal?.files ?? [resigned].compactMap(\.self) }
  var wiped: [Person] { leavers.filter(\.isWiped) }
  var proving: [Person] { staying.filter { !$0.isLeftOut && !$0.isElsewhere } }
  var present: [Person] { proving + (leavers + joining).filter { !$0.isElsewhere } }

  init(_ draft: RotationDraft) throws(Finding) {
    var reasons: [String: Leaver.Reason] = [:]
    for one in draft.leaves {
      let id = try Self.id(one.who, draft)
      guard reasons.updateValue(one.reason, forKey: id) == nil else {
        throw Finding(
          .leavingUnknown, "“\(one.who)” leaves twice.", hint: "Name everybody once, with one reason.")
      }
    }
    let absent = try Self.owners(draft.without, "--without", draft)
    let elsewhere = try Self.owners(draft.elsewhere.filter { !draft.joins.contains($0) }, "--elsewhere", draft)
    if let both = absent.intersection(elsewhere).min() {
      throw Finding(
        .leavingUnknown, "“\(both)” is left out, and signs elsewhere.", hint: "Leave out --without or --elsewhere.")
    }
    place(draft, reasons, absent: absent, elsewhere: elsewhere)
    try wipe(try Self.owners(draft.wipes, "--wipe", draft))
    try serve(draft, reasons)
    let before = draft.before
    let root = before.baseline.root
    for role in [TopLevelRole.root, .targets] {
      let old = Set(before.owners.compactMap { $0.keys[role]?.cardAlgorithm })
      let usual = before.script?.offlineRole(role.rawValue)?.algorithm ?? (old.count == 1 ? old.first : nil)
      algorithms[role] = (draft.algorithm ?? usual).flatMap { $0 == .ed25519 ? nil : $0 }
    }
    renewal = try DraftedRenewal(before)
    for (place, key) in (renewal == nil ? [] : root.keys(of: .targets)).enumerated() {
      leaving.append(
        Leaving(
          who: YAMLText.quoted(before.digits(of: key)), reason: .routine, whose: "one-time key \(place + 1) of targets")
      )
    }
    if let renewal {
      let names = renewal.roles.map(\.name).joined(separator: " and ")
      changes.append("The one-time keys of \(names) were wiped; others are made, used and wiped.")
    }
    if before.hasTargetsOnCards {
      let stay = staying.count { $0.keys[.targets] != nil }
      if stay < root[.targets].threshold { resigned = before.targets }
    }
    let threshold = draft.threshold ?? root[.root].threshold
    if threshold != root[.root].threshold {
      changes.append("The threshold goes from \(root[.root].threshold) to \(threshold).")
    }
    if changes.isEmpty { changes = ["Nobody joins or leaves. It gets a new expiry."] }
  }

  /// Has the cards of these people wiped at the end.
  private mutating func wipe(_ ids: Set<String>) throws(Finding) {
    for id in ids.sorted() {
      guard let place = leavers.firstIndex(where: { [id, "\(id)-old"].contains($0.id) && !$0.isElsewhere }) else {
        throw Finding(
          .wipeStays, "“\(id)” does not bring a card whose key leaves.",
          hint: "Leave --wipe out. Only a card that signs here once more is wiped: not a lost one, and none elsewhere.")
      }
      leavers[place].isWiped = true
      changes.append("The old card of \(leavers[place].owner ?? id) is wiped at the end.")
    }
  }

  /// Whom a word names: the id of a keyholder or an online key, a name, or the first digits of a key id.
  private static func id(_ word: String, _ draft: RotationDraft) throws(Finding) -> String {
    let before = draft.before
    if draft.names.contains(word) { return word }
    if let owner = before.owners.first(where: { $0.name == word }) { return owner.id }
    if word.utf8.count >= KeptKeyName.fewestDigits, let key = before.baseline.key(word) {
      if let owner = before.owners.first(where: { $0.keys.values.contains(key) }) { return owner.id }
      if let service = before.services.first(where: { $0.key == key }) { return service.id }
    }
    throw Finding(
      .leavingUnknown, "“\(word)” is nobody whose key stands in the root before.",
      hint:
        "It has the keys of: \(draft.names.joined(separator: ", ")). The first \(KeptKeyName.fewestDigits) digits of a key id do, too."
    )
  }

  /// Ids of keyholders whom an option names.
  private static func owners(_ words: [String], _ option: String, _ draft: RotationDraft) throws(Finding) -> Set<String>
  {
    var ids: Set<String> = []
    for who in words {
      let id = try id(who, draft)
      guard draft.before.owners.contains(where: { $0.id == id }) else {
        throw Finding(
          .leavingUnknown, "“\(who)” is an online key: it needs nobody in the room.", hint: "Leave “\(option)” out.")
      }
      ids.insert(id)
    }
    return ids
  }

  private mutating func place(
    _ draft: RotationDraft, _ reasons: [String: Leaver.Reason], absent: Set<String>, elsewhere: Set<String>
  ) {
    let before = draft.before
    let owners = before.owners
    for owner in owners where reasons[owner.id] == nil {
      staying.append(
        Person(
          id: owner.id, name: owner.name, keys: owner.keys,
          roles: TopLevelRole.inOrder.filter { owner.keys[$0] != nil }, isLeftOut: absent.contains(owner.id),
          isElsewhere: elsewhere.contains(owner.id)))
      if absent.contains(owner.id) {
        changes.append("\(owner.name) is not in the room, and keeps a key that nobody proves.")
      }
    }
    // A new card has the roles of the old one. Where everybody has keys for both roles, so have those who join.
    let roles: [TopLevelRole] =
      owners.allSatisfy { $0.keys[.root] != nil && $0.keys[.targets] != nil } ? [.root, .targets] : [.root]
    for name in draft.joins {
      let others = (staying + joining).map(\.id)
      let namesake = owners.first {
        reasons[$0.id] != nil && ScriptText.looksLike($0.name, name) && !others.contains($0.id)
      }
      let id =
        namesake?.id ?? DraftedID.of(name, number: owners.count + joining.count + 1, beside: owners.map(\.id) + others)
      let own = namesake.map { owner in TopLevelRole.inOrder.filter { owner.keys[$0] != nil } } ?? roles
      var person = Person(id: id, name: name, keys: [:], roles: own, fields: fields(of: name, before))
      if draft.elsewhere.contains(name), joining.count < draft.nonces.count {
        person.isElsewhere = true
        person.enrol = draft.nonces[joining.count]
      }
      joining.append(person)
    }
    for owner in owners {
      guard let reason = reasons[owner.id] else { continue }
      let isReplaced = joining.contains { $0.id == owner.id }
      changes.append(
        "\(owner.name) \(isReplaced ? "gets a new card; the old key leaves" : "leaves") (\(reason.rawValue)).")
      let brings = reason != .lost && !absent.contains(owner.id) && owner.keys[.root] != nil
      if brings {
        var leaver = Person(
          id: isReplaced ? "\(owner.id)-old" : owner.id, name: isReplaced ? "\(owner.name), old card" : owner.name,
          keys: owner.keys, roles: [], owner: owner.name)
        leaver.isElsewhere = elsewhere.contains(owner.id)
        leavers.append(leaver)
        leaving.append(Leaving(who: leaver.id, reason: reason, whose: nil))
        continue
      }
      var named: [String] = []
      for role in TopLevelRole.inOrder {
        guard let digits = owner.keys[role].map(before.digits), !named.contains(digits) else { continue }
        named.append(digits)
        leaving.append(Leaving(who: YAMLText.quoted(digits), reason: reason, whose: YAMLText.of(owner.name)))
      }
    }
    for owner in owners where elsewhere.contains(owner.id) && reasons[owner.id] != .lost {
      changes.append("\(owner.name) signs elsewhere.")
    }
    for person in joining where !owners.contains(where: { $0.id == person.id }) {
      changes.append("\(person.name) joins\(person.isElsewhere ? " with a key that is made elsewhere" : "").")
    }
  }

  /// What every root key before says of its owner, so far as it is known of a new one.
  private mutating func fields(of name: String, _ before: RootBefore) -> JSONObject {
    let keys = before.baseline.root.keys(of: .root)
    var fields = JSONObject()
    for field in keys.first?.extensions.names ?? [] where keys.allSatisfy({ $0.fields[field] != nil }) {
      switch field {
      // Clients write other text than ASCII in different ways, so no field has any.
      case RSTUFContract.keyName where name.utf8.allSatisfy({ $0 < 0x80 }): fields[field] = .string(name)
      case "x-tuf-on-ci-keyowner" where name.hasPrefix("@"): fields[field] = .string(name.lowercased())
      case _ where unknownFields.contains(field): break
      default: unknownFields.append(field)
      }
    }
    return fields
  }

  private mutating func serve(_ draft: RotationDraft, _ reasons: [String: Leaver.Reason]) throws(Finding) {
    let before = draft.before
    var replaced = before.services.filter { reasons[$0.id] != nil }
    if replaced.isEmpty, draft.serviceKey != nil { replaced = before.services }
    for service in before.services where !replaced.contains(where: { $0.id == service.id }) {
      let file = keyFile(of: service, before)
      if let file { keyFiles.append(file) }
      let key = ServiceKey(service.publicKey, file: file?.pinned)
      services.append(Service(id: service.id, key: key.key, content: key.content))
    }
    onlineRoles = before.onlineRoles
    guard let first = replaced.first else {
      handOver = taken(before)
      return
    }
    let standIn = ServiceKey.standIn(beside: before.services.map(\.publicKey))
    guard let key = draft.serviceKey ?? standIn else {
      throw Finding(
        .onlineKeyStandIn, "The online key leaves, and it is the stand-in that would take its place.",
        hint: "Give the service's new public key.")
    }
    if let same = before.services.first(where: { $0.publicKey == key.key }) {
      throw Finding(
        .onlineKey, "The new online key is the one that the root before has as “\(same.id)”.",
        hint: "Have the service make a new key.")
    }
    replacedServices = replaced.map(\.id)
    services.append(
      Service(
        id: first.id, key: key.key, isStandIn: draft.serviceKey == nil, uri: draft.serviceKeyURI, content: key.content))
    for service in replaced {
      let reason = reasons[service.id] ?? .routine
      changes.append("The online key \(service.id) is replaced (\(reason.rawValue)).")
      leaving.append(
        Leaving(
          who: YAMLText.quoted(before.digits(of: service.key)), reason: reason, whose: "the online key \(service.id)"))
      for role in TopLevelRole.inOrder {
        onlineRoles[role] = onlineRoles[role].map(kept)
      }
    }
    let hadURI = replaced.contains { $0.key.fields[RSTUFContract.onlineKeyURI] != nil }
    if hadURI, draft.serviceKeyURI == nil {
      unknownFields.append(RSTUFContract.onlineKeyURI)
    } else {
      handOver = taken(before)
    }
  }

  /// These online keys, each once, where some are replaced.
  func kept(_ ids: [String]) -> [String] {
    let names = ids.map { replacedServices.contains($0) ? replacedServices[0] : $0 }
    return names.enumerated().filter { names.firstIndex(of: $0.element) == $0.offset }.map(\.element)
  }

  /// Services that took the root before.
  private func taken(_ before: RootBefore) -> [HandOver] {
    before.script?.handOver ?? (RSTUFContract(before.baseline.root).breaches.isEmpty ? [.rstuf] : [])
  }

  /// The file of a key that cannot stand in the script: as the script before had it, or made of the root.
  private func keyFile(of service: RootBefore.Service, _ before: RootBefore) -> FileBeside? {
    guard service.publicKey.algorithm != .ed25519 else { return nil }
    if case .file(let file)? = before.script?.onlineKey(service.id)?.source,
      let known = before.inputs.first(where: { $0.pinned == file })
    {
      return known
    }
    return FileBeside(name: "\(service.id).pem", bytes: Array(service.publicKey.pem.utf8))
  }
}
