import Foundation
import Judges
import Keys
@testable import PIV
import PIVTypes
import SmartCard
import Testing
import VirtualCard

@Suite struct VirtualCardTests {
  private func session(_ card: VirtualCard) throws -> PIVSession {
    let session = PIVSession(channel: card, vault: TestVault.ofKeyholder())
    try session.select()
    return session
  }

  private func authenticated(_ card: VirtualCard) throws -> PIVSession {
    let session = try session(card)
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    return session
  }

  @Test func settingTriesRestoresFactoryPINAndPUK() throws {
    let session = try authenticated(VirtualCard(serial: 1))
    try session.changePIN(from: FactorySecret.pin.handle, to: .pin)
    try session.changePUK(from: FactorySecret.puk.handle, to: .puk)
    #expect(try session.pinMetadata().isFactory == false)
    try session.verifyPIN(.pin)
    try session.setTries(pin: 8, puk: 2)
    #expect(try session.pinMetadata() == CredentialMetadata(isFactory: true, triesTotal: 8, triesLeft: 8))
    #expect(try session.pukMetadata() == CredentialMetadata(isFactory: true, triesTotal: 2, triesLeft: 2))
    #expect(throws: PIVError.wrongPIN(triesLeft: 7)) { try session.verifyPIN(.pin) }
  }

  @Test func blockedPINAndPUKPath() throws {
    let session = try session(VirtualCard(serial: 1))
    for left in [2, 1] {
      #expect(throws: PIVError.wrongPIN(triesLeft: left)) { try session.verifyPIN(.wrong) }
    }
    #expect(throws: PIVError.pinBlocked) { try session.verifyPIN(.wrong) }
    #expect(throws: PIVError.pinBlocked) { try session.verifyPIN(FactorySecret.pin.handle) }
    #expect(try session.pinTriesLeft() == 0)
    #expect(throws: PIVError.wrongPUK(triesLeft: 2)) { try session.unblockPIN(puk: .puk, newPIN: .pin) }
    try session.unblockPIN(puk: FactorySecret.puk.handle, newPIN: .pin)
    try session.verifyPIN(.pin)
    #expect(try session.pinTriesLeft() == nil)
  }

