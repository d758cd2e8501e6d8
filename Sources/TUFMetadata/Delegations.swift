import CanonicalJSON
import Findings

/// The delegations of targets metadata (TUF §4.5): either a list of roles in order of priority, or hash bins without
/// a list of names (TAP 15).
package struct Delegations: Hashable, Sendable {
  package enum Roles: Hashable, Sendable {
    case named([DelegatedRole])
    case succinct(SuccinctRoles)
  }

  package var keys: KeyRing
  package var roles: Roles
  package var fields: JSONObject

  package init(keys: [MetadataKey], roles: Roles) {
    self.init(keys: KeyRing(keys), roles: roles, fields: JSONObject())
  }

  init(keys: KeyRing, roles: Roles, fields: JSONObject) {
    self.keys = keys
    self.roles = roles
    self.fields = fields
  }

  /// The role that signs for the delegated metadata `name`, or nil where nothing of that name is delegated.
  package func role(named name: String) -> Role? {
    switch roles {
    case .named(let roles): roles.first { JSONValue.string($0.name) == .string(name) }?.role
    case .succinct(let bins): bins.contains(name) ? bins.role : nil
    }
  }

  /// Each role that is delegated to, in order: its name, for what, and whose keys; `NAME-…` stands for all bins.
  package var inWords: [(name: String, what: String, role: Role)] {
    switch roles {
    case .succinct(let bins): [("\(bins.namePrefix)-…", "\(UInt64(1) << UInt64(bins.bitLength)) bins", bins.role)]
    case .named(let roles): roles.map { ($0.name, $0.scopeWords, $0.role) }
    }
  }

  package var json: JSONValue {
    var object = fields
    object["keys"] = keys.json
    switch roles {
    case .named(let roles): object["roles"] = .array(roles.map(\.json))
    case .succinct(let bins): object["succinct_roles"] = bins.json
    }
    return .object(object)
  }

  static func read(
    _ field: Field,
    oddities: inout [Finding],
    sick: inout [Finding]
  ) throws(Finding) -> Delegations {
    var fields = try field.object()
    let keys = try KeyRing.read(field["keys"], oddities: &oddities)
    let roles: Roles
    switch (fields["roles"], fields["succinct_roles"]) {
    case (_?, nil):
      var named: [DelegatedRole] = []
      var names: Set<[UInt8]> = []
      for element in try field["roles"].elements() {
        let role = try DelegatedRole.read(element, keys: keys, sick: &sick)
        guard names.insert(Array(role.name.utf8)).inserted else {
          throw Field.shape("\(element.path) repeats the role name \(shown(role.name))")
        }
        named.append(role)
      }
      roles = .named(named)
    case (nil, _?): roles = .succinct(try SuccinctRoles.read(field["succinct_roles"], keys: keys, sick: &sick))
    default: throw Field.shape("\(field.path) must have exactly one of roles and succinct_roles")
    }
    for known in ["keys", "roles", "succinct_roles"] { fields[known] = nil }
    return Delegations(keys: keys, roles: roles, fields: fields)
  }
}

