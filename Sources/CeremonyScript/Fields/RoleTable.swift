import CanonicalJSON
import PIVTypes

// The rows of roles, of what they delegate, and of what is listed in their metadata.

enum RoleFields {
  static let root = FieldRow(
    "root", .mapping(OfflineRoleFields.group), "The role that names the keys of all roles. Its keys are on cards.",
    example: "{threshold: 2, keyholders: [ada, boris, chandra], expires: 2027-12-01T00:00:00Z}")
  /// Of keys on cards, of one-time keys, or of online keys.
  private static let anyKeys = Shape.mappingBy(
    "keyholders", TargetsRoleFields.group,
    else: .mappingBy("one-time", OneTimeRoleFields.group, else: .mapping(OnlineRoleFields.group)))
  static let targets = FieldRow(
    "targets", anyKeys, need: .besideRoot,
    """
    The role that names the target files. Its keys are on cards where it has `keyholders`, one-time keys where it has \
    `one-time`, else online.
    """,
    example: "{threshold: 1, keyholders: [ada, boris], expires: 2027-12-01T00:00:00Z}")
  static let snapshot = FieldRow(
    "snapshot", .mappingBy("keyholders", nil, else: .mapping(OnlineRoleFields.group)), need: .besideRoot,
    "The role that names the versions of all metadata. Its keys are online.", example: "{threshold: 1, keys: [service]}"
  )
  static let timestamp = FieldRow(
    "timestamp", .mappingBy("keyholders", nil, else: .mapping(OnlineRoleFields.group)), need: .besideRoot,
    "The role that says which snapshot is the newest. Its keys are online.", example: "{threshold: 1, keys: [service]}")

  static let delegated = FieldRow(
    "ROLE", anyKeys,
    need: .never(without: "nothing is delegated"), since: 2,
    """
    A role of the script's own name that another one delegates to, under `delegations`. Its keys are on cards where it \
    has `keyholders`, one-time keys where it has `one-time`, else online.
    """, example: "{threshold: 1, keyholders: [ada, boris], expires: 2027-12-01T00:00:00Z}")

  static let group = FieldGroup(
    "roles", at: "`roles`", "The four top-level roles of TUF, and those that are delegated to.",
    [root, targets, snapshot, timestamp], others: delegated)
}

enum OfflineRoleFields {
  static let threshold = Field(
    "threshold", .number(1...50), or: 1, "How many of its keys must sign.", example: "2")
  static let keyholders = FieldRow(
    "keyholders", .names, "Whose cards get a key of this role, in this order.", example: "[ada, boris, chandra]")
  static let expires = Field(
    "expires", .expiry, or: nil, need: .never(without: "it is not signed here"),
    "When its metadata expires: a moment, or for rehearsals a number of days.", example: "2027-12-01T00:00:00Z")
  static let slot = Field(
    "slot", .choice(of: [Slot.authentication, .signature]), or: .signature,
    need: .never(without: "`9c` for root, `9a` for targets"), "The slot of the card for the key.", example: "9c")
  static let algorithm = Field(
    "algorithm", .choice(of: KeyAlgorithm.allCases), normally: .ed25519, "The kind of its keys.", example: "ecdsa-p256")
  static let pinPolicy = Field(
    "pin-policy", .choice(of: [PINPolicy.once, .always]), normally: .always,
    "Whether the card asks for the PIN once after it was put in, or before each signature.", example: "once")
  static let touchPolicy = Field(
    "touch-policy", .choice(of: TouchPolicy.allCases), normally: .always,
    "Whether the card waits for a touch before it signs. With `cached` one touch holds for 15 seconds.",
    example: "cached")

  static let fields = Field(
    "fields", .inheritedFields, normally: [:], since: 2,
    "Custom fields of the role's entry in the root. Those of the root before are repeated, or taken away by `null`.",
    example: "{x-example-note: on cards}")

  static let group = FieldGroup(
    "offline-role", at: "`roles.root`",
    "A role whose keys are made on cards, and whose metadata the ceremony may sign.",
    [
      threshold.row, keyholders, expires.row, slot.row, algorithm.row, pinPolicy.row, touchPolicy.row, fields.row,
    ])
}

