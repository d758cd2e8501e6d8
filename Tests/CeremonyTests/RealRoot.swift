import CanonicalJSON
import Crypto
import Findings
import Foundation
import Judges
import Keys
import TUFMetadata
import Testing
import UTC

/// A root for real, by keys that the test has: those of the root and of targets stand in it, that of bins in targets.
struct RealRoot {
  private(set) var ids: [String: String] = [:]
  private(set) var files: [String: [UInt8]] = [:]

  init() throws {
    let expires = UTCTime("2027-06-01T00:00:00Z") ?? .epoch
    let secrets = try ["ada", "boris", "targets", "bins"].enumerated().map { place, _ in try History.online(100 + place)
    }
    let service = MetadataKey(try PublicKey(ed25519: Array(try History.online(1).publicKey.rawRepresentation)))
    let keys = try secrets.map { MetadataKey(try PublicKey(ed25519: Array($0.publicKey.rawRepresentation))) }
    for (name, key) in zip(["ada", "boris", "targets", "bins"], keys) { ids[name] = key.keyID }
    func signed(_ object: JSONObject, by places: [Int]) throws -> [UInt8] {
      let envelope = Envelope(signed: object)
      return try places.reduce(envelope) {
        $0.adding(
          Envelope.Signature(
            keyID: keys[$1].keyID, bytes: Array(try secrets[$1].signature(for: Data(envelope.signedBytes)))))
      }.serialized()
    }
    let daily = Role(keyIDs: [service.keyID], threshold: 1)
    let root = Root(
      version: 1, expires: expires, consistentSnapshot: true, keys: [keys[0], keys[1], keys[2], service],
      roles: [
        .root: Role(keyIDs: [keys[0].keyID, keys[1].keyID], threshold: 2),
        .targets: Role(keyIDs: [keys[2].keyID], threshold: 1), .snapshot: daily, .timestamp: daily,
      ])
    let all = (0..<16).map { String($0, radix: 16) }
    let bins = DelegatedRole(
      name: "bins", role: Role(keyIDs: [keys[3].keyID], threshold: 1), terminating: false, scope: .pathHashPrefixes(all)
    )
    let bin = SuccinctRoles(bitLength: 14, namePrefix: "bin", role: daily)
    files["1.root.json"] = try signed(root.json, by: [0, 1])
    files["1.targets.json"] = try signed(
      Targets(version: 1, expires: expires, delegations: Delegations(keys: [keys[3]], roles: .named([bins]))).json,
      by: [2])
    files["1.bins.json"] = try signed(
      Targets(version: 1, expires: expires, delegations: Delegations(keys: [service], roles: .succinct(bin))).json,
      by: [3])
  }

  /// A rotation in which everybody keeps their keys.
  ///
  /// - Parameter keeping: whether Ada and Boris also keep the keys of targets and bins.
  func script(_ text: String, keeping: Bool) throws -> String {
    func pinned(_ name: String) -> String { "{file: \(name), sha256: \(SHA256Digest(of: files[name] ?? []).hex)}" }
    func key(_ name: String) -> String { "\"\((ids[name] ?? "").prefix(16))\"" }
    func keys(_ who: String, _ role: String) -> String {
      keeping ? "{root: \(key(who)), \(role): \(key(role))}" : key(who)
    }
    return
      try text
      .editing(
        "keyholders:\n",
        with: """
          previous:
            root: \(pinned("1.root.json"))
            metadata: [\(pinned("1.bins.json")), \(pinned("1.targets.json"))]
          keyholders:

          """
      )
      .editing(
        "name: Ada, card: record",
        with: "name: Ada, card: record, key: \(keys("ada", "targets"))"
      )
      .editing(
        "name: Boris, card: record",
        with: "name: Boris, card: record, key: \(keys("boris", "bins"))"
      )
      .editing("do: provision, keyholder: ada", with: "do: prove, keyholder: ada")
      .editing("do: provision, keyholder: boris", with: "do: prove, keyholder: boris")
  }
}
