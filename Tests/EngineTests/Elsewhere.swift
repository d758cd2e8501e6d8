import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Keys
import SampleMetadata
import TUFMetadata
import Transcript

@testable import CeremonyEngine

/// What comes from elsewhere.
extension Moment {
  /// `boris`: his signature over what is signed here, with all evidence; then what is wrong with it.
  mutating func delivery(_ words: String) throws -> DeliveryRecord {
    let parts = words.split(separator: " ", maxSplits: 1).map(String.init)
    guard let who = parts.first, who != "nothing" else { return DeliveryRecord([]) }
    guard let payload = driver.engine.ceremony.payloads["root"]?.reviewed,
      let key = driver.engine.ceremony.key(of: who, "root")
    else { throw NoSuchEvent(words: words) }
    let signature = try world.signature(of: who, over: payload.canonical)
    func delivered(_ bytes: [UInt8], keyID: String? = nil, isWitnessed: Bool = true, codes: [String] = []) -> Delivered
    {
      Delivered(
        file: Self.file(words), keyID: keyID ?? key.keyID, signature: bytes,
        head: isWitnessed ? Self.head : nil, isNetworked: isWitnessed ? false : nil, isWitnessed: isWitnessed,
        codes: codes)
    }
    switch parts.count == 2 ? parts[1] : "" {
    case "": return DeliveryRecord([delivered(signature)])
    case "twice": return DeliveryRecord([delivered(signature), delivered(signature)])
    case "unwitnessed": return DeliveryRecord([delivered(signature, isWitnessed: false)])
    case "with broken evidence":
      return DeliveryRecord([delivered(signature, isWitnessed: false, codes: ["CHAIN-BROKEN"])])
    case "as zeros": return DeliveryRecord([delivered(Array(repeating: 0, count: 64))])
    case "by another key": return DeliveryRecord([delivered(signature, keyID: "ab")])
    default: throw NoSuchEvent(words: words)
    }
  }

  /// `boris`: a key that signed the nonce of his request; then what is wrong with it.
  func enrolment(_ words: String) throws -> EnrolmentRecord {
    let parts = words.split(separator: " ", maxSplits: 1).map(String.init)
    guard let who = parts.first, who != "nothing" else { return EnrolmentRecord([]) }
    let script = driver.engine.ceremony.script
    let wrong = parts.count == 2 ? parts[1] : ""
    let signer = try Signer(77)
    guard let key = signer.key.publicKey, let nonce = script.keyholder(who)?.enrol else {
      throw NoSuchEvent(words: words)
    }
    let proof = KeyProof(
      .enrolled, keyID: script.metadataKey(key, of: who).keyID, person: wrong == "of Ada" ? "ada" : who, slot: "9c",
      script: .zero, record: 1, head: .zero,
      nonce: wrong == "for another nonce" ? Array(repeating: 4, count: 16) : nonce, isRehearsal: wrong != "as real")
    let signature =
      wrong == "proven by zeros"
      ? Array(repeating: 0, count: 64) : try signer.signature(over: proof.preAuthenticationEncoding).bytes
    let codes = wrong == "with broken evidence" ? ["CHAIN-BROKEN"] : []
    guard ["", "of Ada", "for another nonce", "as real", "proven by zeros", "with broken evidence"].contains(wrong)
    else {
      throw NoSuchEvent(words: words)
    }
    return EnrolmentRecord([
      Enrolment(
        file: Self.file(words), codes: codes,
        made: Enrolment.Made(
          key: key.bytes, proof: proof, signature: signature, head: Self.head, serial: 50_000_001,
          guid: Array(repeating: 1, count: 16),
          attestation: nil))
    ])
  }

  /// Of the small ceremony in which it was made.
  private static let head = SHA256Digest(of: [8])

  private static func file(_ words: String) -> BoundFile {
    let bytes = Array(words.utf8)
    return BoundFile("\(Delivered.folder)/\(SHA256Digest(of: bytes).hex).tar", bytes)
  }
}