enum TargetsRoleFields {
  static let delegations = FieldRow(
    "delegations", .named(DelegationFields.group, reserved: Delegation.reserved),
    need: .never(without: "none"), since: 2,
    """
    The roles that it delegates to, by their names under `roles`, in order of priority; or bins, whose name is the \
    beginning of each bin's.
    """, example: "{signed-later: {paths: [later/*]}, bins: {hash-prefixes: [\"0\", \"1f\"]}}")

  static let files = Field(
    "files", .fileName, or: "", need: .never(without: "it lists no file"), since: 2,
    """
    A folder beside the script. Each file in it is listed by its path below that folder, its length and its SHA-256. The \
    files themselves are not copied, and are published where clients look for them.
    """, example: "files")

  static let signedFields = Field(
    "signed-fields", .customFields, normally: [:], since: 2,
    "Custom fields of the signed part of its metadata, for the programs of a service. Those of the root stand at the top.",
    example: "{x-tuf-on-ci-expiry-period: 365, x-tuf-on-ci-signing-period: 60}")

  static let discarded = Field(
    "discarded", .choice([("true", true)]), or: false, need: .never(without: "they stay on their cards"), since: 2,
    """
    Whether its keys are deleted on their cards once they have signed, before a card signs what names them: see \
    `do: discard`. For cards that delete single keys, as YubiKeys do from firmware 5.7 on.
    """, example: "true")

  static let group = FieldGroup(
    "targets-role", at: "`roles.targets` and `roles.ROLE` with `keyholders`",
    "A role that names target files or delegates them. Its keys are made on cards, and the ceremony may sign its metadata.",
    OfflineRoleFields.group.adding([
      OfflineRoleFields.keyholders.like("[ada, boris]"), OfflineRoleFields.slot.row.like("9a"),
      OfflineRoleFields.algorithm.row.like("ed25519"), delegations, files.row, signedFields.row, discarded.row,
    ]).rows)
}

enum OneTimeRoleFields {
  static let oneTime = Field(
    "one-time", .number(1...50), or: 1, since: 2,
    "How many Ed25519 keys are made in this machine's locked memory, sign, and are wiped: nobody has them afterwards.",
    example: "2")

  static let group = FieldGroup(
    "one-time-role", at: "`roles.targets` and `roles.ROLE` with `one-time`",
    "A role whose keys are made, used and wiped in this ceremony, as PEP 458 recommends for targets and bins.",
    [
      OfflineRoleFields.threshold.row, oneTime.row, OfflineRoleFields.expires.row, OfflineRoleFields.fields.row,
      TargetsRoleFields.delegations, TargetsRoleFields.files.row,
    ])
}

enum DelegationFields {
  static let paths = Field(
    "paths", .targetPaths, or: [], need: .never(without: "it is for hash prefixes, or for bins"),
    "Patterns of the paths of target files, as clients read them: `*` and `?` stand for anything but a slash.",
    example: "[signed-later/*]")
  static let hashPrefixes = Field(
    "hash-prefixes", .hashPrefixes, or: [], need: .never(without: "it is for paths, or for bins"),
    "How the SHA-256 of a target file's path begins: small letters and digits of hexadecimal.",
    example: "[\"0\", \"1f\"]")
  static let succinct = Field(
    "succinct", .powerOfTwo(upTo: 1 << 20), or: 2, need: .never(without: "it is one role"),
    """
    How many bins, a power of two: each is named `ROLE-N`, N in hexadecimal, and all have the keys of `roles.ROLE` \
    (TAP 15). No other delegation may stand beside it.
    """, example: "16384")
  static let search = Field(
    "search", .choice([("backtracking", false), ("terminating", true)]), normally: false,
    "Whether a client that finds no such file here asks the delegations that follow: with `terminating` it does not.",
    example: "terminating")

  static let group = FieldGroup(
    "delegation", at: "`roles.ROLE.delegations.ROLE`",
    "What is delegated: exactly one of `paths`, `hash-prefixes` and `succinct`.",
    [paths.row, hashPrefixes.row, succinct.row, search.row])
}
