import Keys
import PIV
import PIVTypes
import SmartCard
import Testing
import VirtualCard

@Suite struct FaultTests {
  private static var faults: [(String, () -> Fault)] {
    [
      ("status 6F00", { .status(.internalError) }), ("status 6982", { .status(.securityNotSatisfied) }),
      ("status 6983", { .status(.blocked) }), ("status 9000", { .status(.success) }),
      ("truncated", { .truncated }), ("garbage", { .garbage([0x7c, 0xff, 0x00]) }),
      ("nothing", { .garbage([]) }),
      ("wrong signature", { .wrongSignature }), ("first 32 bytes", { .signatureOverFirst32Bytes }),
      ("wrong public key", { .wrongPublicKey }), ("timeout", { .timeout }),
      ("loose contact", { .looseContact }), ("drip", { .drip }), ("removed", { .removed }),
      ("replaced", { .replaced(by: VirtualCard(serial: 8)) }),
    ]
  }

  /// Every fault at every exchange of a card's whole ceremony: a typed error, or a product that the judge
  /// can tell from a right one. Never a trap.
  @Test func everyFaultAtEveryExchange() throws {
    let unharmed = RecordingChannel(VirtualCard(serial: 7, seed: [1]))
    _ = try Provisioning.run(unharmed, TestVault.ofKeyholder())
    let exchanges = unharmed.record.count
    var outcomes = (refused: 0, unharmed: 0, detectable: 0)
    for exchange in 0..<exchanges {
      for (name, fault) in Self.faults {
        let card = VirtualCard(serial: 7, seed: [1])
        card.inject(fault(), at: exchange)
        do {
          let product = try Provisioning.run(card, TestVault.ofKeyholder())
          let isRight = ForeignVerifier.accepts(
            product.signature,
            over: Provisioning.message,
            .ed25519,
            product.publicKey
          )
          if isRight { outcomes.unharmed += 1 } else { outcomes.detectable += 1 }
        } catch {
          #expect(error is PIVError, "\(name) at \(exchange)")
          outcomes.refused += 1
        }
      }
    }
    #expect(outcomes.refused > 0 && outcomes.detectable > 0 && outcomes.unharmed > 0)
    print("\(Self.faults.count) faults at each of \(exchanges) exchanges: \(outcomes)")
  }

  private func signing(_ fault: Fault, message: [UInt8]) throws -> (signature: [UInt8], key: [UInt8]) {
    let card = VirtualCard(serial: 7)
    let session = PIVSession(channel: card, vault: TestVault())
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    let key = try session.generate(.signature, .ed25519, pinPolicy: .never, touchPolicy: .never)
    card.inject(fault, at: card.exchanges)
    return (try session.sign(message, in: .signature, .ed25519), key)
  }

  @Test func aSignatureOverTheFirst32BytesIsOnlyThat() throws {
    let message = [UInt8](0..<100)
    let (signature, key) = try signing(.signatureOverFirst32Bytes, message: message)
    #expect(!ForeignVerifier.accepts(signature, over: message, .ed25519, key))
    #expect(ForeignVerifier.accepts(signature, over: Array(message.prefix(32)), .ed25519, key))
  }

  @Test func aWrongSignatureVerifiesNowhere() throws {
    let message = [UInt8](0..<100)
    let (signature, key) = try signing(.wrongSignature, message: message)
    #expect(signature.count == 64)
    #expect(!ForeignVerifier.accepts(signature, over: message, .ed25519, key))
  }

  @Test func aWrongPublicKeyDiffersFromTheSlot() throws {
    let card = VirtualCard(serial: 7)
    let session = PIVSession(channel: card, vault: TestVault())
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    card.inject(.wrongPublicKey, at: card.exchanges)
    let key = try session.generate(.signature, .ed25519, pinPolicy: .never, touchPolicy: .never)
    #expect(try session.slotMetadata(.signature)?.publicKey != key)
  }

  @Test func anotherCardAnswersAfterASwap() throws {
    let card = VirtualCard(serial: 7)
    let session = PIVSession(channel: card, vault: TestVault())
    try session.select()
    card.inject(.replaced(by: VirtualCard(serial: 8)), at: card.exchanges)
    #expect(throws: PIVError.noAnswer(.removed)) { try session.serial() }
    try session.select()
    #expect(try session.serial() == 8)
  }

  /// Whoever waits for a touch hears nothing until a limit elapses; an exchange that broke off is no missing touch.
  @Test func onlyATimeThatRanOutIsAMissingTouch() throws {
    let cases: [(Fault, PIVError)] = [
      (.timeout, .notTouched), (.looseContact, .noAnswer(.communication)), (.removed, .noAnswer(.removed)),
      (.drip, .noAnswer(.garbled)),
    ]
    for (fault, error) in cases { try expect(error, at: fault) }
  }

  private func expect(_ error: PIVError, at fault: Fault) throws {
    let card = VirtualCard(serial: 7)
    let session = PIVSession(channel: card, vault: TestVault())
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    _ = try session.generate(.signature, .ed25519, pinPolicy: .always, touchPolicy: .always)
    try session.verifyPIN(FactorySecret.pin.handle)
    card.inject(fault, at: card.exchanges)
    #expect(throws: error) { try session.sign([1], in: .signature, .ed25519, touch: .always) }
  }
}
