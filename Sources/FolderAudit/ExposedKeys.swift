import CeremonyScript
import Keys
import PIV
import PIVTypes
import TUFMetadata
import Transcript

extension FolderRecords {
  /// Whether what cards answered here gives away the private half of a key, together with what the root before was signed
  /// with. Every signature that counts is such an answer.
  func expose(_ key: PublicKey, after before: Baseline? = nil) -> Bool {
    guard let algorithm = key.cardAlgorithm, algorithm != .ed25519 else { return false }
    var nonces = ECDSANonces()
    for earlier in before?.signatures ?? [] where earlier.key == key {
      _ = nonces.note(earlier.signature, by: key, over: algorithm.signingInput(earlier.message))
    }
    for file in [RecordFile.transcript, .sealing] {
      for answer in exchanges[file]?.answers ?? []
      where answer.algorithm == algorithm.rawValue && key.isValid(answer.signature, overDigest: answer.digest) {
        if nonces.note(answer.signature, by: key, over: answer.digest) { return true }
      }
    }
    return false
  }
}
