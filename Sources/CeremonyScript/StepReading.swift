import Findings

extension Step {
  /// Every kind of step, and the keys that it takes beside those of every step.
  private static let kinds: [(name: String, keys: [String])] = [
    ("say", []), ("confirm", ["confirm"]), ("attendance", []), ("time", []), ("bag", ["bag", "keyholder"]),
    ("provision", ["keyholder"]), ("build", ["role"]), ("show", ["role"]), ("sign", ["role", "keyholder"]),
    ("verify", ["role"]), ("write", ["role"]), ("head", []), ("close", ["seal"]), ("departure", []),
  ]

  private static let common = ["id", "do", "who", "say", "minutes", "initials"]

  init(_ node: ScriptNode, _ context: StepContext) throws(Finding) {
    let kinds = Self.kinds.map { ($0.name, $0) }
    let kind = node.kind.flatMap { word in kinds.first { $0.0 == word }?.1 }
    // Of an unknown kind of step nobody can say which keys it takes.
    var known = Self.common
    for key in kind?.keys ?? Self.kinds.flatMap(\.keys) where !known.contains(key) { known.append(key) }
    let fields = try ScriptFields(node, known: known)
    place = node.place
    id = fields.required("id", or: "") { node throws(Finding) in try node.name() }
    let name = fields.required("do", or: kinds[0].1) { node throws(Finding) in try node.choice(kinds) }.name

    func role() -> String {
      fields.required("role", or: "") { node throws(Finding) in
        try node.name(among: context.roles.map(\.name), else: "has no keys on cards", "Roles signed here")
      }
    }
    func keyholder(among known: [String]) -> String {
      fields.required("keyholder", or: "") { node throws(Finding) in
        let name = try node.name()
        let isOfficial = Keyholder.officials.contains(name)
        return try node.name(
          among: context.keyholders.isEmpty ? [] : known,
          else: isOfficial ? "has no card, or none for this" : "is not a keyholder", "Here may stand")
      }
    }

    let cardholders = context.keyholders + context.officials
    switch name {
    case "confirm": action = .confirm(fields.required("confirm", or: "") { node throws(Finding) in try node.text() })
    case "attendance": action = .attendance
    case "time": action = .time
    case "bag":
      let moves: [(String, BagMove)] = [("opened", .opened), ("closed", .closed)]
      action = .bag(
        keyholder: keyholder(among: cardholders),
        fields.required("bag", or: .opened) { node throws(Finding) in try node.choice(moves) })
    case "provision": action = .provision(keyholder: keyholder(among: cardholders))
    case "sign": action = .sign(role: role(), keyholder: keyholder(among: context.keyholders))
    case "build": action = .build(role: role())
    case "show": action = .show(role: role())
    case "verify": action = .verify(role: role())
    case "write": action = .write(role: role())
    case "head": action = .head
    case "close":
      let root = context.roles.first { $0.name == "root" }
      action = .close(
        seal: fields.optional("seal", or: root.map { Array($0.keyholders.prefix($0.threshold)) } ?? []) {
          list throws(Finding) in
          try list.names(among: root?.keyholders ?? [], else: "has no root key", "Root keyholders are")
        })
    case "departure": action = .departure
    default: action = .say
    }

    let parts = ["administrator", "witness", "everyone"] + context.keyholders
    who = fields.choice("who", parts.map { ($0, $0) }, or: action.natural)
    say = fields.optional("say", or: []) { node throws(Finding) in try node.texts() }
    if name == "say", kind != nil, fields.lacks("say") {
      node.problems.refuse(
        node.refused("the key “say” is missing", hint: "Write the words to say aloud.", .scriptMissingKey))
    }
    minutes = fields.number("minutes", 0...600, or: 1)
    initials = fields.optional("initials", or: []) { node throws(Finding) in
      try Self.initials(node, context.initials)
    }
  }

  /// `both`, or a list of the roles that type their initials.
  private static func initials(_ node: ScriptNode, _ known: Initials) throws(Finding) -> [String] {
    let roles = Keyholder.officials
    var wanted = roles
    if case .list = node.value {
      let named = try node.names(among: roles, else: "types no initials", "Only these do")
      wanted = roles.filter(named.contains)
    } else {
      do throws(Finding) { _ = try node.choice([("both", ())]) } catch {
        throw Finding(
          error.code, error.what, hint: "Write “both”, or a list: [administrator], [witness].", place: error.place)
      }
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

/// What a step may refer to. A list is empty where it could not be read.
struct StepContext {
  let keyholders: [String]
  let officials: [String]
  let roles: [OfflineRole]
  let initials: Initials
}

extension ScriptNode {
  /// What stands under `do`.
  fileprivate var kind: String? {
    guard case .mapping(let members) = value, let found = members.first(where: { $0.key == "do" })?.node,
      case .scalar(let word, _) = found.value
    else { return nil }
    return word
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
