import Findings
import Keys
import PIV
import PIVTypes
import SmartCard
import Testing
import VirtualCard

/// A management key that the card keeps behind its PIN.
@Suite struct ProtectedManagementKeyTests {
  private static let expected: [UInt8] = [0x88, 0x1a, 0x89, 0x18]

  private func stored(on channel: any CardChannel, _ vault: TestVault) throws -> PIVSession {
    let session = PIVSession(channel: channel, vault: vault)
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    try session.storeManagementKey(.managementKey, algorithm: .aes192)
    return session
  }

  @Test func thePINAloneBringsItBack() throws {
    let card = VirtualCard(serial: 7, seed: [1])
    let vault = TestVault.ofKeyholder()
    let session = try stored(on: card, vault)
    #expect(try session.readObject(.managementData) == [0x80, 0x03, 0x81, 0x01, 0x02])
    #expect(throws: PIVError.pinNotVerified) { try session.readObject(.printedInformation) }
    try session.verifyPIN(FactorySecret.pin.handle)
    let key = try #require(vault[.managementKey])
    #expect(try session.readObject(.printedInformation) == Self.expected + key)
  }

  @Test func theRecordIsTheSameForEveryKeyAndHoldsNone() throws {
    let records = try [TestVault.ofKeyholder(), TestVault([.managementKey: [UInt8](repeating: 0xa5, count: 24)])].map {
      let recorder = RecordingChannel(VirtualCard(serial: 7, seed: [1]))
      _ = try stored(on: recorder, $0)
      return recorder.record
    }
    #expect(records[0].map(\.command) == records[1].map(\.command))
    let redacted = records[0].filter { $0.isRedacted && $0.command.hasPrefix("00db") }
    #expect(redacted.map(\.command) == ["00db3fff23"])
    #expect(records[0].allSatisfy { !$0.command.contains(Hex.encode(Self.expected)) })
  }

  @Test func aCardThatShowsTheObjectWithoutPINGetsNoKey() throws {
    let open = OpenCard(VirtualCard(serial: 7, seed: [1]))
    let error = #expect(throws: PIVError.self) { try stored(on: open, TestVault.ofKeyholder()) }
    #expect(error == .objectNotProtected(.printedInformation))
    #expect(error?.finding.code == .objectNotProtected)
    #expect(!open.gotSecretObject)
  }

  @Test func anotherLengthOfKeyIsRefused() throws {
    #expect(throws: PIVError.secretUnavailable) {
      try stored(on: VirtualCard(serial: 7, seed: [1]), TestVault([.managementKey: [1, 2, 3]]))
    }
  }
}

/// A card that gives out its printed information to anybody.
private final class OpenCard: CardChannel {
  private let card: VirtualCard
  private(set) var gotSecretObject = false

  init(_ card: VirtualCard) { self.card = card }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    let (hex, redacted) = command.recorded
    if hex.hasPrefix("00cb3fff055c035fc109") {
      return ResponseAPDU(data: [0x53, 0x02, 0x88, 0x00], status: .success)
    }
    if redacted, hex.hasPrefix("00db") { gotSecretObject = true }
    return try card.transmit(command)
  }
}
