import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import PIVTypes
import Products
import SmartCard
import Testing
import Transcript
import VirtualCard

@testable import CeremonyEngine

/// Folders that somebody with some of the cards wrote anew (`Tests/Forger`): both verifiers, from the files alone, refuse
/// each at the same place.
@Suite struct ForgerTests {
  /// A folder that was forged, and what must become of it.
  private struct Forgery {
    let what: String
    /// Where both say that it does not hold; "" where it does, nil where they only have to agree.
    let place: String?
    let path: String
  }

  private static let forger = Package.root.appending(path: "Tests/Forger")

  @Test func everyForgeryIsRefusedAtItsPlace() throws {
    let room = Room()
    // Of version 1, so that the folders can claim engines that knew no other.
    let text = String(decoding: try Package.script("pep458-genesis.yaml"), as: UTF8.self)
      .replacing(#/(?s)  - id: preflight\n.*?(?=  - id: attendance)/#, with: "")
    try room.rehearse(Array(try text.editing("ceremony: 2", with: "ceremony: 1").utf8))
    try Self.judge("forgeries.py", of: room, [], "forged")
  }

  @Test(arguments: ["ecdsa-p256", "ecdsa-p384"])
  func signaturesThatGiveAKeyAwayAreFoundInAFolder(algorithm: String) throws {
    let room = Room()
    let script = try Scripts.first.editing(
      "threshold: 2\n", with: "threshold: 2\n    algorithm: \(algorithm)\n")
    try room.rehearse(Array(script.utf8))
    try Self.judge("nonces.py", of: room, [], "of \(algorithm) cards that draw badly")
  }

  @Test(arguments: ["ed25519", "ecdsa-p256", "ecdsa-p384"])
  func everyProofIsByItsKeyAndAsLongAsItMustBe(algorithm: String) throws {
    let room = Room()
    // The forger's cards seal last of all: everybody stays for that.
    let script = try Scripts.officialCards(algorithm: algorithm, signingInitials: false)
      .editing("  - {id: departure, do: departure}\n", with: "")
    try room.rehearse(Array(script.utf8))
    try Self.judge("proofs.py", of: room, [], "with other proofs of \(algorithm) keys")
  }

  /// The second signature is refused, and so is every one after it.
  @Test func aCardThatRepeatsItsNonceSignsNothingMore() throws {
    guard Python.path != nil else {
      print("SKIPPED 1 card that repeats its nonce: TUF_CEREMONY_PYTHON is not set")
      return
    }
    let ada = VirtualCard(serial: 20_000_001, seed: [1])
    var made: PublicKey?
    var secret: String?
    let cardSource = MeddledCardSource(["ada": ada, "boris": VirtualCard(serial: 20_000_002, seed: [2])]) {
      command, card throws(CardFailure) in
      let answer = try card.send(command)
      let held = (try? JSONValue(parsing: ada.state))?["keys"]?["9c"]?["private"]?.string
      // Whichever key is in her slot: the one of the trial goes before hers is made.
      if command.ins == 0x47, held != secret,
        let point = (try? TLV.parseOne(answer.data).children())?.value(of: 0x86)
      {
        made = try? PublicKey(x963: point, .ecdsaP256)
        secret = held
      }
      guard command.ins == 0x87, command.p1 == KeyAlgorithm.ecdsaP256.rawValue, answer.status == .success,
        let secret, case .plain(let data) = command.data,
        let given = try? TLV.parseOne(data).children().value(of: 0x81),
        let own = try? TLV.parseOne(answer.data).children().value(of: 0x82),
        made?.isValid(own, overDigest: given) == true,
        let signature = try? Self.signature(by: secret, over: given)
      else { return answer }
      return ResponseAPDU(data: TLV(0x7c, [TLV(0x82, signature)]).encoded, status: .success)
    }
    let room = Room()
    let script = try Scripts.first.editing(
      "threshold: 2\n", with: "threshold: 2\n    algorithm: ecdsa-p256\n")
    let options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
      seed: 1, programVersion: ProgramVersion.current)
    _ = try LiveCeremony(options, console: room.console, cards: cardSource).run()
    #expect(room.console.screens.count { $0.title == "NONCE-REPEATED" } == 3)
    #expect(try room.records(.signature).count { $0.body["keyholder"] == "ada" } == 1)
    #expect(!room.replay().isSound)
    try SecondVerifier.expectAgreement([("NONCE", try room.products())], holding: false, "with a repeated nonce")
  }

  /// By a P-256 key, with the same number each time.
  private static func signature(by key: String, over digest: [UInt8]) throws -> [UInt8] {
    let code = """
      import sys
      sys.dont_write_bytecode = True
      sys.path.insert(0, sys.argv[1])
      from forger import with_nonce
      print(with_nonce("ecdsa-p256", int(sys.argv[2], 16), bytes.fromhex(sys.argv[3]), 12345).hex(), end="")
      """
    let hex = try Python.output(
      of: code, [forger.path(), key, Hex.encode(digest)], skipping: 1, "signature with a chosen nonce")
    return try #require(hex.flatMap { Hex.decode($0) })
  }

