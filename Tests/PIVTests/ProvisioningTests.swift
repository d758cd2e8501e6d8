import Keys
import PIV
import PIVTypes
import SmartCard
import Testing
import VirtualCard

/// A keyholder's card from the factory to a signature, in the order of a ceremony.
enum Provisioning {
  struct Product: Hashable {
    let publicKey: [UInt8]
    let signature: [UInt8]
    let attestation: [UInt8]?
  }

  static let message = [UInt8]((0..<3000).map { UInt8(truncatingIfNeeded: $0) })

  static func run(
    _ channel: any CardChannel,
    _ vault: any SecretVault,
    _ algorithm: KeyAlgorithm = .ed25519
  ) throws -> Product {
    let session = PIVSession(channel: channel, vault: vault)
    try session.select()
    _ = try session.firmwareVersion()
    _ = try session.serial()
    try session.reset()
    let factory = try session.managementKeyMetadata()
    try session.authenticateManagement(
      FactorySecret.managementKey.handle,
      algorithm: factory.algorithm ?? .tdea
    )
    try session.verifyPIN(FactorySecret.pin.handle)
    try session.setTries(pin: 5, puk: 4)
    try session.changePUK(from: FactorySecret.puk.handle, to: .puk)
    try session.changePIN(from: FactorySecret.pin.handle, to: .pin)
    let key = try session.generate(.signature, algorithm, pinPolicy: .always, touchPolicy: .always)
    let attestation = try attested(session)
    if let attestation { try session.writeCertificate(attestation, .signature) }
    let chuid = CHUID(guid: [UInt8](0..<16))
    try session.writeObject(.chuid, chuid?.encoded ?? [])
    let container = CardCapabilityContainer(identifier: [UInt8](0..<14))
    try session.writeObject(.cardCapabilityContainer, container?.encoded ?? [])
    try session.setManagementKey(.managementKey, algorithm: .aes192)
    try session.authenticateManagement(.managementKey, algorithm: .aes192)
    try session.verifyPIN(.pin)
    let signature = try session.sign(message, in: .signature, algorithm, touch: .always)
    return Product(publicKey: key, signature: signature, attestation: attestation)
  }

  private static func attested(_ session: PIVSession) throws -> [UInt8]? {
    do { return try session.attest(.signature) } catch PIVError.notSupported { return nil }
  }
}

@Suite struct ProvisioningTests {
  @Test(arguments: KeyAlgorithm.allCases, [CardProfile.yubikey, .bare])
  func everyAlgorithmOnEveryModel(algorithm: KeyAlgorithm, model: CardProfile) throws {
    let card = VirtualCard(serial: 7, model: model, factoryAlgorithm: model == .bare ? .tdea : .aes192)
    let product = try Provisioning.run(card, TestVault.ofKeyholder(), algorithm)
    #expect(product.publicKey.count == algorithm.publicKeyCount)
    #expect((product.attestation != nil) == (model == .yubikey))
    #expect(ForeignVerifier.accepts(product.signature, over: Provisioning.message, algorithm, product.publicKey))
    #expect(!ForeignVerifier.accepts(product.signature, over: Provisioning.message + [0], algorithm, product.publicKey))

    let session = PIVSession(channel: card, vault: TestVault.ofKeyholder())
    try session.select()
    let held = try #require(try session.slotMetadata(.signature))
    #expect(held.publicKey == product.publicKey)
    #expect(held.pinPolicy == .always && held.touchPolicy == .always && held.origin == .generated)
    #expect(try session.pinMetadata() == CredentialMetadata(isFactory: false, triesTotal: 5, triesLeft: 5))
    #expect(try session.pukMetadata() == CredentialMetadata(isFactory: false, triesTotal: 4, triesLeft: 4))
    #expect(try session.managementKeyMetadata() == CredentialMetadata(isFactory: false, algorithm: .aes192))
    #expect(try session.readCertificate(.signature) == product.attestation)
    #expect(try session.readObject(.chuid).flatMap { CHUID($0) }?.guid == [UInt8](0..<16))
  }

  @Test func extendedLengthGivesTheSame() throws {
    let short = try Provisioning.run(VirtualCard(serial: 7, seed: [1]), TestVault.ofKeyholder())
    let extended = try Provisioning.run(
      ExtendedLengthChannel(VirtualCard(serial: 7, seed: [1])), TestVault.ofKeyholder())
    #expect(short == extended)
  }

  @Test func aReplayNeedsNoSecretAndSendsTheSame() throws {
    let recorder = RecordingChannel(VirtualCard(serial: 7))
    let live = try Provisioning.run(recorder, TestVault.ofKeyholder())
    let replay = ReplayChannel(recorder.record)
    let again = try Provisioning.run(replay, ReplayVault())
    #expect(replay.differences == [])
    #expect(replay.isAtEnd)
    #expect(again == live)
  }

  @Test func aReplayTakesTheRecordedVerdict() throws {
    let recorder = RecordingChannel(VirtualCard(serial: 7))
    _ = try Provisioning.run(recorder, TestVault.ofKeyholder())
    #expect(throws: PIVError.managementProofWrong) {
      try Provisioning.run(ReplayChannel(recorder.record), ReplayVault(verdict: false))
    }
  }

  @Test func nothingRecordedVariesWithASecret() throws {
    let record = try [TestVault.ofKeyholder(), otherSecrets].map { vault in
      let recorder = RecordingChannel(VirtualCard(serial: 7, seed: [1]))
      _ = try Provisioning.run(recorder, vault)
      return recorder.record
    }
    #expect(record[0].map(\.command) == record[1].map(\.command))
    #expect(record[0].filter(\.isRedacted).allSatisfy { $0.command.count == 10 })
    let values = [SecretHandle.pin, .puk, .managementKey].compactMap { TestVault.ofKeyholder()[$0] }
    for value in values {
      let hex = Hex.encode(value)
      #expect(!record[0].contains { $0.command.contains(hex) || $0.answer?.contains(hex) == true })
    }
  }

  private var otherSecrets: TestVault {
    TestVault([
      .pin: Array("81726354".utf8), .puk: Array("111222".utf8),
      .managementKey: (0..<24).map { $0 &* 41 &+ 7 },
    ])
  }

  @Test func aSeedDecidesEverything() throws {
    let runs = try (0..<2).map { _ in
      let vault = TestVault(
        [
          .pin: Array("271828".utf8), .puk: Array("16180339".utf8),
          .managementKey: (0..<24).map { $0 &* 37 &+ 11 },
        ],
        draws: [[UInt8](0..<16), [UInt8](16..<32)]
      )
      let recorder = RecordingChannel(VirtualCard(serial: 7, seed: Array("golden".utf8)))
      _ = try Provisioning.run(recorder, vault)
      return recorder.record
    }
    #expect(runs[0] == runs[1])
    let other = RecordingChannel(VirtualCard(serial: 7, seed: Array("silver".utf8)))
    _ = try Provisioning.run(other, TestVault.ofKeyholder())
    #expect(other.record.map(\.command) != runs[0].map(\.command) || other.record != runs[0])
  }
}
