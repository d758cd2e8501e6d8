import CanonicalJSON
import Findings
import Keys
import PIVTypes

extension Script {
  /// Reads a script from its exact bytes.
  ///
  /// Throws a ``Finding`` placed at `script.yaml:line:column` for the first thing that is unknown, missing, doubled or
  /// out of bounds. What the parts mean together is ``lint(_:online:at:)``'s to judge.
  package init(_ bytes: [UInt8]) throws(Finding) {
    let problems = ScriptProblems()
    self = try Script(bytes, problems)
    if let first = problems.refusals.inOrder.first { throw first }
  }

  /// The script, or nil and everything that keeps it from being read, in the order of its lines. What else is to be said
  /// of it is in its lint.
  package static func read(_ bytes: [UInt8]) -> (script: Script?, findings: [Finding]) {
    let problems = ScriptProblems()
    let script = problems.attempt { () throws(Finding) in try Script(bytes, problems) }
    guard let script, problems.refusals.isEmpty else { return (nil, (problems.refusals + problems.remarks).inOrder) }
    return (script, [])
  }

  /// Throws for what leaves nothing more to be said; the rest is noted.
  private init(_ bytes: [UInt8], _ problems: ScriptProblems) throws(Finding) {
    let document = try ScriptDocument(bytes, problems)
    version = try Script.version(document.root)
    problems.version = version
    problems.isRotation = document.root.namesBaseline
    places = document.root.keyPlaces
    let fields = try ScriptFields(document.root, .script)
    // Its value was read before everything else, which depends on it. Here it is only missed.
    fields.read(TopFields.ceremony, or: ()) { _ in }
    title = fields[TopFields.title]
    repository = fields[TopFields.repository]
    let administrator = fields.read(TopFields.administrator, or: Official("administrator")) { node throws(Finding) in
      try Official("administrator", node)
    }
    let witness = fields.read(TopFields.witness, or: Official("witness")) { node throws(Finding) in
      try Official("witness", node)
    }
    request = fields.read(TopFields.request, or: nil) { node throws(Finding) in try PinnedFile(node) }
    witnessing = try Script.witnessing(fields, witness, isAnswer: request != nil)
    self.administrator = administrator.name
    // Whoever answers alone is asked what a witness would be asked, and is called by their own name.
    self.witness = witnessing == .none ? administrator.name : witness.name
    initials = Initials(administrator: administrator.initials, witness: witness.initials)
    officials = [administrator, witness].compactMap(\.cardholder)

    let members = fields.read(TopFields.keyholders, or: []) { node throws(Finding) in try node.named() }
    keyholders = members.compactMap { member in
      problems.attempt { () throws(Finding) in try Keyholder(member) }
    }
    let ids = members.map(\.key)
    for (index, keyholder) in keyholders.enumerated() where !keyholder.name.isEmpty {
      guard let same = keyholders.prefix(index).first(where: { isIdentical($0.name, keyholder.name) }) else { continue }
      problems.refuse(
        Finding(
          .scriptNameRepeated,
          "keyholders.\(keyholder.id).name: “\(visible(keyholder.name))” is also the name of \(same.id)",
          hint: "Tell them apart, as people in the room would.",
          place: places["keyholders.\(keyholder.id).name"] ?? keyholder.place))
    }

    let before = fields.read(
      TopFields.previous,
      or: (ceremony: PreviousCeremony?.none, files: BaselineFiles?.none, pending: PendingCeremony?.none)
    ) { node throws(Finding) in try Script.previous(node) }
    previous = before.ceremony
    goesOn = before.files
    pending = before.pending
    withdrawn = fields[TopFields.withdrawn]
    leaving = fields.read(TopFields.leaving, or: []) { node throws(Finding) in
      try node.named(longest: 64).compactMap { member in
        problems.attempt { () throws(Finding) in try Leaver(member, keyholders: ids) }
      }
    }
    let cardNode = fields.member(TopFields.cards)
    cards = CardRules(
      try ScriptFields(cardNode ?? ScriptNode(emptyMapping: problems), CardFields.group), place: cardNode?.place)
    absent = fields[TopFields.absent]

    let hasRootAlone = request != nil || pending != nil
    let onlineMembers = fields.read(TopFields.onlineKeys, or: []) { node throws(Finding) in try node.named() }
    onlineKeys = onlineMembers.compactMap { member in
      problems.attempt { () throws(Finding) in try OnlineKey(member.key, member.node) }
    }
    let roles = fields.read(TopFields.roles, or: (offline: [OfflineRole](), online: [OnlineRole]())) {
      node throws(Finding) in
      try Script.roles(node, keyholders: ids, onlineKeys: onlineMembers.map(\.key), hasRootAlone: hasRootAlone)
    }
    offlineRoles = roles.offline
    onlineRoles = roles.online
    self.fields = fields[TopFields.fields]
    handOver = fields[TopFields.handOver]
    sealCount = fields.value(TopFields.seal, or: roles.offline.first?.threshold ?? 1)

    // Where a role is missing or misspelt nobody can say what may be named.
    let named = Set(roles.offline.map(\.name) + roles.online.map(\.name))
    let isComplete = named.isSuperset(of: hasRootAlone ? ["root"] : Script.topLevel)
    let context = StepContext(
      keyholders: ids, officials: officials.map(\.id), kept: keyholders.filter { $0.key != nil }.map(\.id),
      enrolled: keyholders.filter { $0.enrol != nil }.map(\.id),
      elsewhere: keyholders.filter { [everybody = absent] in ($0.absent ?? everybody) == .pending }.map(\.id),
      isRotation: goesOn != nil, isFinishing: pending != nil, roles: isComplete ? roles.offline : [], initials: initials
    )
    var steps: [Step] = []
    for node in fields.read(TopFields.steps, or: [], { node throws(Finding) in try node.items() }) {
      guard let step = problems.attempt({ () throws(Finding) in try Step(node, context) }) else { continue }
      if !step.id.isEmpty, steps.contains(where: { $0.id == step.id }) {
        problems.refuse(
          node.refused("two steps have the id “\(step.id)”", hint: "Give each step an id of its own."))
      }
      steps.append(step)
    }
    self.steps = steps
    remarks = problems.remarks.inOrder
  }

