import Bundles
import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import Products
import Requests
import ScriptDraft
import TUFMetadata
import Testing
import Transcript
import UTC
import VirtualCard

@Suite struct ElsewhereTests {
  /// Two keyholders are in the room, one signs at home, and one makes their key there.
  @Test func aRotationInThreePlaces() throws {
    let places = try Elsewhere(room: ["ada", "chandra"])
    let held = try places.holdPending()
    #expect(held.outcome.ending == .pending && held.outcome.status == .warning)
    let waiting = try Envelope(parsing: places.pending.folder.read("pending/2.root.json"), place: "")
    #expect(waiting.signatures.count == 2)
    try places.sign()
    try places.clearAnswers()
    try places.send(places.boris)
    try places.send(places.fred)
    let collected = try places.hold(places.collectingScript(), after: places.pending, in: places.collecting)
    #expect(collected.outcome.ending == .complete && collected.outcome.status == .fine)
    let rooms = [
      (places.enrolment, "enrolment"), (places.pending, "pending"), (places.boris, "boris"), (places.fred, "fred"),
      (places.collecting, "collecting"),
    ]
    try SecondVerifier.expectAgreement(
      try rooms.map { ($1, try $0.products()) }, holding: true, "of a rotation in three places")
    for (room, name) in rooms {
      let verdict = room.replay()
      #expect(verdict.isSound && verdict.isReexecuted, "\(name): \(verdict.findings)")
      #expect(verdict.isPending == (name == "pending"))
      let judged = FolderVerifier(room.folder)
      #expect(judged.findings.filter { $0.severity == .error } == [], "\(name)")
      #expect(judged.seal == verdict.seal, "\(name)")
      #expect(judged.facts?.answer == verdict.facts?.answer)
      #expect(judged.facts?.payloads.map(\.waiting) == verdict.facts?.payloads.map(\.waiting), "\(name)")
      #expect(judged.facts?.rootKeys == verdict.facts?.rootKeys, "\(name)")
    }
    // Who is waited for is said by the verdict, re-executed or not, on the screen and in the report.
    let stand = "root 2: old 2 of 3, new 2 of 3, waiting for Boris, Fred"
    var byFiles = ReplayVerdict()
    byFiles.judge(places.pending.folder)
    for verdict in [places.pending.replay(), byFiles] {
      #expect(verdict.banners.contains { $0.hasPrefix("PENDING: ") && $0.hasSuffix(stand) }, "\(verdict.banners)")
    }
    #expect(places.pending.console.screens.contains { $0.title == "PENDING: \(stand)" })
    #expect(String(decoding: try places.pending.folder.read("report.html"), as: UTF8.self).contains(stand))
    let attested = AttestVerdict(places.pending.folder)
    #expect(attested.holds && attested.pending?.waiting == ["Boris", "Fred"], "\(attested.findings)")
    // A client goes from the first root to the second, and not to the one that waits.
    var chain = RootChain()
    chain.trust(try places.history.root(1), place: "1")
    chain.update(try places.pending.folder.read("pending/2.root.json"), place: "pending")
    #expect(chain.steps.last?.outcome == .refused)
    var whole = RootChain()
    whole.trust(try places.history.root(1), place: "1")
    whole.update(try places.collecting.folder.read("metadata/2.root.json"), place: "2")
    #expect(whole.steps.last?.outcome == .updated)
    // Where each key comes from.
    let origins = places.pending.replay().facts?.rootKeys.filter { $0.roles == ["root"] }.map(\.origin)
    #expect(origins == [.kept, .kept, .kept, .enrolled])
    // Walked back together: the one that collects names the one that waited, and that the first.
    let verdict = Replay(
      places.collecting.folder,
      after: [
        CeremonyChain.Folder(name: "first", source: try #require(places.history.newest).folder),
        CeremonyChain.Folder(name: "pending", source: places.pending.folder),
      ]
    ).verdict()
    #expect(verdict.isSound && verdict.chain?.links.count == 2, "\(verdict.findings)")
  }

  /// A signature by anybody's program counts, and is called unwitnessed.
  @Test func aSignatureWithoutEvidence() throws {
    let places = try Elsewhere()
    _ = try places.holdPending()
    try places.sign()
    try places.clearAnswers()
    try places.send(places.fred)
    let bare = try places.boris.folder.read("pending/2.root.json")
    try Data(bare).write(to: places.answers.appending(path: "boris.json"))
    let result = try places.hold(places.collectingScript(), after: places.pending, in: places.collecting)
    #expect(result.outcome.ending == .complete)
    let verdict = places.collecting.replay()
    #expect(verdict.isSound && verdict.findings.map(\.code) == [.signatureUnwitnessed])
    #expect(verdict.banners.contains { $0.hasPrefix("A SIGNATURE CAME WITHOUT A RECORD") })
    let judged = FolderVerifier(places.collecting.folder)
    #expect(judged.findings.map(\.code) == [.signatureUnwitnessed])
    #expect(places.collecting.console.screens.contains { $0.banners.contains("UNWITNESSED: Boris") })
  }

  /// Whoever was neither seen nor heard is named on every screen from then on, and in the verdict.
  @Test func nobodyHeardThem() throws {
    let places = try Elsewhere()
    places.pending.console.answer = { screen in
      screen.prompt?.answers.contains { $0.token == "not-heard" } == true ? "not-heard" : screen.prompt?.unattended
    }
    _ = try places.holdPending()
    #expect(
      places.pending.console.screens.last { !$0.banners.isEmpty }?.banners.contains("IDENTITY NOT CONFIRMED: Fred")
        == true)
    let verdict = places.pending.replay()
    #expect(verdict.isSound && verdict.banners.contains { $0.hasPrefix("IDENTITY NOT CONFIRMED") })
  }