  @Test(arguments: ["12345", "1111"])
  func shortPINsAreRefused(pin: String) throws {
    let vault = TestVault([.newPIN: Array(pin.utf8)])
    let session = PIVSession(channel: VirtualCard(serial: 1), vault: vault)
    try session.select()
    #expect(throws: PIVError.newValueRefused(.wrongData)) {
      try session.changePIN(from: FactorySecret.pin.handle, to: .newPIN)
    }
    try session.verifyPIN(FactorySecret.pin.handle)
  }

  @Test func resetKeepsTheAttestationKeyAlone() throws {
    let card = VirtualCard(serial: 1)
    let session = try authenticated(card)
    _ = try session.generate(.signature, .ed25519, pinPolicy: .always, touchPolicy: .never)
    try session.changePIN(from: FactorySecret.pin.handle, to: .pin)
    try session.writeObject(.chuid, [1])
    let device = try session.readCertificate(.attestation)
    #expect(throws: PIVError.resetNotAllowed) { try allButTheBlocking(of: session) }
    try session.reset()
    #expect(try session.slotMetadata(.signature) == nil)
    #expect(try session.readObject(.chuid) == nil)
    #expect(try session.pinMetadata() == CredentialMetadata(isFactory: true, triesTotal: 3, triesLeft: 3))
    #expect(try session.readCertificate(.attestation) == device)
    #expect(throws: PIVError.managementNotAuthenticated) { try session.writeObject(.chuid, [1]) }
  }

  private func allButTheBlocking(of session: PIVSession) throws { try session.resetApplication() }

  @Test(arguments: ManagementAlgorithm.allCases)
  func managementKeysOfEveryAlgorithm(algorithm: ManagementAlgorithm) throws {
    let vault = TestVault([.managementKey: Array(UInt8(40)..<UInt8(40 + algorithm.keyCount))])
    let card = VirtualCard(serial: 1)
    let session = PIVSession(channel: card, vault: vault)
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    try session.setManagementKey(.managementKey, algorithm: algorithm)
    #expect(try session.managementKeyMetadata() == CredentialMetadata(isFactory: false, algorithm: algorithm))
    try session.select()
    try session.authenticateManagement(.managementKey, algorithm: algorithm)
    try session.writeObject(.chuid, [1])
    if algorithm.keyCount == 24 {
      #expect(throws: PIVError.managementKeyWrong) {
        try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: algorithm)
      }
      #expect(throws: PIVError.managementNotAuthenticated) { try session.writeObject(.chuid, [1]) }
    }
  }

  @Test(arguments: PINPolicy.allCases)
  func pinPolicies(policy: PINPolicy) throws {
    let session = try authenticated(VirtualCard(serial: 1))
    _ = try session.generate(.signature, .ed25519, pinPolicy: policy, touchPolicy: .never)
    func sign() throws { _ = try session.sign([1], in: .signature, .ed25519, touch: .never) }
    if policy == .never { try sign() } else { #expect(throws: PIVError.pinNotVerified) { try sign() } }
    try session.verifyPIN(FactorySecret.pin.handle)
    try sign()
    if policy == .always { #expect(throws: PIVError.pinNotVerified) { try sign() } } else { try sign() }
  }

  @Test(arguments: [CardProfile.yubikey, .bare], [TouchPolicy.always, .cached])
  func aMissingTouchIsNoWrongPIN(model: CardProfile, policy: TouchPolicy) throws {
    let card = VirtualCard(serial: 1, model: model)
    let session = try authenticated(card)
    _ = try session.generate(.signature, .ed25519, pinPolicy: .always, touchPolicy: policy)
    card.isTouched = { false }
    try session.verifyPIN(FactorySecret.pin.handle)
    #expect(throws: PIVError.notTouched) { try session.sign([1], in: .signature, .ed25519, touch: policy) }
    #expect(try session.pinMetadata().triesLeft == 3)
    card.isTouched = { true }
    try session.verifyPIN(FactorySecret.pin.handle)
    _ = try session.sign([1], in: .signature, .ed25519, touch: policy)
  }

  @Test(arguments: [false, true])
  func theMessageLimit(extended: Bool) throws {
    let card = VirtualCard(serial: 1)
    let session = PIVSession(channel: extended ? ExtendedLengthChannel(card) : card, vault: TestVault())
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    let key = try session.generate(.signature, .ed25519, pinPolicy: .never, touchPolicy: .never)
    for count in [0, 1, 255, 256, 3043] {
      let message = [UInt8](repeating: 0x5a, count: count)
      let signature = try session.sign(message, in: .signature, .ed25519)
      #expect(ForeignVerifier.accepts(signature, over: message, .ed25519, key))
    }
    for count in [3044, 3100, 20_000] {
      let message = [UInt8](repeating: 0x5a, count: count)
      #expect(throws: PIVError.messageTooLong(bytes: count)) {
        try session.sign(message, in: .signature, .ed25519)
      }
    }
    _ = try session.sign([1], in: .signature, .ed25519)
  }

  @Test func keysMoveAndGo() throws {
    let session = try authenticated(VirtualCard(serial: 1))
    _ = try session.generate(.signature, .ed25519, pinPolicy: .never, touchPolicy: .never)
    try session.deleteKey(.signature)
    #expect(try session.slotMetadata(.signature) == nil)
    #expect(throws: PIVError.noKey(.signature)) { try session.deleteKey(.signature) }
    #expect(throws: PIVError.noKey(.signature)) { try session.sign([1], in: .signature, .ed25519) }
    #expect(throws: PIVError.noKey(.signature)) { try session.attest(.signature) }
  }

  @Test func theMarkStaysAndABareCardHasNone() throws {
    let session = try authenticated(VirtualCard(serial: 1))
    #expect(try session.readObject(VirtualCard.markObject) == VirtualCard.markContent)
    #expect(throws: PIVError.managementNotAuthenticated) {
      try session.writeObject(VirtualCard.markObject, [])
    }
    try session.reset()
    #expect(try session.readObject(VirtualCard.markObject) == VirtualCard.markContent)
    let bare = try authenticated(VirtualCard(serial: 1, model: .bare))
    #expect(try bare.readObject(VirtualCard.markObject) == nil)
    #expect(try bare.readCertificate(.attestation) == nil)
    #expect(throws: PIVError.notSupported(.attest)) { try bare.attest(.signature) }
  }

  @Test func powerOffForgetsPINAndManagement() throws {
    let card = VirtualCard(serial: 1)
    let session = try authenticated(card)
    try session.verifyPIN(FactorySecret.pin.handle)
    card.pull()
    #expect(throws: PIVError.noAnswer(.removed)) { try session.serial() }
    card.insert()
    try session.select()
    #expect(try session.pinTriesLeft() == 3)
    #expect(throws: PIVError.managementNotAuthenticated) { try session.writeObject(.chuid, [1]) }
  }

  /// No sequence of bytes makes the card trap; most are refused.
  @Test func anyBytesGetAnAnswer() throws {
    let card = VirtualCard(serial: 1, seed: [1])
    var generator = SeededGenerator(state: 42)
    _ = card.process([0x00, 0xa4, 0x04, 0x00, 0x05, 0xa0, 0x00, 0x00, 0x03, 0x08])
    let instructions: [UInt8] = [
      0x20, 0x24, 0x2c, 0x47, 0x87, 0xc0, 0xcb, 0xdb, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfd, 0xff,
    ]
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      if bytes.count > 4, Bool.random(using: &generator) {
        bytes[0] = Bool.random(using: &generator) ? 0 : 0x10
        bytes[1] = instructions.randomElement(using: &generator) ?? 0
        bytes[4] = UInt8(bytes.count - 5)
      }
      #expect(card.process(bytes).count >= 2)
    }
  }

  @Test func theStateComesBack() throws {
    let card = VirtualCard(
      serial: 9,
      seed: [3],
      messageLimit: 1330,
      version: FirmwareVersion(5, 7, 1),
      factoryAlgorithm: .tdea
    )
    _ = try Provisioning.run(VirtualCard(serial: 9), TestVault.ofKeyholder())
    let session = PIVSession(channel: card, vault: TestVault.ofKeyholder())
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .tdea)
    let keys = try KeyAlgorithm.allCases.enumerated().map { position, algorithm in
      try session.generate(Slot.all[position], algorithm, pinPolicy: .once, touchPolicy: .never)
    }
    try session.changePIN(from: FactorySecret.pin.handle, to: .pin)
    try session.writeObject(.chuid, [1, 2, 3])
    try session.setManagementKey(.managementKey, algorithm: .aes192)
    let restored = try VirtualCard(state: card.state)
    #expect(restored.state == card.state)
    let again = PIVSession(channel: restored, vault: TestVault.ofKeyholder())
    try again.select()
    for (position, key) in keys.enumerated() {
      #expect(try again.slotMetadata(Slot.all[position])?.publicKey == key)
    }
    #expect(try again.attest(.authentication) == (try session.attest(.authentication)))
    #expect(try again.readObject(.chuid) == [1, 2, 3])
    try again.verifyPIN(.pin)
    try again.authenticateManagement(.managementKey, algorithm: .aes192)
    // What is drawn next is what the first card draws next.
    try session.authenticateManagement(.managementKey, algorithm: .aes192)
    let next = try [session, again].map {
      try $0.generate(.keyManagement, .ed25519, pinPolicy: .once, touchPolicy: .never)
    }
    #expect(next[0] == next[1])
  }

  private func refusedField(_ state: [UInt8]) -> String? {
    do throws(VirtualCard.StateError) { _ = try VirtualCard(state: state) } catch { return error.field }
    return nil
  }

  @Test func aStateThatIsCutOrChangedIsRefused() throws {
    let state = VirtualCard(serial: 9, seed: [3]).state
    for count in stride(from: 0, to: state.count, by: 7) {
      #expect(refusedField(Array(state.prefix(count))) == "JSON")
    }
    let text = String(decoding: state, as: UTF8.self)
    for (from, to, field) in [
      ("\"serial\":9", "\"serial\":-9", "serial"), ("\"model\":\"yubikey\"", "\"model\":\"x\"", "model"),
      ("virtual card 1", "virtual card 2", "format"),
      ("\"management-algorithm\":10", "\"management-algorithm\":12", "management-key"),
      // Of the PIN alone: the PUK comes after it.
      ("\"pin\":{\"tries-left\":3", "\"pin\":{\"tries-left\":300", "tries-left"),
    ] {
      let changed = try text.editing(from, with: to)
      #expect(refusedField(Array(changed.utf8)) == field)
    }
  }
}

/// A small generator whose sequence a test can repeat (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
