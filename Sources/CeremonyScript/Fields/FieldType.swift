import CanonicalJSON
import Findings
import Keys
import UTC
import TUFMetadata

/// How a value is written, and how it is read.
struct FieldType<Value: Sendable>: Sendable {
  let shape: Shape
  /// The value as a script has it, for the reference page.
  let written: @Sendable (Value) -> String
  let read: @Sendable (ScriptNode) throws(Finding) -> Value

  init(
    _ shape: Shape, written: @escaping @Sendable (Value) -> String = { _ in "none" },
    _ read: @escaping @Sendable (ScriptNode) throws(Finding) -> Value
  ) {
    self.shape = shape
    self.written = written
    self.read = read
  }
}

extension FieldType where Value == String {
  static let text = FieldType(.text) { node throws(Finding) in try node.text() }
  static let fileName = FieldType(.scalar(.name)) { node throws(Finding) in try node.fileName() }
  static let name = FieldType(.scalar(.name)) { node throws(Finding) in try node.name() }
}

extension FieldType where Value == String? {
  static let initials = FieldType(.scalar(.initials)) { node throws(Finding) in try node.initials() }
}

extension FieldType where Value == [String] {
  static let texts = FieldType(.texts) { node throws(Finding) in try node.texts() }
}

extension FieldType where Value == [String] {
  /// Patterns of paths of target files.
  static let targetPaths = FieldType(.list(.scalar(.targetPath))) { node throws(Finding) in
    try node.texts(.targetPath, DelegatedPaths.isPattern)
  }
  static let hashPrefixes = FieldType(.list(.scalar(.hashPrefix))) { node throws(Finding) in
    try node.texts(.hashPrefix, DelegatedRole.isHashPrefix)
  }
}

extension FieldType where Value == Int {
  /// A power of two, from 2.
  static func powerOfTwo(upTo most: Int) -> FieldType {
    FieldType(.number(2...most), written: { "\($0)" }) { node throws(Finding) in
      let number = try node.number(2...most)
      guard number & (number - 1) == 0 else {
        throw node.refused("\(number) is no power of two", hint: "Write 2, 4, 8, and so on up to \(most).")
      }
      return number
    }
  }

  static func number(_ range: ClosedRange<Int>) -> FieldType {
    FieldType(.number(range), written: { "\($0)" }) { node throws(Finding) in try node.number(range) }
  }
}

extension FieldType where Value: Equatable {
  static func choice(_ choices: [(String, Value)]) -> FieldType {
    FieldType(
      .words(choices.map(\.0)), written: { value in choices.first { $0.1 == value }?.0 ?? "none" },
      { node throws(Finding) in try node.choice(choices) })
  }
}

extension FieldType where Value: CustomStringConvertible & Equatable {
  /// Words that describe themselves.
  static func choice(of values: [Value]) -> FieldType { choice(values.map { ($0.description, $0) }) }
}

extension FieldType where Value == SHA256Digest {
  static let digest = FieldType(.scalar(.digest)) { node throws(Finding) in try node.digest() }
}

extension FieldType where Value == [UInt8] {
  static let ed25519 = FieldType(.scalar(.ed25519)) { node throws(Finding) in try node.ed25519() }
  static let nonce = FieldType(.scalar(.nonce)) { node throws(Finding) in try node.nonce() }
}

extension FieldType where Value == JSONObject {
  static let customFields = FieldType(.customFields) { node throws(Finding) in try node.customFields() }
  /// Where the root before may have had some.
  static let inheritedFields = FieldType(.inheritedFields) { node throws(Finding) in
    try node.customFields(inherits: true)
  }
}

extension FieldType where Value == [HandOver] {
  static let handOver = FieldType(.list(.words(HandOver.allCases.map(\.rawValue)))) { node throws(Finding) in
    let known = HandOver.allCases.map(\.rawValue)
    return try node.names(among: known, else: "is no service that is known here", "Services are", .scriptValue)
      .compactMap(HandOver.init)
  }
}

extension FieldType where Value == [Finding.Code] {
  /// Codes of what can be wrong with the machine.
  static let hostCodes = FieldType(
    .list(.words(Finding.OfHost.all.map(\.code.description))),
    written: { "[\($0.map(\.description).joined(separator: ", "))]" }
  ) { node throws(Finding) in
    let known = Finding.OfHost.all.map { ($0.code.description, $0.code) }
    return try node.items().compactMap { item in
      node.problems.attempt { () throws(Finding) in try item.choice(known) }
    }
  }
}

extension FieldType where Value == Keyholder.CardPin {
  static let card = FieldType(.wordsOr(["record"], .number(Keyholder.serials))) { node throws(Finding) in
    try node.cardPin()
  }
}

extension FieldType where Value == [UInt32] {
  static let serials = FieldType(.list(.number(Keyholder.serials))) { node throws(Finding) in
    try node.items().compactMap { item in node.problems.attempt { () throws(Finding) in try item.serial() } }
  }
}

extension FieldType where Value == [SHA256Digest] {
  static let digests = FieldType(.list(.scalar(.digest))) { node throws(Finding) in
    try node.items().compactMap { item in node.problems.attempt { () throws(Finding) in try item.digest() } }
  }
}

extension FieldType where Value == [PinnedFile] {
  static let pinnedFiles = FieldType(.list(.mapping(PinnedFileFields.group))) { node throws(Finding) in
    try node.items().compactMap { item in node.problems.attempt { () throws(Finding) in try PinnedFile(item) } }
  }
}

extension FieldType where Value == Expiry? {
  static let expiry = FieldType(.mappingOr(ExpiryFields.group, .scalar(.moment))) { node throws(Finding) in
    try Expiry(node)
  }
}
