import Foundation

/// How much of the long sweeps is done, and from which seed what is sampled is drawn.
package enum Sweep {
  /// Whether `Tests/run --full` asked for every case.
  package static let isFull = ProcessInfo.processInfo.environment["TUF_CEREMONY_TESTS"] == "full"
  /// What `Tests/run` prints.
  package static let seed = UInt64(ProcessInfo.processInfo.environment["TUF_CEREMONY_SEED"] ?? "") ?? 1

  /// All cases, or about one of so many by the seed.
  package static func sample<Case>(_ cases: [Case], oneOf share: Int) -> [Case] {
    guard !isFull else { return cases }
    var dice = Dice(seed: seed)
    return cases.filter { _ in Int.random(in: 0..<share, using: &dice) == 0 }
  }

  /// All cases, or so many of them by the seed.
  package static func pick<Case>(_ count: Int, of cases: [Case]) -> [Case] {
    guard !isFull else { return cases }
    var dice = Dice(seed: seed)
    return Array(cases.shuffled(using: &dice).prefix(count))
  }
}

/// A small generator with a printed seed, so that a sweep that was sampled can be sampled again.
package struct Dice: RandomNumberGenerator, Sendable {
  private var state: UInt64
  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    // SplitMix64 (Steele, Lea and Flood 2014).
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
