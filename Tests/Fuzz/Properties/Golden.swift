import Attestation
import CanonicalJSON
import CeremonyReplay
import Findings
import Glibc
import Keys
import Products
import UTC

/// The rehearsal that the repository keeps, in the folder of the variable FUZZ_GOLDEN: what is fuzzed are changes to it.
private let golden: MemoryProducts = {
  var files: [String: [UInt8]] = [:]
  let folder = ProductsFolder(opening: getenv("FUZZ_GOLDEN").map { String(cString: $0) } ?? "")
  for entry in (try? folder.list()) ?? [] { files[entry.path] = try? folder.read(entry.path) }
  let verdict = Replay(MemoryProducts(files: files)).verdict()
  require(verdict.holds, "FUZZ_GOLDEN is not a ceremony of this engine: \(verdict.findings)")
  return MemoryProducts(files: files)
}()

private let lines = (golden.files["transcript.jsonl"] ?? []).split(separator: 0x0a).map { Array($0) }

struct MemoryProducts: ProductsSource {
  var files: [String: [UInt8]]

  func read(_ name: String) throws(Finding) -> [UInt8] {
    guard let bytes = files[name] else { throw Finding(.fileRefused, "Not there.", hint: "", place: name) }
    return bytes
  }

  func list() throws(Finding) -> [ProductsFolder.Entry] {
    files.keys.sorted().map { ProductsFolder.Entry(path: $0, isRegular: true) }
  }
}

/// One record of a ceremony is replaced and everything after it linked anew: the replay refuses it with a finding.
///
/// Two bytes choose the record; the rest takes its place.
func judgeReplay(_ bytes: [UInt8]) {
  guard bytes.count > 2 else { return }
  let place = (Int(bytes[0]) << 8 | Int(bytes[1])) % lines.count
  let transcript = transcript(replacing: place, with: Array(bytes.dropFirst(2)))
  var products = golden
  products.files["transcript.jsonl"] = transcript
  let verdict = Replay(products).verdict()
  let isSame = transcript == golden.files["transcript.jsonl"]
  require(verdict.holds == isSame, "record \(place): \(isSame ? "the sound" : "a changed") transcript")
  require(verdict.holds || !verdict.findings.isEmpty, "record \(place): refused without a finding")
}

/// The golden transcript with another line in one place. The lines after it change in nothing but their link.
private func transcript(replacing place: Int, with line: [UInt8]) -> [UInt8] {
  var content: [UInt8] = []
  for line in lines[..<place] { content += line + [0x0a] }
  let before = place == 0 ? .zero : SHA256Digest(of: lines[place - 1])
  let changed = linked([line], after: before, from: Int64(place))
  content += changed + [0x0a]
  var head = SHA256Digest(of: changed)
  for (var line, link) in zip(lines, links).dropFirst(place + 1) {
    line.replaceSubrange(link..<link + 64, with: head.hex.utf8)
    head = SHA256Digest(of: line)
    content += line + [0x0a]
  }
  return content
}

/// Where the 64 digits of `prev` stand in each line.
private let links = lines.map { line -> Int in
  let name = Array(#""prev":""#.utf8)
  let start = line.indices.last { line[$0...].starts(with: name) } ?? 0
  require(line.count > start + name.count + 64, "a line without a link")
  return start + name.count
}

/// Nothing but the certificates of the golden rehearsal is accepted, and they in a rehearsal alone.
///
/// Two bytes say how long the attestation is; the certificate of slot F9 follows it.
func judgeAttestation(_ bytes: [UInt8]) {
  guard bytes.count > 2 else { return }
  let count = Int(bytes[0]) << 8 | Int(bytes[1])
  let evidence = AttestationEvidence(
    leaf: Array(bytes.dropFirst(2).prefix(count)), intermediate: Array(bytes.dropFirst(2).dropFirst(count)))
  let found = facts(evidence, inRehearsal: true)
  require(found.map(knownFacts.contains) ?? true, "an attestation that no card made")
  require(facts(evidence, inRehearsal: false) == nil, "a virtual card outside a rehearsal")
}

private let knownFacts: [AttestationFacts] = {
  let folders = Set(golden.files.keys.filter { $0.hasSuffix("_attestation.pem") })
  let known = folders.sorted().compactMap { path -> AttestationFacts? in
    let card = path.split(separator: "/").dropLast().joined(separator: "/")
    guard let leaf = certificate(path), let issuer = certificate("\(card)/attestation_intermediate.pem") else {
      return nil
    }
    return facts(AttestationEvidence(leaf: leaf, intermediate: issuer), inRehearsal: true)
  }
  require(!known.isEmpty && known.count == folders.count, "the golden rehearsal attests nothing")
  return known
}()

private func certificate(_ path: String) -> [UInt8]? {
  let pem = String(decoding: golden.files[path] ?? [], as: UTF8.self)
  return (try? TrustAnchors.certificates(pem: pem))?.first
}

private func facts(_ evidence: AttestationEvidence, inRehearsal: Bool) -> AttestationFacts? {
  guard let time = UTCTime("2026-01-02T00:00:00Z"),
    let anchors = try? TrustAnchors(
      certificates: [], testCA: TrustAnchors.virtualCardAuthority, acceptsTestCA: inRehearsal)
  else {
    require(false, "no anchors")
    return nil
  }
  return evidence.verdict(against: nil, trusting: anchors, at: time).facts
}
