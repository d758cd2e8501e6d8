import CeremonyRecords
import Findings
import Keys

/// The one-time keys of a ceremony while they live. They are in locked memory alone, and gone with the program.
final class OneTimeMemory {
  /// By role, in the order of their numbers.
  private var keys: [String: [OneTimeKey]] = [:]

  /// - Parameter seed: draws 32 bytes for a new key. They are wiped as soon as it is made.
  func perform(_ operation: OneTimeOperation, _ seed: () throws -> Secret) throws -> OneTimeRecord {
    switch operation {
    case .make(let role, let number):
      let key = try OneTimeKey(seed: seed())
      if number == 1 { keys[role] = [] }
      keys[role, default: []].append(key)
      return .made(role: role, number: number, publicKey: key.publicKey)
    case .sign(let role, let number, let message):
      guard let keys = keys[role], keys.indices.contains(number - 1) else {
        throw Finding(
          .oneTimeLost, "One-time key \(number) of \(role) is not in memory any more.",
          hint: "Go on with “resume”: new keys are made.")
      }
      return .signed(
        role: role, number: number, payload: SHA256Digest(of: message),
        signature: try keys[number - 1].signature(over: message))
    case .wipe:
      let count = keys.values.reduce(0) { $0 + $1.count }
      keys = [:]
      return .wiped(count: count)
    }
  }
}
