import CanonicalJSON
import Findings
import Keys
import PIVTypes

extension Script {
  /// Reads a script from its exact bytes.
  ///
  /// Throws a ``Finding`` placed at `script.yaml:line:column` for the first thing that is unknown, missing, doubled or
  /// out of bounds. What the parts mean together is ``lint(_:online:at:)``'s to judge.
  public init(_ bytes: [UInt8]) throws(Finding) {
    let problems = ScriptProblems()
    self = try Script(bytes, problems)
    if let first = problems.refusals.inOrder.first { throw first }
  }

  /// The script, or nil and everything that keeps it from being read, in the order of its lines. What else is to be said
  /// of it is in its lint.
  public static func read(_ bytes: [UInt8]) -> (script: Script?, findings: [Finding]) {
    let problems = ScriptProblems()
    let script = problems.attempt { () throws(Finding) in try Script(bytes, problems) }
    guard let script, problems.refusals.isEmpty else { return (nil, (problems.refusals + problems.remarks).inOrder) }
    return (script, [])
  }

  /// Throws for what leaves nothing more to be said; the rest is noted.
  private init(_ bytes: [UInt8], _ problems: ScriptProblems) throws(Finding) {
    let document = try ScriptDocument(bytes, problems)
    version = try Script.version(document.root)
    places = document.root.keyPlaces
    let fields = try ScriptFields(
      document.root,
      known: [
        "ceremony", "title", "repository", "administrator", "witness", "keyholders", "previous", "cards", "roles",
        "online-keys", "absent", "seal", "steps",
      ])
    if fields.lacks("ceremony") {
      problems.refuse(
        document.root.refused("the key “ceremony” is missing", hint: "Begin with “ceremony: 2”.", .scriptMissingKey))
    }
    title = fields.required("title", or: "") { node throws(Finding) in try node.text() }
    repository = fields.required("repository", or: "") { node throws(Finding) in try node.text() }
    let administrator = fields.required("administrator", or: Official("administrator")) { node throws(Finding) in
      try Official("administrator", node)
    }
    let witness = fields.required("witness", or: Official("witness")) { node throws(Finding) in
      try Official("witness", node)
    }
    self.administrator = administrator.name
    self.witness = witness.name
    initials = Initials(administrator: administrator.initials, witness: witness.initials)
    officials = [administrator, witness].compactMap(\.cardholder)

    let members = fields.required("keyholders", or: []) { node throws(Finding) in try node.named() }
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

    previous = fields.optional("previous", or: nil) { node throws(Finding) in
      let fields = try ScriptFields(node, known: ["root", "head"])
      return PreviousCeremony(
        root: fields.required("root", or: .zero) { node throws(Finding) in try node.digest() },
        head: fields.required("head", or: .zero) { node throws(Finding) in try node.digest() })
    }
    let cardFields = try ScriptFields(
      fields.optional("cards") ?? ScriptNode(emptyMapping: problems), known: CardRules.names)
    if version < 2 { cardFields.refuse(["read-back", "tries"], before: 2) }
    cards = CardRules(cardFields, place: fields.optional("cards")?.place)
    absent = fields.choice("absent", [("stop", .stop), ("enrolled", .enrolled)], or: .stop)

    let onlineMembers = fields.optional("online-keys", or: []) { node throws(Finding) in try node.named() }
    onlineKeys = onlineMembers.compactMap { member in
      problems.attempt { () throws(Finding) in try OnlineKey(member.key, member.node) }
    }
    let roles = fields.required("roles", or: (offline: [OfflineRole](), online: [OnlineRole]())) {
      node throws(Finding) in
      try Script.roles(node, keyholders: ids, onlineKeys: onlineMembers.map(\.key))
    }
    offlineRoles = roles.offline
    onlineRoles = roles.online
    if version < 2 { fields.refuse(["seal"], before: 2) }
    sealCount = fields.number("seal", 1...50, or: roles.offline.first?.threshold ?? 1)

    // Where a role is missing or misspelt nobody can say what may be named.
    let isComplete = roles.offline.count + roles.online.count == 4
    let context = StepContext(
      keyholders: ids, officials: officials.map(\.id), roles: isComplete ? roles.offline : [], initials: initials)
    var steps: [Step] = []
    for node in fields.required("steps", or: [], { node throws(Finding) in try node.items() }) {
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

  private static func roles(
    _ node: ScriptNode, keyholders: [String], onlineKeys: [String]
  ) throws(Finding) -> (offline: [OfflineRole], online: [OnlineRole]) {
    let names = ["root", "targets", "snapshot", "timestamp"]
    let fields = try ScriptFields(node, known: names)
    var offline: [OfflineRole] = []
    var online: [OnlineRole] = []
    for name in names {
      fields.required(name, or: ()) { node throws(Finding) in
        guard name == "root" || node.has("keyholders") else {
          online.append(try OnlineRole(name, node, onlineKeys))
          return
        }
        guard name == "root" || name == "targets" else {
          throw node.refused(
            "only root and targets can have keys on cards",
            hint: "\(name) is signed every day: give it “keys”, a list of online keys.")
        }
        offline.append(try OfflineRole(name, node, keyholders))
      }
    }
    return (offline, online)
  }
}

/// The administrator or the witness: a plain name, or a name with initials and perhaps a card.
private struct Official {
  let name: String
  let initials: String?
  /// nil for an official without a card.
  let cardholder: Keyholder?

  /// Stands for one that could not be read.
  init(_ id: String) {
    name = ""
    initials = id
    cardholder = nil
  }

  init(_ id: String, _ node: ScriptNode) throws(Finding) {
    guard case .mapping = node.value else {
      name = try node.text()
      initials = nil
      cardholder = nil
      return
    }
    let fields = try ScriptFields(node, known: ["name", "initials", "card"])
    let name = fields.required("name", or: "") { node throws(Finding) in try node.text() }
    initials = fields.required("initials", or: id) { node throws(Finding) in
      let text = try node.text()
      guard (2...4).contains(text.utf8.count),
        text.unicodeScalars.allSatisfy({ $0.isASCII && $0.properties.isAlphabetic })
      else {
        throw node.refused("“\(visible(text))” are no initials", hint: "Write two to four letters of A to Z.")
      }
      return text
    }
    cardholder = fields.optional("card", or: nil) { card throws(Finding) in
      Keyholder(id: id, name: name, card: try card.cardPin(), spares: [], place: node.place)
    }
    self.name = name
  }
}

extension Keyholder {
  init(_ member: ScriptNode.Member) throws(Finding) {
    guard !["administrator", "witness", "everyone", "back"].contains(member.key) else {
      throw Finding(
        .scriptValue, "\(member.node.path): “\(member.key)” is the name of another part in the ceremony",
        hint: "Choose another id.", place: member.keyPlace.description)
    }
    let fields = try ScriptFields(member.node, known: ["name", "card", "spares"])
    place = member.keyPlace.description
    id = member.key
    card = fields.required("card", or: .record) { node throws(Finding) in try node.cardPin() }
    name = fields.required("name", or: "") { node throws(Finding) in try node.text() }
    spares = fields.optional("spares", or: []) { node throws(Finding) in
      try node.items().compactMap { item in node.problems.attempt { () throws(Finding) in try item.serial() } }
    }
  }
}

extension ScriptNode {
  fileprivate func has(_ key: String) -> Bool {
    if case .mapping(let members) = value { members.contains { $0.key == key } } else { false }
  }

  /// A serial, or `record`.
  fileprivate func cardPin() throws(Finding) -> Keyholder.CardPin {
    if case .scalar("record", _) = value {
      .record
    } else {
      .serial(try serial(or: ". Or write “record”: its number is then taken down in the room"))
    }
  }

  fileprivate func serial(or other: String = "") throws(Finding) -> UInt32 {
    UInt32(truncatingIfNeeded: try number(1...Int(UInt32.max), or: other))
  }
}

extension CardRules {
  fileprivate static let names = [
    "model", "payload-limit", "attestation", "vendor-certificates", "other-vendors", "read-back", "tries",
    "pin-tries", "puk-tries", "management-key",
  ]

  fileprivate init(_ fields: ScriptFields, place: String?) {
    self.place = place
    let isOther = fields.choice("model", [("yubikey-5.7", false), ("other", true)], or: false)
    model = fields.optional("payload-limit", or: isOther ? .other(limit: 1323) : .yubikey57) { limit throws(Finding) in
      guard isOther else {
        throw limit.refused("only “model: other” has a limit of its own", hint: "Remove it, or change the model.")
      }
      return .other(limit: try limit.number(64...65_535))
    }
    attestation = fields.choice("attestation", [("required", .required), ("optional", .optional)], or: .required)
    vendorCertificates = fields.optional("vendor-certificates", or: []) { node throws(Finding) in
      try node.items().compactMap { item in node.problems.attempt { () throws(Finding) in try PinnedFile(item) } }
    }
    acceptsOtherVendors = fields.choice("other-vendors", [("refused", false), ("accepted", true)], or: false)
    let needs: [(String, Need)] = [("required", .required), ("optional", .optional)]
    readBack = fields.choice("read-back", needs, or: .required)
    tries = fields.choice("tries", needs, or: .required)
    pinTries = fields.number("pin-tries", 3...15, or: 5)
    pukTries = fields.number("puk-tries", 3...15, or: 5)
    managementKey = fields.choice("management-key", [("forget", .forget), ("protected", .protected)], or: .forget)
  }
}

extension PinnedFile {
  init(_ node: ScriptNode) throws(Finding) { self.init(try ScriptFields(node, known: ["file", "sha256"])) }

  fileprivate init(_ fields: ScriptFields) {
    name = fields.required("file", or: "") { node throws(Finding) in
      do throws(Finding) { return try node.name() } catch {
        throw Finding(
          error.code, error.what,
          hint: "Name a file beside the script, without folders. \(error.hint) Rename the file where it has others.",
          place: error.place)
      }
    }
    digest = fields.required("sha256", or: .zero) { node throws(Finding) in try node.digest() }
  }
}

extension OfflineRole {
  init(_ name: String, _ node: ScriptNode, _ known: [String]) throws(Finding) {
    let fields = try ScriptFields(
      node, known: ["threshold", "keyholders", "expires", "slot", "algorithm", "pin-policy", "touch-policy"])
    place = node.place
    self.name = name
    threshold = fields.required("threshold", or: 1) { node throws(Finding) in try node.number(1...50) }
    keyholders = fields.required("keyholders", or: []) { node throws(Finding) in
      try node.names(among: known, else: "is not a keyholder", "Keyholders are")
    }
    expires = fields.optional("expires", or: nil) { node throws(Finding) in try Expiry(node) }
    let slots: [Slot] = [.authentication, .signature]
    slot = fields.choice("slot", slots.map { ($0.description, $0) }, or: name == "root" ? .signature : .authentication)
    algorithm = fields.choice("algorithm", KeyAlgorithm.allCases.map { ($0.description, $0) }, or: .ed25519)
    pinPolicy = fields.choice("pin-policy", [PINPolicy.once, .always].map { ($0.description, $0) }, or: .always)
    touchPolicy = fields.choice("touch-policy", TouchPolicy.allCases.map { ($0.description, $0) }, or: .always)
  }
}

extension Expiry {
  init(_ node: ScriptNode) throws(Finding) {
    if case .mapping = node.value {
      let fields = try ScriptFields(node, known: ["days"])
      self = .days(fields.required("days", or: 1) { node throws(Finding) in try node.number(1...3650) })
    } else {
      self = .at(try node.time())
    }
  }
}

extension OnlineRole {
  init(_ name: String, _ node: ScriptNode, _ known: [String]) throws(Finding) {
    let fields = try ScriptFields(node, known: ["threshold", "keys"])
    place = node.place
    self.name = name
    threshold = fields.required("threshold", or: 1) { node throws(Finding) in try node.number(1...50) }
    keys = fields.required("keys", or: []) { node throws(Finding) in
      try node.names(among: known, else: "is not described under “online-keys”", "Online keys are")
    }
  }
}

extension OnlineKey {
  init(_ id: String, _ node: ScriptNode) throws(Finding) {
    let fields = try ScriptFields(node, known: ["ed25519", "file", "sha256"])
    self.id = id
    guard !fields.lacks("ed25519") else {
      source = .file(PinnedFile(fields))
      return
    }
    guard fields.optional("file") == nil, fields.optional("sha256") == nil else {
      throw node.refused("both a key and a file are given", hint: "Keep one of them.")
    }
    source = .ed25519(
      fields.required("ed25519", or: []) { key throws(Finding) in
        guard case .scalar(let text, _) = key.value, let bytes = Hex.decode(text), bytes.count == 32 else {
          throw key.refused(
            "expected an Ed25519 public key",
            hint: "Write its 32 bytes as 64 hexadecimal characters, or name a PEM file with “file” and “sha256”.")
        }
        return bytes
      })
  }
}
