import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import PIV
import Products
import TUFMetadata
import Testing
import Transcript
import VirtualCard

@testable import CeremonyEngine

/// Administrator and witness with cards of their own: the cards sign their initials and the transcript seal, and nothing
/// that they sign counts for the root.
@Suite struct OfficialCardTests {
  private static func held(_ scenes: [(String, String)] = []) throws -> Room {
    let room = Room()
    try room.play(try Scripts.officialCards(), scenes)
    return room
  }

  /// What a ceremony of a script leaves; nil where it could not be held, which no test takes for sound.
  private static func products(_ script: @autoclosure () throws -> String) -> MemoryProducts? {
    let room = Room()
    guard let script = try? script(), (try? room.rehearse(Array(script.utf8))) != nil else { return nil }
    return try? room.products()
  }

  /// Without signed initials, and with the witness's card as the last that proves a key: both name the head, and so notice
  /// every change before them.
  private static let provenByWitnessLast = products(
    try {
      let witness = "  - {id: card-witness, do: provision, keyholder: witness}\n"
      return try Scripts.officialCards(signingInitials: false).editing(witness, with: "")
        .editing("  - id: head-cards\n", with: witness + "  - id: head-cards\n")
    }())

  /// Without the initials after the close: they name the head, and so notice every change before it.
  private static let initialledBeforeTheClose = products(
    try Scripts.officialCards().editing(", initials: [witness]}", with: "}"))

