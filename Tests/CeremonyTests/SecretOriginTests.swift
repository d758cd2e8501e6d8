import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Keys
import PIV
import PIVTypes
import Products
import SmartCard
import Testing
import Transcript
import VirtualCard

/// Who makes PINs, PUKs and management keys, and where they may be seen.
@Suite struct SecretOriginTests {
  /// What a person types, and what they get to see.
  private final class Desk {
    private let typed = Pipe()
    private let seen = Pipe()
    var entry: HiddenEntry {
      HiddenEntry(input: typed.fileHandleForReading.fileDescriptor, output: seen.fileHandleForWriting.fileDescriptor)
    }
    func type(_ lines: String...) {
      typed.fileHandleForWriting.write(Data(lines.map { "\($0)\n" }.joined().utf8))
    }
    /// Everything that was shown; nothing is afterwards.
    func read() throws -> String {
      try seen.fileHandleForWriting.close()
      return String(decoding: try seen.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }
  }

  @Test(arguments: ["123456", "12345678", "87654321", "99999999", "000000", "12345", "123456789", "12a456", ""])
  func aTypedCodeThatEverybodyWouldGuessIsAskedForAgain(refused: String) throws {
    let desk = Desk()
    desk.type(refused, "24681357", "24681357")
    let code = try desk.entry.newCode("PIN")
    #expect(code.matches(try Secret(copying: Array("24681357".utf8))))
    let shown = try desk.read()
    #expect(shown.contains("Everybody would guess it") || shown.contains("Not 6 to 8 digits"))
    #expect(refused.isEmpty || !shown.contains(refused))
  }

  /// Whoever sees one of them would have both.
  @Test(arguments: [CeremonyConfiguration.Secrets.typed, .made]) func pinAndPUKDiffer(
    origin: CeremonyConfiguration.Secrets
  ) throws {
    let desk = Desk()
    let vault = TypedVault(desk.entry, origin: origin)
    // Another card may have it.
    for (owner, kind) in [("ada", SecretOperation.Kind.puk), ("boris", .pin), ("ada", .pin)] {
      switch (origin, owner, kind) {
      case (.made, _, _): desk.type("")
      case (_, "ada", .pin): desk.type("24681357", "97531864", "97531864")
      default: desk.type("24681357", "24681357")
      }
      let operation = SecretOperation(action: .make, kind: kind, handle: SecretHandle("\(owner)/\(kind.rawValue)"))
      #expect(try vault.perform(operation))
    }
    let pin = try vault.reveal(SecretHandle("ada/pin"))
    #expect(!pin.matches(try vault.reveal(SecretHandle("ada/puk"))))
    #expect(try desk.read().contains("PIN and PUK of a card must differ") == (origin == .typed))
  }

  @Test func helpIsNoCode() throws {
    let desk = Desk()
    desk.type("?", "86421357", "?", "86421357")
    #expect(try desk.entry.newCode("PIN").matches(try Secret(copying: Array("86421357".utf8))))
    let shown = try desk.read()
    #expect(shown.components(separatedBy: "type them twice").count == 3 && !shown.contains("86421357"))
  }

  /// A card would count it as a wrong PIN.
  @Test(arguments: ["\u{1a}24681357", "2468\u{1b}[D1357", "24681357\t", "24681357\u{7f}"])
  func aKeyThatTypesNoCharacterGoesToNoCard(typed: String) throws {
    let desk = Desk()
    desk.type(typed, "86421357")
    #expect(try desk.entry.line("PIN").matches(try Secret(copying: Array("86421357".utf8))))
    #expect(try desk.read().contains("types no character"))
  }

