import Bundles
import CeremonyRecords
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Crypto
import Findings
import Foundation
import Judges
import Keys
import Products
import Requests
import ScriptDraft
import TUFMetadata

/// A first root, two of three. Ada signs in the room; Boris's key is made there, and he signs at home; Fred makes his key and
/// signs at home. The ceremony ends pending, and another one collects.
final class FirstRootElsewhere {
  /// Files of answers lie here while a ceremony goes on.
  let answers = FileManager.default.temporaryDirectory.appending(path: "answers-\(UUID().uuidString)")
  let enrolment = Room(inMemory: true)
  let pending = Room(inMemory: true)
  let boris = Room(inMemory: true)
  let fred = Room(inMemory: true)
  let collecting = Room(inMemory: true)

  static let holders = ["ada", "boris", "fred"]

  init() throws { try FileManager.default.createDirectory(at: answers, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: answers) }

  /// - Parameter more: lines at the top.
  static func script(more: String = "") throws -> String {
    let service = try Hex.encode(Array(History.online(1).publicKey.rawRepresentation))
    return """
      ceremony: 2
      title: The first root
      repository: Example repository
      administrator: Administrator
      witness: Witness
      \(more)keyholders:
        ada: {name: Ada, card: record}
        boris: {name: Boris, card: record, absent: pending}
        fred: {name: Fred, card: record, absent: pending, enrol: "\(Elsewhere.nonce)"}
      roles:
        root: {threshold: 2, keyholders: [ada, boris, fred], expires: {days: 7}}
        targets: {threshold: 1, keys: [service]}
        snapshot: {threshold: 1, keys: [service]}
        timestamp: {threshold: 1, keys: [service]}
      online-keys:
        service: {ed25519: \(service)}
      steps:
        - {id: attendance, do: attendance}
        - {id: card-ada, do: provision, keyholder: ada}
        - {id: card-boris, do: provision, keyholder: boris}
        - {id: enrol-fred, do: enrol, keyholder: fred}
        - {id: build, do: build, role: root}
        - {id: show, do: show, role: root}
        - {id: sign-ada, do: sign, role: root, keyholder: ada}
        - {id: collect, do: collect, role: root}
        - {id: verify, do: verify, role: root}
        - {id: write, do: write, role: root}
        - {id: close, do: close}

      """
  }

  /// Ada and Boris have keys of targets, too. Ada and Fred sign in the room, and nobody is waited for.
  static func scriptWithTargets() throws -> String {
    try script()
      .editing(
        "targets: {threshold: 1, keys: [service]}",
        with: "targets: {threshold: 1, slot: 9a, keyholders: [ada, boris], expires: {days: 7}}"
      )
      .editing(", absent: pending, enrol: \"\(Elsewhere.nonce)\"", with: "")
      .editing("{id: enrol-fred, do: enrol, keyholder: fred}", with: "{id: card-fred, do: provision, keyholder: fred}")
      .editing(
        "{id: collect, do: collect, role: root}", with: "{id: sign-fred, do: sign, role: root, keyholder: fred}"
      )
      .editing(
        "  - {id: close,",
        with: """
            - {id: build-targets, do: build, role: targets}
            - {id: show-targets, do: show, role: targets}
            - {id: targets-ada, do: sign, role: targets, keyholder: ada}
            - {id: verify-targets, do: verify, role: targets}
            - {id: write-targets, do: write, role: targets}
            - {id: close,
          """)
  }

  /// Answers a request at home.
  @discardableResult
  func answer(_ request: Request, in room: Room, with card: StandInCard? = nil) throws -> LiveCeremony.Result {
    var script = AnswerScript(request, people: request.people)
    if case .enrol = request.kind { script.serial = StandInCard.serial(for: request) }
    var options = LiveCeremony.Options(
      script: try script.bytes(), scriptFolder: "", out: room.path, isRehearsal: true, isUnattended: true,
      programVersion: ProgramVersion.current)
    options.supplied = [Request.fileName: request.bytes]
    if let card, let person = request.people.first { options.standIn = (card, person.id) }
    return try LiveCeremony(options, console: room.console).run()
  }

  /// Puts the answer of a room into the folder for answers.
  func send(_ room: Room) throws {
    _ = try Answer.pack(room.folder, into: answers.appending(path: "\(UUID().uuidString).tar").path())
  }

  func clearAnswers() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: answers.path()) {
      try FileManager.default.removeItem(at: answers.appending(path: name))
    }
  }

  func hold(_ script: String, after: Room? = nil, in room: Room) throws -> LiveCeremony.Result {
    var options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: "", out: room.path, isUnattended: true,
      programVersion: ProgramVersion.current, after: after?.path)
    options.answers = answers.path()
    return try LiveCeremony(options, console: room.console).run()
  }

  /// Fred's key is made, and the ceremony is held that ends pending.
  @discardableResult
  func holdPending() throws -> LiveCeremony.Result {
    let script = try Self.script()
    try answer(
      Script(Array(script.utf8)).enrolmentRequest(
        for: "fred", engine: Int64(EngineVersion.current), release: ProgramVersion.current, isRehearsal: true,
        files: [:],
        largest: 1600), in: enrolment)
    try send(enrolment)
    let result = try hold(script, in: pending)
    try clearAnswers()
    return result
  }

  func request(for person: String) throws -> Request {
    try Request(pending.folder.read(Request.path(of: person, "root")), place: person)
  }

  @discardableResult
  func sign(as person: String) throws -> LiveCeremony.Result {
    let request = try request(for: person)
    let key = request.people.first.flatMap(request.key)
    let (room, source) = person == "fred" ? (fred, enrolment) : (boris, pending)
    return try answer(request, in: room, with: StandInCard(holding: key, of: person, in: source.folder, place: ""))
  }

  var waiting: Envelope {
    get throws { try Envelope(parsing: pending.folder.read("pending/1.root.json"), place: "") }
  }

  /// The script that finishes it, as the program drafts it, with everything filled in.
  func collectingScript(_ edit: (inout CollectDraft) -> Void = { _ in }) throws -> String {
    let earlier = try EarlierCeremony(pending.folder)
    var draft = CollectDraft(
      after: try PendingBefore(
        Script(pending.folder.read("script.yaml")), after: nil, twin: nil, waiting: earlier.root,
        head: earlier.names.head))
    edit(&draft)
    return String(decoding: try draft.drafted().bytes, as: UTF8.self)
  }

  /// All of it, in its order: Fred's signature completes it.
  func holdAll() throws {
    try holdPending()
    try sign(as: "fred")
    try send(fred)
    _ = try hold(collectingScript(), after: pending, in: collecting)
  }
}
