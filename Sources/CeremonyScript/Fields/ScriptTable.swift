import CanonicalJSON
import Keys
import PIVTypes
import TUFMetadata

// The table of everything that a script may say. Each entry has a key's name, the kind of its value, what holds without
// it, what it means, and an example. A new key is an entry here, a mention in its group, and its use where the group is
// read. Kinds of steps are in StepTable.swift.

extension FieldGroup {
  /// The whole script, and through it every other group.
  package static let script = TopFields.group
}

enum TopFields {
  static let ceremony = FieldRow(
    "ceremony", .number(Script.versions), need: .always(orElse: "Begin with “ceremony: 2”."),
    "The version of scripts: each key says since which version it may stand.", example: "2")
  static let title = Field(
    "title", .text, or: "", "What the ceremony is called, on screens and on paper.", example: "Example genesis ceremony"
  )
  static let repository = Field(
    "repository", .text, or: "", "The repository whose root is made, as people name it.", example: "Example repository")
  static let administrator = FieldRow(
    "administrator", .mappingOr(OfficialFields.group, .text), "Who sits at the keyboard.",
    example: "{name: Ann, initials: AN}")
  static let witness = FieldRow(
    "witness", .mappingOr(OfficialFields.group, .text), "Who watches, compares and confirms.",
    example: "{name: Will, initials: WI, card: record}")
  static let keyholders = FieldRow(
    "keyholders", .named(KeyholderFields.group, reserved: Keyholder.reserved),
    "Everybody who owns a card with keys of a role, by an id of their own, in the order in the room.",
    example:
      "{ada: {name: Ada, card: record}, boris: {name: Boris, card: record}, chandra: {name: Chandra, card: record}}")
  static let previous = FieldRow(
    "previous", .mapping(PreviousFields.group),
    need: .never(without: "this founds version 1 of a root"),
    """
    The root that this one goes on from, by its file; it becomes the next version. With a digest alone, only the \
    ceremony before this one, which founds a root of its own.
    """,
    example: "{root: {file: 1.root.json, sha256: \(sample.hex)}, head: \(sample.hex)}")
  static let request = FieldRow(
    "request", .mapping(PinnedFileFields.group), need: .never(without: "this ceremony answers no request"), since: 2,
    """
    The request that this ceremony answers: a small one, of whoever is asked, at their own place. Its root has their keys \
    alone. The program writes such scripts: `tuf-ceremony sign`.
    """, example: "{file: request.json, sha256: \(sample.hex)}")
  static let withdrawn = Field(
    "withdrawn", .digests, normally: [], since: 2,
    """
    Payloads for this version that somebody signed and that will not be finished, by their SHA-256. Nothing recalls a \
    signature: the report says how many more would complete each.
    """, example: "[\(sample.hex)]")
  static let leaving = FieldRow(
    "leaving", .named(LeavingFields.group, reserved: [], longest: 64), need: .never(without: "nobody"), since: 2,
    """
    Whose keys stand in the root before and in no role of this one, and why: the id of a keyholder with `key`, who may \
    sign once more, or the first digits of the id of a key that nobody brings.
    """, example: "{boris: {reason: left}, 0a1b2c3d: {reason: lost, name: Dora}}")
  static let cards = FieldRow(
    "cards", .mapping(CardFields.group), need: .never(without: "the defaults of its keys"),
    "What holds for every card of the ceremony.", example: "{attestation: optional}")
  static let roles = FieldRow(
    "roles", .mapping(RoleFields.group),
    """
    The four top-level roles of TUF, all of them; the root alone in an answer, and where a pending root is finished. Then \
    the roles that targets delegates to.
    """,
    example: """
      {root: {threshold: 2, keyholders: [ada, boris, chandra], expires: 2027-12-01T00:00:00Z}, \
      targets: {threshold: 1, keys: [service]}, snapshot: {threshold: 1, keys: [service]}, \
      timestamp: {threshold: 1, keys: [service]}}
      """)
  static let onlineKeys = FieldRow(
    "online-keys", .named(OnlineKeyFields.group, reserved: []), need: .never(without: "none"),
    "Public keys of services, by an id of their own.",
    example: "{service: {ed25519: \(serviceKey)}, other: {file: service.pem, sha256: \(sample.hex)}}")
  static let absent = Field(
    "absent", AbsentRule.type, normally: .stop,
    """
    What happens where a keyholder is not there to sign: `stop` waits for them or gives up, `enrolled` lets the others \
    sign where they reach the threshold, `keep` does the same and leaves a kept key unproven, `pending` writes a request for them and may end without \
    their signature, also where the root is the first; the last two since version 2.
    """, example: "enrolled")
  static let seal = Field(
    "seal", .number(1...50), or: 1, need: .never(without: "the root's threshold"), since: 2,
    "How many root keys sign the transcript seal, at least.", example: "2")
  static let fields = Field(
    "fields", .inheritedFields, normally: [:], since: 2,
    """
    Custom fields of the root's signed part, for the programs of a service. Those of the root before are repeated, or \
    taken away by `null`.
    """,
    example: "{x-example-policy: 3}")
  static let handOver = Field(
    "hand-over", .handOver, normally: [], since: 2,
    """
    Who will take what is made here: a service, or clients from a tree of files (`repository`). `check` says what each could \
    not take.
    """, example: "[rstuf]")
  static let steps = FieldRow(
    "steps", .steps, "What happens, from the first step to the last.",
    example: "[{id: hello, do: say, say: Hello.}, {id: close, do: close}]")

