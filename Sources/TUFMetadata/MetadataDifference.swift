import CanonicalJSON
import Findings

/// What changed from one metadata file to another.
package struct MetadataDifference: Sendable {
  /// One change, in words and as values.
  package struct Change: Sendable {
    package enum Kind: String, Sendable {
      /// A field of `signed`; ``place`` is its path.
      case field
      /// A key joined or left a role; ``place`` is the role.
      case key
      /// The threshold of a role.
      case threshold
      /// A key object: its id or fields.
      case keyObject = "key-object"
      /// Outside `signed`: signatures and other fields. Nobody signed them.
      case unsigned
    }

    package let kind: Kind
    package let place: String
    package let old: JSONValue?
    package let new: JSONValue?
    package let words: String
    /// Why a key left, where somebody says it.
    package var reason: String?
  }

  package private(set) var changes: [Change] = []
  package let isRehearsal: Bool
  /// Whether the signed parts are the same bytes.
  package let isSameSigned: Bool

  /// By key id, why a key of the earlier root left.
  private let reasons: [String: String]

  /// Compares two files of one type. Throws what makes either unreadable, and `METADATA-TYPE` where the types differ.
  ///
  /// - Parameter reasons: by key id, why a key of the earlier root left.
  package init(
    old: (bytes: [UInt8], path: String),
    new: (bytes: [UInt8], path: String),
    reasons: [String: String] = [:]
  ) throws(Finding) {
    self.reasons = reasons
    let before = try Envelope(parsing: old.bytes, place: old.path)
    let after = try Envelope(parsing: new.bytes, place: new.path)
    let type: String
    do throws(Finding) { type = try Header.read(before.signed).type } catch { throw error.at(old.path) }
    do throws(Finding) { _ = try Header.read(after.signed, type: type) } catch { throw error.at(new.path) }
    isSameSigned = before.signedBytes == after.signedBytes
    isRehearsal = [before, after].contains { $0.signed[Header.rehearsalMark] != nil }
    if type == TopLevelRole.root.rawValue {
      let (a, b): (Root, Root)
      do throws(Finding) { a = try Root.read(before.signed).root } catch { throw error.at(old.path) }
      do throws(Finding) { b = try Root.read(after.signed).root } catch { throw error.at(new.path) }
      for role in TopLevelRole.allCases {
        compare(role.rawValue, (a[role], a.keys), (b[role], b.keys))
      }
      compareKeyObjects(a.keys, b.keys)
      fields(before.signed, after.signed, "signed", except: ["keys", "roles"])
      fields(a.otherRoles, b.otherRoles, "signed.roles", except: [])
    } else {
      fields(before.signed, after.signed, "signed", except: [])
    }
    compareUnsigned(before, after)
  }

  private mutating func compare(
    _ name: String,
    _ old: (role: Role, keys: KeyRing),
    _ new: (role: Role, keys: KeyRing)
  ) {
    if old.role.threshold != new.role.threshold {
      changes.append(
        Change(
          kind: .threshold,
          place: name,
          old: .integer(Int64(old.role.threshold)),
          new: .integer(Int64(new.role.threshold)),
          words: "\(name): the threshold goes from \(old.role.threshold) to \(new.role.threshold)"
        )
      )
    }
    let before = old.keys.materials(of: old.role)
    let after = new.keys.materials(of: new.role)
    for id in old.role.keyIDs.sorted() {
      if let key = old.keys[id], !after.contains(key.material) {
        changes.append(
          Change(
            kind: .key,
            place: name,
            old: .string(id),
            new: nil,
            words: "\(name): key \(key.described) leaves" + (reasons[id].map { " (\($0))" } ?? ""),
            reason: reasons[id]
          )
        )
      }
    }
    for id in new.role.keyIDs.sorted() {
      if let key = new.keys[id], !before.contains(key.material) {
        changes.append(
          Change(
            kind: .key,
            place: name,
            old: nil,
            new: .string(id),
            words: "\(name): key \(key.described) joins"
          )
        )
      }
    }
    fields(old.role.fields, new.role.fields, "signed.roles.\(name)", except: [])
  }

  /// The same key under another id, or with other fields.
  private mutating func compareKeyObjects(_ old: KeyRing, _ new: KeyRing) {
    for key in old.keys {
      let twins = new.keys.filter { $0.material == key.material }
      guard !twins.isEmpty, !twins.contains(key), let twin = twins.first else { continue }
      let what = twin.keyID == key.keyID ? "has other fields" : "has another key id, \(shown(twin.keyID))"
      changes.append(
        Change(
          kind: .keyObject,
          place: key.keyID,
          old: key.json,
          new: twin.json,
          words: "key \(key.described) \(what)"
        )
      )
    }
  }

  private mutating func compareUnsigned(_ old: Envelope, _ new: Envelope) {
    fields(old.fields, new.fields, "the file", except: [], .unsigned)
    for (id, a, b) in Self.signatures(old, new) where a != b {
      let what =
        switch (a?.isEmpty, b?.isEmpty) {
        case (nil, true): "is announced"
        case (nil, _): "is new"
        case (_, nil): "is gone"
        case (true, false): "was made"
        case (false, true): "is only announced now"
        default: "is another one"
        }
      changes.append(
        Change(
          kind: .unsigned,
          place: "signatures.\(id)",
          old: a.map { .string($0) },
          new: b.map { .string($0) },
          words: "the signature by key \(shortened(id)) \(what)"
        )
      )
    }
  }

  /// The signatures of both by key id, in hex; an empty one is a placeholder.
  private static func signatures(_ old: Envelope, _ new: Envelope) -> [(
    id: String, old: String?, new: String?
  )] {
    func hex(_ envelope: Envelope, _ id: String) -> String? {
      envelope.signatures.first { $0.keyID == id }.map { shownHex($0.bytes) }
    }
    let ids = Set((old.signatures + new.signatures).map(\.keyID)).sorted()
    return ids.map { ($0, hex(old, $0), hex(new, $0)) }
  }

  /// Every place where two objects differ, by path.
  private mutating func fields(
    _ old: JSONObject,
    _ new: JSONObject,
    _ path: String,
    except: Set<String>,
    _ kind: Change.Kind = .field
  ) {
    let names = JSONObject((old.names + new.names).map { ($0, .null) }).names
    for name in names where !except.contains(name) && old[name] != new[name] {
      let place = "\(path).\(name)"
      if let a = old[name]?.object, let b = new[name]?.object {
        fields(a, b, place, except: [], kind)
        continue
      }
      changes.append(
        Change(
          kind: kind,
          place: place,
          old: old[name],
          new: new[name],
          words: Self.words(place, old[name], new[name])
        )
      )
    }
  }

  private static func words(_ place: String, _ old: JSONValue?, _ new: JSONValue?) -> String {
    func form(_ value: JSONValue) -> String { shown(String(decoding: value.canonical(), as: UTF8.self)) }
    return switch (old, new) {
    case (nil, let new?): "\(shown(place)) is new: \(form(new))"
    case (let old?, nil): "\(shown(place)) is gone, it was \(form(old))"
    case (let old?, let new?): "\(shown(place)) goes from \(form(old)) to \(form(new))"
    case (nil, nil): "\(shown(place))"
    }
  }

  package var json: JSONObject {
    [
      "same_signed": .bool(isSameSigned), "rehearsal": .bool(isRehearsal),
      "changes": .array(
        changes.map { change in
          [
            "kind": .string(change.kind.rawValue), "place": .string(change.place), "old": change.old ?? .null,
            "new": change.new ?? .null, "words": .string(change.words),
            "reason": change.reason.map { .string($0) } ?? .null,
          ]
        }
      ),
    ]
  }

  /// A line for each change.
  package var text: String {
    var lines = isRehearsal ? ["REHEARSAL: metadata here was made in a rehearsal."] : []
    if isSameSigned { lines.append("The signed parts are the same.") }
    if changes.isEmpty, isSameSigned { lines.append("Nothing changed.") }
    lines += changes.map { printable($0.words) }
    return lines.joined(separator: "\n") + "\n"
  }
}

private func shownHex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}
