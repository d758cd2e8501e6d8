/// A JSON value as TUF metadata and transcripts may hold it: no floats, no duplicate names.
///
/// Two values are equal when their canonical forms are: strings are compared by code points, never by the
/// Unicode equivalence that `String` itself uses (to which `é` and `e` with a combining accent are one).
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// Within ±2⁵³, so that every reader in every language sees the same number.
  case integer(Int64)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// The members of an object, always sorted by name in code point order, each name once.
package struct JSONObject: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package let name: String
    package var value: JSONValue
  }

  package private(set) var members: [Member]

  package init() { members = [] }

  /// Members in any order. A repeated name keeps its last value; the parser refuses such input before it gets here.
  package init(_ pairs: some Sequence<(String, JSONValue)>) {
    // The sort is stable, so that among equal names the last stays last.
    members = []
    for (name, value) in pairs.sorted(by: { precedes($0.0, $1.0) }) {
      if let last = members.last, isIdentical(last.name, name) { members.removeLast() }
      members.append(Member(name: name, value: value))
    }
  }

  /// Members that are known to be sorted by code point and unique, as the parser leaves them.
  init(sorted members: [Member]) { self.members = members }

  package subscript(name: String) -> JSONValue? {
    get {
      let index = lowerBound(name)
      guard index < members.count, isIdentical(members[index].name, name) else { return nil }
      return members[index].value
    }
    set {
      let index = lowerBound(name)
      let found = index < members.count && isIdentical(members[index].name, name)
      switch (found, newValue) {
      case (true, let value?): members[index].value = value
      case (true, nil): members.remove(at: index)
      case (false, let value?): members.insert(Member(name: name, value: value), at: index)
      case (false, nil): break
      }
    }
  }

  package var names: [String] { members.map(\.name) }
  package var isEmpty: Bool { members.isEmpty }

  private func lowerBound(_ name: String) -> Int {
    var low = 0
    var high = members.count
    while low < high {
      let middle = (low + high) / 2
      if precedes(members[middle].name, name) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

extension JSONValue {
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// Each entry of a list as it is read; nil where this is no list, or one of its entries is something else.
  package func list<Entry>(_ read: (JSONValue) -> Entry?) -> [Entry]? {
    let entries = array?.compactMap(read)
    return entries?.count == array?.count ? entries : nil
  }
  package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  package subscript(name: String) -> JSONValue? { object?[name] }
}
