import Findings

/// One kind of step: a value of `do`.
package struct StepKind: Sendable {
  package let name: String
  package let since: Int
  /// What happens in it.
  package let meaning: String
  /// Where it may stand among the steps.
  package let order: String
  /// Who acts where the step does not say: `administrator`, `witness`, or the step's keyholder.
  package let actor: Actor
  /// Whether it may stand after `close`.
  package let followsClose: Bool
  /// The keys that it takes beside those of every step.
  package let rows: [FieldRow]
  /// What the step does, from its keys.
  let action: @Sendable (ScriptFields, StepContext) -> Step.Action

  package enum Actor: String, Sendable { case administrator, witness, keyholder }

  init(
    _ name: String, since: Int = 1, by actor: Actor = .administrator, keys rows: [FieldRow] = [],
    followsClose: Bool = false, _ meaning: String, order: String,
    _ action: @escaping @Sendable (ScriptFields, StepContext) -> Step.Action
  ) {
    self.name = name
    self.since = since
    self.actor = actor
    self.rows = rows
    self.followsClose = followsClose
    self.meaning = meaning
    self.order = order
    self.action = action
  }

  /// The keys of every step.
  package static let common = StepFields.group

  /// The keys that it takes beside those.
  package var ownGroup: FieldGroup { FieldGroup("step-\(name)", at: "`do: \(name)`", meaning, rows) }

  /// All keys that may stand in it.
  package var group: FieldGroup { StepFields.group.adding(rows) }

  /// “say, confirm, bag and departure”: the kinds that may stand after `close`.
  package static var followingClose: String {
    let names = all.filter(\.followsClose).map(\.name)
    return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }

  /// Every kind, in the order in which they are told to people.
  package static let all: [StepKind] = [
    StepKind(
      "say", keys: [StepFields.wordsToSay], followsClose: true, "Words are said aloud, and nothing else happens.",
      order: "Anywhere."
    ) { _, _ in .say },
    StepKind(
      "confirm", keys: [StepFields.confirm.row], followsClose: true, "Somebody confirms what the step says.",
      order: "Anywhere."
    ) { fields, _ in .confirm(fields[StepFields.confirm]) },
    StepKind(
      "attendance", "Who is here, and who saw that they are who they are.", order: "Once, before `close`."
    ) { _, _ in .attendance },
    StepKind(
      "time", by: .witness, "The time in UTC is read aloud from two other clocks and compared with the machine's.",
      order: "Before `close`."
    ) { _, _ in .time },
    StepKind(
      "preflight", since: 2, keys: [StepFields.fatal.row],
      """
      The machine is looked at: network, radios, clock, memory, disks, readers. It is looked at once more right before the \
      first signature.
      """, order: "Before `close`."
    ) { fields, _ in .preflight(fatal: fields[StepFields.fatal]) },
    StepKind(
      "bag", by: .keyholder, keys: [StepFields.bag.row, StepFields.keyholder], followsClose: true,
      "The number of a keyholder's tamper-evident bag is read aloud by two.", order: "Anywhere."
    ) { fields, context in
      .bag(keyholder: fields.keyholder(among: context.cardholders, context), fields[StepFields.bag])
    },
    StepKind(
      "provision", by: .keyholder, keys: [StepFields.keyholder],
      """
      A card is identified and reset, gets its PIN, PUK and keys, and each key is attested, read back and tried. This \
      becomes several steps in the room.
      """, order: "Once for each card, before the first `build`."
    ) { fields, context in .provision(keyholder: fields.keyholder(among: context.cardholders, context)) },
    StepKind(
      "identify", since: 2, by: .keyholder, keys: [StepFields.keyholder],
      "A card with a key of the root before shows which key it holds.",
      order: "Anywhere before `close`, for somebody with `key`."
    ) { fields, context in .identify(keyholder: fields.keyholder(among: context.kept, context)) },
    StepKind(
      "prove", since: 2, by: .keyholder, keys: [StepFields.keyholder],
      "A kept card shows which key it holds, and signs a challenge with it. This becomes several steps in the room.",
      order: "Once for each kept card, before the first `build`."
    ) { fields, context in .prove(keyholder: fields.keyholder(among: context.kept, context)) },
    StepKind(
      "enrol", since: 2, keys: [StepFields.enrolled],
      """
      A key that its keyholder made elsewhere is taken in, with its proof and what shows where it was made. The step stops \
      until they have read its key id from their own screen.
      """, order: "Once for each keyholder with `enrol`, before the first `build`."
    ) { fields, context in .enrol(keyholder: fields.keyholder(among: context.enrolled, context)) },
    StepKind(
      "make", since: 2, keys: [StepFields.oneTimeRole],
      "The one-time keys of a role are made in this machine's locked memory.",
      order: "Once for each role with `one-time`, before the first `build`."
    ) { fields, context in .make(role: fields.role(context)) },
    StepKind(
      "use", since: 2, keys: [StepFields.oneTimeRole], "The one-time keys of a role sign its metadata.",
      order: "Once for each role with `one-time`, after its `show` and before its `verify`."
    ) { fields, context in .use(role: fields.role(context)) },
    StepKind(
      "wipe", since: 2, by: .witness, "All one-time keys are wiped.",
      order:
        "Once, after the last `use`, and before a card signs what names these keys: the root, or what delegates to them."
    ) { _, _ in .wipe },
    StepKind(
      "discard", since: 2, by: .keyholder, keys: [StepFields.discarder],
      """
      A card deletes its keys of roles with `discarded`, and says of each slot that it is empty. Then its management key, \
      which was the factory's until then, is replaced.
      """,
      order: """
        Once for each keyholder of such a role, after every `sign` of these roles, and before a card signs what names \
        their keys: the root, or what delegates to them.
        """
    ) { fields, context in .discard(keyholder: fields.keyholder(among: context.keyholders, context)) },
    StepKind(
      "build", keys: [StepFields.role], "The metadata of a role is made from the script and the keys.",
      order: "Once for each role, after every card of every role is provisioned or proven."
    ) { fields, context in .build(role: fields.role(context)) },
    StepKind(
      "show", by: .witness, keys: [StepFields.role], "The metadata is shown and compared, before anybody signs it.",
      order: "After its `build`."
    ) { fields, context in .show(role: fields.role(context)) },
    StepKind(
      "sign", by: .keyholder, keys: [StepFields.role, StepFields.keyholder], "A keyholder's card signs the metadata.",
      order: """
        Once for each keyholder of the role, and for a root also of the root before, after its `show` and before its \
        `verify`.
        """
    ) { fields, context in
      .sign(role: fields.role(context), keyholder: fields.keyholder(among: context.keyholders, context))
    },
    StepKind(
      "collect", since: 2, keys: [StepFields.role],
      """
      Signatures that were made elsewhere are taken in and counted. The step stops until each signer has read the digest \
      from their own screen.
      """,
      order:
        "After the `show` of the role and before its `verify`; in a ceremony that finishes a pending one, at first."
    ) { fields, context in .collect(role: fields.role(context)) },
    StepKind(
      "verify", keys: [StepFields.role], "The metadata is verified as a TUF client would.",
      order: "Once for each role, after as many `sign` as its threshold."
    ) { fields, context in .verify(role: fields.role(context)) },
    StepKind(
      "write", keys: [StepFields.role], "The metadata is written to the products folder.",
      order: "Once for each role that is built, after its `verify`. The root is always written."
    ) { fields, context in .write(role: fields.role(context)) },
    StepKind(
      "head", by: .witness, "The head of the transcript so far is read aloud.", order: "Before `close`."
    ) { _, _ in .head },
    StepKind(
      "close", keys: [StepFields.sealers],
      "Nothing is added to the transcript after it. Its head is read aloud, and cards sign the transcript seal.",
      order: "Once, after everything but `say`, `confirm`, `bag`, `destroy` and `departure`."
    ) { fields, context in .close(seal: fields.sealers(context)) },
    StepKind(
      "destroy", since: 2, by: .keyholder, keys: [StepFields.leaver], followsClose: true,
      """
      The card of somebody who leaves is wiped: its PIN and PUK are blocked, it is reset, and says what its slots hold \
      then. Not before the new root is written and verified and that card has sealed; else it is left as it is.
      """, order: "Once for each such card, after `close`."
    ) { fields, context in .destroy(keyholder: fields.keyholder(among: context.kept, context)) },
    StepKind("departure", followsClose: true, "Everybody leaves.", order: "Once, after `close`.") { _, _ in .departure
    },
  ]
}

