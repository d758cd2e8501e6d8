import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Products
import SmartCard
import TUFMetadata
import Transcript

extension Script {
  /// The script on the twin of the real root that it goes on from, which the folder holds: made anew from the real root and
  /// the stand-ins of the records, and held against the file.
  ///
  /// Throws `TWIN-DIFFERS` for any other, and `EVIDENCE-MISSING` for what no card made or signed.
  func goingOnTwin(_ records: FolderRecords, _ source: any ProductsSource) throws(Finding) -> Script {
    guard let real = baseline, let time = records.time else { return self }
    let path = "twin/\(real.root.version).root.json"
    let bytes = try records.content(of: path, in: source)
    let script = try withStandIns()
    var keys: [String: PublicKey] = [:]
    for standIn in script.standIns {
      guard let made = records.exchanges[.transcript]?.generations[standIn.step],
        made.header == [0, Instruction.generateKeyPair, 0, standIn.role.slot.reference],
        made.asked == standIn.role.generateTemplate, let key = try? PublicKey(card: made.key, standIn.role.algorithm),
        key.weakness == nil
      else {
        throw Self.missing(
          "No card made a stand-in for the key \(shortened(standIn.original.keyID)) in its step, as the script has it.",
          path)
      }
      keys[standIn.original.keyID] = key
    }
    guard let twin = script.twin(keys, at: time) else {
      throw Self.differing("Its stand-ins cannot stand in the place of the real keys.", path)
    }
    let pairs = script.standIns.compactMap { standIn in
      twin.key(standIn.original.keyID).map { TwinRecord.Pair(original: standIn.original.keyID, standIn: $0.keyID) }
    }
    guard records.twin == TwinRecord(root: real.digest, keys: pairs) else {
      throw Self.differing("The records name other stand-ins than the cards made, or none.", path)
    }
    let envelope = try Envelope(parsing: bytes, place: path)
    let expected = JSONValue.object(twin.root.json).canonical()
    guard envelope.signedBytes == expected, envelope.serialized() == bytes, envelope.fields == [:],
      envelope.signatures.allSatisfy({ $0.fields == [:] })
    else {
      throw Self.differing("It is not the real root with the stand-ins that the cards made, and its mark.", path)
    }
    let digest = SHA256Digest(of: expected)
    let count = envelope.count(twin.root[.root], twin.root.keys)
    guard count.isMet, count.counted.count == envelope.signatures.count else {
      throw Self.differing("It has \(count.counted.count) valid signatures, and needs \(count.threshold).", path)
    }
    let written = Set(envelope.signatures.map { FolderRecords.Accepted(keyID: $0.keyID, signature: $0.bytes) })
    guard records.payloads["twin"] == [digest], records.accepted["twin"] == [digest: written],
      envelope.signatures.allSatisfy({ signature in
        twin.root.keys[signature.keyID].map {
          records.isFromCard(signature.bytes, by: $0, over: expected, in: .transcript)
        } ?? false
      })
    else {
      throw Self.missing("It has other signatures than the transcript records, or than cards made.", path)
    }
    return script.going(on: twin.signed(bytes))
  }

  /// Throws `TWIN-DIFFERS` where a twin is on record and the ceremony plays on none.
  func refusingTwin(_ records: FolderRecords) throws(Finding) {
    guard records.twin != nil || records.accepted["twin"] != nil || records.payloads["twin"] != nil else { return }
    throw Self.differing("The records make a twin, and this ceremony plays on none.", RecordFile.transcript.name)
  }

  private static func differing(_ what: String, _ place: String) -> Finding {
    Finding(
      .twinDiffers, what, hint: "Treat the folder as changed; compare it with another copy.", place: place)
  }

  private static func missing(_ what: String, _ place: String) -> Finding {
    Finding(
      .evidenceMissing, what, hint: "Treat the folder as changed; compare it with another copy.", place: place)
  }
}
