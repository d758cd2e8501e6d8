import CanonicalJSON
import Keys
import PIVTypes
import UTC

@testable import CeremonyScript

/// A script as a value, for tests that change one thing of it: every kind of step, two roles on cards, officials with cards.
struct SampleScript {
  var version = 2
  var officials = true
  /// Serials of Ada's spare cards.
  var spares: [UInt32] = [20_000_009]
  var adaCard = Keyholder.CardPin.record
  var absent = AbsentRule.enrolled
  var attestation = CardRules.AttestationRule.required
  var readBack = CardRules.Need.required
  var tries = CardRules.Need.required
  var managementKey = CardRules.ManagementKeyRule.forget
  var model = CardRules.Model.yubikey57
  var algorithm = KeyAlgorithm.ed25519
  var rootThreshold = 2
  var sealCount = 2
  var expires = Expiry.days(7)
  var previous: PreviousCeremony?
  /// The root that it goes on from, and the kept keys by keyholder.
  var goesOn: BaselineFiles?
  var keys: [String: KeptKeyName] = [:]
  /// The nonces of keys that are made elsewhere, by keyholder.
  var enrols: [String: [UInt8]] = [:]
  /// What holds where one keyholder is absent.
  var absents: [String: AbsentRule] = [:]
  var leaving: [Leaver] = []
  /// The service's key, in the script or in a file beside it.
  var onlineKey = OnlineKey.Source.ed25519(Array(repeating: 0, count: 32))
  var steps = Self.everyStep

  /// Whether targets has two one-time keys instead of Ada's.
  var hasOneTimeKeys = false

  /// Whether Ada's key of targets is deleted once it has signed.
  var discards = false

  /// Who has a role: the root.
  var rootKeyholders = Self.keyholders

  static let keyholders = ["ada", "boris", "chandra"]

