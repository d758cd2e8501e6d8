import Keys
import PIV
import PIVTypes
import SmartCard
import Testing
import VirtualCard

/// Each profile answers as the independent card did that it is in the image of.
@Suite struct CardProfileTests {
  /// A command, and the whole answer: data and status, upper case; `*` for data that differ from run to run.
  private func exchange(_ card: VirtualCard, _ command: String) throws -> String {
    Hex.encode(card.process(try #require(Hex.decode(command)))).uppercased()
  }

  private static let select = "00A4040005A000000308"
  private static let verify = "0020008008313233343536FFFF"
  private static let wrong = "0020008008303030303030FFFF"
  private static let wrongPUK = "002400811030303030303030303132333435363738"

  /// A card that was selected and authenticated.
  private func opened(_ model: CardProfile) throws -> (VirtualCard, PIVSession) {
    let card = VirtualCard(serial: 7, model: model)
    let session = PIVSession(channel: card, vault: TestVault())
    try session.select()
    let algorithm: ManagementAlgorithm = [.yubikey, .bare, .attesting].contains(model) ? .aes192 : .tdea
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: algorithm)
    return (card, session)
  }

  @Test func namesAreTheirOwn() {
    #expect(CardProfile.all.map(\.name) == ["yubikey", "bare", "minimal", "token", "attesting", "applet"])
    for profile in CardProfile.all { #expect(CardProfile(profile.name) == profile) }
    #expect(CardProfile("Yubikey") == nil && CardProfile("") == nil)
  }

  /// From the factory, without a PIN.
  @Test(arguments: [
    (CardProfile.token, ["00FD000000", "0507009000", "00F7008000", "0101FF050101060203039000"]),
    (
      .token,
      ["00F7009B00", "010103020200010501019000", "00F7009C00", "6A88", "00F99C0000", "6D00", "00FA030300", "6D00"]
    ),
    (
      .token,
      ["00F69A9C00", "6D00", "00CB3FFF055C035FFF0100", "6A82", "00FB000000", "6982", "0020008006313233343536", "6700"]
    ),
    (.token, ["00870A9B047C02800000", "6A86", "0047009C05AC038001E000", "6982"]),
    (.attesting, ["00F7009C00", "6A88", "00F99A0000", "6A88", "00FB000000", "6A80", "0020008000", "63C3"]),
    (.applet, ["00FD000000", "0504009000", "00F7009A00", "020202010301009000", "00F7009C00", "020203010301009000"]),
    (.applet, ["00F7008C00", "6A88", "0020008000", "63C5"]),
    (
      .minimal,
      [
        "00FD000000", "6D00", "00F8000000", "6D00", "00F7008000", "6D00", "00F7009A00", "6D00", "00F99A0000", "6D00",
        "00FB000000", "6D00", "00FA030300", "6D00", "00FFFFFF00", "6D00", "00F6FF9C00", "6D00", "0020008000", "63C6",
        "0047009C05AC0380011100", "6982",
      ]
    ),
    (.yubikey, ["0087039B047C02800000", "6A80", "00FA030300", "6982", "00FFFFFF00", "6982", "00FB000000", "6985"]),
  ])
  func fromTheFactory(model: CardProfile, exchanges: [String]) throws {
    let card = VirtualCard(serial: 7, model: model)
    _ = try exchange(card, Self.select)
    for place in stride(from: 0, to: exchanges.count, by: 2) {
      #expect(try exchange(card, exchanges[place]) == exchanges[place + 1], "\(exchanges[place])")
    }
  }

  @Test(arguments: [
    (CardProfile.token, ["63C2", "63C1", "6983", "6983"], "63C0"), (.attesting, ["63C2", "63C1", "6983"], "6983"),
    (.yubikey, ["63C2", "63C1", "6983"], "6983"), (.applet, ["63C4", "63C3", "63C2", "63C1", "63C0", "63C0"], "63C0"),
  ])
  func blocking(model: CardProfile, answers: [String], empty: String) throws {
    let card = VirtualCard(serial: 7, model: model)
    _ = try exchange(card, Self.select)
    for answer in answers { #expect(try exchange(card, Self.wrong) == answer) }
    #expect(try exchange(card, "0020008000") == empty)
    let last = try (0..<12).map { _ in try exchange(card, Self.wrongPUK) }.last
    #expect(last == (model == .applet ? "63C0" : "6983"))
    #expect(try exchange(card, "00FB000000") == "9000")
    #expect(try exchange(card, Self.verify) == "9000")
  }

  /// GENERATE with an algorithm, and with a touch policy, that a card does not have.
  @Test(arguments: [
    (CardProfile.token, "AC0380011500", "6A80"), (.token, "AC038001FF", "6A80"),
    (.token, "AC098001E0AA0109AB0101", "6A80"),
    (.attesting, "AC038001E0", "6984"), (.applet, "AC09800111AA0103AB0102", "6A81"), (.minimal, "AC038001E0", "6A86"),
  ])
  func whatCannotBeMade(model: CardProfile, template: String, status: String) throws {
    let (card, _) = try opened(model)
    let count = Hex.encode([UInt8(template.count / 2)])
    #expect(try exchange(card, "0047009C\(count)\(template)00") == (template.count == 12 ? "6A80" : status))
  }

  @Test func aTokenHasTwoRetiredSlots() throws {
    let (card, session) = try opened(.token)
    #expect(try exchange(card, "0047009505AC038001E000") == "6A86")
    _ = try session.generate(#require(Slot(reference: 0x83)), .ed25519, pinPolicy: .once, touchPolicy: .never)
    #expect(try session.readObject(.printedInformation) == nil)
    #expect(throws: PIVError.refused(.putData, .notFound)) { try session.writeObject(.printedInformation, [1]) }
  }

  @Test(arguments: [false, true])
  func theMessageLimitOfAToken(extended: Bool) throws {
    let card = VirtualCard(serial: 7, model: .token)
    let session = PIVSession(channel: extended ? ExtendedLengthChannel(card) : card, vault: TestVault())
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .tdea)
    _ = try session.generate(.signature, .ed25519, pinPolicy: .never, touchPolicy: .never)
    let limit = extended ? 1323 : 1330
    #expect(try session.sign([UInt8](repeating: 1, count: limit), in: .signature, .ed25519).count == 64)
    #expect(throws: PIVError.messageTooLong(bytes: limit + 1)) {
      try session.sign([UInt8](repeating: 1, count: limit + 1), in: .signature, .ed25519)
    }
  }

  /// Exactly a digest, and before the PIN is used up.
  @Test(arguments: [CardProfile.yubikey, .token, .attesting, .minimal])
  func digestLengths(model: CardProfile) throws {
    for (algorithm, right) in [(KeyAlgorithm.ecdsaP256, 32), (.ecdsaP384, 48)] {
      let (card, session) = try opened(model)
      _ = try session.generate(.signature, algorithm, pinPolicy: .always, touchPolicy: .never)
      let number = Hex.encode([algorithm.rawValue])
      func sign(_ count: Int) throws -> String {
        let inner = "8200" + "81" + Hex.encode([UInt8(count)]) + String(repeating: "11", count: count)
        let template = "7c" + Hex.encode([UInt8(inner.count / 2)]) + inner
        return String(
          try exchange(card, "0087\(number)9c" + Hex.encode([UInt8(template.count / 2)]) + template + "00").suffix(4))
      }
      _ = try exchange(card, Self.verify)
      for count in [0, 1, 20, 31, 33, 47, 49, 64] where count != right { #expect(try sign(count) == "6A80") }
      #expect(try sign(right == 32 ? 48 : 32) == "6A80")
      #expect(try sign(right) == "9000")
      #expect(try sign(right) == "6982")
    }
  }

  @Test(arguments: CardProfile.all)
  func aKeyOfAnotherAlgorithmAndNone(model: CardProfile) throws {
    let (card, session) = try opened(model)
    _ = try session.generate(.signature, .ecdsaP256, pinPolicy: .once, touchPolicy: .never)
    _ = try exchange(card, Self.verify)
    #expect(throws: PIVError.otherAlgorithm(.signature, .ecdsaP384)) {
      try session.sign([1], in: .signature, .ecdsaP384)
    }
    #expect(throws: PIVError.noKey(.authentication)) { try session.sign([1], in: .authentication, .ecdsaP256) }
  }

  /// On a YubiKey the PIN outlasts a SELECT, VERIFY comes directly before a use under `always`, and any use uses it up.
  @Test func thePINOfAYubiKey() throws {
    let (_, session) = try opened(.yubikey)
    _ = try session.generate(.signature, .ecdsaP256, pinPolicy: .always, touchPolicy: .never)
    _ = try session.generate(.authentication, .ecdsaP256, pinPolicy: .once, touchPolicy: .never)
    try session.verifyPIN(FactorySecret.pin.handle)
    try session.select()
    #expect(try session.pinTriesLeft() == nil)
    _ = try session.sign([1], in: .authentication, .ecdsaP256)
    #expect(throws: PIVError.pinNotVerified) { try session.sign([1], in: .signature, .ecdsaP256) }
    try session.verifyPIN(FactorySecret.pin.handle)
    _ = try session.serial()
    #expect(throws: PIVError.notTouched) { try session.sign([1], in: .signature, .ecdsaP256) }
    try session.verifyPIN(FactorySecret.pin.handle)
    _ = try session.sign([1], in: .signature, .ecdsaP256)
    _ = try session.sign([1], in: .authentication, .ecdsaP256)
  }

  @Test func anAttestingCardVouchesForItselfAndNeverSaysFactory() throws {
    let (card, session) = try opened(.attesting)
    #expect(try session.managementKeyMetadata() == CredentialMetadata(isFactory: false, algorithm: .aes192))
    #expect(try session.pinMetadata().isFactory == false)
    _ = try session.generate(.signature, .ecdsaP256, pinPolicy: .always, touchPolicy: .never)
    let before = try session.readCertificate(.attestation)
    #expect(try before != nil && before == session.readCertificate(.attestation))
    _ = try session.attest(.signature)
    let restored = try VirtualCard(state: card.state)
    #expect(restored.state == card.state)
    try session.reset()
    let after = try session.readCertificate(.attestation)
    #expect(after != nil && after != before)
  }

  @Test func anAppletWritesALongLengthAndDoesNotSayWhereAKeyIsFrom() throws {
    let (_, session) = try opened(.applet)
    _ = try session.generate(.signature, .ecdsaP256, pinPolicy: .always, touchPolicy: .never)
    let metadata = try #require(try session.slotMetadata(.signature))
    #expect(metadata.origin == nil)
    let leaf = try session.attest(.signature)
    let parts = try TLV.parseOne(leaf).children()
    #expect(parts.count == 3)
    let minimal = TLV(0x30, parts)
    #expect(minimal.encoded.count == leaf.count - 2)
  }

  @Test func aMinimalCardIsKnownByItsGUID() throws {
    func guid(_ serial: UInt32) throws -> [UInt8]? {
      let session = PIVSession(channel: VirtualCard(serial: serial, model: .minimal), vault: TestVault())
      try session.select()
      #expect(try session.serial() == nil)
      #expect(try session.firmwareVersion() == nil)
      return try session.readObject(.chuid).flatMap { CHUID($0) }?.guid
    }
    #expect(try guid(7) != nil && guid(7) == guid(7) && guid(7) != guid(8))
  }

  @Test(arguments: CardProfile.all, [nil, true, false])
  func theStateOfEveryProfileComesBack(model: CardProfile, isMarked: Bool?) throws {
    let card = VirtualCard(serial: 9, model: model, isMarked: isMarked, seed: [3])
    let restored = try VirtualCard(state: card.state)
    #expect(restored.state == card.state && restored.model == model && restored.isMarked == card.isMarked)
    #expect(card.isMarked == isMarked ?? (model != .bare))
    let session = PIVSession(channel: restored, vault: TestVault())
    try session.select()
    #expect(try session.readObject(VirtualCard.markObject) == (card.isMarked ? VirtualCard.markContent : nil))
  }
}