  /// A version that nobody knows leaves nothing else to be said; without one the newest is meant.
  private static func version(_ root: ScriptNode) throws(Finding) -> Int {
    guard case .mapping(let members) = root.value, let form = members.first(where: { $0.key == "ceremony" })?.node
    else { return versions.upperBound }
    guard case .scalar(let text, true) = form.value, Int(text).map(String.init) == text else {
      throw form.refused("expected the version of the script's form", hint: "Write “ceremony: 2”.")
    }
    let version = try form.number(1...Int(Int32.max))
    guard versions.contains(version) else {
      throw form.refused(
        "this program reads scripts of version 1 and 2", hint: "Write “ceremony: 2”, or use the release that knows it.",
        .scriptVersion)
    }
    return version
  }

  /// In an answer `none`, or somebody who watches a stream; everywhere else somebody in the room.
  private static func witnessing(
    _ fields: ScriptFields, _ witness: Official, isAnswer: Bool
  ) throws(Finding) -> Witnessing {
    guard let node = fields.member(TopFields.witness), node.problems.version >= 2 else { return .room }
    let kind: Witnessing =
      if case .scalar("none", _) = node.value { .none } else { witness.isOverStream ? .stream : .room }
    guard kind != .room, !isAnswer else { return kind }
    throw node.refused(
      "only the answer to a request has no witness in the room",
      hint: "Name somebody who is in the room. Somebody called “none” is written with “name”.")
  }