  static let group = FieldGroup(
    "script", at: "the top", "The keys of the whole script.",
    [
      ceremony, title.row, repository.row, administrator, witness, keyholders, previous, request, leaving,
      withdrawn.row, cards, roles, onlineKeys, absent.row, seal.row, fields.row, handOver.row, steps,
    ])

  /// Of no file.
  private static let sample = SHA256Digest(of: Array("example".utf8))
  /// The first key of RFC 8032 §7.1.
  private static let serviceKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
}

enum OfficialFields {
  static let name = Field("name", .text, or: "", "As people call them.", example: "Ann")
  static let initials = Field(
    "initials", .initials, or: nil, need: .unless("over"),
    "What they type where a step asks for their initials: letters from A to Z.",
    example: "AN")
  static let card = FieldRow(
    "card", FieldType<Keyholder.CardPin>.card.shape, need: .never(without: "they have no card"),
    """
    Their own card, for initials and the transcript seal: its serial, or `record` where the serial is read aloud in the \
    room. Its key stands in no metadata.
    """, example: "record")

  static let over = Field(
    "over", .choice([("stream", true)]), or: false, need: .never(without: "they are in the room"), since: 2,
    "How the witness of an answer watches who is not in the room: what they say is typed for them.", example: "stream")

  static let group = FieldGroup(
    "official", at: "`administrator`, `witness`",
    "A plain name, or these keys. The witness of an answer may be `none`.", [name.row, initials.row, card, over.row])
}

enum KeyholderFields {
  static let name = Field(
    "name", .text, or: "", "As people call them. No two keyholders have names that look the same.", example: "Ada")
  static let card = Field(
    "card", .card, or: .record, "The serial of their card, or `record` where it is read aloud in the room.",
    example: "12345678")
  static let spares = Field(
    "spares", .serials, normally: [], "Serials of cards that take the place of the first when it fails, in this order.",
    example: "[12345679, 12345680]")

  static let fields = Field(
    "fields", .customFields, normally: [:], since: 2,
    "Custom fields of each of their key objects. They count into its key id.", example: "{x-rstuf-key-name: Ada}")

