import CanonicalJSON
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import UTC
import VirtualCard

/// What goes on from a generated ceremony, drawn from dice: who stays and proves it, who leaves and why, who joins.
struct GeneratedRotation {
  let bytes: [UInt8]
  /// With the root that it goes on from.
  let script: Script
  /// Where the files stand that it names.
  let folder: URL

  /// Draws until the lint has nothing against it at this time; nil where nothing that was drawn can be held.
  ///
  /// - Parameter before: the room of a complete ceremony by this script.
  init?(after before: Room, by genesis: Script, _ dice: inout Dice, at now: UTCTime) throws {
    let root = try before.folder.read("metadata/1.root.json")
    let targets = try? before.folder.read("metadata/1.targets.json")
    let folder = FileManager.default.temporaryDirectory.appending(path: "generated-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(root).write(to: folder.appending(path: "1.root.json"))
    try targets.map { try Data($0).write(to: folder.appending(path: "1.targets.json")) }
    try Data(Package.script("online-stand-in.pem")).write(to: folder.appending(path: "online-stand-in.pem"))
    let head = before.replay().head ?? .zero
    for _ in 0..<40 {
      var draft = try RotationDraft(genesis, root, targets, head: head, dice)
      let bytes = Array(draft.text().utf8)
      dice = draft.dice
      let script = try Script(bytes).going(onFilesIn: folder.path())
      let online = try script.onlineKeys(in: folder.path())
      guard !script.lint(.rehearsal, online: online, at: now).contains(where: { $0.severity == .error }) else {
        continue
      }
      (self.bytes, self.script, self.folder) = (bytes, script, folder)
      return
    }
    try FileManager.default.removeItem(at: folder)
    return nil
  }

  /// The cards: those of the ceremony before with the keys that are kept, and new ones under numbers that nobody has.
  func cards(of before: Room, in room: Room) throws -> StagedCardSource {
    let cards = StagedCardSource(script, room.folder, seed: nil)
    var taken: Set<UInt32> = []
    for path in try before.folder.list().map(\.path)
    where path.wholeMatch(of: /virtual-cards\/[0-9]+\.json/) != nil {
      let card = try VirtualCard(state: before.folder.read(path))
      for keeper in script.keptKeyholders where script.keptPublicKeys(of: keeper.id).contains(where: card.holds) {
        cards.replaceCard(of: keeper.id, with: card)
        taken.insert(card.serial)
      }
    }
    // As a rehearsal numbers them that goes on after an interruption.
    for (place, owner) in script.cardholders.enumerated() where owner.key == nil && owner.card == .record {
      var serial = 20_000_001 + UInt32(place)
      while taken.contains(serial) { serial += 100 }
      cards.replaceCard(of: owner.id, with: VirtualCard(serial: serial))
    }
    return cards
  }
}

/// The text of a rotation in the making.
private struct RotationDraft {
  var dice: Dice
  private let genesis: Script
  private let root: [UInt8]
  private let signed: JSONObject
  private let targets: [UInt8]?
  private let head: SHA256Digest

  init(_ genesis: Script, _ root: [UInt8], _ targets: [UInt8]?, head: SHA256Digest, _ dice: Dice) throws {
    self.genesis = genesis
    self.root = root
    self.targets = targets
    self.head = head
    self.dice = dice
    signed = try Envelope(parsing: root, place: "root").signed
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &dice) }
  private mutating func isHeads() -> Bool { Bool.random(using: &dice) }
  private mutating func one(_ choices: String...) -> String { choices.randomElement(using: &dice) ?? "" }
  private mutating func some(_ all: [String], atLeast least: Int) -> [String] {
    Array(all.shuffled(using: &dice).prefix(number(min(least, all.count)...all.count)))
  }

  /// The key of somebody for a role, by the first digits of its id.
  private func key(_ who: String, _ role: String) -> String? {
    guard let place = genesis.offlineRole(role)?.keyholders.firstIndex(of: who) else { return nil }
    return (signed["roles"]?[role]?["keyids"]?.array?[place].string).map { "\"\($0.prefix(16))\"" }
  }

  private func keys(_ who: String) -> [(role: String, digits: String)] {
    ["root", "targets"].compactMap { role in key(who, role).map { (role, $0) } }
  }

