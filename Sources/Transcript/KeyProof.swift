import CanonicalJSON
import Keys

/// What a card signs to prove that it holds a key: with a nonce and every record so far, so that it was not signed before.
/// It can pass neither as TUF metadata nor as a seal.
package struct KeyProof: Hashable, Sendable {
  package static let payloadType = "application/vnd.tuf-ceremony.proof+json"

  package enum Purpose: String, Sendable {
    /// Of a key that was made here: that the card signs, and as much as it will have to.
    case test
    /// Of a key of the root before that stays: that its card still signs.
    case kept
    /// Of a key that was made elsewhere, for the nonce of a request.
    case enrolled
  }

  package let purpose: Purpose
  package let keyID: String
  /// A keyholder's id, `administrator` or `witness`.
  package let person: String
  /// Two hexadecimal digits.
  package let slot: String
  package let script: SHA256Digest
  /// The number of the last record before the proof, past interruptions and what goes with them.
  package let record: Int64
  /// The SHA-256 of that record's line.
  package let head: SHA256Digest
  /// 16 bytes that the record before holds.
  package let nonce: [UInt8]
  package let isRehearsal: Bool
  /// Zeros that make what is signed as long as it must be.
  package private(set) var pad = ""

  package init(
    _ purpose: Purpose, keyID: String, person: String, slot: String, script: SHA256Digest, record: Int64,
    head: SHA256Digest, nonce: [UInt8], isRehearsal: Bool
  ) {
    self.purpose = purpose
    self.keyID = keyID
    self.person = person
    self.slot = slot
    self.script = script
    self.record = record
    self.head = head
    self.nonce = nonce
    self.isRehearsal = isRehearsal
  }

  /// The same with the fewest zeros that bring what is signed to at least so many bytes. A number is part of it,
  /// so that no zeros may give exactly that: then it is one byte more.
  package func padded(to count: Int) -> KeyProof {
    var padded = self
    padded.pad = ""
    let missing = count - padded.preAuthenticationEncoding.count
    guard missing > 0 else { return padded }
    padded.pad = String(repeating: "0", count: missing)
    while true {
      var shorter = padded
      shorter.pad.removeLast()
      guard !shorter.pad.isEmpty, shorter.preAuthenticationEncoding.count >= count else { return padded }
      padded = shorter
    }
  }

  package var json: JSONObject {
    [
      "head": .string(head.hex), "keyid": .string(keyID), "nonce": .string(Hex.encode(nonce)), "pad": .string(pad),
      "person": .string(person), "purpose": .string(purpose.rawValue), "record": .integer(record),
      "rehearsal": .bool(isRehearsal), "script": .string(script.hex), "slot": .string(slot),
    ]
  }

  /// Reads what ``json`` writes; nil for anything else.
  package init?(_ body: JSONObject) {
    guard let purpose = body["purpose"]?.string.flatMap(Purpose.init(rawValue:)), let keyID = body["keyid"]?.string,
      let person = body["person"]?.string, let slot = body["slot"]?.string,
      let script = body["script"]?.string.flatMap(SHA256Digest.init(hex:)), let record = body["record"]?.integer,
      let head = body["head"]?.string.flatMap(SHA256Digest.init(hex:)),
      let nonce = body["nonce"]?.string.flatMap({ Hex.decode($0) }), nonce.count == 16,
      let isRehearsal = body["rehearsal"]?.bool, let pad = body["pad"]?.string,
      pad.utf8.allSatisfy({ $0 == UInt8(ascii: "0") })
    else { return nil }
    self.init(
      purpose, keyID: keyID, person: person, slot: slot, script: script, record: record, head: head, nonce: nonce,
      isRehearsal: isRehearsal)
    self.pad = pad
    guard json == body else { return nil }
  }

  /// What is signed: the canonical JSON in its pre-authentication encoding.
  package var preAuthenticationEncoding: [UInt8] {
    PreAuthentication.encode(Self.payloadType, JSONValue.object(json).canonical())
  }
}
