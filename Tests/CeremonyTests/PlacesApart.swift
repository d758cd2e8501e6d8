import Bundles
import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import Requests
import ScriptDraft
import TUFMetadata

/// The second root, with Boris elsewhere: Ada keeps her key, Fred joins, and Boris signs at home what a request asks.
final class PlacesApart {
  /// Whose signature is waited for, or was.
  static let elsewhere = "boris"

  let genesis: Room
  /// The ceremony that ended pending; complete where Boris answered meanwhile.
  let pending = Room(inMemory: true)
  /// The small ceremony of Boris.
  private(set) var answer = Room(inMemory: true)
  let collecting = Room(inMemory: true)
  private let history: History
  private let answers = FileManager.default.temporaryDirectory.appending(path: "answers-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: answers) }

  /// Both first ceremonies.
  ///
  /// - Parameter isAnsweredMeanwhile: whether his answer comes before the second root is written.
  init(algorithm: String = "ed25519", isAnsweredMeanwhile: Bool = false, edit: (String) throws -> String = { $0 })
    throws
  {
    var history = try History()
    try history.hold(History.Year(holders: ["ada", "boris"], threshold: 2, algorithm: algorithm), seed: 1)
    genesis = history.rooms[0]
    self.history = history
    try FileManager.default.createDirectory(at: answers, withIntermediateDirectories: true)
    let year = History.Year(holders: ["ada", "boris", "fred"], threshold: 2, algorithm: algorithm)
    let script = try history.script(year)
      .editing("name: Boris, card: record", with: "name: Boris, absent: pending, card: record")
      .editing("  - {id: prove-boris, do: prove, keyholder: boris}\n", with: "")
      .editing(
        "{id: sign-boris, do: sign, role: root, keyholder: boris}", with: "{id: collect, do: collect, role: root}")
    if isAnsweredMeanwhile {
      pending.console.answer = { [self] screen in
        if screen.title == "Take in signatures of root", try entries().isEmpty { try self.answerRequest() }
        return screen.prompt?.unattended
      }
    }
    try hold(try edit(script), in: pending, after: genesis, seed: 2)
  }

  private func entries() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: answers.path()) }

  private func hold(_ script: String, in room: Room, after: Room, seed: Int) throws {
    var options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: history.scripts.path(), out: room.path, isUnattended: true, seed: seed,
      programVersion: ProgramVersion.current, after: after.path)
    options.answers = answers.path()
    _ = try LiveCeremony(options, console: room.console).run()
  }

  /// The request for Boris, and his card.
  func request() throws -> (request: Request, card: StandInCard?) {
    let bytes = try RequestFile(of: Self.elsewhere, "root", in: pending.folder, place: "requests").bytes
    return try StandInCard.taken(from: bytes, place: "requests")
  }

  /// Boris answers, and the answer is put where answers are taken from.
  ///
  /// - Parameters:
  ///   - witness: who watches; nil for nobody.
  ///   - isBare: whether the metadata file alone is sent.
  func answerRequest(witness: String? = nil, isBare: Bool = false) throws {
    let asked = try request()
    answer = Room(inMemory: true)
    var script = AnswerScript(asked.request, people: asked.request.people)
    script.witness = witness
    script.isStream = witness != nil
    var options = LiveCeremony.Options(
      script: try script.bytes(), scriptFolder: "", out: answer.path, isUnattended: true, seed: 3,
      programVersion: ProgramVersion.current)
    options.supplied = [Request.fileName: asked.request.bytes]
    if let card = asked.card { options.standIn = (card, Self.elsewhere) }
    _ = try LiveCeremony(options, console: answer.console).run()
    if isBare {
      try Data(answer.folder.read("pending/2.root.json")).write(to: answers.appending(path: "boris.json"))
    } else {
      _ = try Answer.pack(answer.folder, into: answers.appending(path: "boris.tar").path())
    }
  }

  /// The script that finishes what waits.
  func collectingScript() throws -> String {
    let before = try genesis.folder.read("metadata/1.root.json")
    let waiting = try Envelope(parsing: pending.folder.read("pending/2.root.json"), place: "pending")
    let ids = waiting.signed["roles"]?["root"]?["keyids"]?.array?.compactMap(\.string) ?? []
    let people = zip(["ada", "boris", "fred"], ids).map { who, id in
      let absent = who == Self.elsewhere ? "absent: pending, " : ""
      return "  \(who): {name: \(who.capitalized), \(absent)card: record, key: \"\(id)\"}"
    }
    return """
      ceremony: 2
      title: The second root, collected
      repository: Example repository
      administrator: Administrator
      witness: Witness
      previous:
        root: {file: 1.root.json, sha256: \(SHA256Digest(of: before).hex)}
        pending: {head: \(pending.replay().head?.hex ?? ""), payload: \(SHA256Digest(of: waiting.signedBytes).hex)}
      keyholders:
      \(people.joined(separator: "\n"))
      seal: 1
      roles:
        root: {threshold: 2, keyholders: [ada, boris, fred]}
      steps:
        - {id: collect, do: collect, role: root}
        - {id: verify, do: verify, role: root}
        - {id: write, do: write, role: root}
        - {id: close, do: close, seal: [ada]}

      """
  }

  func collect() throws { try hold(try collectingScript(), in: collecting, after: pending, seed: 4) }
}
