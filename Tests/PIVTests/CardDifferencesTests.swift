import PIV
import PIVTypes
import SmartCard
import Testing

/// One status word, one error; where two real cards differ, both words lead to the same.
@Suite struct CardDifferencesTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let answers: [String]
    let expected: PIVError?
    let call: @Sendable (PIVSession) throws -> Void

    init(
      _ name: String,
      _ answers: [String],
      _ expected: PIVError?,
      _ call: @escaping @Sendable (PIVSession) throws -> Void
    ) {
      (self.name, self.answers, self.expected, self.call) = (name, answers, expected, call)
    }
    var testDescription: String { "\(name) \(answers)" }
  }

  @Test(arguments: verify + keys + signing + management + objects + resets)
  func means(_ given: Case) throws {
    let session = PIVSession(channel: ScriptedChannel(given.answers), vault: TestVault.ofKeyholder())
    var thrown: PIVError?
    do { try given.call(session) } catch { thrown = try #require(error as? PIVError) }
    #expect(thrown == given.expected)
  }

  private static func check(_ holds: Bool) { #expect(holds) }

  /// What says nothing of a key is no empty slot.
  @Test(arguments: [
    ("6A88", SlotReading.empty, SlotReading.empty), ("9000", .blank, .blank), ("02020201 9000", .empty, .empty),
    ("6A86", .notSaid(.wrongParameters), .blank), ("6A82", .notSaid(.notFound), .notSaid(.notFound)),
    ("6A80", .notSaid(.wrongData), .notSaid(.wrongData)),
    ("6B00", .notSaid(.wrongReference), .notSaid(.wrongReference)),
    ("6D00", .unknown, .unknown), ("6E00", .unknown, .unknown), ("6A81", .unknown, .unknown),
  ])
  func whatASlotIsSaidToHold(answer: String, everyCard: SlotReading, retired: SlotReading) throws {
    for slot in Slot.all {
      let session = PIVSession(channel: ScriptedChannel([answer]), vault: TestVault())
      #expect(try session.slotReading(slot) == (slot.isRetired ? retired : everyCard), "\(slot)")
    }
  }

  static let verify = [
    Case("verify", ["9000"], nil) { try $0.verifyPIN(.pin) },
    Case("verify", ["63C2"], .wrongPIN(triesLeft: 2)) { try $0.verifyPIN(.pin) },
    Case("verify", ["63C1"], .wrongPIN(triesLeft: 1)) { try $0.verifyPIN(.pin) },
    Case("verify", ["63C0"], .pinBlocked) { try $0.verifyPIN(.pin) },
    Case("verify", ["6983"], .pinBlocked) { try $0.verifyPIN(.pin) },
    Case("verify", ["6700"], .refused(.verify, .wrongLength)) { try $0.verifyPIN(.pin) },
    Case("verify", ["00"], .noAnswer(.garbled)) { try $0.verifyPIN(.pin) },
    Case("verify", [], .noAnswer(.removed)) { try $0.verifyPIN(.pin) },
    Case("tries left", ["63C0"], nil) { try Self.check($0.pinTriesLeft() == 0) },
    Case("tries left", ["6983"], nil) { try Self.check($0.pinTriesLeft() == 0) },
    Case("tries left", ["63C3"], nil) { try Self.check($0.pinTriesLeft() == 3) },
    Case("tries left", ["9000"], nil) { try Self.check($0.pinTriesLeft() == nil) },
    Case("change PIN", ["63C1"], .wrongPIN(triesLeft: 1)) { try $0.changePIN(from: .pin, to: .newPIN) },
    Case("change PIN", ["6985"], .newValueRefused(.conditionsNotSatisfied)) {
      try $0.changePIN(from: .pin, to: .newPIN)
    },
    Case("change PIN", ["6A80"], .newValueRefused(.wrongData)) { try $0.changePIN(from: .pin, to: .newPIN) },
    Case("change PUK", ["63C1"], .wrongPUK(triesLeft: 1)) { try $0.changePUK(from: .puk, to: .newPIN) },
    Case("change PUK", ["6983"], .pukBlocked) { try $0.changePUK(from: .puk, to: .newPIN) },
    Case("unblock", ["63C2"], .wrongPUK(triesLeft: 2)) { try $0.unblockPIN(puk: .puk, newPIN: .newPIN) },
    Case("unblock", ["6983"], .pukBlocked) { try $0.unblockPIN(puk: .puk, newPIN: .newPIN) },
    Case("set tries", ["6D00"], .notSupported(.setTries)) { try $0.setTries(pin: 3, puk: 3) },
    Case("set tries", ["6982"], .pinNotVerified) { try $0.setTries(pin: 3, puk: 3) },
    Case("set tries", ["9000", "6982"], .managementNotAuthenticated) {
      try $0.verifyPIN(.pin)
      try $0.setTries(pin: 3, puk: 3)
    },
  ]

  private static func make(_ session: PIVSession) throws {
    _ = try session.generate(.signature, .ed25519, pinPolicy: .always, touchPolicy: .always)
  }

  private static let key32 = String(repeating: "AB", count: 32)
  private static let key31 = String(repeating: "AB", count: 31)

  static let keys = [
    Case("generate", ["7F49228620" + key32 + "9000"], nil, make),
    Case("generate", ["6982"], .managementNotAuthenticated, make),
    Case("generate", ["6A80"], .algorithmNotSupported(.ed25519, .signature), make),
    Case("generate", ["6984"], .algorithmNotSupported(.ed25519, .signature), make),
    Case("generate", ["6A86"], .algorithmNotSupported(.ed25519, .signature), make),
    Case("generate", ["6A81"], .policyNotSupported(.always, .always, .signature), make),
    Case("generate", ["9000"], .malformed(.generate), make),
    Case("generate", ["7F4921861F" + key31 + "9000"], .malformed(.generate), make),
    Case("generate", ["7F49228620" + key31 + "9000"], .malformed(.generate), make),
    Case("generate", ["7F49228620" + key32 + "009000"], .malformed(.generate), make),
    Case("metadata", ["6A88"], nil) { try Self.check($0.slotMetadata(.signature) == nil) },
    Case("metadata", ["6D00"], .notSupported(.metadata)) { _ = try $0.slotMetadata(.signature) },
    Case("metadata, nothing at all", ["9000"], nil) { try Self.check($0.slotMetadata(.signature) == nil) },
    Case("metadata, policies of no key", ["02020201030100 9000"], nil) {
      try Self.check($0.slotMetadata(.signature) == nil)
    },
    Case("metadata, an origin without a key", ["02020201030101 9000"], .malformed(.metadata)) {
      _ = try $0.slotMetadata(.signature)
    },
    Case("metadata, policies of no key", ["02020201 9000"], nil) {
      try Self.check($0.slotMetadata(.signature) == nil)
    },
    Case("metadata, origin unknown", ["0101E0 02020301 03010004228620\(key32) 9000"], nil) {
      try Self.check($0.slotMetadata(.signature).map { $0.origin == nil } == true)
    },
    Case("metadata", ["0101E0 0202 9000"], .malformed(.metadata)) { _ = try $0.slotMetadata(.signature) },
    Case("metadata", ["0101E0 02020301 03010104228620\(key32) 9000"], nil) {
      try Self.check($0.slotMetadata(.signature)?.pinPolicy == .always)
    },
    Case("metadata", ["0101E0 0101E0 04228620\(key32) 9000"], .malformed(.metadata)) {
      _ = try $0.slotMetadata(.signature)
    },
    Case("PIN metadata", ["0502 9000"], .malformed(.metadata)) { _ = try $0.pinMetadata() },
    Case("PIN metadata", ["05010006020303 9000"], nil) {
      try Self.check($0.pinMetadata() == CredentialMetadata(isFactory: false, triesTotal: 3, triesLeft: 3))
    },
    Case("version", ["6D00"], nil) { try Self.check($0.firmwareVersion() == nil) },
    Case("version", ["0507 9000"], .malformed(.version)) { _ = try $0.firmwareVersion() },
    Case("serial", ["6D00"], nil) { try Self.check($0.serial() == nil) },
    Case("serial", ["FFFFFFFF 9000"], nil) { try Self.check($0.serial() == 4_294_967_295) },
    Case("serial", ["9000"], .malformed(.serial)) { _ = try $0.serial() },
    Case("attest", ["6D00"], .notSupported(.attest)) { _ = try $0.attest(.signature) },
    Case("attest", ["6A88"], .noKey(.signature)) { _ = try $0.attest(.signature) },
    Case("attest", ["3003020101 9000"], nil) { _ = try $0.attest(.signature) },
    Case("attest", ["30030201 9000"], .malformed(.attest)) { _ = try $0.attest(.signature) },
    Case("delete", ["6D00"], .notSupported(.deleteKey)) { try $0.deleteKey(.signature) },
    Case("delete", ["6982"], .managementNotAuthenticated) { try $0.deleteKey(.signature) },
    Case("delete F9", ["9000"], .attestationKeyKept) { try $0.deleteKey(.attestation) },
  ]

  private static let signature = "7C428240" + String(repeating: "5A", count: 64)

  private static func sign(
    _ name: String,
    _ answers: [String],
    _ expected: PIVError?,
    touch: TouchPolicy? = nil,
    verified: Bool = true
  ) -> Case {
    Case(name, (verified ? ["9000"] : []) + answers, expected) { session in
      if verified { try session.verifyPIN(.pin) }
      _ = try session.sign([1, 2, 3], in: .signature, .ed25519, touch: touch)
    }
  }

  private static func long(_ name: String, _ answers: [String]) -> Case {
    Case(name, answers, .messageTooLong(bytes: 300)) {
      _ = try $0.sign([UInt8](repeating: 1, count: 300), in: .signature, .ed25519)
    }
  }

  static let signing = [
    sign("sign", [signature + "9000"], nil),
    sign("sign, no key", ["6985"], .noKey(.signature)),
    sign("sign, no key", ["6A88"], .noKey(.signature)),
    sign("sign, other algorithm", ["6A86"], .otherAlgorithm(.signature, .ed25519)),
    sign("sign, PIN missing", ["6982"], .pinNotVerified, touch: .always, verified: false),
    sign("sign, PIN given, touch policy", ["6982"], .notTouched, touch: .always),
    sign("sign, PIN given, cached", ["6982"], .notTouched, touch: .cached),
    sign("sign, PIN given, no touch policy", ["6982"], .pinNotVerified, touch: .never),
    sign("sign, nobody touches", ["6600"], .notTouched, touch: .always),
    sign("sign, no reason given", ["6F00", "050700 9000"], .refused(.sign, .internalError)),
    sign("sign, no reason given", ["6700", "050700 9000"], .refused(.sign, .wrongLength)),
    long("sign, too long, refused at its end", ["9000", "6F00", "050700 9000"]),
    long("sign, too long, refused at its start", ["6700", "050700 9000"]),
    sign("sign, nothing", ["9000"], .malformed(.sign)),
    sign("sign, truncated", [String(signature.dropLast(2)) + "9000"], .malformed(.sign)),
    sign("sign, 63 bytes", ["7C41823F" + String(repeating: "5A", count: 63) + "9000"], .malformed(.sign)),
    sign("sign, unknown status", ["6F42"], .refused(.sign, StatusWord(0x6f42))),
    Case("a second use without VERIFY", ["9000", signature + "9000", "6982"], .pinNotVerified) { session in
      try session.verifyPIN(.pin)
      _ = try session.sign([1], in: .signature, .ed25519, touch: .always)
      _ = try session.sign([1], in: .signature, .ed25519, touch: .always)
    },
    Case("ECDSA, no DER", ["9000", signature + "9000"], .malformed(.sign)) { session in
      try session.verifyPIN(.pin)
      _ = try session.sign([1], in: .signature, .ecdsaP256)
    },
  ]

  private static func authenticate(_ session: PIVSession) throws {
    try session.authenticateManagement(.managementKey, algorithm: .tdea)
  }

  static let management = [
    Case("management, other algorithm", ["6A86"], .managementAlgorithmWrong(.tdea), authenticate),
    Case(
      "management, wrong key",
      ["7C0A8008BFA9E0038266ABCD 9000", "6982"],
      .managementKeyWrong,
      authenticate
    ),
    Case(
      "management, wrong key",
      ["7C0A8008BFA9E0038266ABCD 9000", "63C2"],
      .managementKeyWrong,
      authenticate
    ),
    Case(
      "management, short witness",
      ["7C098007BFA9E0038266AB 9000"],
      .malformed(.authenticate),
      authenticate
    ),
    Case(
      "management, impostor",
      ["7C0A8008BFA9E0038266ABCD 9000", "7C0A82080000000000000000 9000"],
      .managementProofWrong,
      authenticate
    ),
    Case("management, no secret", ["7C0A8008BFA9E0038266ABCD 9000", "6982"], .secretUnavailable) {
      try $0.authenticateManagement(.missing, algorithm: .tdea)
    },
    Case("set key", ["6982"], .managementNotAuthenticated) {
      try $0.setManagementKey(.managementKey, algorithm: .aes192)
    },
    Case("set key", ["6A80"], .newValueRefused(.wrongData)) {
      try $0.setManagementKey(.managementKey, algorithm: .aes192)
    },
    Case("set key", ["9000"], .secretUnavailable) {
      try $0.setManagementKey(.managementKey, algorithm: .aes256)
    },
  ]

  static let objects = [
    Case("select", ["6A82"], .notPIV(.notFound)) { try $0.select() },
    Case("select", ["6D00"], .notPIV(.instructionNotSupported)) { try $0.select() },
    Case("select", ["6999"], .refused(.select, StatusWord(0x6999))) { try $0.select() },
    Case("select", ["6F00"], .refused(.select, .internalError)) { try $0.select() },
    Case("select", ["9000"], .malformed(.select)) { try $0.select() },
    Case("read", ["6A82"], nil) { try Self.check($0.readObject(.chuid) == nil) },
    Case("read", ["5302ABCD 9000"], nil) { try Self.check($0.readObject(.chuid) == [0xab, 0xcd]) },
    Case("read", ["5303ABCD 9000"], .malformed(.getData)) { _ = try $0.readObject(.chuid) },
    Case("read", ["5402ABCD 9000"], .malformed(.getData)) { _ = try $0.readObject(.chuid) },
    Case("certificate", ["530C 7005 3003020101 710100 FE00 9000"], nil) {
      try Self.check($0.readCertificate(.signature) == [0x30, 3, 2, 1, 1])
    },
    Case("certificate, bare", ["5305 3003020101 9000"], nil) {
      try Self.check($0.readCertificate(.attestation) == [0x30, 3, 2, 1, 1])
    },
    Case("certificate, compressed", ["530C 7005 3003020101 710101 FE00 9000"], .malformed(.getData)) {
      _ = try $0.readCertificate(.signature)
    },
    Case("write", ["6982"], .managementNotAuthenticated) { try $0.writeObject(.chuid, [1]) },
    Case("write", ["6A84"], .full) { try $0.writeObject(.chuid, [1]) },
  ]

  static let resets = [
    Case("reset", ["6985", "63C2", "63C1", "6983", "63C2", "63C1", "6983", "9000"], nil) { try $0.reset() },
    Case("reset", ["6982", "63C0", "63C0", "9000"], nil) { try $0.reset() },
    Case("reset", ["6A80", "6983", "6983", "6982"], .resetNotAllowed) { try $0.reset() },
    Case("reset", ["6983", "6983", "6983", "6A80"], .resetNotAllowed) { try $0.reset() },
    Case("reset, blocked already", ["9000"], nil) { try $0.reset() },
    Case("no reset, nothing blocked", ["6D00"], .notSupported(.reset)) { try $0.reset() },
    Case("no reset, nothing blocked", ["6E00"], .notSupported(.reset)) { try $0.reset() },
    Case("reset, a word of its own", ["6F00"], .refused(.reset, .internalError)) { try $0.reset() },
    Case("a value refused uncounted", ["6985", "6A80", "63C0", "6A80", "6983", "9000"], nil) { try $0.reset() },
    Case("a value that is right", ["6985", "9000", "63C0", "6983", "9000"], nil) { try $0.reset() },
    Case("nothing counts", ["6985", "6A80", "6A80", "6A80"], .cannotBlock) { try $0.reset() },
  ]
}