  static let key = FieldRow(
    "key", .mappingOr(KeptKeyFields.group, .scalar(.keyID)), need: .never(without: "a key is made here"), since: 2,
    """
    The key of the root before that they keep, by at least eight digits of its key id; or one for each role. Its card is \
    known by that key, and gets no other.
    """, example: "0a1b2c3d")
  static let algorithm = Field(
    "algorithm", .choice(of: KeyAlgorithm.allCases), or: .ed25519, need: .never(without: "the role's"), since: 2,
    "The kind of their keys that are made here.", example: "ecdsa-p256")
  static let isOther = Field(
    "model", .choice([("yubikey-5.7", false), ("other", true)]), or: false, need: .never(without: "that of `cards`"),
    since: 2, "The model of their card: how much it signs with an Ed25519 key.", example: "other")
  static let payloadLimit = CardFields.payloadLimit(since: 2)
  static let absent = Field(
    "absent", AbsentRule.type, or: .stop, need: .never(without: "the rule at the top"), since: 2,
    "What happens where they are absent.", example: "keep")
  static let enrol = Field(
    "enrol", .nonce, or: [], need: .never(without: "their key is made in the room, or kept"), since: 2,
    """
    Their key is made elsewhere, on their own card, and taken in by `do: enrol`: 16 bytes that `draft` draws, which their \
    proof repeats.
    """, example: "00112233445566778899aabbccddeeff")
  static let firmware = Field(
    "firmware", .choice([("refused", false), ("accepted", true)]), normally: false, since: 2,
    """
    Whether their kept ECDSA key stays although it was made on firmware below 5.7, from which such keys can be copied. \
    The report begins with that.
    """, example: "accepted")

  static let group = FieldGroup(
    "keyholder", at: "`keyholders.ID`", "Somebody who owns a card with keys of a role, or of the root before.",
    [
      name.row, card.row, spares.row, key, enrol.row, algorithm.row, isOther.row, payloadLimit.row, absent.row,
      firmware.row, fields.row,
    ])
}

enum KeptKeyFields {
  static let rows = [TopLevelRole.root, .targets].map { role in
    FieldRow(
      role.rawValue, .scalar(.keyID), need: .never(without: "none"),
      "The key for \(role.rawValue), by at least eight digits of its key id.", example: "0a1b2c3d")
  }

  static let delegated = FieldRow(
    "ROLE", .scalar(.keyID), need: .never(without: "none"), since: 2,
    "The key for a role that is delegated to, where metadata before delegates to it.", example: "0a1b2c3d")

  static let group = FieldGroup(
    "kept-key", at: "`keyholders.ID.key`", "A kept key for each role.", rows, others: delegated)
}

enum LeavingFields {
  static let reason = Field(
    "reason", .choice(Leaver.Reason.allCases.map { ($0.rawValue, $0) }), or: .routine,
    """
    `routine` is planned, `lost` means that nobody has the card, `suspected` that somebody else may use the key, \
    `firmware` that the card is known to be weak, `left` that the person left.
    """, example: "lost")
  static let name = FieldRow(
    "name", .text, need: .never(without: "the keyholder's, or the key's id"), "Whose key it was.", example: "Dora")

  static let group = FieldGroup(
    "leaving", at: "`leaving.ID`", "A key that is in the root before and in no role of this one.", [reason.row, name])
}

extension AbsentRule {
  static let type = FieldType<AbsentRule>.choice([
    ("stop", .stop), ("enrolled", .enrolled), ("keep", .keep), ("pending", .pending),
  ])
}

