import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Judges
import Products
import TUFMetadata
import Testing

/// Histories drawn from dice: people join, leave and lose cards, thresholds and kinds of keys change. Each root is taken by a
/// client of the one before, each ceremony replays, and the second verifier says the same.
@Suite struct GeneratedHistoryTests {
  private static let batches = Sweep.isFull ? 20 : 1
  private static let batchSize = Sweep.isFull ? 10 : 2

  @Test(arguments: 0..<batches)
  func everyHistoryIsWalked(batch: Int) throws {
    var folders: [(what: String, folder: MemoryProducts)] = []
    for place in 0..<Self.batchSize {
      let number = UInt64(batch * Self.batchSize + place)
      var dice = Dice(seed: Sweep.seed &* 1_000_003 &+ number)
      var people = People(&dice)
      var history = try History()
      var chain = RootChain()
      for _ in 0..<Int.random(in: 2...5, using: &dice) {
        let ceremony = history.rooms.count
        let before = people
        let year = ceremony == 0 ? people.genesis : people.next(&dice)
        let what = "ceremony \(ceremony + 1) of history \(number), seed \(Sweep.seed): \(year)"
        do {
          let result = try history.hold(year)
          #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil), "\(what)")
        } catch let finding as Finding where finding.code == .payloadTooLarge {
          // More keys than an Ed25519 card can list, which is said before anything is created.
          people = before
          continue
        }
        let bytes = try history.root(ceremony + 1)
        if ceremony == 0 { chain.trust(bytes, place: what) } else { chain.update(bytes, place: what) }
        #expect(chain.steps.last?.outcome == (ceremony == 0 ? .trusted : .updated), "\(what)")
        folders.append((what, try #require(history.newest).products()))
      }
    }
    try SecondVerifier.expectAgreement(folders, holding: true, "of generated histories")
    print("histories: \(Self.batchSize) of seed \(Sweep.seed), \(folders.count) ceremonies")
  }
}

/// Who holds the root, and what may happen to them so that both sides can still sign.
private struct People {
  private var holders: [String] = []
  private var threshold = 2
  private var online = 1
  private var named = 0

  init(_ dice: inout Dice) {
    holders = new(Int.random(in: 2...4, using: &dice))
    threshold = Int.random(in: 2...holders.count, using: &dice)
  }

  var genesis: History.Year { History.Year(holders: holders, threshold: threshold) }

  private mutating func new(_ count: Int) -> [String] {
    defer { named += count }
    return (named..<named + count).map { "person-\($0)" }
  }

  mutating func next(_ dice: inout Dice) -> History.Year {
    var leaving: [String: String] = [:]
    let reasons = ["routine", "lost", "suspected", "firmware", "left"]
    // Those who lost a card sign nothing, so that so many at most do.
    var spare = holders.count - threshold
    for who in holders where Int.random(in: 0..<4, using: &dice) == 0 {
      let reason = reasons.randomElement(using: &dice) ?? "routine"
      if reason == "lost" { if spare == 0 { continue } else { spare -= 1 } }
      leaving[who] = reason
    }
    let staying = holders.filter { leaving[$0] == nil }
    let joining = new(Int.random(in: max(0, 2 - staying.count)...2, using: &dice))
    let all = staying + joining
    var kept: [String] = []
    if spare > 0, staying.count > 1, all.count > 2, Bool.random(using: &dice) { kept = [staying[0]] }
    let able = all.count - kept.count
    let year = History.Year(
      holders: all, threshold: Int.random(in: 2...able, using: &dice), leaving: leaving,
      algorithm: ["ed25519", "ed25519", "ecdsa-p256", "ecdsa-p384"].randomElement(using: &dice) ?? "ed25519",
      online: online + Int.random(in: 0...1, using: &dice), onlineReason: "suspected", kept: kept)
    (holders, threshold, online) = (all, year.threshold, year.online)
    return year
  }
}
