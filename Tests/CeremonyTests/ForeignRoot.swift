import CanonicalJSON
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Crypto
import CryptoExtras
import Findings
import Foundation
import Judges
import Keys
import TUFMetadata
import Testing

/// A root that no ceremony of ours made, in the form of a program that others use, and the script that goes on from it.
struct ForeignRoot {
  /// How a program writes keys, and where their ids come from.
  enum Form: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Whole object, no more fields.
    case ours
    /// Whole object with `x-tuf-on-ci-…`; periods in the roles and at the top.
    case tufOnCI
    /// Type, scheme and value only, with a name beside them.
    case rstuf
    /// The same of a PEM without its last line feed.
    case beforeLineFeeds
    /// Whole object, ECDSA under its old type name.
    case tough
    /// With `keyid_hash_algorithms`, a name that the id leaves out, and an empty private half.
    case hashAlgorithms
    /// Type and value only.
    case oldest
    /// A key of the root also signs for the service.
    case shared
    /// One key of the root is RSA, which no card here makes.
    case rsa
    var testDescription: String { rawValue }
  }

  let bytes: [UInt8]
  let signed: JSONObject

  init(bytes: [UInt8]) throws {
    self.bytes = bytes
    signed = try Envelope(parsing: bytes, place: "foreign").signed
  }

  /// Root keys, so many of them to sign, and one online key for everything else; version 4.
  ///
  /// - Parameter more: custom fields at the top.
  init(_ form: Form, holders: Int = 4, threshold: Int = 2, more: JSONObject = [:]) throws {
    var ids: [String] = []
    var keys = JSONObject()
    let signers = try (1...(form == .shared ? holders : holders + 1)).map { number in try Signer(number, form) }
    for signer in signers {
      ids.append(signer.keyID)
      keys[signer.keyID] = .object(signer.object)
    }
    if form == .shared { ids.append(ids[1]) }
    var root: JSONObject = [
      "keyids": .array(ids.prefix(holders).map { .string($0) }), "threshold": .integer(Int64(threshold)),
    ]
    var online: JSONObject = ["keyids": [.string(ids[ids.count - 1])], "threshold": 1]
    var signed: JSONObject = [
      "_type": "root", "spec_version": "1.0.28", "version": 4, "expires": "2032-02-03T04:05:06Z",
      "consistent_snapshot": true, "keys": .object(keys),
    ]
    if form == .tufOnCI {
      online["x-tuf-on-ci-expiry-period"] = 7
      online["x-tuf-on-ci-signing-period"] = 4
      signed["x-tuf-on-ci-expiry-period"] = 182
      signed["x-tuf-on-ci-signing-period"] = 35
    }
    // Nine keys and no more are what a card can sign.
    if form == .ours, holders < 9 { root["x-note"] = "kept as it is" }
    for field in more.members { signed[field.name] = field.value }
    signed["roles"] = [
      "root": .object(root), "targets": .object(online), "snapshot": .object(online), "timestamp": .object(online),
    ]
    var envelope = Envelope(signed: signed)
    for signer in signers.prefix(threshold) {
      envelope = envelope.adding(
        Envelope.Signature(keyID: signer.keyID, bytes: try signer.sign(envelope.signedBytes)))
    }
    self.signed = signed
    bytes = envelope.serialized()
  }

  private struct Signer {
    let keyID: String
    let object: JSONObject
    private let ed25519: Curve25519.Signing.PrivateKey
    private let p256: P256.Signing.PrivateKey?
    private let rsa: _RSA.Signing.PrivateKey?

    init(_ number: Int, _ form: Form) throws {
      let seed = Array(SHA256.hash(data: Array("foreign \(number)".utf8)))
      ed25519 = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
      // Every other key is on P-256, as these programs have them.
      let isECDSA =
        form == .beforeLineFeeds || form == .tough || ![.ours, .rsa].contains(form) && number % 2 == 0
      p256 = isECDSA ? try P256.Signing.PrivateKey(rawRepresentation: seed) : nil
      var text =
        p256.map { $0.publicKey.pemRepresentation + "\n" } ?? Hex.encode(Array(ed25519.publicKey.rawRepresentation))
      if form == .beforeLineFeeds { text.removeLast() }
      rsa = form == .rsa && number == 4 ? try _RSA.Signing.PrivateKey(keySize: .bits2048) : nil
      let scheme: JSONValue = isECDSA ? "ecdsa-sha2-nistp256" : "ed25519"
      var object: JSONObject = [
        "keytype": isECDSA ? (form == .tough ? scheme : "ecdsa") : "ed25519", "scheme": scheme,
        "keyval": ["public": .string(text)],
      ]
      if let rsa {
        object = [
          "keytype": "rsa", "scheme": "rsassa-pss-sha256",
          "keyval": ["public": .string(rsa.publicKey.pemRepresentation + "\n")],
        ]
      }
      var digested = object
      switch form {
      case .ours, .tough, .beforeLineFeeds, .shared, .rsa: break
      case .tufOnCI:
        object[number == 5 ? "x-tuf-on-ci-online-uri" : "x-tuf-on-ci-keyowner"] = .string("@owner\(number)")
        digested = object
      case .rstuf: object["name"] = .string("Key \(number)")
      case .hashAlgorithms:
        digested["keyid_hash_algorithms"] = ["sha256", "sha512"]
        object = digested
        object["name"] = .string("Key \(number)")
        object["keyval"] = ["public": .string(text), "private": ""]
      case .oldest: digested["scheme"] = nil
      }
      self.object = object
      keyID = SHA256Digest(of: JSONValue.object(digested).canonical()).hex
    }

    func sign(_ message: [UInt8]) throws -> [UInt8] {
      if let rsa { return Array(try rsa.signature(for: message, padding: .PSS).rawRepresentation) }
      return try Array(p256?.signature(for: message).derRepresentation ?? ed25519.signature(for: message))
    }
  }

  // MARK: - What goes on from it

  private func role(_ name: String) -> JSONObject { signed["roles"]?[name]?.object ?? [:] }
  func ids(_ name: String) -> [String] { role(name)["keyids"]?.array?.compactMap(\.string) ?? [] }
  var version: Int64 { signed["version"]?.integer ?? 0 }
  var fileName: String { "\(version).root.json" }
  var rootIDs: [String] { ids("root") }

  /// Keyholders of the next root, by place: all of them keep their keys unless they leave.
  struct Change {
    /// Who leaves and may sign, and whose key is gone; of four or more.
    var leaves: Int?
    var lost: Int?
    var joins = false
  }

  /// The script, and the files that stand beside it, by name.
  func script(_ change: Change = Change(), title: String = "A root that others made") throws -> (
    text: String, files: [String: [UInt8]]
  ) {
    let root = try Root.readAsClient(signed).root
    // One key alone decides no root of ours.
    let threshold = max(role("root")["threshold"]?.integer ?? 1, Int64(min(2, ids("root").count)))
    var files = [fileName: bytes]
    let kept = ids("root").indices.filter { $0 != change.lost }
    let holders = kept.filter { $0 != change.leaves }.map { "k\($0)" } + (change.joins ? ["dora"] : [])
    var people = kept.map { "  k\($0): {name: Keeper \($0), card: record, key: \"\(ids("root")[$0].prefix(16))\"}" }
    if change.joins { people.append("  dora: {name: Dora, card: record}") }
    var leaving = change.leaves.map { ["  k\($0): {reason: left}"] } ?? []
    if let lost = change.lost { leaving.append("  \"\(ids("root")[lost].prefix(16))\": {reason: lost, name: Gone}") }
    var online: [String] = []
    var roles = [
      "  root: {threshold: \(threshold), keyholders: [\(holders.joined(separator: ", "))], \(fields(of: "root"))expires: {days: 7}}"
    ]
    for name in ["targets", "snapshot", "timestamp"] {
      let keys = ids(name)
      if name == "targets", Set(keys).isSubset(of: ids("root")) {
        let own = keys.compactMap { id in ids("root").firstIndex(of: id) }.filter {
          kept.contains($0) && $0 != change.leaves
        }
        roles.append(
          "  targets: {threshold: \(role(name)["threshold"]?.integer ?? 1), keyholders: [\(own.map { "k\($0)" }.joined(separator: ", "))], \(fields(of: name))expires: {days: 7}}"
        )
        continue
      }
      for id in keys where !online.contains(id) {
        online.append(id)
        files["\(id.prefix(16)).pem"] = root.keys[id]?.publicKey.map { Array($0.pem.utf8) } ?? []
      }
      roles.append(
        "  \(name): {threshold: \(role(name)["threshold"]?.integer ?? 1), \(fields(of: name))keys: [\(keys.map { "s\($0.prefix(16))" }.joined(separator: ", "))]}"
      )
    }
    let onlineKeys = online.map { id in
      let file = "\(id.prefix(16)).pem"
      return "  s\(id.prefix(16)): {file: \(file), sha256: \(SHA256Digest(of: files[file] ?? []).hex)}"
    }
    let signing = kept.map { "k\($0)" } + (change.joins ? ["dora"] : [])
    let steps =
      ["{id: attendance, do: attendance}"]
      + kept.filter { $0 != change.leaves }.map { "{id: prove-k\($0), do: prove, keyholder: k\($0)}" }
      + (change.joins ? ["{id: card-dora, do: provision, keyholder: dora}"] : [])
      + ["{id: build, do: build, role: root}", "{id: show, do: show, role: root}"]
      + signing.map { "{id: sign-\($0), do: sign, role: root, keyholder: \($0)}" }
      + ["{id: verify, do: verify, role: root}", "{id: write, do: write, role: root}", "{id: close, do: close}"]
    let top = signed.members.filter {
      !["_type", Header.rehearsalMark, "spec_version", "version", "expires", "consistent_snapshot", "keys", "roles"]
        .contains($0.name)
    }
    return (
      """
      ceremony: 2
      title: \(title)
      repository: Example repository
      administrator: Administrator
      witness: Witness
      previous:
        root: {file: \(fileName), sha256: \(SHA256Digest(of: bytes).hex)}
      \(top.isEmpty ? "" : "fields: \(Self.yaml(JSONObject(top.map { ($0.name, $0.value) })))\n")\
      \(leaving.isEmpty ? "" : "leaving:\n\(leaving.joined(separator: "\n"))\n")keyholders:
      \(people.joined(separator: "\n"))
      roles:
      \(roles.joined(separator: "\n"))
      online-keys:
      \(onlineKeys.joined(separator: "\n"))
      steps:
      \(steps.map { "  - \($0)" }.joined(separator: "\n"))

      """, files
    )
  }

  private func fields(of name: String) -> String {
    let own = role(name).members.filter { !["keyids", "threshold"].contains($0.name) }
    return own.isEmpty ? "" : "fields: \(Self.yaml(JSONObject(own.map { ($0.name, $0.value) }))), "
  }

  private static func yaml(_ object: JSONObject) -> String {
    let members = object.members.map { "\"\($0.name)\": \(String(decoding: $0.value.canonical(), as: UTF8.self))" }
    return "{\(members.joined(separator: ", "))}"
  }

  /// Rehearses what goes on from it.
  @discardableResult
  func rehearse(
    _ change: Change = Change(), in room: Room, seed: Int? = 1, after: String? = nil,
    edit: (String) throws -> String = { $0 }
  ) throws -> LiveCeremony.Result {
    let (text, files) = try script(change)
    let folder = FileManager.default.temporaryDirectory.appending(path: "foreign-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, bytes) in files { try Data(bytes).write(to: folder.appending(path: name)) }
    return try LiveCeremony(
      LiveCeremony.Options(
        script: Array(try edit(text).utf8), scriptFolder: folder.path(), out: room.path, isUnattended: true, seed: seed,
        programVersion: ProgramVersion.current, after: after), console: room.console
    ).run()
  }
}
