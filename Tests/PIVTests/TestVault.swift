import Keys
import PIV
import Synchronization

/// A vault of known secrets: the factory's, and whatever a test puts in.
final class TestVault: SecretVault {
  private let secrets: Mutex<[SecretHandle: [UInt8]]>
  private let draws: Mutex<[[UInt8]]>

  /// `draws`: what is handed out as random bytes, in order; system randomness afterwards.
  init(_ texts: [SecretHandle: [UInt8]] = [:], draws: [[UInt8]] = []) {
    let factory = FactorySecret.allCases.map { ($0.handle, $0.value) }
    secrets = Mutex(texts.merging(factory) { own, _ in own })
    self.draws = Mutex(draws)
  }

  subscript(handle: SecretHandle) -> [UInt8]? { secrets.withLock { $0[handle] } }

  func reveal(_ handle: SecretHandle) throws -> Secret {
    guard let bytes = self[handle] else { throw Missing() }
    return try Secret(copying: bytes)
  }

  func draw(count: Int) throws -> Secret {
    if let next = draws.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return try Secret(copying: next) }
    return try Secret.random(count: count)
  }

  func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    try compute()
  }

  struct Missing: Error {}
}

/// A vault of a replay: it has no secret and answers from the record.
final class ReplayVault: SecretVault {
  let verdict: Bool
  init(verdict: Bool = true) { self.verdict = verdict }

  func reveal(_ handle: SecretHandle) throws -> Secret { throw TestVault.Missing() }
  func draw(count: Int) throws -> Secret { throw TestVault.Missing() }
  func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    verdict
  }
}

extension SecretHandle {
  static let pin = SecretHandle("card-1/pin")
  static let newPIN = SecretHandle("card-1/new-pin")
  static let puk = SecretHandle("card-1/puk")
  static let managementKey = SecretHandle("card-1/management-key")
  static let wrong = SecretHandle("wrong")
  static let missing = SecretHandle("missing")
}

extension TestVault {
  /// Secrets of one keyholder's card, different from the factory's.
  static func ofKeyholder() -> TestVault {
    TestVault([
      .pin: Array("271828".utf8), .newPIN: Array("31415926".utf8), .puk: Array("16180339".utf8),
      .managementKey: (0..<24).map { $0 &* 37 &+ 11 }, .wrong: Array("000000".utf8),
    ])
  }
}
