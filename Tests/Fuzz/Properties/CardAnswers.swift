import Keys
import PIV
import PIVTypes
import SmartCard

/// A PIV session with a card that answers anything at all. The same answers give the same commands and the same result,
/// and what is accepted has the shape that the session promises.
///
/// The first byte chooses what is asked of the card; then each answer, behind its length in two bytes.
func judgeCardAnswers(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let question = first % questionCount
  let answers = split(bytes.dropFirst())
  let once = AnsweringChannel(answers)
  let twice = AnsweringChannel(answers)
  let result = outcome(question, once)
  require(result == outcome(question, twice), "the same answers give another result")
  require(once.commands == twice.commands, "the same answers give other commands")
  for answer in answers {
    guard let response = ResponseAPDU(answer) else { continue }
    require(response.bytes == answer, "an answer is written otherwise than it was read")
  }
}

private let pin = SecretHandle("pin")
private let message = [UInt8](repeating: 0x61, count: 700)
private let questionCount: UInt8 = 26

/// What the card said, in words.
private func ask(_ question: UInt8, _ session: PIVSession) throws(PIVError) -> String {
  switch question {
  case 0: return "\(try session.select())"
  case 1: return "\(String(describing: try session.firmwareVersion()))"
  case 2: return "\(String(describing: try session.serial()))"
  case 3: return try identifier(session)
  case 4: return certificate(try session.readCertificate(.signature))
  case 5: return certificate(try session.readCertificate(.attestation))
  case 6: return certificate(try session.attest(.signature))
  case 7: return try metadata(session)
  case 8: return "\(try session.pinMetadata())"
  case 9: return "\(try session.pukMetadata())"
  case 10: return "\(try session.managementKeyMetadata())"
  case 11: return "\(String(describing: try session.pinTriesLeft()))"
  case 12:
    try session.verifyPIN(pin)
    return "\(try session.sign(message, in: .signature, .ed25519, touch: .always))"
  case 13: return try generated(session, .ed25519)
  case 14: return try generated(session, .ecdsaP256)
  case 15: return try generated(session, .ecdsaP384)
  case 16: return try signed(session, .ed25519)
  case 17: return try signed(session, .ecdsaP256)
  case 18: return try signed(session, .ecdsaP384)
  case 19: return "\(try session.authenticateManagement(pin, algorithm: .aes192))"
  case 20: return "\(try session.changePIN(from: pin, to: pin))"
  case 21: return "\(try session.unblockPIN(puk: pin, newPIN: pin))"
  case 22: return "\(try session.setTries(pin: 5, puk: 5))"
  case 23: return "\(try session.writeCertificate([0x30, 0], .signature))"
  case 24: return "\(try session.deleteKey(.signature))"
  default: return "\(try session.reset())"
  }
}

private func identifier(_ session: PIVSession) throws(PIVError) -> String {
  guard let content = try session.readObject(.chuid), let chuid = CHUID(content) else { return "none" }
  require(CHUID(chuid.encoded) == chuid, "the CHUID is written otherwise than it was read")
  return "\(chuid)"
}

private func metadata(_ session: PIVSession) throws(PIVError) -> String {
  guard let metadata = try session.slotMetadata(.signature) else { return "empty" }
  if let known = KeyAlgorithm(rawValue: metadata.algorithm) {
    require(metadata.publicKey.count == known.publicKeyCount, "a key of the wrong length")
  }
  return "\(metadata)"
}

private func certificate(_ bytes: [UInt8]?) -> String {
  guard let bytes else { return "none" }
  require((try? TLV.parseOne(bytes))?.tag == 0x30, "a certificate that is no sequence")
  return "\(bytes)"
}

private func generated(_ session: PIVSession, _ algorithm: KeyAlgorithm) throws(PIVError) -> String {
  let key = try session.generate(.signature, algorithm, pinPolicy: .always, touchPolicy: .always)
  require(key.count == algorithm.publicKeyCount, "a key of \(key.count) bytes")
  return "\(key)"
}

private func signed(_ session: PIVSession, _ algorithm: KeyAlgorithm) throws(PIVError) -> String {
  let signature = try session.sign(message, in: .signature, algorithm)
  require(algorithm == .ed25519 ? signature.count == 64 : signature.count <= 104, "\(signature.count) bytes")
  return "\(signature)"
}

private func outcome(_ question: UInt8, _ channel: AnsweringChannel) -> String {
  let session = PIVSession(channel: channel, vault: AgreeingVault())
  do throws(PIVError) {
    return try ask(question, session)
  } catch {
    return "\(error)"
  }
}

private func split(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
  var rest = bytes
  var answers: [[UInt8]] = []
  while let high = rest.popFirst(), let low = rest.popFirst() {
    let answer = rest.prefix(Int(high) << 8 | Int(low))
    answers.append(Array(answer))
    rest = rest.dropFirst(answer.count)
  }
  return answers
}

/// Answers in order whatever it is sent, and then is pulled.
private final class AnsweringChannel: CardChannel {
  private var answers: ArraySlice<[UInt8]>
  private(set) var commands: [String] = []

  init(_ answers: [[UInt8]]) { self.answers = answers[...] }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    commands.append(command.recorded.hex)
    guard let answer = answers.popFirst() else { throw .removed }
    guard let response = ResponseAPDU(answer) else { throw .garbled }
    return response
  }
}

/// A vault as in a replay: no secret, and every recorded verdict is yes.
private final class AgreeingVault: SecretVault {
  func reveal(_ handle: SecretHandle) throws -> Secret { throw CardFailure.secretUnavailable }
  func draw(count: Int) throws -> Secret { throw CardFailure.secretUnavailable }
  func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool { true }
}
