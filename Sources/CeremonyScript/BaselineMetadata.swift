import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// The targets metadata that clients have beside the root before, as far as a script pins it: of the top-level role and of
/// roles that it delegates to, each signed by the keys that the root or what delegates names.
package struct BaselineMetadata: Hashable, Sendable {
  private struct File: Hashable {
    let role: String
    let targets: Targets
    let envelope: Envelope
    let keys: KeyRing
  }

  /// What delegates stands before what it delegates to.
  private let files: [File]
  private let named: NamedRoles

  /// Throws `BASELINE-INVALID` for a file that is of no role by its name, the second of its role, or not signed by its keys,
  /// and what keeps a file from being read.
  init(_ read: [(name: String, bytes: [UInt8])], after root: Root) throws(Finding) {
    var left: [(name: String, envelope: Envelope, targets: Targets)] = []
    for file in read {
      let envelope = try Envelope(parsing: file.bytes, place: file.name)
      do throws(Finding) { left.append((file.name, envelope, try Targets.read(envelope.signed).targets)) } catch {
        throw error.at(file.name)
      }
    }
    var named = NamedRoles(root)
    var files: [File] = []
    while !left.isEmpty {
      let roles = left.map { file in
        let role = Self.role(of: file.name)
        // One file alone may have any name.
        let isTargets = read.count == 1 && file.envelope.count(root[.targets], root.keys).isMet
        return isTargets ? TopLevelRole.targets.rawValue : role
      }
      guard let place = roles.firstIndex(where: { named[$0] != nil && ($0 == "targets" || !files.isEmpty) }),
        let entry = named[roles[place]]
      else { throw Self.invalid("Nothing that is pinned delegates to \(roles[0]).", left[0].name) }
      let file = left.remove(at: place)
      let count = file.envelope.count(entry.role, entry.keys)
      guard count.isMet else {
        throw Self.invalid(
          "The \(roles[place]) metadata to sign again is not signed by the keys of the root before: \(count.unmet(by: "by its keys"))",
          file.name)
      }
      guard !files.contains(where: { $0.role == roles[place] }) else {
        throw Self.invalid("There are two files of \(roles[place]) metadata to sign again.", file.name)
      }
      if let delegations = file.targets.delegations { named.note(delegations) }
      files.append(File(role: roles[place], targets: file.targets, envelope: file.envelope, keys: entry.keys))
    }
    self.files = files
    self.named = named
  }

  /// The metadata of a role; nil where none is pinned.
  package subscript(role: String) -> Targets? { files.first { $0.role == role }?.targets }

  /// Whether it says who signs for a role.
  package func delegates(to role: String) -> Bool { entry(of: role) != nil }

  /// Who signs for a delegated role; nil where nothing that is pinned delegates to it.
  package func entry(of role: String) -> NamedRoles.Entry? {
    TopLevelRole(rawValue: role) == nil ? named[role] : nil
  }

  /// The keys that delegations name, in their order.
  package var keys: [MetadataKey] { files.flatMap { $0.targets.delegations?.keys.keys ?? [] } }

  /// By each key that can be read, the signatures that hold, and over what.
  var signatures: [(key: PublicKey, signature: [UInt8], message: [UInt8])] {
    files.flatMap { file in file.envelope.signatures(by: file.keys) }
  }

  /// `ROLE` of `VERSION.ROLE.json`; any other name is that of the top-level role.
  private static func role(of name: String) -> String {
    let parts = (name.split(separator: "/").last ?? "").split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[2] == "json", Delegation.mayBeNamed(String(parts[1])) else {
      return TopLevelRole.targets.rawValue
    }
    return String(parts[1])
  }

  private static func invalid(_ what: String, _ place: String) -> Finding {
    Finding(
      .baselineInvalid, what,
      hint:
        "Get the newest metadata that clients have now, pin that file as VERSION.ROLE.json, and what delegates to it.",
      place: place)
  }
}

extension Envelope {
  /// The signatures that hold by the keys of a ring that can be read, and over what.
  func signatures(by keys: KeyRing) -> [(key: PublicKey, signature: [UInt8], message: [UInt8])] {
    signatures.compactMap { signature in
      guard let key = keys[signature.keyID], let publicKey = key.publicKey, let scheme = key.scheme,
        publicKey.isValid(signature.bytes, over: signedBytes, scheme)
      else { return nil }
      return (publicKey, signature.bytes, signedBytes)
    }
  }
}
