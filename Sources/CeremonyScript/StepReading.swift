import Findings

extension Step {
  /// Every kind of step, and the keys that it takes beside those of every step.
  private static let kinds: [(name: String, keys: [String])] = [
    ("say", []), ("confirm", ["confirm"]), ("attendance", []), ("time", []), ("bag", ["bag", "keyholder"]),
    ("provision", ["keyholder"]), ("build", ["role"]), ("show", ["role"]), ("sign", ["role", "keyholder"]),
    ("verify", ["role"]), ("write", ["role"]), ("head", []), ("close", ["seal"]), ("departure", []),
  ]

  init(
    _ node: ScriptNode, keyholders: [String], officials: [String], roles: [OfflineRole], _ known: Initials
  ) throws(Finding) {
    let own = ["confirm", "keyholder", "role", "bag", "seal"]
    let fields = try ScriptFields(node, known: ["id", "do", "who", "say", "minutes", "initials"] + own)
    place = node.place
    id = try fields.required("id").name()
    let (kind, keys) = try fields.required("do").choice(Self.kinds.map { ($0.name, ($0.name, $0.keys)) })
    for key in own where !keys.contains(key) {
      if let extra = fields.optional(key) {
        throw extra.refused("this kind of step has no “\(key)”", hint: "Remove it.", .scriptUnknownKey)
      }
    }

    func keyholder(among known: [String]) throws(Finding) -> String {
      let node = try fields.required("keyholder")
      let name = try node.name()
      guard known.contains(name) else {
        throw node.refused(
          Keyholder.officials.contains(name)
            ? "the \(name) has no card, or none for this" : "“\(name)” is not a keyholder",
          hint: "Here may stand: \(known.joined(separator: ", ")).",
          .scriptReference)
      }
      return name
    }
    func role() throws(Finding) -> String {
      let node = try fields.required("role")
      let name = try node.name()
      guard roles.contains(where: { $0.name == name }) else {
        throw node.refused(
          "“\(name)” has no keys on cards",
          hint: "Roles signed here: \(roles.map(\.name).joined(separator: ", ")).",
          .scriptReference)
      }
      return name
    }
    func sealers() throws(Finding) -> [String] {
      guard let root = roles.first(where: { $0.name == "root" }) else { return [] }
      guard let list = fields.optional("seal") else { return Array(root.keyholders.prefix(root.threshold)) }
      let names = try list.names()
      for name in names where !root.keyholders.contains(name) {
        throw list.refused(
          "“\(name)” has no root key", hint: "Root keyholders are: \(root.keyholders.joined(separator: ", ")).",
          .scriptReference)
      }
      return names
    }

    let cardholders = keyholders + officials
    switch kind {
    case "confirm": action = .confirm(try fields.required("confirm").text())
    case "attendance": action = .attendance
    case "time": action = .time
    case "bag":
      let moves: [(String, BagMove)] = [("opened", .opened), ("closed", .closed)]
      action = .bag(keyholder: try keyholder(among: cardholders), try fields.required("bag").choice(moves))
    case "provision": action = .provision(keyholder: try keyholder(among: cardholders))
    case "sign": action = .sign(role: try role(), keyholder: try keyholder(among: keyholders))
    case "build": action = .build(role: try role())
    case "show": action = .show(role: try role())
    case "verify": action = .verify(role: try role())
    case "write": action = .write(role: try role())
    case "head": action = .head
    case "close": action = .close(seal: try sealers())
    case "departure": action = .departure
    default: action = .say
    }

    let parts = ["administrator", "witness", "everyone"] + keyholders
    who = try fields.choice("who", parts.map { ($0, $0) }, or: action.natural)
    say = try fields.optional("say")?.texts() ?? []
    if case .say = action, say.isEmpty {
      throw node.refused("the key “say” is missing", hint: "Write the words to say aloud.", .scriptMissingKey)
    }
    minutes = try fields.number("minutes", 0...600, or: 1)
    initials = try fields.optional("initials").map { node throws(Finding) in try Self.initials(node, known) } ?? []
  }

  /// `both`, or a list of the roles that type their initials.
  private static func initials(_ node: ScriptNode, _ known: Initials) throws(Finding) -> [String] {
    let roles = Keyholder.officials
    var wanted = roles
    if case .list = node.value {
      let named = try node.names()
      if let other = named.first(where: { !roles.contains($0) }) {
        throw node.refused("“\(other)” types no initials", hint: "Only administrator and witness do.", .scriptReference)
      }
      wanted = roles.filter(named.contains)
    } else {
      _ = try node.choice([("both", ())])
    }
    if let without = wanted.first(where: { known.of($0) == nil }) {
      throw node.refused(
        "the script does not say the initials of the \(without)",
        hint: "Write “\(without):” with “name” and “initials” below it.", .scriptMissingKey)
    }
    if wanted.count == 2, known.administrator == known.witness {
      throw node.refused(
        "administrator and witness have the same initials", hint: "Add a letter, so that they can be told apart.")
    }
    return wanted
  }
}

extension Step.Action {
  /// Who acts, where the script does not say.
  fileprivate var natural: String {
    switch self {
    case .provision(let keyholder), .sign(_, let keyholder), .bag(let keyholder, _): keyholder
    case .show, .time, .head: "witness"
    default: "administrator"
    }
  }
}
