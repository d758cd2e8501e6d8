import Bundles
import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Requests
import TUFMetadata
import Transcript

/// The key in a file that came from elsewhere, with its proof and what attests it: judged from the files alone.
package enum EnrolmentEvidence {
  /// nil for a file that answers another kind of request, or is for somebody else: it is left where it is.
  package static func enrolment(in bytes: [UInt8], _ wanted: EnrolmentWanted) -> Enrolment? {
    judged(bytes, wanted)?.enrolment
  }

  /// The same with what attests the key, and what the card was asked that made it.
  static func judged(_ bytes: [UInt8], _ wanted: EnrolmentWanted) -> (
    enrolment: Enrolment, key: AttestedKey?, made: RecordedExchanges.Generation?
  )? {
    guard BundleSource.begins(bytes) else { return nil }
    let file = BoundFile("\(Delivered.folder)/\(SHA256Digest(of: bytes).hex).tar", bytes)
    func refused(_ codes: [Finding.Code]) -> (Enrolment, AttestedKey?, RecordedExchanges.Generation?) {
      (Enrolment(file: file, codes: codes.map(\.rawValue), made: nil), nil, nil)
    }
    guard let source = try? BundleSource(bytes: bytes, atMost: AnswerEvidence.largest) else {
      return refused([.answerMalformed])
    }
    let judged = FolderVerifier(source)
    let key = judged.script?.answered?.key
    guard judged.script?.answered == nil || key?.person.id == wanted.person else { return nil }
    var codes = judged.findings.filter { $0.severity == .error }.map(\.code)
    if key == nil { codes.append(.answerMalformed) }
    if judged.script?.answered?.request.nonce != wanted.nonce { codes.append(.answerRequest) }
    if judged.records.configuration?.isRehearsal != wanted.isRehearsal { codes.append(.rehearsalMark) }
    guard let made = judged.madeKeys.first, judged.madeKeys.count == 1, let publicKey = made.publicKey,
      let signed = judged.records.proofs.last(where: { $0.proof.keyID == made.keyID }),
      let card = judged.keys.first?.card
    else { return refused(codes.isEmpty ? [.answerMalformed] : codes) }
    let folder = "cards/\(card)"
    let facts = (try? JSONValue(parsing: source.read("\(folder)/card.json")))?.object
    let serial = facts?["serial"]?.integer.flatMap(UInt32.init(exactly:))
    let guid = facts?["guid"]?.string.flatMap { Hex.decode($0) } ?? []
    var attestation: Enrolment.Made.Attestation?
    if let leaf = certificate("\(folder)/root_attestation.pem", source),
      let intermediate = certificate("\(folder)/attestation_intermediate.pem", source)
    {
      attestation = Enrolment.Made.Attestation(leaf: leaf, intermediate: intermediate)
    }
    let found = Enrolment(
      file: file, codes: codes.map(\.rawValue),
      made: Enrolment.Made(
        key: publicKey.bytes, proof: signed.proof, signature: signed.signature.signature, head: judged.records.head,
        serial: serial, guid: guid,
        attestation: attestation))
    return (found, judged.keys.first, signed.made)
  }

  private static func certificate(_ path: String, _ source: BundleSource) -> [UInt8]? {
    guard let bytes = try? source.read(path) else { return nil }
    return (try? PEM.decode(String(decoding: bytes, as: UTF8.self)))?.first?.bytes
  }
}
