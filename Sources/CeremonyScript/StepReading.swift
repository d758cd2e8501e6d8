import Findings

extension Step {
  init(_ node: ScriptNode, _ context: StepContext) throws(Finding) {
    let kinds = StepKind.all.map { ($0.name, $0) }
    let kind = node.kind.flatMap { word in StepKind.all.first { $0.name == word } }
    let fields = try ScriptFields(node, kind?.group ?? StepFields.anyKind)
    place = node.place
    id = fields[StepFields.id]
    // What was not said, or wrongly, is read on as words to say.
    let read = fields.read(StepFields.kind, or: kinds[0].1) { node throws(Finding) in
      let kind = try node.choice(kinds)
      node.problems.refuse(kind.name, since: kind.since, .scriptValue, at: node.position)
      return kind
    }
    action = read.action(fields, context)
    followsClose = read.followsClose

    let parts = Script.parts + context.keyholders
    who = fields.read(StepFields.who, or: action.keyholder ?? read.actor.rawValue) { node throws(Finding) in
      try node.choice(parts.map { ($0, $0) })
    }
    say = fields[StepFields.say]
    minutes = fields[StepFields.minutes]
    initials = fields.read(StepFields.initials, or: []) { node throws(Finding) in
      try Self.initials(node, context.initials)
    }
  }

  /// `both`, or a list of the officials that type their initials.
  private static func initials(_ node: ScriptNode, _ known: Initials) throws(Finding) -> [String] {
    let officials = Keyholder.officials
    var wanted = officials
    if case .list = node.value {
      let named = try node.names(among: officials, else: "types no initials", "Only these do")
      wanted = officials.filter(named.contains)
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
  /// Keyholders whose key stands in the root before.
  let kept: [String]
  /// Keyholders whose key is made elsewhere.
  let enrolled: [String]
  /// Keyholders whose signature may come from elsewhere: who is not asked to seal.
  let elsewhere: [String]
  /// Whether a root came before.
  let isRotation: Bool
  /// Whether a root is finished that waited.
  let isFinishing: Bool
  let roles: [OfflineRole]
  let initials: Initials

  var cardholders: [String] { keyholders + officials }

  /// As many of a first root's keyholders as it needs: those who sign here, or the first where everybody may sign elsewhere.
  func founders(of root: OfflineRole) -> [String] {
    let here = root.keyholders.filter { !elsewhere.contains($0) }
    return Array((here.isEmpty ? root.keyholders : here).prefix(root.threshold))
  }
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
  /// Whose card or bag it is.
  fileprivate var keyholder: String? {
    switch self {
    case .provision(let keyholder), .identify(let keyholder), .prove(let keyholder), .sign(_, let keyholder),
      .bag(let keyholder, _), .enrol(let keyholder), .destroy(let keyholder), .discard(let keyholder):
      keyholder
    default: nil
    }
  }
}

extension ScriptFields {
  /// The role of a step.
  func role(_ context: StepContext) -> String {
    read(StepFields.role, or: "") { node throws(Finding) in
      try node.name(among: context.roles.map(\.name), else: "has no keys on cards", "Roles signed here")
    }
  }

  /// Whose card or bag a step is about.
  func keyholder(among known: [String], _ context: StepContext) -> String {
    read(StepFields.keyholder, or: "") { node throws(Finding) in
      let name = try node.name()
      let isOfficial = Keyholder.officials.contains(name)
      return try node.name(
        among: context.keyholders.isEmpty ? [] : known,
        else: isOfficial ? "has no card, or none for this" : "is not a keyholder", "Here may stand")
    }
  }

  /// Whose root keys sign the transcript seal.
  func sealers(_ context: StepContext) -> [String] {
    let root = context.roles.first { $0.name == "root" }
    // Who had a root key before may seal, also where it leaves.
    let known = context.keyholders.filter { root?.keyholders.contains($0) == true || context.kept.contains($0) }
    let here = known.filter { !context.elsewhere.contains($0) }
    let goesOn = context.isRotation || context.isFinishing
    let normal = root.map { goesOn ? here : context.founders(of: $0) } ?? []
    return read(StepFields.sealers, or: normal) { list throws(Finding) in
      if case .scalar = list.value {
        do throws(Finding) { _ = try list.choice([(StepFields.sealElsewhere, ())]) } catch {
          throw Finding(
            error.code, error.what, hint: "Write keyholders in brackets, or “\(StepFields.sealElsewhere)”.",
            place: error.place)
        }
        guard context.isFinishing else {
          throw list.refused(
            "a seal comes from elsewhere only where a root is finished that waited",
            hint: "Name the keyholders whose cards seal here: [\(normal.joined(separator: ", "))].")
        }
        return []
      }
      return try list.names(
        among: goesOn ? known : root?.keyholders ?? [], else: "has no root key", "Root keyholders are")
    }
  }
}
