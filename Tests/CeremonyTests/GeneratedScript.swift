import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Testing
import UTC

/// A script drawn from dice: sizes, thresholds, algorithms, policies, who signs and what is said between.
struct GeneratedScript {
  let bytes: [UInt8]
  let script: Script

  /// Draws until the lint has nothing against it at this time: most of what is drawn fits a card, some does not.
  init(_ dice: inout Dice, at now: UTCTime) throws {
    for _ in 0..<40 {
      var draft = Draft(&dice, expires: now.adding(days: 699))
      let bytes = Array(draft.text().utf8)
      let script = try Script(bytes)
      let online = try script.onlineKeys(in: Package.runbook.path())
      guard !script.lint(.rehearsal, online: online, at: now).contains(where: { $0.severity == .error }) else {
        dice = draft.dice
        continue
      }
      self.init(bytes: bytes, script: script)
      dice = draft.dice
      return
    }
    throw NoneFits()
  }

  private init(bytes: [UInt8], script: Script) {
    self.bytes = bytes
    self.script = script
  }

  struct NoneFits: Error {}
}

/// The text of a script in the making.
private struct Draft {
  var dice: Dice
  private let expires: UTCTime
  private let people: [String]
  private var steps: [String] = []
  /// Officials who have initials, and among them those who have cards.
  private var initialling: [String] = []
  private var withCards: [String] = []

  init(_ dice: inout Dice, expires: UTCTime) {
    let count = Int.random(in: 2...6, using: &dice)
    people = Array(["ada", "boris", "chandra", "dalia", "emeka", "fatima"].prefix(count))
    version = Bool.random(using: &dice) ? 1 : 2
    self.dice = dice
    self.expires = expires
  }