  @Test func aMadeCodeIsShownToItsKeeperAloneAndTakenAway() throws {
    let desk = Desk()
    let vault = TypedVault(desk.entry, origin: .made)
    var codes: [String] = []
    for place in 0..<40 {
      // Something else than Enter alone, as a card that is touched types it, does not take it away.
      desk.type("cccccc", "")
      let handle = SecretHandle("k\(place)/pin")
      #expect(try vault.perform(SecretOperation(action: .make, kind: .pin, handle: handle)))
      codes.append(try vault.reveal(handle).withBytes { String(decoding: $0, as: UTF8.self) })
    }
    // Two of forty are the same once in 100,000 times; three pairs never are.
    #expect(Set(codes).count > 37)
    #expect(codes.allSatisfy { $0.utf8.count == 8 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    let shown = try desk.read()
    for code in codes {
      let place = try #require(shown.range(of: code))
      #expect(shown[place.upperBound...].contains("\u{1b}[2J\u{1b}[3J"), "cleared afterwards")
      let times = codes.count { $0 == code }
      #expect(shown.components(separatedBy: code).count == 1 + times, "shown once")
    }
    #expect(shown.components(separatedBy: "Enter alone.\n").count == 41)
  }

  @Test func aManagementKeyIsNeverShown() throws {
    let desk = Desk()
    for origin in [CeremonyConfiguration.Secrets.made, .typed] {
      let vault = TypedVault(desk.entry, origin: origin)
      let handle = SecretHandle("ada/management-key")
      #expect(try vault.perform(SecretOperation(action: .make, kind: .managementKey, handle: handle)))
      #expect(try vault.reveal(handle).count == 24)
      #expect(try vault.perform(SecretOperation(action: .forget, kind: .managementKey, handle: handle)))
      #expect(throws: PIVError.secretUnavailable) { try vault.reveal(handle) }
    }
    #expect(try desk.read() == "")
  }

  @Test(arguments: ["/dev/null", "/no/such/terminal", "/etc/passwd", ""])
  func whatIsNoTerminalIsNoSecretsTerminal(path: String) {
    let error = #expect(throws: Finding.self) { try SecretsTerminal.open(path) }
    #expect(error?.code == .secretsTerminal)
  }

  @Test func theFirstRecordSaysWhoMakesSecrets() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    #expect(try room.transcript().first?.body["secrets"] == "made")
    #expect(room.replay().configuration?.secrets == .made)
    var changed = try room.products()
    try changed.rechain { $0[0].edit("body", "secrets") { _ in "found" } }
    #expect(changed.replay().findings.first?.code == .beginMalformed)
  }

  @Test(arguments: [("forget", false), ("protected", true)])
  func theManagementKeyIsKeptOnTheCardWhereTheScriptSaysSo(rule: String, isKept: Bool) throws {
    let room = Room()
    let text = try Scripts.first.editing("\nroles:\n", with: "\ncards:\n  management-key: \(rule)\nroles:\n")
    let result = try room.rehearse(Array(text.utf8))
    #expect(result.outcome.ending == .complete)
    let products = try room.products()
    let state = try #require(products.files["virtual-cards/20000001.json"])
    let key = try #require(try JSONValue(canonical: state)["management-key"]?.string)
    let paper = try JSONValue(parsing: try #require(products.files["virtual-cards/paper.json"]))
    let pin = try #require(paper["ada/pin"]?.string)

    let vault = EnteredVault()
    vault.keep(try Secret(copying: Array(pin.utf8)), as: SecretHandle("pin"))
    let card = try VirtualCard(state: state)
    let session = PIVSession(channel: card, vault: vault)
    try session.select()
    #expect(try session.readObject(.managementData) == (isKept ? [0x80, 0x03, 0x81, 0x01, 0x02] : nil))
    try session.verifyPIN(SecretHandle("pin"))
    let kept = try session.readObject(.printedInformation).map { Hex.encode($0) }
    #expect(kept == (isKept ? "881a8918" + key : nil))

    for (path, bytes) in products.files where !path.hasPrefix("virtual-cards/") {
      #expect(!String(decoding: bytes, as: UTF8.self).contains(key), "\(path)")
    }
    let redacted = try room.transcript().filter { $0.body["apdu"]?.string == "00db3fff23 redacted" }
    #expect(redacted.count == (isKept ? 2 : 0))
    try SecondVerifier.expectAgreement([(rule, products)], holding: true, "with a management key: \(rule)")
  }
}
