import Advice
import CanonicalJSON
import Findings
import SampleMetadata
import TUFMetadata
import Testing
import UTC
import Watch

/// The samples expire at 2027-01-01.
@Suite struct SigningTimeTests {
  @Test(
    arguments: [
      (nil, nil, 90, SigningTime.Source.normal, "2026-10-03T00:00:00Z"),
      (nil, 60, 60, .root, "2026-11-02T00:00:00Z"), (nil, 0, 0, .root, "2027-01-01T00:00:00Z"),
      (30, nil, 30, .asked, "2026-12-02T00:00:00Z"), (30, 60, 30, .asked, "2026-12-02T00:00:00Z"),
      (nil, -1, 90, .normal, "2026-10-03T00:00:00Z"), (nil, 36_526, 90, .normal, "2026-10-03T00:00:00Z"),
    ] as [(Int64?, Int64?, Int64, SigningTime.Source, String)])
  func takesAPeriod(asked: Int64?, own: Int64?, days: Int64, source: SigningTime.Source, latest: String) throws {
    var root = try Samples.root()
    root.fields[SigningTime.field] = own.map { .integer($0) }
    let signing = Documents.advice(root, signingDays: asked).signing
    #expect(signing.days == days && signing.source == source)
    #expect(signing.latest.description == latest)
    #expect(signing.sentences[0].hasPrefix("Begin to sign at \(latest) at the latest"))
    let other = signing.sentences.dropFirst(3)
    #expect(other.isEmpty == (own == nil || source == .root))
    if source == .asked, let own { #expect(other.first?.contains("\(own) days") == true) }
    if source == .normal, own != nil { #expect(other.first?.hasSuffix("is no number of days.") == true) }
  }

  @Test(arguments: [
    ("2026-10-02T23:59:59Z", false, "Begin to sign at 2026-10-03T00:00:00Z at the latest, which is in 0 whole days."),
    (
      "2026-10-03T00:00:00Z", true,
      "Signing should have begun at 2026-10-03T00:00:00Z. The root expires in 90 whole days."
    ),
    (
      "2026-12-31T00:00:00Z", true,
      "Signing should have begun at 2026-10-03T00:00:00Z. The root expires in 1 whole day."
    ),
    ("2027-01-01T00:00:00Z", true, "This root expired at 2027-01-01T00:00:00Z, and clients refuse to update."),
  ])
  func saysWhetherItIsTime(at time: String, isDue: Bool, words: String) throws {
    let signing = Documents.advice(try Samples.root(), at: try Samples.time(time)).signing
    #expect(signing.isDue == isDue)
    #expect(signing.sentences[0].hasPrefix(words))
  }

  @Test func theNormalPeriodIsWhenExpiryWarns() { #expect(SigningTime.normalDays == ExpiryThresholds.defaultWarn) }

  @Test func saysWhatTheNextRootNeeds() throws {
    let sentence = Documents.advice(try Samples.root(version: 7)).signing.sentences[1]
    #expect(sentence.hasPrefix("Version 8 needs 2 signatures by keys of this root and its own threshold"))
  }

  @Test func saysThatClientsDropMetadata() throws {
    let first = try Samples.root()
    let second = try Samples.root(version: 2, online: 201)
    var third = second
    third.version = 3
    let changes = Documents.advice(third, after: [first, second]).changes
    #expect(changes.map(\.from) == [1] && changes.map(\.to) == [2])
    #expect(changes.map(\.roles) == [[.timestamp, .snapshot]])
    #expect(changes[0].sentence.contains("keys of timestamp and snapshot changed"))
    // Of the root's own keys, clients drop nothing.
    let rotated = try Samples.root(version: 2, keys: [4, 5, 6])
    #expect(Documents.advice(rotated, after: [first]).changes == [])
    var snapshotAlone = first
    snapshotAlone.version = 2
    snapshotAlone.keys = KeyRing(first.keys.keys + [try Signer(202).key])
    snapshotAlone[.snapshot] = Role(keyIDs: [try Signer(202).key.keyID], threshold: 1)
    #expect(Documents.advice(snapshotAlone, after: [first]).changes.map(\.roles) == [[.snapshot]])
  }
}
