import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import PIVTypes
import Products
import Report
import SmartCard
import Testing
import UTC

@testable import CeremonyEngine
@testable import VirtualCard

/// Who vouches for a card, and what a name of a vendor is worth.
@Suite struct VendorTests {
  /// A vendor of the attacker's own, under a name like Yubico's, and the certificates of F9 below it.
  private struct Stranger {
    static let name = "Yubico PIV Root CA Serial 263751, really!"
    private let key: SoftwareKey
    let root: [UInt8]

    init() throws {
      key = try #require(SoftwareKey(.ed25519, scalar: Array(repeating: 7, count: 32)))
      let authority = CertificateMaker.authorityCertificate
      let known = try #require(CertificateMaker.authorityKey).publicKey
      root = Self.signed(Self.renamed(authority).replacing(known, with: key.publicKey), key)
    }

    /// What slot F9 holds, issued by the stranger.
    func device(_ certificate: [UInt8]) -> [UInt8] { Self.signed(Self.renamed(certificate), key) }

    private static func renamed(_ certificate: [UInt8]) -> [UInt8] {
      let old = Array(CertificateMaker.authorityName.utf8)
      // As issuer, and in a root also as subject.
      return certificate.replacing(old, with: Array(name.utf8)).replacing(old, with: Array(name.utf8))
    }

    /// With an Ed25519 signature, which ends the certificate, behind its algorithm.
    private static func signed(_ certificate: [UInt8], _ key: SoftwareKey) -> [UInt8] {
      let body = Array(certificate[4..<certificate.count - 64 - 3 - 7])
      return Array(certificate.dropLast(64)) + (key.sign(body) ?? [])
    }
  }

