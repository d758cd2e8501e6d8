import CanonicalJSON
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import Products
import TUFMetadata
import UTC

/// The metadata of the folder in words.
struct MetadataPart {
  private(set) var roots: [RootRow] = []
  private(set) var others: [MetadataRow] = []
  private(set) var files: [(path: String, digest: SHA256Digest)] = []
  /// What cannot be read as metadata.
  private(set) var findings: [Finding] = []

  /// - Parameter known: the files that count; nil for all that are there.
  init(_ source: any ProductsSource, _ facts: CeremonyFacts?, among known: Set<String>?) {
    let paths = ((try? source.list(besides: ["annex"])) ?? []).filter(\.isRegular).map(\.path)
      .filter { known?.contains($0) ?? true }
    // The roots of earlier ceremonies are among what was read.
    var earlier: [ReadRoot] = []
    for path in paths where path.hasPrefix("inputs/") && path.hasSuffix(".json") {
      if let bytes = try? source.read(path), let root = try? ReadRoot(path, bytes) { earlier.append(root) }
    }
    for path in paths where path.hasPrefix("metadata/") {
      do throws(Finding) {
        let bytes = try source.read(path)
        files.append((path, SHA256Digest(of: bytes)))
        let envelope = try Envelope(parsing: bytes, place: path)
        if envelope.signed["_type"]?.string == TopLevelRole.root.rawValue {
          let root = try ReadRoot(path, bytes)
          let previous = earlier.last { $0.root.version == root.root.version - 1 }
          roots.append(try RootRow(root, after: previous, facts))
          earlier.append(root)
        } else {
          others.append(MetadataRow(path, envelope))
        }
      } catch {
        findings.append(error)
      }
    }
  }

  /// A root and where it came from.
  struct ReadRoot {
    let path: String
    let bytes: [UInt8]
    let envelope: Envelope
    let root: Root

    init(_ path: String, _ bytes: [UInt8]) throws(Finding) {
      self.path = path
      self.bytes = bytes
      envelope = try Envelope(parsing: bytes, place: path)
      root = try Root.read(envelope.signed).root
    }
  }
}

/// A root in words.
struct RootRow {
  let path: String
  let fields: [Page.Row]
  let roles: [RoleRow]
  let difference: Difference?

  struct RoleRow {
    let role: String
    let threshold: String
    let members: [Member]
  }

  struct Member {
    let owner: String
    let keyID: String
    let keyType: String
    let signed: String
  }

  struct Difference {
    let previous: String
    let changes: [String]
  }

  init(_ read: MetadataPart.ReadRoot, after previous: MetadataPart.ReadRoot?, _ facts: CeremonyFacts?) throws(Finding) {
    let root = read.root
    path = read.path
    var fields = [
      Page.Row(name: "version", value: String(root.version)),
      Page.Row(name: "expires", value: root.expires.description),
      Page.Row(name: "specification", value: root.specVersion),
      Page.Row(name: "consistent snapshot", value: root.consistentSnapshot.map { $0 ? "yes" : "no" } ?? "not said"),
    ]
    for member in root.fields.members {
      fields.append(Page.Row(name: member.name, value: String(decoding: member.value.canonical(), as: UTF8.self)))
    }
    self.fields = fields
    let signers = Set(read.envelope.signatures.filter { !$0.bytes.isEmpty }.map(\.keyID))
    roles = TopLevelRole.allCases.map { role in
      RoleRow(
        role: role.rawValue, threshold: "\(root[role].threshold) of \(root[role].keyIDs.count)",
        members: root[role].keyIDs.map { id in
          Member(
            owner: Self.owner(of: id, facts), keyID: id,
            keyType: root.keys[id]?.fields["keytype"]?.string ?? "the key is missing",
            signed: role == .root ? (signers.contains(id) ? "signed this root" : "has not signed this root") : "")
        })
    }
    if let previous {
      let difference = try MetadataDifference(old: (previous.bytes, previous.path), new: (read.bytes, read.path))
      self.difference = Difference(previous: previous.path, changes: difference.changes.map(\.words))
    } else {
      difference = nil
    }
  }

  private static func owner(of keyID: String, _ facts: CeremonyFacts?) -> String {
    // Whoever finishes a root, or signs it at home, does not know the services behind its other keys.
    guard let key = facts?.rootKeys.first(where: { $0.keyID == keyID }), key.origin != .online || key.owner != nil
    else {
      return "a key of unknown origin"
    }
    let owner = key.owner.map { "\($0), " } ?? ""
    switch key.origin {
    case .enrolled: return "\(owner)made elsewhere, on their own card, and taken in here"
    case .made:
      let card = facts?.cards.first { card in card.keys.contains { $0.keyID == keyID } }
      return "\(owner)made here\(card.map { " on card \($0.name)" } ?? "")"
        + (key.isDiscarded ? ", and deleted there once it had signed, by the card's word" : "")
    case .kept: return "\(owner)kept, \(key.isProven == true ? "proven to sign" : "NOT PROVEN TO SIGN")"
    case .oneTime: return "a one-time key: made here in memory, used, and wiped"
    case .online: return "\(owner)an online key"
    }
  }
}

/// Other metadata in words.
struct MetadataRow {
  let path: String
  let fields: [Page.Row]

  init(_ path: String, _ envelope: Envelope) {
    self.path = path
    let delegated = (try? Targets.read(envelope.signed))?.targets.delegations?.inWords ?? []
    fields =
      envelope.signed.members.filter { delegated.isEmpty || $0.name != "delegations" }.map { member in
        let value = member.value.string ?? String(decoding: member.value.canonical(), as: UTF8.self)
        // A list of thousands of targets is in the file itself.
        return Page.Row(
          name: member.name, value: value.utf8.count <= 2000 ? value : "\(value.utf8.count) bytes, see the file")
      }
      + delegated.map { name, what, role in
        Page.Row(
          name: "delegates to \(name)",
          value: "\(what); threshold \(role.threshold) of \(role.keyIDs.count): \(role.keyIDs.joined(separator: ", "))")
      } + [Page.Row(name: "signatures", value: String(envelope.signatures.count))]
  }
}