  @Test(arguments: ["ed25519", "ecdsa-p256", "ecdsa-p384"])
  func aWholeCeremony(algorithm: String) throws {
    let room = Room()
    try room.play(try Scripts.officialCards(algorithm: algorithm), [])
    let verdict = room.replay()
    #expect(verdict.findings == [])
    #expect(verdict.seal?.count == 2 && verdict.seal?.needed == 2 && verdict.seal?.threshold == 2)
    let facts = try #require(verdict.facts)
    #expect(facts.sealers == ["Ada", "Boris"] && facts.officialSealers == ["Administrator", "Witness"])
    #expect(facts.room.initials.map(\.step) == ["show-root", "show-root", "farewell"])
    #expect(facts.room.initials.map(\.card) == ["20000003", "40000001", "40000001"])
    #expect(facts.cards.map(\.name) == ["20000001", "20000002", "20000003", "40000001"])
    #expect(facts.cards.suffix(2).flatMap(\.keys).map(\.role) == ["administrator", "witness"])
    #expect(facts.room.bags.map(\.keyholder) == ["Ada", "Witness", "Ada"])
    // Each has signed once before anything depended on it, as much as it will have to.
    let proofs = try room.records(.proof)
    #expect(
      proofs.compactMap { $0.body["person"]?.string } == ["ada", "boris", "witness", "administrator"])
    #expect(proofs.allSatisfy { ($0.body["pad"]?.string?.isEmpty == false) == (algorithm == "ed25519") })
    // None of their keys stands in what was signed.
    let root = try JSONValue(parsing: try room.folder.read("metadata/1.root.json"))
    let named = try #require(root["signed"]?["keys"]?.object?.names)
    #expect(named.count == 3 && !facts.cards.suffix(2).flatMap(\.keys).contains { named.contains($0.keyID) })
    let attested = AttestVerdict(room.folder)
    #expect(attested.holds && attested.isProven)
    #expect(attested.keys.map(\.role) == ["root", "root", "administrator", "witness"])
    try SecondVerifier.expectAgreement(
      [(algorithm, try room.products())], holding: true, "whose officials have \(algorithm) cards")
    try Self.judge(room)
  }

  /// A card that signs 32 bytes only, and one that signs too few, of each kind that signs whole messages.
  @Test(arguments: [CardProfile.yubikey, .bare, .token])
  func theProofOfAnOfficialFinds(model: CardProfile) throws {
    let rules = "attestation: optional, tries: optional, model: other, payload-limit: 3043"
    let script = try Scripts.officialCards().editing("ceremony: 1", with: "ceremony: 2\ncards: {\(rules)}")
    for (limit, code) in [(nil, Finding.Code.signatureWrong), (100, Finding.Code.payloadTooLarge)] {
      let card = VirtualCard(serial: 40_000_001, model: model, isMarked: true, seed: [1], messageLimit: limit)
      if limit == nil { for place in 0..<400 { card.inject(.signatureOverFirst32Bytes, at: place) } }
      let room = Room()
      let result = try room.rehearse(Array(script.utf8)) { $0.replaceCard(of: "witness", with: card) }
      #expect(result.outcome.finding?.code == code)
      #expect(try room.transcript().last { $0.kind == .operation }?.step == "card-witness/prove-witness")
    }
  }

  /// securesystemslib on the seal with all four keys, and on every statement under initials.
  private static func judge(_ room: Room) throws {
    let judge = """
      import base64, json, sys
      from securesystemslib.dsse import Envelope
      from securesystemslib.signer import Signature, SSlibKey
      given = json.load(sys.stdin)
      key = lambda keyid, value: SSlibKey(keyid, value["keytype"], value["scheme"], value["keyval"])
      keys = {entry["keyid"]: key(entry["keyid"], entry["key"]) for entry in given["keys"]}
      print(len(Envelope.from_dict(given["seal"]).verify(list(keys.values()), len(keys))))
      for each in given["initials"]:
          signature = Signature(each["keyid"], each["sig"])
          envelope = Envelope(base64.b64decode(each["payload"]), given["type"], {each["keyid"]: signature})
          print(each["person"], len(envelope.verify([keys[each["keyid"]]], 1)))
      """
    let pems = try room.products().files.filter { $0.key.hasSuffix("_pubkey.pem") }.sorted { $0.key < $1.key }
    let keys: [JSONValue] = try pems.map { pem in
      let key = MetadataKey(try PublicKey(pem: String(decoding: pem.value, as: UTF8.self)))
      return ["keyid": .string(key.keyID), "key": key.json]
    }
    let statements = try room.records(.statement)
    let signatures = try room.records(.signature).filter { $0.body["role"] == "initials" }
    try #require(statements.count == signatures.count)
    let given: JSONValue = [
      "keys": .array(keys), "seal": try JSONValue(parsing: try room.folder.read("seal.dsse.json")),
      "type": .string(InitialsStatement.payloadType),
      "initials": .array(
        try zip(statements, signatures).map { statement, signature in
          [
            "payload": .string(Base64.encode(JSONValue.object(statement.body).canonical())),
            "person": try #require(statement.body["person"]), "keyid": try #require(signature.body["keyid"]),
            "sig": try #require(signature.body["sig"]),
          ]
        }),
    ]
    guard
      let said = try Python.output(of: judge, input: given.pretty(), skipping: 1, "signatures of officials' cards")
    else { return }
    #expect(said == "4\nadministrator 1\nwitness 1\nwitness 1\n")
  }

  /// Another card in the reader, and then without: the initials stand as they were typed, and everybody says so.
  @Test func theInitialsOfSomebodyWhoseCardFails() throws {
    let room = Room()
    let cast = StagedPeople(room, [("WRONG-CARD", "retry"), ("WRONG-CARD", "without")])
    let usual = room.console.answer
    try room.rehearse(Array(try Scripts.officialCards().utf8)) { cardSource in
      room.console.answer = { screen in
        let isFirst = room.console.screens.count(where: { $0.title == screen.title }) == 1
        if isFirst, screen.title == "Initials of the witness" { cardSource.swapNext(to: "ada") }
        if isFirst, screen.title == "WRONG-CARD" { cardSource.swapNext(to: "witness") }
        return try usual(screen)
      }
    }
    #expect(cast.isOver)
    let verdict = room.replay()
    #expect(verdict.findings == [])
    #expect(verdict.facts?.exceptions == 2)
    #expect(verdict.facts?.room.initials.map(\.card) == [nil, "40000001", "40000001"])
    #expect(verdict.proved.contains { $0.hasPrefix("2 of 3 initials were signed by a card") })
    // Nobody is asked for a PIN before the right card is there.
    #expect(try room.records(.signature).filter { $0.body["role"] == "initials" }.count == 2)
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    #expect(page.contains("typed at one keyboard</td>") && page.contains("typed, and signed by the card 40000001</td>"))
    try SecondVerifier.expectAgreement([("without", try room.products())], holding: true, "with initials as typed")
  }

  /// A card that fails before it has its key, and nobody has another: the official goes on as without one.
  @Test(arguments: [("witness", "40000001"), ("administrator", "20000003")])
  func aCardThatDiesWhileItIsProvisioned(official: String, serial: String) throws {
    let room = Room()
    room.console.choose(["without"])
    let result = try room.rehearse(Array(try Scripts.officialCards().utf8)) { cardSource in
      for place in 60..<460 { cardSource.card(of: official)?.inject(.timeout, at: place) }
    }
    #expect(result.outcome.ending == .complete)
    let verdict = room.replay()
    #expect(verdict.findings == [])
    let facts = try #require(verdict.facts)
    #expect(facts.exceptions == 1)
    #expect(facts.retired == ["\(serial) of \(official.capitalized)"])
    #expect(
      facts.officialSealers == ["Administrator", "Witness"].filter { $0 != official.capitalized })
    for initialled in facts.room.initials { #expect((initialled.card == nil) == (initialled.duty == official)) }
    #expect(
      !room.console.screens.contains { $0.text.contains("Typed here, and signed by the card of the \(official) next.") }
    )
    let attested = AttestVerdict(room.folder)
    #expect(attested.holds && attested.findings.map(\.code) == [.cardFiles])
    #expect(attested.findings.allSatisfy { $0.severity == .warning })
    try SecondVerifier.expectAgreement(
      [(official, try room.products())], holding: true, "whose official went on without a card")
  }

  /// A root that is built again is shown again, and initialled again, by the cards, too.
  @Test func initialsUnderARootThatIsBuiltAgain() throws {
    let room = Room()
    var card: VirtualCard?
    room.console.choose(["replace"]) { screen in
      guard screen.title == "Boris signs root", let dying = card else { return }
      card = nil
      for place in dying.exchanges..<(dying.exchanges + 400) { dying.inject(.timeout, at: place) }
    }
    let script = try Scripts.officialCards().editing(
      "name: Boris\n    card: record\n", with: "name: Boris\n    card: record\n    spares: [95]\n")
    let result = try room.rehearse(Array(script.utf8)) { card = $0.card(of: "boris") }
    #expect(result.outcome.ending == .complete)
    let verdict = room.replay()
    #expect(verdict.findings == [])
    let initials = try #require(verdict.facts?.room.initials.filter { $0.step == "show-root" })
    #expect(initials.map(\.duty) == ["administrator", "witness", "administrator", "witness"])
    #expect(initials.allSatisfy { $0.card != nil })
    try SecondVerifier.expectAgreement(
      [("built again", try room.products())], holding: true, "with initials under a root that was built again")
  }

  /// What the seal needs is a root key's signature; an official's alone is none.
  @Test(arguments: [
    ("Administrator signs the transcript seal", true, ["SEAL-WITHOUT-OFFICIAL", "SEAL-WITHOUT-OFFICIAL"]),
    ("Witness signs the transcript seal", true, ["SEAL-WITHOUT-OFFICIAL"]),
    ("Ada closes a bag", true, []),
    (
      "Boris signs the transcript seal", false,
      ["SEAL-BELOW-THRESHOLD", "SEAL-WITHOUT-OFFICIAL", "SEAL-WITHOUT-OFFICIAL"]
    ),
    ("Ada signs the transcript seal", false, ["SEAL-MISSING", "SEAL-WITHOUT-OFFICIAL", "SEAL-WITHOUT-OFFICIAL"]),
  ])
  func givenUpAfterTheClose(title: String, holds: Bool, codes: [String]) throws {
    let room = Room()
    room.console.answer = { $0.title == title ? Prompt.abort : $0.prompt?.unattended }
    try room.rehearse(Array(try Scripts.officialCards().utf8))
    let verdict = room.replay()
    #expect(verdict.holds == holds)
    #expect(verdict.findings.map(\.code.description) == codes + ["SEALING-GIVEN-UP"])
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    #expect(byFiles.findings.map(\.code.description) == codes + ["SEALING-GIVEN-UP"])
    if holds, let second = try SecondVerifier.verdicts(on: [room.path], "given up after the close")?.first {
      #expect(second.text.components(separatedBy: "SEAL-WITHOUT-OFFICIAL").count == codes.count + 1)
      #expect(second.text.contains("SEALING-GIVEN-UP"))
    }
    try SecondVerifier.expectAgreement([(title, try room.products())], holding: holds, "given up at an official's seal")
  }

  /// Without the root's cards there is no seal, whatever the officials' cards signed.
  @Test func aSealByOfficialsAlone() throws {
    var folder = try Self.held().products()
    func file(_ path: String) throws -> JSONValue { try JSONValue(parsing: folder.files[path] ?? []) }
    let names = try file("metadata/1.root.json")["signed"]?["keys"]?.object?.names
    var seal = try #require(try file("seal.dsse.json").object)
    let left = (seal["signatures"]?.array ?? []).filter { names?.contains($0["keyid"]?.string ?? "") == false }
    #expect(left.count == 2)
    seal["signatures"] = .array(left)
    folder.files["seal.dsse.json"] = JSONValue.object(seal).pretty()
    folder.sum()
    var verdict = ReplayVerdict()
    verdict.judge(folder)
    #expect(verdict.findings.map(\.code).contains(.sealMissing))
    try SecondVerifier.expectAgreement([("officials alone", folder)], holding: false, "sealed by officials alone")
  }

  /// The key of the witness is not the witness's own: another's, another card's, or nothing that any card made.
  @Test(arguments: [
    "cards/20000001/root_pubkey.pem", "cards/20000003/administrator_pubkey.pem", "REHEARSAL", "a new key",
    "one more line",
  ])
  func aKeyThatIsNotTheWitnesses(from: String) throws {
    let path = "cards/40000001/witness_pubkey.pem"
    var folder = try #require(Self.provenByWitnessLast)
    let own = try #require(folder.files[path])
    let key =
      switch from {
      case "a new key":
        Array(
          try PublicKey(
            ed25519: Hex.decode("6abaac4bb4866136d6e8dd04dfacac11cb76ad28098d0e15b8f824c2e566c702") ?? []
          ).pem.utf8)
      case "one more line": own + [0x0a]
      default: try #require(folder.files[from])
      }
    folder.files[path] = key
    try folder.rechain { records in
      let place = try #require(records.firstIndex { $0["body"]?["path"] == .string(path) })
      records[place].edit("body", "sha256") { _ in .string(SHA256Digest(of: key).hex) }
    }
    var verdict = ReplayVerdict()
    verdict.judge(folder)
    let code: Finding.Code = from == "a new key" ? .evidenceMissing : .cardFiles
    #expect(verdict.findings.contains { $0.code == code && $0.place == path }, "\(verdict.findings)")
    if let second = try SecondVerifier.verdicts(on: [folder], "with another key of the witness")?.first {
      #expect(second.text.contains("NOT VERIFIED\n  \(path): is no "), "\(second.text)")
    }
  }

  /// One field of what the officials' cards signed, written anew with everything that needs no card.
  @Test(
    arguments: Sweep.pick(
      6,
      of: [
        ("statement", "initials", JSONValue.string("XX"), Finding.Code.recordMalformed),
        ("statement", "step", "close", Finding.Code.recordMalformed),
        ("statement", "person", "administrator", Finding.Code.recordMalformed),
        ("statement", "record", 7, Finding.Code.recordMalformed),
        ("statement", "head", .string(SHA256Digest.zero.hex), Finding.Code.recordMalformed),
        ("statement", "rehearsal", false, Finding.Code.recordMalformed),
        ("statement", "more", "than that", Finding.Code.recordMalformed),
        ("initials", "initials", "XX", Finding.Code.recordMalformed),
        ("initials", "person", "boris", Finding.Code.recordMalformed),
        ("signature", "payload", .string(SHA256Digest.zero.hex), Finding.Code.recordMalformed),
        ("signature", "sig", .string(String(repeating: "AA", count: 64)), Finding.Code.recordMalformed),
        ("signature", "keyid", .string(SHA256Digest.zero.hex), Finding.Code.signatureInvalid),
        ("signature", "sig", .string(String(repeating: "00", count: 64)), Finding.Code.signatureInvalid),
      ]))
  func aChangedField(kind: String, field: String, value: JSONValue, code: Finding.Code) throws {
    var folder = try #require(Self.initialledBeforeTheClose)
    try folder.rechain { records in
      let place = try #require(
        records.lastIndex { record in
          record["kind"]?.string == kind && (kind != "signature" || record["body"]?["role"] == "initials")
        })
      #expect(records[place]["body"]?[field] != value)
      records[place].edit("body", field) { _ in value }
    }
    var verdict = ReplayVerdict()
    verdict.judge(folder)
    #expect(verdict.findings.map(\.code).contains(code), "\(verdict.findings)")
    let replayed = try #require(folder.replay().findings.first)
    #expect([.divergence, .recordMalformed].contains(replayed.code))
    try SecondVerifier.expectAgreement([("\(kind) \(field)", folder)], holding: false, "with a changed \(kind)")
  }

  /// Cut off after every record around the statements: what goes on states the head that a replay finds, too.
  @Test func goesOnAroundEachStatement() throws {
    let room = try Self.held()
    let bytes = try room.folder.read("transcript.jsonl")
    let ends = bytes.indices.filter { bytes[$0] == 0x0a }
    let statements = try room.transcript().filter { $0.kind == .statement }.map { Int($0.seq) }
    #expect(statements.count == 2)
    var cases: [(what: String, folder: MemoryProducts)] = []
    for statement in statements {
      for record in statement - 2...statement + 1 {
        let other = Room()
        try FileManager.default.copyItem(atPath: room.path, toPath: other.path)
        for name in ["sealing.jsonl", "seal.dsse.json", "report.html", "SHA256SUMS", "REHEARSAL", "metadata"] {
          try FileManager.default.removeItem(atPath: "\(other.path)/\(name)")
        }
        try FileManager.default.removeItem(atPath: "\(other.path)/transcript.jsonl")
        try Data(bytes[...ends[record]]).write(to: URL(filePath: "\(other.path)/transcript.jsonl"))
        _ = try Resumption(other.path, console: other.console, isUnattended: true).run()
        let verdict = other.replay()
        #expect(verdict.findings == [], "cut after record \(record): \(verdict.findings)")
        cases.append(("cut after record \(record)", try other.products()))
      }
    }
    try SecondVerifier.expectAgreement(cases, holding: true, "that went on around a statement")
  }
}
