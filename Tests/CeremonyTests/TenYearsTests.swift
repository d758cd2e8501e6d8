import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Crypto
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing

/// The whole life of a root: what a client of the first day makes of it, and what both verifiers say of each ceremony.
@Suite struct TenYearsTests {
  /// What happens each year, and how.
  private static let years: [(what: String, year: History.Year)] = {
    let first = ["ada", "boris", "chandra"]
    let second = ["ada", "boris", "dora"]
    let five = second + ["emeka", "fatima"]
    let bridge = ["gita", "hans", "ines"]
    let last = ["jan", "kofi", "lena", "mira"]
    func leave(_ people: [String], _ reason: String = "routine") -> [String: String] {
      Dictionary(people.map { ($0, reason) }, uniquingKeysWith: { first, _ in first })
    }
    return [
      ("genesis", History.Year(holders: first, threshold: 2)),
      ("a yearly rotation", History.Year(holders: first, threshold: 2)),
      ("a lost card", History.Year(holders: second, threshold: 2, leaving: leave(["chandra"], "lost"))),
      ("two join, and the threshold goes up", History.Year(holders: five, threshold: 3)),
      ("to P-256", History.Year(holders: bridge, threshold: 2, leaving: leave(five), algorithm: "ecdsa-p256")),
      ("a year of P-256", History.Year(holders: bridge, threshold: 2, algorithm: "ecdsa-p256")),
      ("and back", History.Year(holders: last, threshold: 3, leaving: leave(bridge, "firmware"))),
      ("the online key is suspected", History.Year(holders: last, threshold: 3, online: 2, onlineReason: "suspected")),
      ("the threshold goes down", History.Year(holders: last, threshold: 2, online: 2)),
      ("one is absent and keeps a key", History.Year(holders: last, threshold: 2, online: 2, kept: ["mira"])),
    ]
  }()

  @Test func aClientWalksFromTheFirstRootToTheLast() throws {
    var history = try History()
    var folders: [(what: String, folder: MemoryProducts)] = []
    var chain = RootChain()
    for (place, (what, year)) in Self.years.enumerated() {
      let result = try history.hold(year)
      #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil), "\(what)")
      let room = try #require(history.newest)
      let verdict = Replay(room.folder, after: place == 0 ? nil : history.rooms[place - 1].folder).verdict()
      #expect(verdict.holds && verdict.isEarlierVerified == (place > 0), "\(what): \(verdict.findings)")
      let unproven = verdict.findings.map(\.code)
      #expect(unproven == year.kept.map { _ in .keptKeyUnproven }, "\(what): \(verdict.findings)")
      if place > 0 {
        let before = history.rooms[place - 1]
        #expect(verdict.configuration?.after?.head == before.replay().head, "\(what)")
      }
      folders.append((what, try room.products()))
      let bytes = try history.root(place + 1)
      if place == 0 { chain.trust(bytes, place: what) } else { chain.update(bytes, place: what) }
      let step = try #require(chain.steps.last)
      #expect(step.outcome == (place == 0 ? .trusted : .updated), "\(what): \(step.findings)")
      #expect(!step.findings.contains { $0.severity == .error }, "\(what): \(step.findings)")
      #expect(step.dropsMetadata == (what == "the online key is suspected"))
    }
    try SecondVerifier.expectAgreement(folders, holding: true, "of ten years")
    try ngclient(history)
  }

  /// `tuf.ngclient.Updater` starts from the first root alone and ends at the newest, whichever is the newest.
  private func ngclient(_ history: History) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "client-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for place in Self.years.indices {
      try Data(try history.root(place + 1)).write(to: folder.appending(path: "\(place + 1).root.json"))
    }
    let seeds = try Self.years.map { Hex.encode(Array(try History.online($0.year.online).rawRepresentation)) }
    guard
      let output = try Python.output(
        of: Self.client, [folder.path()] + seeds, skipping: Self.years.count, "ten years of a client")
    else { return }
    #expect(output == Self.years.indices.map { "\($0 + 1)\n" }.joined())
  }

  private static let client = """
    import datetime, os, sys, tempfile
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from securesystemslib.signer import CryptoSigner
    from tuf.api.exceptions import DownloadHTTPError
    from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp
    from tuf.ngclient import Updater, UpdaterConfig
    from tuf.ngclient.fetcher import FetcherInterface
    roots, seeds = sys.argv[1], sys.argv[2:]
    class Files(FetcherInterface):
        def __init__(self, files): self.files = files
        def _fetch(self, url):
            name = url.rsplit("/", 1)[1]
            if name not in self.files: raise DownloadHTTPError("not there", 404)
            return iter([self.files[name]])
    def root(n): return open(os.path.join(roots, f"{n}.root.json"), "rb").read()
    later = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=1)
    for newest in range(1, len(seeds) + 1):
        key = Metadata[Root].from_bytes(root(newest)).signed
        keyid = key.roles["timestamp"].keyids[0]
        signer = CryptoSigner(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seeds[newest - 1])), key.keys[keyid])
        files = {f"{n}.root.json": root(n) for n in range(1, newest + 1)}
        for name, signed in (("1.targets.json", Targets(expires=later)), ("1.snapshot.json", Snapshot(expires=later)),
                             ("timestamp.json", Timestamp(expires=later))):
            metadata = Metadata(signed)
            metadata.sign(signer)
            files[name] = metadata.to_bytes()
        with tempfile.TemporaryDirectory() as place:
            updater = Updater(place, "https://example.org/", fetcher=Files(files), bootstrap=root(1))
            updater.refresh()
            print(Metadata[Root].from_file(os.path.join(place, "root.json")).signed.version)
    """
}
