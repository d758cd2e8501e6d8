import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Products
import TUFMetadata
import Transcript

extension FolderRecords {
  /// Whether what cards answered here gives away the private half of a key, together with what the root before was signed
  /// with. Every signature that counts is such an answer.
  func expose(_ key: PublicKey, after before: Baseline? = nil, with others: [FolderRecords] = []) -> Bool {
    guard let algorithm = key.cardAlgorithm, algorithm != .ed25519 else { return false }
    var nonces = ECDSANonces()
    for earlier in before?.signatures ?? [] where earlier.key == key {
      _ = nonces.note(earlier.signature, by: key, over: algorithm.signingInput(earlier.message))
    }
    for records in [self] + others {
      for answer in [RecordFile.transcript, .sealing].flatMap({ records.exchanges[$0]?.answers ?? [] })
      where answer.algorithm == algorithm.rawValue && key.isValid(answer.signature, overDigest: answer.digest) {
        if nonces.note(answer.signature, by: key, over: answer.digest) { return true }
      }
    }
    return false
  }
}

/// What cards drew badly from one ceremony to another.
package enum RepeatedNonces {
  /// An error for each key of a root whose private half is given away by what cards answered in several ceremonies.
  ///
  /// - Parameters:
  ///   - root: the newest root's file, called `place` in the findings.
  ///   - folders: of the ceremony that made it, and of those before it.
  package static func findings(of root: [UInt8], _ place: String, in folders: [any ProductsSource]) -> [Finding] {
    guard folders.count > 1, let envelope = try? Envelope(asClientsRead: root, place: place),
      let keys = try? Root.read(envelope.signed).root.keys.keys
    else { return [] }
    let records = folders.map { FolderRecords($0) }
    return keys.filter { key in key.publicKey.map { records[0].expose($0, with: Array(records.dropFirst())) } == true }
      .map {
        .exposed(
          "key \(shortened($0.keyID))", "Let it leave with the reason “suspected”, and make a new key.", place: place)
      }
  }
}