  private static func hold(_ script: String, files: [String: [UInt8]], _ meddling: @escaping Meddling) throws -> Room {
    let (room, beside) = (Room(), Room())
    try FileManager.default.createDirectory(atPath: beside.path, withIntermediateDirectories: true)
    var all = files
    all["online-stand-in.pem"] = try Package.script("online-stand-in.pem")
    for (name, bytes) in all { try Data(bytes).write(to: URL(filePath: "\(beside.path)/\(name)")) }
    let cards = [
      "ada": VirtualCard(serial: 20_000_001, seed: [1]), "boris": VirtualCard(serial: 20_000_002, seed: [2]),
    ]
    let options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: beside.path, out: room.path, isUnattended: true, seed: 1,
      programVersion: ProgramVersion.current)
    let result = try LiveCeremony(options, console: room.console, cards: MeddledCardSource(cards, meddling)).run()
    #expect(result.outcome.ending == .complete)
    return room
  }

  private static func page(_ room: Room) throws -> String {
    String(decoding: try Report(room.folder).html(), as: UTF8.self)
  }

  @Test func aVendorThatTheScriptAloneNames() throws {
    let stranger = try Stranger()
    #expect(Stranger.name.utf8.count == CertificateMaker.authorityName.utf8.count)
    let pem = Array(PEM.encode("CERTIFICATE", stranger.root).utf8)
    let script = try Scripts.first.editing(
      "\nroles:\n",
      with: """

        cards:
          vendor-certificates:
            - {file: vendor.pem, sha256: \(SHA256Digest(of: pem).hex)}
          other-vendors: accepted
        roles:

        """)
    let room = try Self.hold(script, files: ["vendor.pem": pem]) { command, card throws(CardFailure) in
      let answer = try card.send(command)
      guard command.ins == 0xcb, answer.status == .success, answer.data.count > 200,
        answer.data.firstRange(of: Array(CertificateMaker.authorityName.utf8)) != nil
      else { return answer }
      // 53 82 LL LL 70 82 LL LL, the certificate, 71 01 00 FE 00.
      let certificate = Array(answer.data[8..<answer.data.count - 5])
      return ResponseAPDU(
        data: Array(answer.data.prefix(8)) + stranger.device(certificate) + answer.data.suffix(5), status: answer.status
      )
    }
    let digest = SHA256Digest(of: stranger.root)
    let verdict = room.replay()
    #expect(verdict.findings.map(\.code) == [.vendorUnknown])
    let finding = try #require(verdict.findings.first)
    #expect(finding.severity == .warning && finding.what.contains(digest.hex) && finding.what.hasPrefix("2 keys"))
    #expect(verdict.banners.contains("VOUCHED FOR BY A VENDOR THAT THE SCRIPT ALONE NAMES"))
    #expect(verdict.facts?.vendors.map(\.kind) == [.script])
    let words = verdict.proved.joined(separator: "\n")
    #expect(words.contains("2 by a vendor that the script alone names") && words.contains(digest.hex))
    #expect(!words.contains("pinned vendor") && !words.contains("built into"))
    // Wherever the name is shown its digest is.
    for screen in room.console.screens where screen.facts.contains(where: { $0.value.contains("Yubico PIV Root") }) {
      #expect(screen.facts.contains { $0.value == digest.hex })
      #expect(screen.facts.contains { $0.value == "named by the script alone" })
    }
    let known = try #require(verdict.knownElsewhere.first { $0.label == "vendor root" })
    #expect(known.digest == digest && known.note.hasSuffix("named by the script alone"))
    for page in [try Self.page(room), String(decoding: try room.folder.read("report.html"), as: UTF8.self)] {
      #expect(page.contains("0 of 2; 2 vouched for by a vendor that the script alone names:"))
      #expect(page.contains("VENDOR-UNKNOWN"))
      #expect(page.contains("VOUCHED FOR BY A VENDOR THAT THE SCRIPT ALONE NAMES"))
    }
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    #expect(byFiles.facts?.vendors == verdict.facts?.vendors && byFiles.vendorFindings == verdict.findings)
    let attested = AttestVerdict(room.folder)
    #expect(attested.findings == verdict.findings && attested.vendors == verdict.facts?.vendors)
    // Whoever would hold the real one is told before it begins.
    let judged = try Script(try room.folder.read("script.yaml"))
    #expect(judged.lint(.real, online: [:], at: .epoch).contains { $0.code == .otherVendors })
  }

  /// Virtual cards behind a reader are no hardware either.
  @Test func virtualCardsInAReader() throws {
    let room = try Self.hold(try Scripts.first, files: [:]) { command, card throws(CardFailure) in
      try card.send(command)
    }
    let verdict = room.replay()
    #expect(verdict.holds && verdict.findings == [] && verdict.configuration?.cards == .pcsc)
    #expect(verdict.facts?.vendors.map(\.kind) == [.virtual])
    for page in [try Self.page(room), String(decoding: try room.folder.read("report.html"), as: UTF8.self)] {
      #expect(page.contains("in readers; 2 keys on virtual cards: software, not hardware"))
      #expect(page.contains("0 of 2; 2 vouched for by the authority of virtual cards"))
      #expect(!page.contains("2 of 2 on hardware") && !page.contains("<dd>2 of 2</dd>"))
    }
  }

  @Test func checkWarnsOfWhatProvesNothing() throws {
    func cautions(_ cards: String) throws -> [Finding] {
      try Script(Array(try Scripts.first.editing("\nroles:\n", with: "\ncards:\n  \(cards)\nroles:\n").utf8)).cautions
    }
    #expect(try cautions("attestation: required") == [])
    #expect(try cautions("attestation: optional").map(\.code) == [.attestationOptional])
    #expect(try cautions("other-vendors: accepted").map(\.code) == [.otherVendors])
    #expect(try cautions("other-vendors: accepted").allSatisfy { $0.severity == .warning })
  }

  /// The block is the same wherever a verdict begins.
  @Test func whatIsComparedWithWhatIsKnownFromElsewhere() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let folder = try room.products()
    for verdict in [folder.replay(), try MemoryProducts.golden(3).replay()] {
      #expect(
        verdict.knownElsewhere.map(\.label) == [
          "head", "final head", "script.yaml", "vendor root", "metadata/1.root.json", "program",
        ] + (verdict.configuration?.verifiers.map(\.path) ?? []))
      #expect(verdict.knownElsewhere.first?.note == "everything up to the close; 2 root keys sealed it")
    }
    #expect(KnownElsewhere.title == "Compare these with what you know from elsewhere")
    let root = try #require(folder.replay().knownElsewhere.first { $0.label.hasPrefix("metadata/") })
    #expect(root.digest == SHA256Digest(of: try folder.read("metadata/1.root.json")))
    for page in [try Self.page(room), String(decoding: try folder.read("report.html"), as: UTF8.self)] {
      let sections = page.matches(of: /<section aria-labelledby="([a-z-]+)">/).map { String($0.1) }
      #expect(sections.starts(with: ["incidents", "elsewhere"]))
    }
  }

  /// The name of the seal's claim is the engine's, and no other.
  @Test func theNameOfTheSealsClaim() throws {
    let folder = MemoryProducts.firstRehearsal()
    func type(_ folder: MemoryProducts) throws -> String {
      let payload = try folder.object("seal.dsse.json")["payload"]?.string
      return String(decoding: Base64.decode(payload ?? "") ?? [], as: UTF8.self)
    }
    let page = String(decoding: try Package.script("TRANSCRIPT-SEAL.md"), as: UTF8.self)
    #expect(try type(folder).contains("\"https://w3id.org/tuf-ceremony/transcript-seal/v1\""))
    #expect(page.contains("https://w3id.org/tuf-ceremony/transcript-seal/v1"))
    for engine in 1...3 {
      #expect(try type(MemoryProducts.golden(engine)).contains("\"urn:tuf-ceremony:transcript-seal:1\""))
    }
  }
}

extension [UInt8] {
  fileprivate func replacing(_ old: [UInt8], with new: [UInt8]) -> [UInt8] {
    guard let range = firstRange(of: old) else { return self }
    return Array(self[..<range.lowerBound]) + new + Array(self[range.upperBound...])
  }
}