  /// Of complete folders, of some that went on or were given up, and of some that claim another engine version.
  private static let kinds = [
    "complete", "resumed", "aborted", "ecdsa-p256", "ecdsa-p384", "officials", "after", "one-time", "discarded",
  ]

  @Test(arguments: Sweep.pick(4, of: kinds))
  func bothAgreeOnWhatIsChangedAnyhow(kind: String) throws {
    let room = Room()
    let text =
      try kind.hasPrefix("ecdsa")
      ? Scripts.first.editing("threshold: 2\n", with: "threshold: 2\n    algorithm: \(kind)\n")
      : kind == "officials"
        ? Scripts.officialCards()
        : kind == "one-time" ? OneTimeTests.script() : kind == "discarded" ? DiscardTests.script() : Scripts.first
    if kind == "after" { return try Self.judgeSuccessor(text) }
    let script = Array(text.utf8)
    room.console.answer = { screen in
      guard screen.title == "Ada signs root" else { return screen.prompt?.unattended }
      if kind == "aborted" { return Prompt.abort }
      if kind == "resumed" { throw Interruption(reason: "end of input") }
      return screen.prompt?.unattended
    }
    do { try room.rehearse(script) } catch is Interruption {
      room.console.answer = { $0.prompt?.unattended }
      _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
    }
    try Self.judgeMutations(of: room, kind)
  }

  static func judgeMutations(of room: Room, _ kind: String) throws {
    let seed = String(Sweep.seed)
    try judge("mutations.py", of: room, [String(Sweep.isFull ? 300 : 12), seed], "\(kind), changed (seed \(seed))")
  }

  /// A ceremony that names the one before it.
  private static func judgeSuccessor(_ script: String) throws {
    let first = Room()
    try first.rehearse(Array(script.utf8))
    let names = try EarlierCeremony(first.folder).names
    let named = try script.editing(
      "\nkeyholders:", with: "\nprevious:\n  root: \(names.root.hex)\n  head: \(names.head.hex)\nkeyholders:")
    let room = Room()
    let options = LiveCeremony.Options(
      script: Array(named.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true, seed: 2,
      programVersion: ProgramVersion.current, after: first.path)
    _ = try LiveCeremony(options, console: room.console).run()
    try judgeMutations(of: room, "after")
  }

  /// Attestations are judged by one of the two alone, which says so.
  private static func isJudgedByBoth(_ finding: Finding) -> Bool {
    finding.code != .serialRepeated && !finding.code.description.hasPrefix("ATTESTATION")
  }

  /// Runs a forger on a folder, and judges what it wrote.
  static func judge(_ script: String, of room: Room, _ arguments: [String], _ what: String) throws {
    let out = FileManager.default.temporaryDirectory.appending(path: "forged-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: out) }
    let run = """
      import runpy, sys
      sys.dont_write_bytecode = True
      sys.path.insert(0, sys.argv[1])
      sys.argv = sys.argv[2:]
      runpy.run_path(sys.argv[0], run_name="__main__")
      """
    guard
      let said = try Python.output(
        of: run,
        [forger.path(), forger.appending(path: script).path(), room.path, out.path(), Package.runbook.path()]
          + arguments,
        skipping: 1, "folders \(what)")
    else { return }
    let list = try #require(try JSONValue(parsing: Array(said.utf8).dropLast()).array)
    let forgeries = try list.enumerated().map { number, pair in
      Forgery(
        what: try #require(pair.array?.first?.string), place: pair.array?.last?.string,
        path: out.appending(path: String(number)).path())
    }
    try #require(!forgeries.isEmpty)
    let second = try #require(try SecondVerifier.verdicts(on: forgeries.map(\.path), what))
    var sound = 0
    for (forgery, verdict) in zip(forgeries, second) {
      var first = ReplayVerdict()
      first.judge(ProductsFolder(opening: forgery.path))
      let errors = first.findings.filter { $0.severity == .error && Self.isJudgedByBoth($0) }
      let holds = errors.isEmpty && first.outcome?.ending.isHeld == true
      #expect(holds == verdict.holds, "\(forgery.what): \(errors) but \(verdict.text)")
      #expect(!verdict.text.contains("makes no sense"), "\(forgery.what): \(verdict.text)")
      if verdict.holds { sound += 1 }
      if let place = forgery.place {
        #expect(verdict.holds == place.isEmpty, "\(forgery.what): \(errors) but \(verdict.text)")
        guard !place.isEmpty else { continue }
        #expect(errors.contains { $0.place?.hasPrefix(place) == true }, "\(forgery.what) at \(place): \(errors)")
        #expect(verdict.text.contains("NOT VERIFIED\n  \(place)"), "\(forgery.what) at \(place): \(verdict.text)")
      } else if !verdict.holds {
        let named = errors.compactMap { NamedPlace($0) }
        let isSame = NamedPlace.all(inSecondVerdict: verdict.text).contains { place in
          named.contains { $0.agrees(with: place) }
        }
        #expect(isSame || errors.allSatisfy { $0.place == nil }, "\(forgery.what): \(errors) but \(verdict.text)")
      }
    }
    print("forger: \(forgeries.count) folders \(what), \(sound) of them sound; both verifiers agree")
  }
}
