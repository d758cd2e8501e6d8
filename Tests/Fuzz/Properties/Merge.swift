import Bundles
import CanonicalJSON
import Findings
import Requests
import SampleMetadata
import SignatureMerge
import TUFMetadata
import UTC

/// A changed part is refused by name, or joined with a sound one as the same bytes in any order, however often it is named,
/// and joining the result again changes nothing. No signature comes in by a key that signed no part.
///
/// The first byte chooses a sound part, or none. The rest are changes to it, three bytes each: place and value; or the part.
func judgeMerge(_ bytes: [UInt8]) {
  guard let first = bytes.first, let sound = sound.first else { return }
  let own = Int(first) % (bases.count + 1)
  var content = Array(bytes.dropFirst())
  if own < bases.count {
    content = bases[own]
    var edits = bytes.dropFirst()
    while let high = edits.popFirst(), let low = edits.popFirst(), let value = edits.popFirst() {
      content[(Int(high) << 8 | Int(low)) % content.count] = value
    }
    if BundleSource.begins(content) { content = summed(content) }
  }
  let part: SignaturePart
  do throws(Finding) {
    part = try SignaturePart(content, path: "part") { _ in [] }
  } catch {
    return require(error.place?.hasPrefix("part") == true, "refused without a place: \(error)")
  }
  let joined = result { () throws(Finding) in try SignatureMerge([sound, part]) }
  let turned = result { () throws(Finding) in try SignatureMerge([part, sound, part, sound]) }
  guard case .success(let one) = joined, case .success(let other) = turned else {
    return require(code(joined) == code(turned), "the order decides why it is refused")
  }
  require(one.files.map(\.path) == other.files.map(\.path), "the order decides what is written")
  require(one.files.map(\.bytes) == other.files.map(\.bytes), "the order decides the bytes")
  require(one.envelope.signedBytes == sound.envelope.signedBytes, "something else is signed")
  require(one.signers.allSatisfy { $0.unchecked != nil || signers.contains($0.keyID) }, "a signature out of nowhere")
  let again = result { () throws(Finding) in
    let before = try SignaturePart(one.envelope.serialized(), path: "joined") { _ in [] }
    return try SignatureMerge([before, part, sound])
  }
  guard case .success(let whole) = again else { return require(false, "what was joined is refused") }
  require(whole.envelope == one.envelope, "joining again changes the result")
}

private func result(_ work: () throws(Finding) -> SignatureMerge) -> Result<SignatureMerge, Finding> {
  Result { () throws(Finding) in try work() }
}

private func code(_ result: Result<SignatureMerge, Finding>) -> Finding.Code? {
  if case .failure(let finding) = result { finding.code } else { nil }
}

private let numbers: [UInt8] = [2, 3, 4]
private let signers = Set(numbers.compactMap { try? Signer($0).key.keyID })

/// The second root of a repository, signed by keys of these numbers.
private func file(_ numbers: [UInt8]) -> [UInt8] {
  guard let root = try? Samples.root(version: 2, keys: [2, 3, 4]),
    let envelope = try? Samples.signed(root.json, by: numbers)
  else { return [] }
  return envelope.serialized()
}

private let sound: [SignaturePart] = [try? SignaturePart(file([3]), path: "sound") { _ in [] }].compactMap(\.self)

private let bases: [[UInt8]] = {
  let envelope = file([4])
  let asked = Asked(id: "dora", name: "Dora", keyID: "00", slot: "9c")
  let payload = (try? Envelope(parsing: envelope, place: ""))?.signedBytes ?? []
  let request = Request(
    .sign(SignatureWanted(payload: payload, trusted: nil, signers: [asked])), engine: 9, release: "0.9.0",
    isRehearsal: false, repository: "r", title: "t", nonce: [UInt8](repeating: 0, count: Request.nonceCount))
  var archive: [UInt8] = []
  let answer = MemoryProducts(files: [SignaturePart.request: request.bytes, "pending/2.root.json": envelope])
  _ = try? Bundle(answer, time: .epoch).write { archive += $0 }
  let bases = [file([2]), file([2, 3]), archive]
  require(bases.allSatisfy { (try? SignaturePart($0, path: "base") { _ in [] }) != nil }, "a sound part is refused")
  return bases
}()