  /// What is wrong with an answer, and which code the ceremony that collects gives it. It counts for nothing.
  @Test func wrongAnswersAreRefused() throws {
    let places = try Elsewhere()
    _ = try places.holdPending()
    try places.sign()
    let request = try places.request(for: "boris")
    let card = try #require(
      try StandInCard.taken(
        from: RequestFile(of: "boris", "root", in: places.pending.folder, place: "").bytes, place: ""
      )
      .card)
    let sound = try places.send(places.boris)
    func other(_ edit: (inout JSONObject) -> Void) throws -> [UInt8] {
      var json = request.json
      edit(&json)
      let room = Room(inMemory: true)
      try places.answer(try Request(JSONValue.object(json).canonical(), place: ""), in: room, with: card)
      return try places.send(room)
    }
    var broken = sound
    broken[broken.count - 2000] ^= 1
    // Another payload: the same root, a day shorter.
    var cases: [(String, [UInt8], Finding.Code?)] = [
      ("another nonce", try other { $0["nonce"] = .string(Elsewhere.nonce) }, .answerRequest),
      ("another title", try other { $0["title"] = "Another ceremony" }, .answerRequest),
      ("a changed byte", broken, nil),
      ("no answer", Array("{}".utf8), .answerPayload),
      ("cut off", Array(sound.dropLast(512)), .answerMalformed),
      ("an enrolment", try places.send(places.enrolment), .answerPayload),
    ]
    if case .sign(let wanted) = request.kind {
      var signed = try #require(try JSONValue(parsing: wanted.payload).object)
      let expires = try #require(signed["expires"]?.string.flatMap { UTCTime($0) })
      signed["expires"] = .string(expires.adding(seconds: -60).description)
      let payload = JSONValue.object(signed).canonical()
      let changed = SignatureWanted(payload: payload, trusted: wanted.trusted, signers: wanted.signers)
      let again = Request(
        .sign(changed), engine: request.engine, release: request.release, isRehearsal: true,
        repository: request.repository, title: request.title, nonce: request.nonce)
      let room = Room(inMemory: true)
      try places.answer(again, in: room, with: card)
      cases.append(("another payload", try places.send(room), .answerPayload))
    }
    for (what, bytes, code) in cases {
      let wanted = DeliveryWanted(
        role: "root", payload: try #require(SHA256Digest(hex: try payloadDigest(request))),
        requests: [request.digest], isRehearsal: true)
      let signatures = AnswerEvidence.signatures(in: bytes, wanted)
      #expect(
        signatures.allSatisfy { !$0.codes.isEmpty && !$0.isWitnessed }
          && (code.map { code in signatures.allSatisfy { $0.codes.contains(code.rawValue) } } ?? true),
        "\(what): \(signatures)")
      // The ceremony goes on without it, and ends without a root.
      try places.clearAnswers()
      try Data(bytes).write(to: places.answers.appending(path: "answer.tar"))
      let room = Room(inMemory: true)
      let result = try places.hold(places.collectingScript(), after: places.pending, in: room)
      #expect(result.outcome.ending != .complete, "\(what)")
      #expect(
        try room.transcript().contains { $0.kind == .finding && $0.body["code"]?.string == "ANSWER-REFUSED" }, "\(what)"
      )
      #expect(try !room.folder.exists("metadata/2.root.json"), "\(what)")
    }
  }

  private func payloadDigest(_ request: Request) throws -> String {
    guard case .sign(let wanted) = request.kind else { return "" }
    return wanted.digest.hex
  }

  /// Whatever byte of an answer is changed on its way, it is found: the signature in it is not called witnessed.
  @Test func everyByteOfAnAnswer() throws {
    let places = try Elsewhere()
    _ = try places.holdPending()
    try places.sign()
    let request = try places.request(for: "boris")
    let wanted = DeliveryWanted(
      role: "root", payload: try #require(SHA256Digest(hex: try payloadDigest(request))), requests: [request.digest],
      isRehearsal: true)
    let sound = try places.send(places.boris)
    #expect(AnswerEvidence.signatures(in: sound, wanted).map(\.isWitnessed) == [true])
    var dice = Dice(seed: 15)
    for _ in 0..<(Sweep.isFull ? 2000 : 60) {
      var changed = sound
      let place = Int.random(in: sound.indices, using: &dice)
      changed[place] ^= UInt8.random(in: 1...255, using: &dice)
      let found = AnswerEvidence.signatures(in: changed, wanted)
      #expect(!found.isEmpty && found.allSatisfy { !$0.isWitnessed && !$0.codes.isEmpty }, "byte \(place)")
    }
  }

  /// The same answer twice, or under two names, counts once.
  @Test func anAnswerCountsOnce() throws {
    let places = try Elsewhere()
    _ = try places.holdPending()
    try places.sign()
    try places.clearAnswers()
    for _ in 0..<2 { try places.send(places.boris) }
    try places.send(places.fred)
    _ = try places.hold(places.collectingScript(), after: places.pending, in: places.collecting)
    let root = try Envelope(parsing: places.collecting.folder.read("metadata/2.root.json"), place: "")
    #expect(Set(root.signatures.map(\.keyID)).count == 3 && root.signatures.count == 3)
    #expect(places.collecting.replay().isSound)
  }
}