enum StepFields {
  static let id = Field(
    "id", .name, or: "", "A name of its own for this step, in the record and on paper.", example: "welcome")
  static let kind = FieldRow("do", .kind, "The kind of step.", example: "say")
  static let who = FieldRow(
    "who", .wordsOr(Script.parts, .scalar(.name)), need: .never(without: "as the kind of step says"),
    "Who acts: `administrator`, `witness`, `everyone`, or the id of a keyholder.", example: "witness")
  static let say = Field(
    "say", .texts, normally: [], "Words to say aloud: one line, or a list of lines.",
    example: "[Good morning., Welcome.]")
  static let minutes = Field(
    "minutes", .number(0...600), normally: 1, "How long it takes, for the plan.", example: "5")
  static let initials = FieldRow(
    "initials", .wordsOr(["both"], .names), need: .never(without: "nobody's"),
    """
    Whose initials are typed before the step counts as done: `both`, or a list of `administrator` and `witness`. The \
    script must give their initials.
    """, example: "[witness]")

  /// Those of every step.
  static let group = FieldGroup(
    "step", at: "`steps`, every kind", "The keys of every step.",
    [id.row, kind, who, say.row, minutes.row, initials])

  /// Those of every step and all kinds.
  static let anyKind = group.adding(
    StepKind.all.flatMap(\.rows).reduce(into: []) { rows, row in
      if !(group.rows + rows).contains(where: { $0.name == row.name }) { rows.append(row) }
    })

