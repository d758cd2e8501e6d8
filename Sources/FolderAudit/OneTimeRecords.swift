import CeremonyRecords
import CeremonyScript
import Keys

/// Keys that were made in memory, by the records of one ceremony: each signs after it was made and before all are wiped.
struct OneTimeRecords {
  struct Signed: Hashable {
    let role: String
    let publicKey: [UInt8]
    let payload: SHA256Digest
    let signature: [UInt8]
  }

  /// By role, in the order of their numbers: those that were made last.
  private(set) var keys: [String: [[UInt8]]] = [:]
  private(set) var signed: Set<Signed> = []
  /// The numbers that each key ever had, also those that were lost. Never iterated for anything whose order shows.
  private(set) var everyKey: [[UInt8]: Set<Int>] = [:]
  /// Whether some were made and neither wiped nor lost.
  private(set) var isLive = false

  /// Whether such a record can stand here.
  mutating func note(_ record: OneTimeRecord) -> Bool {
    switch record {
    case .made(let role, let number, let key):
      let before = number == 1 ? [] : keys[role] ?? []
      guard number == before.count + 1, number == 1 || isLive else { return false }
      keys[role] = before + [key]
      everyKey[key, default: []].insert(number)
      isLive = true
    case .signed(let role, let number, let payload, let signature):
      guard isLive, let own = keys[role], own.indices.contains(number - 1) else { return false }
      signed.insert(Signed(role: role, publicKey: own[number - 1], payload: payload, signature: signature))
    case .wiped(let count):
      guard isLive, count == keys.values.reduce(0, { $0 + $1.count }) else { return false }
      isLive = false
    }
    return true
  }

  /// The ceremony stopped and went on: what was in memory is gone.
  mutating func lose() {
    guard isLive else { return }
    keys = [:]
    isLive = false
  }

  /// The keys of a role that the script calls one-time, by their names there.
  func publicKeys(of role: OfflineRole) -> [String: PublicKey] {
    var named: [String: PublicKey] = [:]
    let made = keys[role.name] ?? []
    guard made.count == role.oneTime else { return [:] }
    for (name, bytes) in zip(role.oneTimeNames, made) { named[name] = try? PublicKey(ed25519: bytes) }
    return named
  }

  /// Whether a key is one of those.
  func have(_ key: PublicKey, for role: OfflineRole) -> Bool {
    role.oneTime != nil && keys[role.name]?.contains(key.bytes) == true
  }
}