  init() {
    onlineKey = .ed25519(Hex.decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a") ?? [])
  }

  /// The same with something changed.
  func with(_ edit: (inout SampleScript) -> Void) -> SampleScript {
    var other = self
    edit(&other)
    return other
  }

  /// Each kind of step at least once, in an order in which they may stand.
  private static let everyStep: [Step] =
    [
      step("welcome", .say), step("attendance", .attendance), step("time", .time),
      step("bag-ada", .bag(keyholder: "ada", .opened), who: "ada"),
      step("card-witness", .provision(keyholder: "witness"), who: "witness"),
      step("card-administrator", .provision(keyholder: "administrator")),
    ] + keyholders.map { step("card-\($0)", .provision(keyholder: $0), who: $0) } + [
      step("head-cards", .head, who: "witness"), step("ada-says", .say, who: "ada"),
      step("build-root", .build(role: "root")),
      step("show-root", .show(role: "root"), initials: Keyholder.officials),
    ] + keyholders.map { step("sign-root-\($0)", .sign(role: "root", keyholder: $0), who: $0) } + [
      step("verify-root", .verify(role: "root")), step("write-root", .write(role: "root")),
      step("build-targets", .build(role: "targets")), step("show-targets", .show(role: "targets")),
      step("sign-targets-ada", .sign(role: "targets", keyholder: "ada"), who: "ada"),
      step("verify-targets", .verify(role: "targets")), step("write-targets", .write(role: "targets")),
      step("bag-close", .bag(keyholder: "ada", .closed), who: "ada"),
      step("close", .close(seal: keyholders)),
      step("bag-after", .bag(keyholder: "boris", .closed), who: "boris", followsClose: true),
      step("farewell", .confirm("Nothing is left."), who: "witness", initials: ["witness"], followsClose: true),
      step("departure", .departure, followsClose: true),
    ]

  /// The root is followed by one with the same keys, and another expiry.
  static let rotationSteps: [Step] =
    keyholders.map { step("prove-\($0)", .prove(keyholder: $0), who: $0) } + [
      step("build-root", .build(role: "root")), step("show-root", .show(role: "root")),
    ] + keyholders.map { step("sign-root-\($0)", .sign(role: "root", keyholder: $0), who: $0) } + [
      step("verify-root", .verify(role: "root")), step("write-root", .write(role: "root")),
      step("close", .close(seal: keyholders)),
    ]

  /// Targets is signed by keys that are made, used and wiped.
  static let oneTimeSteps: [Step] =
    keyholders.map { step("card-\($0)", .provision(keyholder: $0), who: $0) } + [
      step("make-targets", .make(role: "targets")), step("build-root", .build(role: "root")),
      step("show-root", .show(role: "root")), step("build-targets", .build(role: "targets")),
      step("show-targets", .show(role: "targets")), step("use-targets", .use(role: "targets")), step("wipe", .wipe),
    ] + keyholders.map { step("sign-root-\($0)", .sign(role: "root", keyholder: $0), who: $0) } + [
      step("verify-root", .verify(role: "root")), step("write-root", .write(role: "root")),
      step("verify-targets", .verify(role: "targets")), step("write-targets", .write(role: "targets")),
      step("close", .close(seal: keyholders)),
    ]

  /// Targets is signed by a key that is deleted.
  static let discardingSteps: [Step] = oneTimeSteps.compactMap { step in
    switch step.action {
    case .make: nil
    case .use: Self.step("sign-targets", .sign(role: "targets", keyholder: "ada"), who: "ada")
    case .wipe: Self.step("discard-ada", .discard(keyholder: "ada"), who: "ada")
    default: step
    }
  }

  /// The same, and Boris is elsewhere.
  static let collectingSteps: [Step] =
    ["ada", "chandra"].map { step("prove-\($0)", .prove(keyholder: $0), who: $0) } + [
      step("build-root", .build(role: "root")), step("show-root", .show(role: "root")),
    ] + ["ada", "chandra"].map { step("sign-root-\($0)", .sign(role: "root", keyholder: $0), who: $0) } + [
      step("collect-root", .collect(role: "root")),
      step("verify-root", .verify(role: "root")), step("write-root", .write(role: "root")),
      step("close", .close(seal: ["ada", "chandra"])),
    ]

  /// Chandra leaves, and her card is wiped at the end.
  static let retiringSteps: [Step] = retiring(rotationSteps)

  /// The same after other steps.
  static func retiring(_ steps: [Step]) -> [Step] {
    steps.filter { $0.action != .prove(keyholder: "chandra") } + [
      step("wipe-chandra", .destroy(keyholder: "chandra"), who: "chandra", followsClose: true)
    ]
  }

  /// A first root; the key of Boris is made elsewhere.
  static let enrollingSteps: [Step] = [
    step("card-ada", .provision(keyholder: "ada"), who: "ada"), step("enrol-boris", .enrol(keyholder: "boris")),
    step("card-chandra", .provision(keyholder: "chandra"), who: "chandra"),
    step("build-root", .build(role: "root")), step("show-root", .show(role: "root")),
    step("sign-root-ada", .sign(role: "root", keyholder: "ada"), who: "ada"),
    step("sign-root-chandra", .sign(role: "root", keyholder: "chandra"), who: "chandra"),
    step("verify-root", .verify(role: "root")), step("write-root", .write(role: "root")),
    step("close", .close(seal: ["ada", "chandra"])),
  ]

  static func step(
    _ id: String, _ action: Step.Action, who: String = "administrator", initials: [String] = [],
    followsClose: Bool = false
  ) -> Step {
    Step(
      id: id, action: action, who: who, say: ["I say \(id)."], minutes: 1, initials: initials,
      followsClose: followsClose, place: "script.yaml:1:1")
  }

  /// A card of an official is bound in the room, or pinned.
  private var officialCards: [Keyholder] {
    guard officials else { return [] }
    return [
      keyholder("administrator", "Anna", .record, []), keyholder("witness", "Wim", .serial(40_000_001), []),
    ]
  }

  private func keyholder(_ id: String, _ name: String, _ card: Keyholder.CardPin, _ spares: [UInt32]) -> Keyholder {
    Keyholder(
      id: id, name: name, card: card, spares: spares, fields: [:], key: keys[id], enrol: enrols[id],
      algorithm: nil, model: nil, absent: absents[id], acceptsFirmware: false, place: "script.yaml:1:1")
  }

  private func role(
    _ name: String, _ threshold: Int, _ keyholders: [String], _ slot: Slot, isDiscarded: Bool = false
  ) -> OfflineRole {
    OfflineRole(
      name: name, threshold: threshold, keyholders: keyholders, expires: expires, slot: slot, algorithm: algorithm,
      pinPolicy: .always, touchPolicy: .always, fields: [:], place: "script.yaml:1:1", isDiscarded: isDiscarded)
  }

  private func online(_ name: String) -> OnlineRole {
    OnlineRole(name: name, threshold: 1, keys: ["service"], fields: [:], place: "script.yaml:1:1")
  }

  var script: Script {
    let withoutCards = steps.filter { step in
      guard case .provision(let keyholder) = step.action else { return true }
      return officials || !Keyholder.officials.contains(keyholder)
    }
    return Script(
      version: version, title: "Sample", repository: "Example repository", administrator: "Anna", witness: "Wim",
      initials: Initials(administrator: "AN", witness: "WI"),
      keyholders: [
        keyholder("ada", "Ada", adaCard, spares), keyholder("boris", "Boris", .serial(30_000_002), []),
        keyholder("chandra", "Chandra", .record, []),
      ], officials: officialCards, previous: previous, goesOn: goesOn, pending: nil, request: nil,
      witnessing: .room, withdrawn: [], leaving: leaving,
      cards: CardRules(
        model: model, attestation: attestation, vendorCertificates: [], acceptsOtherVendors: false, readBack: readBack,
        tries: tries, pinTries: 5, pukTries: 4, managementKey: managementKey, place: nil),
      offlineRoles: [
        role("root", rootThreshold, rootKeyholders, .signature),
        hasOneTimeKeys
          ? OfflineRole(
            name: "targets", threshold: 2, keyholders: [], expires: expires, slot: .signature, algorithm: .ed25519,
            pinPolicy: .always, touchPolicy: .always, fields: [:], place: "script.yaml:1:1", oneTime: 2)
          : role("targets", 1, ["ada"], .authentication, isDiscarded: discards),
      ], onlineRoles: [online("snapshot"), online("timestamp")],
      onlineKeys: [OnlineKey(id: "service", source: onlineKey, fields: [:])], steps: withoutCards, absent: absent,
      sealCount: sealCount, fields: [:], handOver: [], remarks: [], places: [:])
  }
}

extension SampleScript {
  /// Somebody has no role any more, and may sign once more.
  mutating func leave(_ who: String) {
    leaving.append(Leaver(id: who, reason: .left, name: nil, place: "script.yaml:1:1"))
    rootKeyholders.removeAll { $0 == who }
  }
}
