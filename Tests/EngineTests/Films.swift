import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import TUFMetadata
import UTC
import VirtualCard

/// Ceremonies in which all goes well, each from the sample with something changed. Each is held once.
enum Films {
  /// One such ceremony, held anew.
  static func held(
    _ setting: Film.Setting = Film.Setting(), _ edit: (inout SampleScript) -> Void = { _ in }
  ) -> Result<Film, any Error> {
    Result { try Film(SampleScript().with(edit).script, setting) }
  }

  static let whole = held()
  /// Administrator and witness have no cards.
  static let plain = held { $0.officials = false }
  /// Targets has one-time keys.
  static let oneTime = held {
    $0.officials = false
    $0.hasOneTimeKeys = true
    $0.steps = SampleScript.oneTimeSteps
  }
  /// Ada's key of targets is deleted once it has signed.
  static let discarding = held {
    $0.officials = false
    $0.discards = true
    $0.absent = .stop
    $0.spares = []
    $0.steps = SampleScript.discardingSteps
  }
  /// Nobody may be absent.
  static let stop = held { $0.absent = .stop }
  /// Cards may lack much.
  static let lenient = held {
    $0.attestation = .optional
    $0.readBack = .optional
    $0.tries = .optional
  }
  /// The management key stays on the card.
  static let protected = held { $0.managementKey = .protected }
  /// Ada's card was given up.
  static let sacrifice = held(Film.Setting(sacrifice: [.serial(20_000_001)]))
  static let unattended = held(Film.Setting(isUnattended: true))
  static let real = held(Film.Setting(isRehearsal: false)) {
    $0.expires = .at(Film.time.adding(seconds: 300 * 86_400))
    $0.attestation = .optional
  }
  /// For rehearsals only.
  static let relative = held(Film.Setting(isRehearsal: false))
  static let mistaken = held { $0.rootThreshold = 1 }

  private static let pem = Array(
    """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    -----END PUBLIC KEY-----

    """.utf8)
  /// The service's key stands in a file.
  static let file = held(Film.Setting(files: ["service.pem": pem])) {
    $0.onlineKey = .file(PinnedFile(name: "service.pem", digest: SHA256Digest(of: pem)))
  }

  /// The script names a ceremony before this one, whose root is not at hand.
  static let previous = held {
    $0.previous = PreviousCeremony(root: SHA256Digest(of: [3]), head: SHA256Digest(of: [4]))
  }
  /// After the whole one, whose root is at hand; Ada's card was given up.
  static let after = Result {
    let root = try whole.get().moments.last?.driver.products["metadata/1.root.json"] ?? []
    let previous = PreviousCeremony(root: SHA256Digest(of: root), head: SHA256Digest(of: [4]))
    return try Film(
      SampleScript().with { $0.previous = previous }.script,
      Film.Setting(
        sacrifice: [.serial(20_000_001)], after: CeremonyConfiguration.After(previous, isKept: true),
        files: [CeremonyConfiguration.After.fileName: root]))
  }

  /// The root of the whole one is followed, by the same cards.
  static let rotation = following(whole)
  /// The same, and somebody may be absent and keep a key unproven.
  static let keeping = following(whole) {
    $0.absent = .keep
    $0.steps = [SampleScript.step("attendance", .attendance)] + SampleScript.rotationSteps
  }
  /// A real one, with the cards of a real one before.
  static let realRotation = following(unmarked, isRehearsal: false) {
    $0.expires = .at(Film.time.adding(seconds: 300 * 86_400))
    $0.attestation = .optional
  }
  /// A rehearsal of what follows the real one, on new cards.
  static let twin = following(unmarked, sameCards: false)
  /// The same, and people bring their real cards.
  static let twinWithRealCards = Result { () throws -> Moment in
    guard var moment = try twin.get().moments.first, let world = try unmarked.get().moments.last?.world else {
      throw World.Silent(what: "the real cards")
    }
    let files = moment.world.files
    moment.world = world
    moment.world.files = files
    return moment
  }
  /// A real ceremony, on cards that do not say that they are ours.
  static let unmarked = onOwnCards { _ in }
  /// The machine is looked at, too.
  static let watchedReal = onOwnCards(lookAtMachine)
  static let watched = held(Film.Setting(), lookAtMachine)

