import Bundles
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Requests
import TUFMetadata
import Transcript

/// The signatures of one file that came from elsewhere, and whether what came with them shows how they were made. Read in
/// memory and never unpacked; judged from the files alone, so that every verifier judges it anew.
package enum AnswerEvidence {
  /// The most bytes of a file without evidence.
  private static let largestMetadata = 1 << 20

  /// The most bytes of any file.
  package static let largest = Answer.limit
  /// The most files of a ceremony.
  package static let mostFiles = 64

  /// The signatures in the order of the key ids; one without a key and with a code where none can be told.
  package static func signatures(in bytes: [UInt8], _ wanted: DeliveryWanted) -> [Delivered] {
    let isAnswer = BundleSource.begins(bytes)
    let file = BoundFile("\(Delivered.folder)/\(SHA256Digest(of: bytes).hex).\(isAnswer ? "tar" : "json")", bytes)
    var head: SHA256Digest?
    var isNetworked: Bool?
    func found(_ signature: Envelope.Signature, isWitnessed: Bool = false, _ codes: [Finding.Code] = []) -> Delivered {
      Delivered(
        file: file, keyID: signature.keyID, signature: signature.bytes, head: head, isNetworked: isNetworked,
        isWitnessed: isWitnessed,
        codes: codes.map(\.rawValue))
    }
    func nothing(_ codes: [Finding.Code]) -> [Delivered] { [found(Envelope.Signature(keyID: "", bytes: []), codes)] }
    guard isAnswer else {
      guard bytes.count <= largestMetadata, let envelope = try? Envelope(asClientsRead: bytes, place: file.path),
        SHA256Digest(of: envelope.signedBytes) == wanted.payload
      else { return nothing([.answerPayload]) }
      let signed = envelope.signatures.filter { !$0.bytes.isEmpty }.sorted { $0.keyID < $1.keyID }
      return signed.isEmpty ? nothing([.answerMalformed]) : signed.map { found($0) }
    }
    guard let source = try? BundleSource(bytes: bytes, atMost: largest) else { return nothing([.answerMalformed]) }
    let judged = FolderVerifier(source)
    if judged.records.count > 0 { head = judged.records.head }
    isNetworked = judged.records.configuration?.isNetworked
    var codes = judged.findings.filter { $0.severity == .error }.map(\.code)
    let answered = judged.script?.answered
    if let request = answered?.request.digest {
      if !wanted.requests.contains(request) { codes.append(.answerRequest) }
    } else {
      codes.append(.answerMalformed)
    }
    if answered?.wanted?.digest != wanted.payload { codes.append(.answerPayload) }
    if judged.records.configuration?.isRehearsal != wanted.isRehearsal { codes.append(.rehearsalMark) }
    let path = judged.script?.pendingPath
    let envelope = path.flatMap { try? Envelope(parsing: source.read($0), place: $0) }
    let isPayload = envelope.map { SHA256Digest(of: $0.signedBytes) == wanted.payload } ?? false
    guard let envelope, isPayload, !envelope.signatures.isEmpty else {
      return nothing(codes.isEmpty ? [.answerPayload] : codes)
    }
    return envelope.signatures.sorted { $0.keyID < $1.keyID }.map { found($0, isWitnessed: codes.isEmpty, codes) }
  }
}
