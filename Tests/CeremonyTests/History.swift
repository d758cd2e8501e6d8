import CanonicalJSON
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
import TUFMetadata
import Testing
import VirtualCard

/// The life of a root in rehearsals: a genesis, and ceremonies that each go on from the one before.
struct History {
  /// What one ceremony is to be.
  struct Year {
    /// Keyholders of the root, in the order of the script; those of the root before keep their keys.
    var holders: [String]
    var threshold: Int
    /// Who leaves, and why; each signs once more unless the card is lost.
    var leaving: [String: String] = [:]
    /// Of new keys.
    var algorithm = "ed25519"
    /// The number of the service's online key, and why the one before leaves.
    var online = 1
    var onlineReason = "routine"
    /// Who is absent and keeps a key unproven.
    var kept: [String] = []
    /// More lines at the top of the script.
    var more = ""
  }

  /// Folders of the ceremonies so far, oldest first.
  private(set) var rooms: [Room] = []
  /// Scripts and roots stand beside each other here.
  let scripts = FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)")
  private var years: [Year] = []

  init() throws { try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true) }

  /// The private half of an online key, which the tests of clients sign with.
  static func online(_ number: Int) throws -> Curve25519.Signing.PrivateKey {
    try Curve25519.Signing.PrivateKey(rawRepresentation: SHA256.hash(data: Array("online \(number)".utf8)).map { $0 })
  }

  var newest: Room? { rooms.last }

  func root(_ version: Int) throws -> [UInt8] { try rooms[version - 1].folder.read("metadata/\(version).root.json") }

  /// The ids of the root's keys by keyholder, as the newest root has them.
  func keyIDs() throws -> [String: String] {
    let signed = try Envelope(parsing: try root(rooms.count), place: "root").signed
    let ids = signed["roles"]?["root"]?["keyids"]?.array?.compactMap(\.string) ?? []
    return Dictionary(zip(years.last?.holders ?? [], ids), uniquingKeysWith: { first, _ in first })
  }

  private func onlineID() throws -> String {
    let signed = try Envelope(parsing: try root(rooms.count), place: "root").signed
    return signed["roles"]?["timestamp"]?["keyids"]?.array?.first?.string ?? ""
  }

  /// The script of a year, written beside the root that it goes on from.
  func script(_ year: Year) throws -> String {
    let isGenesis = rooms.isEmpty
    let ids = isGenesis ? [:] : try keyIDs()
    func id(_ who: String) -> String { String((ids[who] ?? "").prefix(16)) }
    var people: [String] = []
    let lost = year.leaving.filter { $0.value == "lost" }.keys.sorted()
    let leavers = year.leaving.keys.sorted().filter { !lost.contains($0) }
    for who in year.holders + leavers {
      var own = "name: \(who.capitalized), card: record"
      if ids[who] != nil { own += ", key: \"\(id(who))\"" }
      if year.kept.contains(who) { own += ", absent: keep" }
      people.append("  \(who): {\(own)}")
    }
    var top = ""
    if let before = rooms.last {
      let version = rooms.count
      let bytes = try root(version)
      try Data(bytes).write(to: scripts.appending(path: "\(version).root.json"))
      let head = before.replay().head?.hex ?? ""
      top = """
        previous:
          root: {file: \(version).root.json, sha256: \(SHA256Digest(of: bytes).hex)}
          head: \(head)

        """
      var leaving = leavers.map { "  \($0): {reason: \(year.leaving[$0] ?? "")}" }
      leaving += lost.map { "  \"\(id($0))\": {reason: lost, name: \($0.capitalized)}" }
      if let last = years.last, last.online != year.online {
        leaving.append("  \"\(try onlineID())\": {reason: \(year.onlineReason), name: The service}")
      }
      if !leaving.isEmpty { top += "leaving:\n" + leaving.joined(separator: "\n") + "\n" }
    }
    let new = year.holders.filter { ids[$0] == nil }
    let proving = year.holders.filter { ids[$0] != nil && !year.kept.contains($0) }
    let signing = (year.holders + leavers).filter { !year.kept.contains($0) }
    let steps =
      ["{id: attendance, do: attendance}"] + proving.map { "{id: prove-\($0), do: prove, keyholder: \($0)}" }
      + new.map { "{id: card-\($0), do: provision, keyholder: \($0)}" }
      + ["{id: build, do: build, role: root}", "{id: show, do: show, role: root}"]
      + signing.map { "{id: sign-\($0), do: sign, role: root, keyholder: \($0)}" }
      + ["{id: verify, do: verify, role: root}", "{id: write, do: write, role: root}", "{id: close, do: close}"]
    let service = try Hex.encode(Array(Self.online(year.online).publicKey.rawRepresentation))
    return """
      ceremony: 2
      title: Ceremony \(rooms.count + 1)
      repository: Example repository
      administrator: Administrator
      witness: Witness
      \(top)\(year.more)keyholders:
      \(people.joined(separator: "\n"))
      \(year.kept.isEmpty ? "" : "absent: enrolled\n")roles:
        root: {threshold: \(year.threshold), keyholders: [\(year.holders.joined(separator: ", "))], \
      algorithm: \(year.algorithm), expires: {days: 7}}
        targets: {threshold: 1, keys: [service]}
        snapshot: {threshold: 1, keys: [service]}
        timestamp: {threshold: 1, keys: [service]}
      online-keys:
        service: {ed25519: \(service)}
      steps:
      \(steps.map { "  - \($0)" }.joined(separator: "\n"))

      """
  }

  /// Holds the next ceremony by this script, and goes on from it.
  @discardableResult
  mutating func hold(_ year: Year, seed: Int? = nil, edit: (String) throws -> String = { $0 }) throws
    -> LiveCeremony.Result
  {
    let room = Room(inMemory: true)
    let result = try rehearse(try edit(try script(year)), in: room, seed: seed)
    rooms.append(room)
    years.append(year)
    return result
  }

  /// A ceremony with the cards of the one before, with which something is done first.
  func rehearse(
    _ script: String, in room: Room, answering answer: ((Screen) throws -> String?)? = nil,
    prepare: (StagedCardSource) throws -> Void
  ) throws -> LiveCeremony.Result {
    let bytes = Array(script.utf8)
    let before = try #require(newest)
    let cards = StagedCardSource(try Script(bytes), room.folder, seed: nil)
    let read = try Script(bytes).going(onFilesIn: scripts.path())
    for path in try before.folder.list().map(\.path)
    where path.wholeMatch(of: /virtual-cards\/[0-9]+\.json/) != nil {
      let card = try VirtualCard(state: before.folder.read(path))
      for keyholder in read.keptKeyholders where read.keptPublicKeys(of: keyholder.id).contains(where: card.holds) {
        cards.replaceCard(of: keyholder.id, with: card)
      }
    }
    // A new card has no serial of one that is brought again.
    for (place, keyholder) in read.keyholders.enumerated() where keyholder.key == nil {
      cards.replaceCard(of: keyholder.id, with: VirtualCard(serial: 20_000_101 + UInt32(place)))
    }
    try prepare(cards)
    if let answer { room.console.answer = answer }
    return try LiveCeremony(
      LiveCeremony.Options(
        script: bytes, scriptFolder: scripts.path(), out: room.path, isUnattended: true, seed: nil,
        programVersion: ProgramVersion.current, after: before.path), console: room.console, virtualCards: cards,
      secrets: RehearsalVault(SystemEntropy(), before.folder, readingPaper: true)
    ).run()
  }

  /// A ceremony that does not become part of the history.
  func rehearse(_ script: String, in room: Room, seed: Int? = nil) throws -> LiveCeremony.Result {
    try LiveCeremony(
      LiveCeremony.Options(
        script: Array(script.utf8), scriptFolder: scripts.path(), out: room.path, isUnattended: true, seed: seed,
        programVersion: ProgramVersion.current, after: rooms.last?.path), console: room.console
    ).run()
  }
}