  /// A file is a root to go on from; a digest names the ceremony before this one alone.
  private static func previous(_ node: ScriptNode) throws(Finding) -> (
    ceremony: PreviousCeremony?, files: BaselineFiles?, pending: PendingCeremony?
  ) {
    let fields = try ScriptFields(node, PreviousFields.group)
    let head = fields.has(PreviousFields.head.row) ? fields[PreviousFields.head] : nil
    let metadata = fields[PreviousFields.metadata]
    let pending = fields.read(PreviousFields.pending, or: nil) { node throws(Finding) in
      let fields = try ScriptFields(node, PendingFields.group)
      return PendingCeremony(head: fields[PendingFields.head], payload: fields[PendingFields.payload])
    }
    let orphaned = fields.read(PreviousFields.orphaned, or: String?.none) { node throws(Finding) in
      try ScriptFields(node, OrphanedFields.group)[OrphanedFields.targets]
    }
    let besideRoot = [PreviousFields.head.row, PreviousFields.metadata.row, PreviousFields.orphaned]
    if pending != nil, fields.lacks(PreviousFields.root), let odd = besideRoot.first(where: fields.has) {
      node.problems.refuse(
        node.refused(
          "“\(odd.name)” stands beside “root”, and no root came before", hint: "Leave it out, or name the root's file.")
      )
    }
    return fields.read(PreviousFields.root, or: (nil, nil, pending)) { root throws(Finding) in
      guard case .mapping = root.value else {
        let digest = try root.digest()
        guard let head else {
          guard fields.lacks(PreviousFields.head.row) else { return (nil, nil, nil) }
          throw node.refused(
            "the key “head” is missing", hint: "Add it; or name the root's file, with “file” and “sha256”.",
            .scriptMissingKey)
        }
        return (PreviousCeremony(root: digest, head: head), nil, pending)
      }
      root.problems.refuse("previous.root.file", since: 2, .scriptUnknownKey, at: root.position)
      return (
        nil,
        BaselineFiles(
          root: try PinnedFile(root), head: head, metadata: metadata, orphanedTargets: orphaned), pending
      )
    }
  }
}

/// The administrator or the witness: a plain name, or a name with initials and perhaps a card.
private struct Official {
  let name: String
  let initials: String?
  /// nil for an official without a card.
  let cardholder: Keyholder?
  let isOverStream: Bool

  /// Stands for one that could not be read.
  init(_ id: String) {
    name = ""
    initials = id
    cardholder = nil
    isOverStream = false
  }

  init(_ id: String, _ node: ScriptNode) throws(Finding) {
    guard case .mapping = node.value else {
      name = try node.text()
      initials = nil
      cardholder = nil
      isOverStream = false
      return
    }
    let fields = try ScriptFields(node, OfficialFields.group)
    let name = fields[OfficialFields.name]
    cardholder = fields.read(OfficialFields.card, or: nil) { card throws(Finding) in
      Keyholder(
        id: id, name: name, card: try card.cardPin(), spares: [], fields: [:], key: nil, enrol: nil, algorithm: nil,
        model: nil,
        absent: nil, acceptsFirmware: false, place: node.place)
    }
    isOverStream = fields[OfficialFields.over]
    // Whoever is not in the room types nothing.
    initials =
      isOverStream && !fields.has(OfficialFields.initials.row) ? nil : fields.value(OfficialFields.initials, or: id)
    if isOverStream, id != "witness" {
      throw node.refused("only a witness watches over a stream", hint: "Leave “over” out.")
    }
    if isOverStream, fields.has(OfficialFields.initials.row) {
      throw node.refused("whoever watches over a stream types no initials", hint: "Leave “initials” out.")
    }
    self.name = name
  }
}

extension Keyholder {
  init(_ member: ScriptNode.Member) throws(Finding) {
    guard !Self.isReserved(member.key) else {
      throw Finding(
        .scriptValue, "\(member.node.path): “\(member.key)” is the name of another part in the ceremony",
        hint: "Choose another id.", place: member.keyPlace.description)
    }
    let fields = try ScriptFields(member.node, KeyholderFields.group)
    place = member.keyPlace.description
    id = member.key
    card = fields[KeyholderFields.card]
    name = fields[KeyholderFields.name]
    spares = fields[KeyholderFields.spares]
    self.fields = fields[KeyholderFields.fields]
    key = fields.read(KeyholderFields.key, or: nil) { node throws(Finding) in try KeptKeyName(node) }
    enrol = fields.has(KeyholderFields.enrol.row) ? fields[KeyholderFields.enrol] : nil
    algorithm = fields.has(KeyholderFields.algorithm.row) ? fields[KeyholderFields.algorithm] : nil
    model = CardRules.Model(fields, KeyholderFields.isOther, KeyholderFields.payloadLimit)
    absent = fields.has(KeyholderFields.absent.row) ? fields[KeyholderFields.absent] : nil
    acceptsFirmware = fields[KeyholderFields.firmware]
  }
}