  private mutating func one(_ choices: String...) -> String { choices.randomElement(using: &dice) ?? "" }
  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &dice) }
  private mutating func isHeads() -> Bool { Bool.random(using: &dice) }
  private mutating func some(_ all: [String], atLeast least: Int) -> [String] {
    Array(all.shuffled(using: &dice).prefix(number(least...all.count)))
  }

  mutating func text() -> String {
    let rootSlot = one("9a", "9c")
    var roles = role("root", people, number(2...people.count), rootSlot)
    var signed = [("root", people, 2)]
    let officials = official("administrator", "AD", 40_000_001) + official("witness", "WI", 40_000_002)
    if isHeads() {
      let holders = some(people, atLeast: 1)
      let threshold = number(1...holders.count)
      roles += role("targets", holders, threshold, rootSlot == "9a" ? "9c" : "9a")
      signed.append(("targets", holders, threshold))
    } else {
      roles += online("targets")
    }
    roles += online("snapshot") + online("timestamp")
    signed[0].2 = rootThreshold
    return """
      ceremony: \(version)
      title: A generated ceremony
      repository: Example repository
      \(officials)keyholders:
      \(people.map { "  \($0): {name: \($0.capitalized), card: \(pin($0))\(spares($0))\(fields())}" }.joined(separator: "\n"))
      cards:
        model: \(one("yubikey-5.7", "yubikey-5.7", "other"))
        attestation: \(one("optional", "required"))
        pin-tries: \(number(3...15))
        puk-tries: \(number(3...15))
      absent: \(one("stop", "enrolled"))
      \(version == 1 ? "" : "fields: {x-generated-number: \(number(0...9999))}")
      roles:
      \(roles)online-keys:
        service: {ed25519: 3f3aba7404fe16be2a9bcffcc5fff0bb9c37d49ad72ed147ca0397c32cdabef5\(fields())}
        spare:
          file: online-stand-in.pem
          sha256: d362e0ce1f44f731fa2bcf85f50d0109a7c7c5775ed2a8f6123e9ca20f4ddcd6
      steps:
      \(story(signed))
      """
  }

  private mutating func official(_ role: String, _ letters: String, _ serial: Int) -> String {
    guard isHeads() else { return "\(role): \(role.capitalized)\n" }
    initialling.append(role)
    guard isHeads() else { return "\(role): {name: \(role.capitalized), initials: \(letters)}\n" }
    withCards.append(role)
    return "\(role): {name: \(role.capitalized), initials: \(letters), card: \(one("record", "\(serial)"))}\n"
  }

  /// Initials of whoever has some, sometimes.
  private mutating func initials() -> String {
    let those = initialling.filter { _ in isHeads() }
    return those.isEmpty ? "minutes: 3" : "initials: [\(those.joined(separator: ", "))]"
  }

  private mutating func pin(_ keyholder: String) -> String {
    isHeads() ? "record" : "\(30_000_000 + (people.firstIndex(of: keyholder) ?? 0))"
  }

  private mutating func spares(_ keyholder: String) -> String {
    guard isHeads() else { return "" }
    let first = 31_000_000 + 10 * (people.firstIndex(of: keyholder) ?? 0)
    return ", spares: [\((0..<number(1...2)).map { "\(first + $0)" }.joined(separator: ", "))]"
  }

  private var rootThreshold = 2
  /// Of scripts.
  private let version: Int

  /// Custom fields, sometimes.
  private mutating func fields() -> String {
    guard version > 1, isHeads() else { return "" }
    return ", fields: {x-generated-\(number(0...9)): \(one("true", "12", "\"12\"", "some words"))}"
  }

  private mutating func role(_ name: String, _ holders: [String], _ threshold: Int, _ slot: String) -> String {
    if name == "root" { rootThreshold = threshold }
    return """
        \(name):
          threshold: \(threshold)
          keyholders: [\(holders.joined(separator: ", "))]
          expires: \(one(expires.description, "{days: 5}", "{days: 300}"))
          slot: \(slot)
          algorithm: \(one("ed25519", "ed25519", "ecdsa-p256", "ecdsa-p384"))
          pin-policy: \(one("always", "once"))
          touch-policy: \(one("always", "cached", "never"))

      """
  }

  private mutating func online(_ name: String) -> String {
    let keys = isHeads() ? ["service"] : ["service", "spare"]
    return "  \(name): {threshold: \(number(1...keys.count)), keys: [\(keys.joined(separator: ", "))]\(fields())}\n"
  }

  private mutating func story(_ roles: [(name: String, holders: [String], threshold: Int)]) -> String {
    between()
    for keyholder in (people + withCards).shuffled(using: &dice) {
      add("card-\(keyholder)", "do: provision", "keyholder: \(keyholder)")
      between()
    }
    for role in roles {
      add("build-\(role.name)", "do: build", "role: \(role.name)")
      between()
      add("show-\(role.name)", "do: show", "role: \(role.name)", initials())
      for keyholder in some(role.holders, atLeast: role.threshold) {
        add("sign-\(role.name)-\(keyholder)", "do: sign", "role: \(role.name)", "keyholder: \(keyholder)")
        between()
      }
      add("verify-\(role.name)", "do: verify", "role: \(role.name)")
      add("write-\(role.name)", "do: write", "role: \(role.name)")
    }
    let sealers = some(people, atLeast: 1)
    add("close", "do: close", isHeads() ? "minutes: 2" : "seal: [\(sealers.joined(separator: ", "))]")
    if isHeads() { add("farewell", "do: confirm", "confirm: Nothing is left.", initials()) }
    return steps.joined(separator: "\n")
  }

  /// Words or a confirmation, sometimes.
  private mutating func between() {
    switch number(0...5) {
    case 0: add("say-\(steps.count)", "do: say", "say: [We go on., \"Nobody: touches “anything”.\"]")
    case 1: add("confirm-\(steps.count)", "do: confirm", "who: witness", "confirm: The door is closed.")
    default: break
    }
  }

  private mutating func add(_ id: String, _ fields: String...) {
    steps.append("  - id: \(id)\n" + fields.map { "    \($0)" }.joined(separator: "\n"))
  }
}
