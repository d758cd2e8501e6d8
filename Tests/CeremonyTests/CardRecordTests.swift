import CanonicalJSON
import CardOperations
import CeremonyRecords
import Foundation
import Judges
import Keys
import PIV
import PIVTypes
import Products
import SmartCard
import Testing
import VirtualCard

@testable import CeremonyRuntime

/// What `card probe --record` writes of a card: the same for every card of its kind, whoever has it and whatever its secrets
/// and keys are.
@Suite struct CardRecordTests {
  /// What tells a card from another.
  private struct Own {
    var serial: UInt32 = 31_415_926
    var guid: [UInt8] = Array(0xb0..<0xc0)
    /// The identifier in the Card Capability Container.
    var ccc: [UInt8] = Array(0xd0..<0xde)
    /// Decides key and attestation.
    var seed: UInt8 = 1
  }

  /// A card that holds a key in slot 9C.
  private static func card(_ model: CardProfile, _ own: Own) throws -> (card: VirtualCard, key: [UInt8]) {
    let card = VirtualCard(serial: own.serial, model: model, seed: [own.seed])
    let session = PIVSession(channel: card, vault: EnteredVault())
    _ = try CardOperation.writeIdentity(guid: own.guid, ccc: own.ccc).perform(on: session)
    let made = try CardOperation.generate(.signature, .ecdsaP256, .once, .never).perform(on: session)
    guard case .publicKey(let key) = made else { throw PIVError.malformed(.generate) }
    return (card, key)
  }

  private static func record(_ card: VirtualCard) throws -> String {
    let record = try CardRecord(card, program: "0.0.0")
    return String(decoding: JSONValue.object(record.json).pretty(), as: UTF8.self)
  }

  /// One of these is changed, and the record is the same to the last byte.
  @Test(arguments: CardProfile.all)
  func twoCardsOfAKindHaveOneRecord(model: CardProfile) throws {
    let record = try Self.record(Self.card(model, Own()).card)
    let changes: [(String, (inout Own) -> Void)] = [
      ("serial", { $0.serial = 27_182_818 }), ("GUID", { $0.guid = Array(0x10..<0x20) }),
      ("capabilities", { $0.ccc = Array(0x20..<0x2e) }), ("key", { $0.seed = 2 }),
    ]
    for (what, change) in changes {
      var own = Own()
      change(&own)
      #expect(try Self.record(Self.card(model, own).card) == record, "another \(what)")
    }
    try Self.expectFits(record)
  }

  /// No four bytes of a card's serial, GUID, key, attestation or certificate stand in it in hex.
  @Test(arguments: CardProfile.all)
  func nothingOfTheCardStandsInIt(model: CardProfile) throws {
    let own = Own()
    let (card, key) = try Self.card(model, own)
    var secrets = [("key", key), ("GUID", own.guid), ("capabilities", own.ccc), ("serial", [0x01, 0xdf, 0x5e, 0x76])]
    let session = PIVSession(channel: card, vault: EnteredVault())
    try session.select()
    for (what, slot) in [("attestation", Slot.signature), ("attestation certificate", .attestation)] {
      let found = slot == .signature ? try? session.attest(slot) : try? session.readCertificate(slot)
      if let found { secrets.append((what, found)) }
    }
    let text = try Self.record(card)
    #expect(!text.contains("31415926"))
    for (what, bytes) in secrets {
      for start in 0...(bytes.count - 4) {
        let piece = bytes[start..<start + 4]
        #expect(!text.contains(Hex.encode(Array(piece))), "\(what) from \(start)")
      }
    }
  }

  /// Its owner goes on with the card as it was.
  @Test(arguments: CardProfile.all)
  func theCardIsAsItWas(model: CardProfile) throws {
    let (card, _) = try Self.card(model, Own())
    let before = card.state
    _ = try Self.record(card)
    #expect(card.state == before)
  }

  @Test func aCardThatDoesNotSpeakPIVHasNoRecord() throws {
    #expect(throws: PIVError.notPIV(.notFound)) { try CardRecord(OtherCard(), program: "0.0.0") }
  }

  private final class OtherCard: CardChannel {
    func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU { ResponseAPDU(status: .notFound) }
  }

  private static func expectFits(_ record: String) throws {
    let judge = """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1]))
      jsonschema.Draft202012Validator.check_schema(schema)
      jsonschema.validate(json.load(sys.stdin), schema)
      print("fits")
      """
    let schema = Package.runbook.appending(path: "schemas/card-record.schema.json").path()
    let said = try Python.output(
      of: judge, [schema], input: Array(record.utf8), skipping: 1, "card record against its schema")
    if let said { #expect(said == "fits\n") }
  }
}