extension KeptKeyName {
  fileprivate init(_ node: ScriptNode) throws(Finding) {
    guard case .mapping = node.value else {
      self = .one(try node.keyID())
      return
    }
    let fields = try ScriptFields(node, KeptKeyFields.group)
    var digits: [String: String] = [:]
    for row in KeptKeyFields.rows {
      digits[row.name] = fields.read(row, or: nil) { node throws(Finding) in try node.keyID() }
    }
    for member in fields.others {
      member.node.problems.attempt { () throws(Finding) in
        guard Delegation.mayBeNamed(member.key) else {
          throw Finding(
            .scriptValue, "\(node.path): “\(visible(member.key))” cannot be the name of a delegated role",
            hint: "Write root, targets, or a role that is delegated to.", place: member.keyPlace.description)
        }
        digits[member.key] = try member.node.keyID()
      }
    }
    self = .byRole(digits)
  }
}

extension Leaver {
  fileprivate init(_ member: ScriptNode.Member, keyholders: [String]) throws(Finding) {
    let fields = try ScriptFields(member.node, LeavingFields.group)
    id = member.key
    place = member.keyPlace.description
    reason = fields[LeavingFields.reason]
    name = fields.read(LeavingFields.name, or: nil) { node throws(Finding) in try node.text() }
    guard keyholders.contains(id) || ScriptNode.isKeyID(id) else {
      throw Finding(
        .scriptReference, "\(member.node.path): “\(visible(id))” is no keyholder, and not the beginning of a key id",
        hint: "Write the id of a keyholder, or at least eight digits of the key's id, in small letters.", place: place)
    }
  }
}

extension ScriptNode {
  /// Whether `previous.root` is a file.
  fileprivate var namesBaseline: Bool {
    guard case .mapping(let members) = value, let previous = members.first(where: { $0.key == "previous" })?.node,
      case .mapping(let keys) = previous.value, let root = keys.first(where: { $0.key == "root" })?.node,
      case .mapping = root.value
    else { return false }
    return true
  }

  func has(_ key: String) -> Bool {
    if case .mapping(let members) = value { members.contains { $0.key == key } } else { false }
  }
}

extension CardRules.Model {
  /// nil where the model is not said.
  fileprivate init?(_ fields: ScriptFields, _ isOther: Field<Bool>, _ limit: Field<Int>) {
    let said: Self? = fields.has(isOther.row) ? fields[isOther] ? .other(limit: limit.fallback) : .yubikey57 : nil
    let model = fields.read(limit.row, or: said) { node throws(Finding) in
      guard case .other? = said else {
        throw node.refused("only “model: other” has a limit of its own", hint: "Remove it, or change the model.")
      }
      return .other(limit: try limit.type.read(node))
    }
    guard let model else { return nil }
    self = model
  }
}

extension CardRules {
  fileprivate init(_ fields: ScriptFields, place: String?) {
    self.place = place
    model = Model(fields, CardFields.isOther, CardFields.payloadLimit) ?? .yubikey57
    attestation = fields[CardFields.attestation]
    vendorCertificates = fields[CardFields.vendorCertificates]
    acceptsOtherVendors = fields[CardFields.acceptsOtherVendors]
    readBack = fields[CardFields.readBack]
    tries = fields[CardFields.tries]
    pinTries = fields[CardFields.pinTries]
    pukTries = fields[CardFields.pukTries]
    managementKey = fields[CardFields.managementKey]
  }
}

extension PinnedFile {
  init(_ node: ScriptNode) throws(Finding) {
    let fields = try ScriptFields(node, PinnedFileFields.group)
    self.init(name: fields[PinnedFileFields.file], digest: fields[PinnedFileFields.sha256])
  }
}

extension OnlineKey {
  init(_ id: String, _ node: ScriptNode) throws(Finding) {
    let fields = try ScriptFields(node, OnlineKeyFields.group)
    self.id = id
    self.fields = fields[OnlineKeyFields.fields]
    guard !fields.lacks(OnlineKeyFields.ed25519.row) else {
      source = .file(
        PinnedFile(name: fields[OnlineKeyFields.file], digest: fields[OnlineKeyFields.sha256]))
      return
    }
    guard !fields.has(OnlineKeyFields.file.row), !fields.has(OnlineKeyFields.sha256.row) else {
      throw node.refused("both a key and a file are given", hint: "Keep one of them.")
    }
    source = .ed25519(fields[OnlineKeyFields.ed25519])
  }
}