enum PreviousFields {
  static let root = FieldRow(
    "root", .mappingOr(PinnedFileFields.group, .scalar(.digest)), need: .without("pending"),
    """
    The newest root, a file beside the script: this ceremony makes the version after it, since version 2. Or only the \
    SHA-256 of the newest root of the ceremony before this one. With `pending` and without a root, the root that is \
    finished founds version 1.
    """, example: "{file: 1.root.json, sha256: \(SHA256Digest(of: Array("root".utf8)).hex)}")
  static let head = Field(
    "head", .digest, or: .zero, need: .never(without: "a ceremony that is not known made the root"),
    "SHA-256 of the last line of the transcript of the ceremony that made it, as it was read aloud.",
    example: SHA256Digest(of: Array("head".utf8)).hex)
  static let metadata = Field(
    "metadata", .pinnedFiles, normally: [], since: 2,
    """
    The newest metadata of targets and of roles that it delegates to, where it is signed again here: files beside the script, \
    each named `VERSION.ROLE.json`.
    """, example: "[{file: 1.targets.json, sha256: \(SHA256Digest(of: Array("targets".utf8)).hex)}]")

  static let orphaned = FieldRow(
    "orphaned", .mapping(OrphanedFields.group), need: .never(without: "it is signed again where its keys leave"),
    since: 2,
    """
    Metadata that clients will refuse after this root, because too many of its keys leave, and that is not signed again \
    here: by role, why.
    """, example: "{targets: The service signs it within the hour.}")
  static let pending = FieldRow(
    "pending", .mapping(PendingFields.group), need: .never(without: "no ceremony that ended pending is finished here"),
    since: 2, "The ceremony that ended pending, whose root is finished here.",
    example:
      "{head: \(SHA256Digest(of: Array("head".utf8)).hex), payload: \(SHA256Digest(of: Array("payload".utf8)).hex)}")

  static let group = FieldGroup(
    "previous", at: "`previous`", "The root or the ceremony before this one.",
    [root, head.row, metadata.row, orphaned, pending])
}

enum OrphanedFields {
  static let targets = Field(
    "targets", .text, or: "",
    "Why targets is not signed again here: who signs it next and when, in words that everybody reads.",
    example: "The service signs it within the hour.")

  static let group = FieldGroup(
    "orphaned", at: "`previous.orphaned`", "Metadata whose keys leave and that is not signed again here.",
    [targets.row])
}

enum PendingFields {
  static let head = Field(
    "head", .digest, or: .zero, "SHA-256 of the last line of its transcript, as it was read aloud.",
    example: SHA256Digest(of: Array("head".utf8)).hex)
  static let payload = Field(
    "payload", .digest, or: .zero, "SHA-256 of the signed part of the root that waits for signatures.",
    example: SHA256Digest(of: Array("payload".utf8)).hex)

  static let group = FieldGroup(
    "pending", at: "`previous.pending`", "A ceremony that ended pending.", [head.row, payload.row])
}

enum CardFields {
  private static let need: FieldType<CardRules.Need> = .choice([("required", .required), ("optional", .optional)])

  /// Whether it is another card than the one that is known.
  static let isOther = Field(
    "model", .choice([("yubikey-5.7", false), ("other", true)]), normally: false,
    "Which cards these are: YubiKeys with firmware 5.7 or later, which sign 3,043 bytes with Ed25519, or others.",
    example: "other")
  static let payloadLimit = payloadLimit(since: 1)
  static func payloadLimit(since version: Int) -> Field<Int> {
    Field(
      "payload-limit", .number(64...65_535), or: CardRules.otherLimit,
      need: .onlyWith("model", is: "other", without: "\(CardRules.otherLimit)"), since: version,
      "The most bytes that such a card signs with Ed25519.", example: "2500")
  }
  static let attestation = Field(
    "attestation", .choice([("required", CardRules.AttestationRule.required), ("optional", .optional)]),
    normally: .required, "Whether a card must prove by its maker's certificate that it made each key.",
    example: "optional")
  static let vendorCertificates = Field(
    "vendor-certificates", .pinnedFiles, normally: [],
    "The makers' certificates, roots and intermediates, as PEM files beside the script.",
    example: "[{file: vendor.pem, sha256: \(SHA256Digest(of: Array("vendor".utf8)).hex)}]")
  static let acceptsOtherVendors = Field(
    "other-vendors", .choice([("refused", false), ("accepted", true)]), normally: false,
    "Whether a maker's root is accepted that this program does not know. Anybody can make such a root.",
    example: "accepted")
  static let readBack = Field(
    "read-back", need, normally: .required, since: 2,
    "Whether each key is read back from its slot. With `optional` a card that cannot say it is accepted.",
    example: "optional")
  static let tries = Field(
    "tries", need, normally: .required, since: 2,
    "Whether the numbers of tries must be set. With `optional` a card that cannot set them is accepted.",
    example: "optional")
  static let pinTries = Field(
    "pin-tries", .number(3...15), normally: 5, "How many wrong PINs block the PIN.", example: "8")
  static let pukTries = Field(
    "puk-tries", .number(3...15), normally: 5, "How many wrong PUKs block the PUK.", example: "8")
  static let managementKey = Field(
    "management-key", .choice([("forget", CardRules.ManagementKeyRule.forget), ("protected", .protected)]),
    normally: .forget,
    """
    What becomes of the random key that manages the card: `forget` drops it, so that only a reset can change keys, \
    `protected` leaves it on the card behind the PIN.
    """, example: "protected")