/// A delegated role with a name of its own (TUF §4.5).
package struct DelegatedRole: Hashable, Sendable {
  /// What the role may sign for.
  package enum Scope: Hashable, Sendable {
    case paths([String])
    /// Lower-case hexadecimal beginnings of the SHA-256 of a target's path.
    case pathHashPrefixes([String])
  }

  package var name: String
  package var role: Role
  package var terminating: Bool
  package var scope: Scope

  package init(name: String, role: Role, terminating: Bool, scope: Scope) {
    self.name = name
    self.role = role
    self.terminating = terminating
    self.scope = scope
  }

  package var json: JSONValue {
    var object = role.json.object ?? JSONObject()
    object["name"] = .string(name)
    object["terminating"] = .bool(terminating)
    switch scope {
    case .paths(let paths): object["paths"] = .array(paths.map { .string($0) })
    case .pathHashPrefixes(let prefixes): object["path_hash_prefixes"] = .array(prefixes.map { .string($0) })
    }
    return .object(object)
  }

  static func read(
    _ field: Field,
    keys: KeyRing,
    sick: inout [Finding]
  ) throws(Finding) -> DelegatedRole {
    let name = try field["name"].string()
    guard !["", "root", "targets", "snapshot", "timestamp"].contains(name) else {
      throw Field.shape("\(field.path).name is \(shown(name)), which cannot be delegated to")
    }
    var role = try Role.read(field, shown(name), keys: keys, sick: &sick)
    let scope: Scope
    switch (field["paths"].value, field["path_hash_prefixes"].value) {
    case (_?, nil): scope = .paths(try field["paths"].strings())
    case (nil, _?): scope = .pathHashPrefixes(try hashPrefixes(field["path_hash_prefixes"]))
    default: throw Field.shape("\(field.path) must have exactly one of paths and path_hash_prefixes")
    }
    let terminating = try field["terminating"].bool()
    for known in ["name", "terminating", "paths", "path_hash_prefixes"] { role.fields[known] = nil }
    return DelegatedRole(name: name, role: role, terminating: terminating, scope: scope)
  }

  /// Whether it is the beginning of a SHA-256, in lower-case hexadecimal, or a whole one.
  package static func isHashPrefix(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func hashPrefixes(_ field: Field) throws(Finding) -> [String] {
    let prefixes = try field.strings()
    guard prefixes.allSatisfy(isHashPrefix) else {
      throw Field.shape("\(field.path) must hold lower-case hexadecimal prefixes of SHA-256")
    }
    return prefixes
  }
}

/// Hash bins that share their keys and are named by number (TAP 15).
package struct SuccinctRoles: Hashable, Sendable {
  /// 1 to 32; there are 2^bitLength bins.
  package var bitLength: Int
  /// Before the hyphen and the bin's number.
  package var namePrefix: String
  package var role: Role

  package init(bitLength: Int, namePrefix: String, role: Role) {
    self.bitLength = bitLength
    self.namePrefix = namePrefix
    self.role = role
  }

  /// Hexadecimal digits of a bin's number.
  private var digits: Int { (max(bitLength, 1) + 3) / 4 }

  /// Whether `name` is one of the bins: the prefix, a hyphen and the bin's number in lower-case hexadecimal, padded.
  package func contains(_ name: String) -> Bool {
    let prefix = Array(namePrefix.utf8) + [UInt8(ascii: "-")]
    let bytes = Array(name.utf8)
    guard (1...32).contains(bitLength), bytes.count == prefix.count + digits, bytes.starts(with: prefix)
    else {
      return false
    }
    let number = bytes.dropFirst(prefix.count)
    guard number.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
      let value = UInt64(String(decoding: number, as: UTF8.self), radix: 16)
    else { return false }
    return value < UInt64(1) << UInt64(bitLength)
  }

  package var json: JSONValue {
    var object = role.json.object ?? JSONObject()
    object["bit_length"] = .integer(Int64(bitLength))
    object["name_prefix"] = .string(namePrefix)
    return .object(object)
  }

  static func read(
    _ field: Field,
    keys: KeyRing,
    sick: inout [Finding]
  ) throws(Finding) -> SuccinctRoles {
    var role = try Role.read(field, "succinct_roles", keys: keys, sick: &sick)
    let bitLength = try field["bit_length"].integer()
    guard (1...32).contains(bitLength) else { throw Field.shape("\(field.path).bit_length must be 1 to 32") }
    let prefix = try field["name_prefix"].string()
    for known in ["bit_length", "name_prefix"] { role.fields[known] = nil }
    return SuccinctRoles(bitLength: Int(bitLength), namePrefix: prefix, role: role)
  }
}

extension DelegatedRole {
  /// What is delegated, in words.
  var scopeWords: String {
    let what =
      switch scope {
      case .paths(let paths): "paths \(paths.joined(separator: ", "))"
      case .pathHashPrefixes(let prefixes): "hashes that begin with \(prefixes.joined(separator: ", "))"
      }
    return what + (terminating ? "; a client looks no further" : "")
  }
}
