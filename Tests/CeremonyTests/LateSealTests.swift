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
import Products
import Requests
import TUFMetadata
import Testing
import Transcript

/// A collecting ceremony with no card in the room: it ends UNSEALED, and a second request has it sealed.
@Suite struct LateSealTests {
  private func expectSound(_ what: String, _ room: Room, isAwaited: Bool, _ codes: [Finding.Code]) throws {
    let verdict = room.replay()
    #expect(verdict.holds && verdict.outcome?.ending == .complete, "\(what): \(verdict.findings)")
    #expect(verdict.findings.map(\.code) == codes, "\(what): \(verdict.findings)")
    #expect(verdict.isAwaitingSeal == isAwaited, "\(what)")
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    #expect(Set(byFiles.findings) == Set(verdict.findings), "\(what): \(byFiles.findings) \(verdict.findings)")
    #expect(byFiles.seal == verdict.seal, "\(what)")
    #expect(byFiles.facts?.sealers == verdict.facts?.sealers, "\(what)")
    try SecondVerifier.expectAgreement([(what, try room.products())], holding: true, what)
  }

  @Test func itEndsUnsealedAndIsSealedLater() throws {
    let places = try Elsewhere()
    let result = try places.holdUnsealed()
    #expect(result.outcome.status == .warning && !result.isSealed)
    let folder = places.collecting.folder
    #expect(try !folder.exists(SealCount.path))
    try expectSound("unsealed", places.collecting, isAwaited: true, [.sealAwaited])
    #expect(places.collecting.replay().banners.contains { $0.hasPrefix("UNSEALED") })
    // Nothing goes on from what anybody could have written.
    #expect(throws: Finding.self) { try EarlierCeremony(folder) }

    let before = try places.collecting.products().files
    let answer = try places.answerSeal(by: "ada", in: places.fred)
    #expect(places.fred.replay().findings.filter { $0.severity == .error } == [])
    try SecondVerifier.expectAgreement([("answer", try places.fred.products())], holding: true, "answer for a seal")
    try places.add([answer])
    for (path, bytes) in before { #expect(try folder.read(path) == bytes, "\(path)") }
    try expectSound("sealed", places.collecting, isAwaited: false, [])
    #expect(places.collecting.replay().facts?.sealers == ["Ada"])
    #expect(places.collecting.replay().seal?.count == 2)
    #expect(try EarlierCeremony(folder).version == 2)
    // It is sealed once.
    #expect(FolderVerifier(folder).seal?.isAwaited == false)
  }

  /// Of another program: counted, and called unwitnessed.
  @Test func aBareEnvelopeIsUnwitnessed() throws {
    let places = try Elsewhere()
    _ = try places.holdUnsealed()
    _ = try places.answerSeal(by: "ada", in: places.fred)
    try places.add([try places.fred.folder.read("pending/seal.dsse.json")])
    try expectSound("bare", places.collecting, isAwaited: false, [.signatureUnwitnessed])
  }

  /// Whoever was to seal is not there any more.
  @Test func whoeverWasToSealMayBeAbsent() throws {
    let places = try Elsewhere()
    _ = try places.holdWaiting()
    places.collecting.console.answer = { screen in
      screen.prompt?.question == "Is Ada here to sign?" ? "absent" : screen.prompt?.unattended
    }
    let script = try places.collectingScript().editing("\nseal: 1", with: "\nabsent: enrolled\nseal: 1")
    let result = try places.hold(script, after: places.pending, in: places.collecting)
    #expect(result.outcome.status == .warning)
    try expectSound("absent", places.collecting, isAwaited: true, [.sealAwaited])
  }

  @Test func everyForgeryIsRefusedAtItsPlace() throws {
    let places = try Elsewhere()
    _ = try places.holdUnsealed()
    let unsealed = try places.collecting.products()
    let answer = try places.answerSeal(by: "ada", in: places.fred)
    try places.add([answer])
    let sealed = try places.collecting.products()
    let own = "seals/\(SHA256Digest(of: answer).hex).tar"
    let envelope = try #require(sealed.files[SealCount.path])

    let others = try Elsewhere()
    _ = try others.holdUnsealed()
    let stranger = try others.answerSeal(by: "ada", in: others.fred)
    let asked = try places.sealRequest(for: "ada")
    let renamed = try places.answer(otherThan: asked, in: places.enrolment)

    var cases: [(what: String, place: String, folder: MemoryProducts)] = []
    func add(_ what: String, _ place: String, without gone: String? = nil, _ files: [String: [UInt8]] = [:]) {
      var forged = sealed
      if let gone { forged.files[gone] = nil }
      for (path, bytes) in files { forged.files[path] = bytes }
      cases.append((what, place, forged))
    }
    func named(_ bytes: [UInt8], _ suffix: String = "tar") -> String {
      "seals/\(SHA256Digest(of: bytes).hex).\(suffix)"
    }
    add("an answer for another folder", named(stranger), without: own, [named(stranger): stranger])
    add("an answer to another request", named(renamed), without: own, [named(renamed): renamed])
    let signature = try Self.packed(places.boris)
    add("an answer that was taken in before", named(signature), without: own, [named(signature): signature])
    add("an answer beside the right one", named(stranger), [named(stranger): stranger])
    var flipped = answer
    flipped[answer.count / 2] ^= 1
    add("a changed answer", own, [own: flipped])
    add("a changed answer under its own name", named(flipped), without: own, [named(flipped): flipped])
    add("no answer", SealCount.path, without: own)
    add("an answer and no seal", own, without: SealCount.path)
    add("the seal of another folder", SealCount.path, [SealCount.path: try Self.envelope(others.fred)])
    let none = String(decoding: envelope, as: UTF8.self).replacing(
      /"signatures": \[[^\]]*\]/, with: "\"signatures\": []")
    add("a seal that nobody signed", SealCount.path, [SealCount.path: Array(none.utf8)])
    let wrong = try Self.signed(envelope, by: nil)
    add("a signature that does not hold", named(wrong, "json"), without: own, [named(wrong, "json"): wrong])
    let unknown = try Self.signed(envelope, by: String(repeating: "ab", count: 32))
    add(
      "a signature by a key that is not in the root", named(unknown, "json"),
      without: own, [named(unknown, "json"): unknown, SealCount.path: unknown])
    add("another file", "seals/notes.txt", ["seals/notes.txt": [0x41]])
    let sums =
      try #require(sealed.files[SumsFile.path]) + Array("\(SHA256Digest(of: envelope).hex)  seal.dsse.json\n".utf8)
    add("a sum of what came later", SumsFile.path, [SumsFile.path: sums])

    for forgery in cases {
      let found = forgery.folder.replay().findings.filter { $0.severity == .error }
      #expect(found.contains { $0.place == forgery.place }, "\(forgery.what): \(forgery.place) but \(found)")
    }
    try SecondVerifier.expectAgreement(
      cases.map { ($0.what, $0.folder) }, holding: false, "of forged seals that came later")
    try SecondVerifier.expectAgreement([("unsealed", unsealed)], holding: true, "unsealed")
  }