/// What keeps a request from being answered: before a card is touched, and before anything is created.
@Suite struct RequestRefusalTests {
  private static func sound() throws -> (Request, StandInCard) {
    let places = try Elsewhere()
    _ = try places.holdPending()
    let file = try RequestFile(of: "boris", "root", in: places.pending.folder, place: "")
    let (request, card) = try StandInCard.taken(from: file.bytes, place: "")
    return (request, try #require(card))
  }

  @Test func everyFieldThatIsWrong() throws {
    let (request, card) = try Self.sound()
    guard case .sign(let wanted) = request.kind, let trusted = wanted.trusted else {
      Issue.record("no signature is asked for")
      return
    }
    func edited(_ name: String, _ value: JSONValue?) -> [UInt8] {
      var json = request.json
      json[name] = value
      return JSONValue.object(json).canonical()
    }
    func signed(_ edit: (inout JSONObject) -> Void, trusted: [UInt8]?) throws -> [UInt8] {
      var part = try #require(try JSONValue(parsing: wanted.payload).object)
      edit(&part)
      let other = SignatureWanted(
        payload: JSONValue.object(part).canonical(), trusted: trusted, signers: wanted.signers)
      return Request(
        .sign(other), engine: request.engine, release: request.release, isRehearsal: true,
        repository: request.repository, title: request.title, nonce: request.nonce
      ).bytes
    }
    var stripped = try #require(try JSONValue(parsing: trusted).object)
    stripped["signatures"] = .array([])
    var cases: [(String, [UInt8], Finding.Code)] = [
      ("a field more", edited("more", true), .requestMalformed),
      ("a field fewer", edited("title", nil), .requestMalformed),
      ("another form", edited("form", 2), .requestMalformed), ("no nonce", edited("nonce", ""), .requestMalformed),
      ("another digest", edited("digest", ["sha256": "00", "words": ""]), .requestMalformed),
      ("nobody", edited("for", []), .requestMalformed),
      ("spaces", request.bytes + [0x20], .requestMalformed),
      ("too long", [UInt8](repeating: 0x20, count: Request.limit + 1), .requestMalformed),
      ("another engine", edited("engine", .integer(Int64(EngineVersion.current - 1))), .requestEngine),
      ("too late", edited("deadline", "2026-01-01T00:00:00Z"), .requestDeadline),
      ("a real one", edited("rehearsal", false), .rehearsalMark),
      ("expired", try signed({ $0["expires"] = "2026-01-01T00:00:00Z" }, trusted: trusted), .requestDeadline),
      ("a version skipped", try signed({ $0["version"] = 3 }, trusted: trusted), .requestPayload),
      ("no root before", try signed({ _ in }, trusted: nil), .requestPayload),
      ("the root before is unsigned", try signed({ _ in }, trusted: JSONValue.object(stripped).pretty()), .requestRoot),
      ("no root", try signed({ $0["_type"] = "targets" }, trusted: trusted), .requestPayload),
      (
        "not marked as a rehearsal", try signed({ $0["x-tuf-ceremony-rehearsal"] = nil }, trusted: trusted),
        .rehearsalMark
      ),
    ]
    var other = wanted.signers[0].keyID
    other.replaceSubrange(other.startIndex...other.startIndex, with: other.hasPrefix("0") ? "1" : "0")
    let stranger = Asked(id: "boris", name: "Boris", keyID: other, slot: "9c")
    cases.append(
      (
        "a key of neither root",
        Request(
          .sign(SignatureWanted(payload: wanted.payload, trusted: trusted, signers: [stranger])),
          engine: request.engine,
          release: request.release, isRehearsal: true, repository: request.repository, title: request.title,
          nonce: request.nonce
        ).bytes, .requestKey
      ))
    for (what, bytes, code) in cases {
      let room = Room(inMemory: true)
      let places = try Elsewhere()
      do {
        let read = try Request(bytes, place: "")
        try places.answer(read, in: room, with: card)
        Issue.record("\(what) was answered")
      } catch let finding as Finding {
        #expect(finding.code == code, "\(what): \(finding)")
      }
      #expect(!FileManager.default.fileExists(atPath: room.path), "\(what)")
    }
  }

  /// Every byte of a request that is changed is noticed: it is refused, or it is another request.
  @Test func everyByte() throws {
    let (request, _) = try Self.sound()
    let bytes = request.bytes
    for place in stride(from: 0, to: bytes.count, by: bytes.count > 3000 ? 7 : 1) {
      var changed = bytes
      changed[place] ^= 0x01
      guard let read = try? Request(changed, place: "") else { continue }
      #expect(read.digest != request.digest && read != request)
    }
  }

  /// The card is found by its key, whatever its keyholder is called where it was made; and no other is taken for it.
  @Test func theCardIsFoundByItsKey() throws {
    let places = try Elsewhere()
    _ = try places.holdPending()
    let script = String(decoding: try places.pending.folder.read("script.yaml"), as: UTF8.self)
    // In the folder two people have each other's names.
    let exchanged = try script.editing("name: Ada", with: "name: X").editing("name: Boris", with: "name: Ada")
      .editing("name: X", with: "name: Boris")
    try places.pending.folder.replace("script.yaml", Array(exchanged.utf8))
    for person in ["ada", "boris"] {
      let key = try #require(try places.key(of: person))
      let card = try StandInCard(holding: key, of: person, in: places.pending.folder, place: "")
      #expect(try VirtualCard(state: card.state).holds(key.bytes))
    }
    let request = try places.request(for: "fred")
    let freds = request.key(of: try #require(request.people.first))
    #expect(freds != nil)
    // Fred's key is on the card of his own small ceremony.
    for key in [freds, nil] {
      let error = #expect(throws: Finding.self) {
        try StandInCard(holding: key, of: "Fred", in: places.pending.folder, place: "")
      }
      #expect(error?.code == .keptCardsMissing)
    }
  }

  /// A card with another key: refused before a PIN.
  @Test func anotherCard() throws {
    let places = try Elsewhere()
    _ = try places.holdPending()
    let request = try places.request(for: "boris")
    let ada = try places.key(of: "ada")
    let other = try StandInCard(holding: ada, of: "Ada", in: places.pending.folder, place: "")
    let room = Room(inMemory: true)
    let result = try places.answer(request, in: room, with: other)
    #expect(result.outcome.finding?.code == .wrongCard)
    #expect(try !room.transcript().contains { $0.kind == .secret })
  }
}
