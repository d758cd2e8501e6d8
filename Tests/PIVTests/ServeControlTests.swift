import Keys
import PIV
import PIVTypes
import SmartCard
import Testing
import VirtualCard

/// The lines that a served card obeys, and what the card does then.
@Suite struct ServeControlTests {
  @Test(arguments: [
    "unplug", "plug", "touch allow", "touch refuse", "mend", "count", "quit", "lack f7", "lack F7 f9", "fault 0 pull",
    "fault 12 status 6982", "fault 999999 mute", "fault 1 wrong-signature", "fault 1 first-32-bytes",
    "fault 1 wrong-key", "fault 1 drip", "slow 0", "slow 60000", "fault 1 no-answer", "fault 1 never",
    "fault 1 truncated", "fault 1 garbage",
    "fault 1 nothing",
  ])
  func aLineIsObeyed(_ line: String) { #expect(CardServer.Control(line) != nil) }

  @Test(arguments: [
    "slow", "slow -1", "slow 60001", "slow 1 2", "fault 1 drip 2",
    "", "dance", "Unplug", "unplug now", "touch", "touch me", "lack", "lack f7 zz", "lack 100", "fault", "fault pull",
    "fault 1", "fault -1 pull", "fault 1000000 pull", "fault x pull", "fault 1 dance", "fault 1 status",
    "fault 1 status 698", "fault 1 status 69822", "fault 1 status xxxx", "fault 1 pull now",
  ])
  func anyOtherLineIsNot(_ line: String) { #expect(CardServer.Control(line) == nil) }

  @Test func aDeadCardSaysNothingUntilItIsMended() throws {
    let card = VirtualCard(serial: 5, seed: [5])
    card.inject(.mute, at: 1)
    let version: [UInt8] = [0x00, 0xfd, 0x00, 0x00, 0x00]
    #expect(!card.process(version).isEmpty)
    #expect(card.process(version).isEmpty)
    #expect(card.process(version).isEmpty)
    card.mend()
    #expect(!card.process(version).isEmpty)
    #expect(card.pendingFaults == 0)
  }

  @Test func aSilentCardSaysNothingUntilItIsPulled() throws {
    let card = VirtualCard(serial: 5, seed: [5])
    card.inject(.never, at: 1)
    let version: [UInt8] = [0x00, 0xfd, 0x00, 0x00, 0x00]
    #expect(!card.process(version).isEmpty)
    #expect(!card.isSilent)
    #expect(card.process(version).isEmpty)
    #expect(card.isSilent)
    #expect(card.process(version).isEmpty)
    card.pull()
    card.insert()
    #expect(!card.isSilent)
    #expect(!card.process(version).isEmpty)
  }

  @Test func anInstructionThatACardLacks() throws {
    let card = VirtualCard(serial: 5, seed: [5])
    let session = PIVSession(channel: card, vault: TestVault())
    try session.select()
    #expect(try session.serial() == 5)
    card.unknown = [0xf8, 0xf7]
    #expect(try session.serial() == nil)
    #expect(throws: PIVError.notSupported(.metadata)) { try session.slotMetadata(.signature) }
    #expect(try session.firmwareVersion() != nil)
  }
}