  /// What the command refuses, and nothing is written.
  @Test func onlyWhatSealsThisCeremonyIsAdded() throws {
    let places = try Elsewhere()
    _ = try places.holdUnsealed()
    let answer = try places.answerSeal(by: "ada", in: places.fred)
    let ceremony = try #require(FolderVerifier(places.collecting.folder).unsealed)
    let root = try Self.packed(places.boris)
    for bytes in [root, Array("{}".utf8), Array(answer.dropLast())] {
      #expect(throws: Finding.self) { try ceremony.files(by: [("answer", bytes)]) }
    }
    #expect(throws: Finding.self) { try ceremony.files(by: []) }
    #expect(throws: Finding.self) { try ceremony.request(for: ["nobody"], deadline: nil) }
    // The same files in whatever order, and however often.
    let files = try ceremony.files(by: [("a", answer), ("b", answer)])
    #expect(files.map(\.path) == ["seals/\(SHA256Digest(of: answer).hex).tar", SealCount.path])
  }

  /// A real key never seals a rehearsal, and a request that contradicts itself asks for nothing.
  @Test func aRequestIsHeldAgainstItself() throws {
    let places = try Elsewhere()
    _ = try places.holdUnsealed()
    let request = try places.sealRequest(for: "ada")
    guard case .seal(let wanted) = request.kind else { throw Unreachable() }
    #expect(try Request(request.bytes, place: "") == request)
    #expect(try AskedSeal(wanted, engine: request.engine, isRehearsal: true).root.root.version == 2)
    #expect { try AskedSeal(wanted, engine: request.engine, isRehearsal: false) } throws: {
      ($0 as? Finding)?.code == .rehearsalMark
    }
    let waiting = try places.pending.folder.read("pending/2.root.json")
    for other in [
      SealWanted(statement: [], root: wanted.root, trusted: wanted.trusted, signers: wanted.signers),
      SealWanted(statement: wanted.statement, root: waiting, trusted: wanted.trusted, signers: wanted.signers),
      SealWanted(statement: wanted.statement, root: wanted.root, trusted: nil, signers: wanted.signers),
    ] {
      #expect { try AskedSeal(other, engine: request.engine, isRehearsal: true) } throws: {
        ($0 as? Finding)?.code == .requestPayload
      }
    }
  }

  private struct Unreachable: Error {}

  static func packed(_ room: Room) throws -> [UInt8] {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).tar").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try Elsewhere.packed(room, into: path)
  }

  private static func envelope(_ room: Room) throws -> [UInt8] { try room.folder.read("pending/seal.dsse.json") }

  /// The envelope with its signature changed, or under another key id.
  private static func signed(_ envelope: [UInt8], by keyID: String?) throws -> [UInt8] {
    let text = String(decoding: envelope, as: UTF8.self)
    guard let keyID else {
      return Array(text.replacing(/"sig": "../, with: "\"sig\": \"AB").utf8)
    }
    return Array(text.replacing(/"keyid": "[0-9a-f]{64}"/, with: "\"keyid\": \"\(keyID)\"").utf8)
  }
}