  mutating func text() -> String {
    var (staying, leaving, lost): ([String], [String], [String]) = ([], [], [])
    for who in genesis.offlineRole("root")?.keyholders ?? [] {
      switch number(0...5) {
      case 0: leaving.append(who)
      case 1: lost.append(who)
      default: staying.append(who)
      }
    }
    let joining = Array(["yann", "zoe"].prefix(number(max(0, 2 - staying.count)...2)))
    let holders = staying + joining
    let ofTargets = genesis.offlineRole("targets").map { role in
      let own = holders.filter(role.keyholders.contains) + joining
      return own.isEmpty ? [holders[0]] : own
    }
    // With a key that nobody proves, and with one that may stay so.
    let unproven = staying.filter { _ in number(0...5) == 0 }
    let people =
      (staying + leaving).map { who in
        let own = keys(who).map { "\($0.role): \($0.digits)" }.joined(separator: ", ")
        let mayBeUnproven = unproven.contains(who) || staying.contains(who) && number(0...3) == 0
        return
          "  \(who): {name: \(who.capitalized), card: record, key: {\(own)}\(mayBeUnproven ? ", absent: keep" : "")}"
      }
      + joining.map { "  \($0): {name: \($0.capitalized), card: record\(isHeads() ? "" : ", algorithm: ecdsa-p256")}" }
    let reasons =
      leaving.map { "  \($0): {reason: \(one("routine", "suspected", "firmware", "left"))}" }
      + lost.flatMap { who in keys(who).map { "  \($0.digits): {reason: lost, name: \(who.capitalized)}" } }
    var roles = role("root", holders, number(2...max(2, holders.count)))
    if let ofTargets {
      roles += role("targets", ofTargets, number(1...max(1, ofTargets.count)))
    } else {
      roles += online("targets")
    }
    roles += online("snapshot") + online("timestamp")
    let signsTargets = ofTargets != nil && isHeads()
    let officialCard = isHeads() ? ["administrator"] : []
    return """
      ceremony: 2
      title: A generated rotation
      repository: Example repository
      administrator: {name: Administrator, initials: AD\(officialCard.isEmpty ? "" : ", card: record")}
      witness: Witness
      previous:
        root: {file: 1.root.json, sha256: \(SHA256Digest(of: root).hex)}
        head: \(head.hex)
      \(signsTargets ? metadata : "")\(reasons.isEmpty ? "" : "leaving:\n\(reasons.joined(separator: "\n"))\n")\
      \(fields(signed, besides: Self.defined, "fields: ", "\n"))\
      keyholders:
      \(people.joined(separator: "\n"))
      cards: {model: \(one("yubikey-5.7", "other")), attestation: \(one("optional", "required"))}
      absent: \(one("stop", "enrolled", "keep"))
      roles:
      \(roles)online-keys:
        service: {ed25519: 3f3aba7404fe16be2a9bcffcc5fff0bb9c37d49ad72ed147ca0397c32cdabef5}
        spare:
          file: online-stand-in.pem
          sha256: d362e0ce1f44f731fa2bcf85f50d0109a7c7c5775ed2a8f6123e9ca20f4ddcd6
      steps:
      \(story(staying.filter { !unproven.contains($0) }, leaving, officialCard + joining, holders, signsTargets ? ofTargets : nil))

      """
  }

  private var metadata: String {
    "  metadata: [{file: 1.targets.json, sha256: \(SHA256Digest(of: targets ?? []).hex)}]\n"
  }

  private static let defined = [
    "_type", "spec_version", "version", "expires", "consistent_snapshot", "keys", "roles", "keyids", "threshold",
    Header.rehearsalMark,
  ]

  /// The custom fields that the root before has there: repeated, changed or taken away.
  private mutating func fields(_ of: JSONObject, besides defined: [String], _ before: String, _ after: String) -> String
  {
    let own = of.members.filter { !defined.contains($0.name) }.map { member in
      "\(member.name): \(number(0...2) == 0 ? "null" : String(decoding: member.value.canonical(), as: UTF8.self))"
    }
    return own.isEmpty ? "" : "\(before){\(own.joined(separator: ", "))}\(after)"
  }

  private mutating func role(_ name: String, _ holders: [String], _ threshold: Int) -> String {
    guard let old = genesis.offlineRole(name) else { return "" }
    return "  \(name): {threshold: \(threshold), keyholders: [\(holders.joined(separator: ", "))], expires: {days: 5}, "
      + "slot: \(old.slot), algorithm: \(one("ed25519", "ecdsa-p256", "ecdsa-p384")), pin-policy: \(old.pinPolicy), "
      + "touch-policy: \(old.touchPolicy)}\n"
  }

  private mutating func online(_ name: String) -> String {
    guard let old = genesis.onlineRoles.first(where: { $0.name == name }) else { return "" }
    let own = fields(signed["roles"]?[name]?.object ?? [:], besides: Self.defined, ", fields: ", "")
    return "  \(name): {threshold: \(old.threshold), keys: [\(old.keys.joined(separator: ", "))]\(own)}\n"
  }

  private mutating func story(
    _ proving: [String], _ leaving: [String], _ joining: [String], _ holders: [String], _ ofTargets: [String]?
  ) -> String {
    var steps = isHeads() ? ["{id: attendance, do: attendance}"] : []
    var before = proving.map { "{id: prove-\($0), do: prove, keyholder: \($0)}" }
    before += joining.map { "{id: card-\($0), do: provision, keyholder: \($0)}" }
    before += leaving.filter { _ in isHeads() }.map { "{id: identify-\($0), do: identify, keyholder: \($0)}" }
    steps += before.shuffled(using: &dice)
    for (role, signers) in [("root", holders + leaving)] + (ofTargets.map { [("targets", $0)] } ?? []) {
      steps += ["{id: build-\(role), do: build, role: \(role)}", "{id: show-\(role), do: show, role: \(role)}"]
      steps += some(signers, atLeast: 2).map { "{id: sign-\(role)-\($0), do: sign, role: \(role), keyholder: \($0)}" }
      steps += ["{id: verify-\(role), do: verify, role: \(role)}", "{id: write-\(role), do: write, role: \(role)}"]
    }
    return (steps + ["{id: close, do: close}"]).map { "  - \($0)" }.joined(separator: "\n")
  }
}
