import Findings
import Keys
import PIVTypes

extension Script {
  /// Reads a script from its exact bytes.
  ///
  /// Throws a ``Finding`` placed at `script.yaml:line:column` for the first thing that is unknown, missing, doubled or
  /// out of bounds. What the parts mean together is ``lint(at:form:)``'s to judge.
  public init(_ bytes: [UInt8]) throws(Finding) {
    let document = try ScriptDocument(bytes)
    let fields = try ScriptFields(
      document.root,
      known: [
        "ceremony", "title", "repository", "administrator", "witness", "keyholders", "previous", "cards", "roles",
        "online-keys", "absent", "seal", "steps",
      ])
    let form = try fields.required("ceremony")
    version = try form.number(1...Int(Int32.max))
    guard Script.versions.contains(version) else {
      throw form.refused(
        "this program reads scripts of version 1 and 2", hint: "Write “ceremony: 2”, or use the release that knows it.",
        .scriptVersion)
    }
    title = try fields.required("title").text()
    repository = try fields.required("repository").text()
    let administrator = try Official("administrator", try fields.required("administrator"))
    let witness = try Official("witness", try fields.required("witness"))
    self.administrator = administrator.name
    self.witness = witness.name
    initials = Initials(administrator: administrator.initials, witness: witness.initials)

    var keyholders: [Keyholder] = []
    for (id, node) in try fields.required("keyholders").named() { keyholders.append(try Keyholder(id, node)) }
    self.keyholders = keyholders
    officials = [administrator, witness].compactMap(\.cardholder)

    if let node = fields.optional("previous") {
      let fields = try ScriptFields(node, known: ["root", "head"])
      previous = PreviousCeremony(
        root: try fields.required("root").digest(), head: try fields.required("head").digest())
    } else {
      previous = nil
    }

    let cardFields = fields.optional("cards")
    if version < 2 { try cardFields?.refuse(["read-back", "tries"], before: 2) }
    cards = try CardRules(cardFields)
    absent = try fields.choice("absent", [("stop", .stop), ("enrolled", .enrolled)], or: .stop)

    var onlineKeys: [OnlineKey] = []
    for (id, node) in try fields.optional("online-keys")?.named() ?? [] { onlineKeys.append(try OnlineKey(id, node)) }
    self.onlineKeys = onlineKeys

    let roles = try ScriptFields(try fields.required("roles"), known: ["root", "targets", "snapshot", "timestamp"])
    var offline = [try OfflineRole("root", try roles.required("root"), keyholders.map(\.id))]
    var online: [OnlineRole] = []
    for name in ["targets", "snapshot", "timestamp"] {
      let node = try roles.required(name)
      if case .mapping(let members) = node.value, members.contains(where: { $0.key == "keyholders" }) {
        guard name == "targets" else {
          throw node.refused(
            "only root and targets can have keys on cards",
            hint: "\(name) is signed every day: give it “keys”, a list of online keys.")
        }
        offline.append(try OfflineRole(name, node, keyholders.map(\.id)))
      } else {
        online.append(try OnlineRole(name, node, onlineKeys.map(\.id)))
      }
    }
    offlineRoles = offline
    onlineRoles = online
    if version < 2 { try document.root.refuse(["seal"], before: 2) }
    sealCount = try fields.number("seal", 1...50, or: offline[0].threshold)

    var steps: [Step] = []
    for node in try fields.required("steps").items() {
      let step = try Step(
        node, keyholders: keyholders.map(\.id), officials: officials.map(\.id), roles: offline, initials)
      guard !steps.contains(where: { $0.id == step.id }) else {
        throw node.refused("two steps have the id “\(step.id)”", hint: "Give each step an id of its own.")
      }
      steps.append(step)
    }
    self.steps = steps
  }
}

/// The administrator or the witness: a plain name, or a name with initials and perhaps a card.
private struct Official {
  let name: String
  let initials: String?
  /// nil for an official without a card.
  let cardholder: Keyholder?

  init(_ id: String, _ node: ScriptNode) throws(Finding) {
    guard case .mapping = node.value else {
      name = try node.text()
      initials = nil
      cardholder = nil
      return
    }
    let fields = try ScriptFields(node, known: ["name", "initials", "card"])
    name = try fields.required("name").text()
    let letters = try fields.required("initials")
    let text = try letters.text()
    guard (2...4).contains(text.utf8.count),
      text.unicodeScalars.allSatisfy({ $0.isASCII && $0.properties.isAlphabetic })
    else {
      throw letters.refused("“\(visible(text))” are no initials", hint: "Write two to four letters of A to Z.")
    }
    initials = text
    if let card = fields.optional("card") {
      cardholder = Keyholder(id: id, name: name, card: try card.cardPin(), spares: [], place: node.place)
    } else {
      cardholder = nil
    }
  }
}

extension Keyholder {
  init(_ id: String, _ node: ScriptNode) throws(Finding) {
    guard !["administrator", "witness", "everyone", "back"].contains(id) else {
      throw node.refused("“\(id)” is the name of another part in the ceremony", hint: "Choose another id.")
    }
    let fields = try ScriptFields(node, known: ["name", "card", "spares"])
    place = node.place
    self.id = id
    card = try fields.required("card").cardPin()
    name = try fields.required("name").text()
    var spares: [UInt32] = []
    for item in try fields.optional("spares")?.items() ?? [] { spares.append(try item.serial()) }
    self.spares = spares
  }
}