  static let group = FieldGroup(
    "cards", at: "`cards`", "What holds for every card of the ceremony.",
    [
      isOther.row, payloadLimit.row, attestation.row, vendorCertificates.row, acceptsOtherVendors.row, readBack.row,
      tries.row, pinTries.row, pukTries.row, managementKey.row,
    ])
}

enum PinnedFileFields {
  static let file = Field("file", .fileName, or: "", "The name of a file beside the script.", example: "vendor.pem")
  static let sha256 = Field(
    "sha256", .digest, or: .zero, "What `sha256sum` prints for it.",
    example: SHA256Digest(of: Array("vendor".utf8)).hex)

  static let group = FieldGroup(
    "pinned-file", at: "`cards.vendor-certificates`, `previous.root`, `previous.metadata`, `request`",
    "A file beside the script, by name and content.",
    [file.row, sha256.row])
}

enum ExpiryFields {
  static let days = Field(
    "days", .number(1...3650), or: 1, "So many days after the clock of the ceremony. In rehearsals only.", example: "7")

  static let group = FieldGroup(
    "expiry", at: "`expires`", "When metadata expires, counted in days.", [days.row])
}

enum OnlineRoleFields {
  static let threshold = Field(
    "threshold", .number(1...50), or: 1, "How many of its keys must sign.", example: "1")
  static let keys = FieldRow("keys", .names, "Ids from `online-keys`.", example: "[service]")
  static let fields = OfflineRoleFields.fields

  static let group = FieldGroup(
    "online-role", at: "`roles.snapshot`, `roles.timestamp`; `roles.targets` without `keyholders`",
    "A role that a service signs with keys that are not made here.", [threshold.row, keys, fields.row])
}

enum OnlineKeyFields {
  static let ed25519 = Field(
    "ed25519", .ed25519, or: [], need: .never(without: "the key is in a file"),
    "The 32 bytes of an Ed25519 public key.",
    example: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
  static let file = Field(
    "file", .fileName, or: "", need: .unless("ed25519"),
    "A PEM file beside the script with a public key: Ed25519, P-256, P-384 or RSA.", example: "service.pem")
  static let sha256 = Field(
    "sha256", .digest, or: .zero, need: .unless("ed25519"), "What `sha256sum` prints for the file.",
    example: SHA256Digest(of: Array("service".utf8)).hex)

  static let fields = Field(
    "fields", .customFields, normally: [:], since: 2,
    "Custom fields of the key object. They count into its key id.",
    example: "{x-rstuf-online-key-uri: fn:service}")

  static let group = FieldGroup(
    "online-key", at: "`online-keys.ID`", "A public key that a service uses: in the script, or in a file beside it.",
    [ed25519.row, file.row, sha256.row, fields.row])
}