  /// `say` where a step has nothing else.
  static let wordsToSay = FieldRow(
    "say", .texts, need: .always(orElse: "Write the words to say aloud."),
    "Words to say aloud: one line, or a list of lines.",
    example: "Hello.")
  static let confirm = Field(
    "confirm", .text, or: "", "What the person who acts confirms.", example: "No network is connected.")
  static let bag = Field(
    "bag", .choice([("opened", BagMove.opened), ("closed", .closed)]), or: .opened, "What happens to the bag.",
    example: "opened")
  static let fatal = Field(
    "fatal", .hostCodes, normally: Finding.OfHost.all.filter(\.isFatal).map(\.code),
    """
    The findings at which a real ceremony stops. `run --allow CODE` makes one no reason to stop. With any other the room \
    goes on, or not, and that is an exception.
    """, example: "[HOST-NETWORK, HOST-RADIO]")
  static let keyholder = FieldRow(
    "keyholder", .scalar(.name),
    "Whose bag or card it is: the id of a keyholder, or for a card of their own `administrator` or `witness`, who never `sign`.",
    example: "ada")
  static let leaver = FieldRow(
    "keyholder", .scalar(.name), "Whose card it is: the id of a keyholder under `leaving`.", example: "chandra")
  static let discarder = FieldRow(
    "keyholder", .scalar(.name), "Whose card it is: the id of a keyholder of a role with `discarded`.",
    example: "chandra")
  static let enrolled = FieldRow(
    "keyholder", .scalar(.name), "Whose key it is: the id of a keyholder with `enrol`.", example: "fatima")
  static let role = FieldRow(
    "role", .scalar(.name), "The role whose metadata it is: `root`, or another one whose keys are on cards.",
    example: "root")
  static let sealElsewhere = "elsewhere"
  static let oneTimeRole = FieldRow(
    "role", .scalar(.name), "The role whose keys they are: one with `one-time`.", example: "targets")
  static let sealers = FieldRow(
    "seal", .wordsOr([sealElsewhere], .names),
    need: .never(
      without:
        "the first keyholders of the root, as many as its threshold; after another root, everybody with a root key"),
    """
    Whose root keys sign the transcript seal. `elsewhere` where a root is finished that waited, and no card is in the room: \
    the ceremony ends UNSEALED, and a second request asks for its seal.
    """, example: "[ada, boris]")
}