extension ScriptNode {
  /// Throws for a name that came with a later version of scripts.
  fileprivate func refuse(_ names: [String], before version: Int) throws(Finding) {
    guard case .mapping(let members) = value else { return }
    for (key, member) in members where names.contains(key) {
      throw member.refused(
        "“\(key)” is a name of version \(version)", hint: "Write “ceremony: \(version)” in the first line.",
        .scriptUnknownKey)
    }
  }

  /// A serial, or `record`.
  fileprivate func cardPin() throws(Finding) -> Keyholder.CardPin {
    if case .scalar("record", _) = value { .record } else { .serial(try serial()) }
  }

  fileprivate func serial() throws(Finding) -> UInt32 {
    UInt32(truncatingIfNeeded: try number(1...Int(UInt32.max)))
  }
}

extension CardRules {
  init(_ node: ScriptNode?) throws(Finding) {
    place = node?.place
    let fields = try ScriptFields(
      optional: node,
      known: [
        "model", "payload-limit", "attestation", "vendor-certificates", "other-vendors", "read-back", "tries",
        "pin-tries", "puk-tries", "management-key",
      ])
    let isOther = try fields.choice("model", [("yubikey-5.7", false), ("other", true)], or: false)
    if let limit = fields.optional("payload-limit") {
      guard isOther else {
        throw limit.refused("only “model: other” has a limit of its own", hint: "Remove it, or change the model.")
      }
      model = .other(limit: try limit.number(64...65_535))
    } else {
      model = isOther ? .other(limit: 1323) : .yubikey57
    }
    attestation = try fields.choice("attestation", [("required", .required), ("optional", .optional)], or: .required)
    var certificates: [PinnedFile] = []
    for item in try fields.optional("vendor-certificates")?.items() ?? [] { certificates.append(try PinnedFile(item)) }
    vendorCertificates = certificates
    acceptsOtherVendors = try fields.choice("other-vendors", [("refused", false), ("accepted", true)], or: false)
    let needs: [(String, Need)] = [("required", .required), ("optional", .optional)]
    readBack = try fields.choice("read-back", needs, or: .required)
    tries = try fields.choice("tries", needs, or: .required)
    pinTries = try fields.number("pin-tries", 3...15, or: 5)
    pukTries = try fields.number("puk-tries", 3...15, or: 5)
    managementKey = try fields.choice("management-key", [("forget", .forget), ("protected", .protected)], or: .forget)
  }
}

extension PinnedFile {
  init(_ node: ScriptNode) throws(Finding) {
    let fields = try ScriptFields(node, known: ["file", "sha256"])
    try self.init(file: try fields.required("file"), sha256: try fields.required("sha256"))
  }

  init(file: ScriptNode, sha256: ScriptNode) throws(Finding) {
    name = try file.name()
    digest = try sha256.digest()
  }
}

extension OfflineRole {
  init(_ name: String, _ node: ScriptNode, _ known: [String]) throws(Finding) {
    let fields = try ScriptFields(
      node, known: ["threshold", "keyholders", "expires", "slot", "algorithm", "pin-policy", "touch-policy"])
    place = node.place
    self.name = name
    threshold = try fields.required("threshold").number(1...50)
    let list = try fields.required("keyholders")
    keyholders = try list.names()
    for id in keyholders where !known.contains(id) {
      throw list.refused(
        "“\(id)” is not a keyholder", hint: "Keyholders are: \(known.joined(separator: ", ")).", .scriptReference)
    }
    expires = try fields.optional("expires").map { node throws(Finding) in try Expiry(node) }
    let slots: [Slot] = [.authentication, .signature]
    slot = try fields.choice(
      "slot", slots.map { ($0.description, $0) }, or: name == "root" ? .signature : .authentication)
    algorithm = try fields.choice("algorithm", KeyAlgorithm.allCases.map { ($0.description, $0) }, or: .ed25519)
    pinPolicy = try fields.choice("pin-policy", [PINPolicy.once, .always].map { ($0.description, $0) }, or: .always)
    touchPolicy = try fields.choice("touch-policy", TouchPolicy.allCases.map { ($0.description, $0) }, or: .always)
  }
}

extension Expiry {
  init(_ node: ScriptNode) throws(Finding) {
    if case .mapping = node.value {
      self = .days(try ScriptFields(node, known: ["days"]).required("days").number(1...3650))
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
    threshold = try fields.required("threshold").number(1...50)
    let list = try fields.required("keys")
    keys = try list.names()
    for id in keys where !known.contains(id) {
      throw list.refused(
        "“\(id)” is not an online key", hint: "Describe it under “online-keys”.", .scriptReference)
    }
  }
}

extension OnlineKey {
  init(_ id: String, _ node: ScriptNode) throws(Finding) {
    let fields = try ScriptFields(node, known: ["ed25519", "file", "sha256"])
    self.id = id
    if let key = fields.optional("ed25519") {
      guard fields.optional("file") == nil, fields.optional("sha256") == nil else {
        throw node.refused("both a key and a file are given", hint: "Keep one of them.")
      }
      guard case .scalar(let text, _) = key.value, let bytes = Hex.decode(text), bytes.count == 32 else {
        throw key.refused("expected an Ed25519 public key", hint: "Write its 32 bytes as 64 hexadecimal characters.")
      }
      source = .ed25519(bytes)
    } else {
      source = .file(try PinnedFile(file: try fields.required("file"), sha256: try fields.required("sha256")))
    }
  }
}