  private static let lookAtMachine: @Sendable (inout SampleScript) -> Void = {
    let place = $0.steps.firstIndex { $0.id == "bag-ada" } ?? 0
    $0.steps.insert(SampleScript.step("machine", .preflight(fatal: [.hostNetwork])), at: place)
  }

  private static func onOwnCards(_ edit: @escaping @Sendable (inout SampleScript) -> Void) -> Result<Film, any Error> {
    Result {
      let script = SampleScript().with {
        $0.officials = false
        $0.expires = .at(Film.time.adding(seconds: 300 * 86_400))
        $0.attestation = .optional
        edit(&$0)
      }.script
      let world = World(script, at: Film.time, model: .bare, isMarked: false)
      return try Film(script, Film.Setting(isRehearsal: false), in: world)
    }
  }

  /// Chandra leaves, and her card is wiped.
  static let retiring = following(whole, isUnattended: true) {
    $0.leave("chandra")
    $0.steps = [SampleScript.step("attendance", .attendance)] + SampleScript.retiringSteps
  }
  /// A real one, whose cards nobody marked as ours.
  static let realRetiring = following(unmarked, isRehearsal: false) {
    $0.expires = .at(Film.time.adding(seconds: 300 * 86_400))
    $0.attestation = .optional
    $0.leave("chandra")
    $0.steps = SampleScript.retiringSteps
  }
  /// The same with Boris elsewhere, without whom the root waits.
  static let retiringLater = following(whole) {
    $0.leave("chandra")
    $0.absents["boris"] = .pending
    $0.steps = SampleScript.retiring(SampleScript.collectingSteps)
  }

  /// Boris signs elsewhere; the others are enough.
  static let collecting = following(whole) {
    $0.absents["boris"] = .pending
    $0.steps = SampleScript.collectingSteps
  }
  /// The same, and nothing is enough without him: what is made waits.
  static let pending = following(whole) {
    $0.absents["boris"] = .pending
    $0.rootThreshold = 3
    $0.steps = SampleScript.collectingSteps
  }
  /// Boris makes his key elsewhere, on a card that nothing attests.
  static let enrolling = held {
    $0.officials = false
    $0.attestation = .optional
    $0.enrols["boris"] = Array(repeating: 3, count: 16)
    $0.absents["boris"] = .pending
    $0.steps = SampleScript.enrollingSteps
  }

  private static func following(
    _ before: Result<Film, any Error>, sameCards: Bool = true, isRehearsal: Bool = true,
    isUnattended: Bool = false,
    _ edit: @escaping @Sendable (inout SampleScript) -> Void = { _ in }
  ) -> Result<Film, any Error> {
    Result {
      let last = try before.get().moments.last
      let name = "1.root.json"
      let root = last?.driver.products["metadata/\(name)"] ?? []
      let signed = try Envelope(parsing: root, place: name).signed
      func ids(_ role: String) -> [String] {
        (signed["roles"]?[role]?["keyids"]?.array ?? []).compactMap { $0.string.map { String($0.prefix(12)) } }
      }
      let script = SampleScript().with {
        $0.officials = false
        $0.spares = []
        $0.goesOn = BaselineFiles(root: PinnedFile(name: name, digest: SHA256Digest(of: root)), head: nil, metadata: [])
        for (who, id) in zip(SampleScript.keyholders, ids("root")) { $0.keys[who] = .one(id) }
        $0.keys["ada"] = .byRole(["root": ids("root").first ?? "", "targets": ids("targets").first ?? ""])
        $0.steps = SampleScript.rotationSteps
        edit(&$0)
      }
      return try Film(
        script.script, Film.Setting(isRehearsal: isRehearsal, isUnattended: isUnattended, files: [name: root]),
        in: sameCards ? last?.world : nil)
    }
  }

  /// What Ada's card says of the slot of its root key in the whole one.
  static let adasRootKey = Result {
    guard var moment = try whole.get()["card-ada/read-back-root card read-metadata 9c"],
      case .card(.success(.slot(let reading))) = try moment.event("ok")
    else { throw World.Silent(what: "Ada's root key") }
    return reading
  }
}
