import Findings

extension JSONValue {
  /// Reads one JSON document (RFC 8259) and refuses whatever two readers could understand differently:
  /// see the codes beside ``JSONError``. Linear in the size of the input.
  package init(parsing bytes: [UInt8]) throws(JSONError) {
    var parser = JSONParser(bytes, allowsRawControls: false)
    self = try parser.document()
  }

  /// Reads bytes in OLPC canonical form, in which control characters stand raw inside strings.
  /// What is not the canonical form of its own value is refused with `JSON-NOT-CANONICAL` at the first
  /// byte that differs, so that `canonical()` of the result is exactly `bytes`.
  ///
  /// - Parameter allowsRawControls: false for what must be JSON (RFC 8259) as well as canonical.
  package init(canonical bytes: [UInt8], allowsRawControls: Bool = true) throws(JSONError) {
    var parser = JSONParser(bytes, allowsRawControls: allowsRawControls)
    self = try parser.document()
    guard !parser.isCanonical else { return }
    let offset = zip(canonical(), bytes).prefix { $0 == $1 }.count
    throw parser.error(.jsonNotCanonical, "This is JSON, but not in canonical form.", at: offset)
  }
}

/// Recursive descent over bytes that were checked to be UTF-8. Recursion ends at `deepest`.
struct JSONParser {
  static let deepest = 64
  static let largest: Int64 = 1 << 53

  let bytes: [UInt8]
  let allowsRawControls: Bool
  var offset = 0
  /// Whether nothing was met so far that the canonical form writes otherwise: white space, names out of order, an
  /// escape of anything but `"` and `\`. Everything else has one form only, or is refused.
  var isCanonical = true
  /// What the open arrays and objects hold so far, so that each gets room of just its size when it is closed.
  private var values: [JSONValue] = []
  private var members: [(member: JSONObject.Member, start: Int)] = []

  init(_ bytes: [UInt8], allowsRawControls: Bool) {
    self.bytes = bytes
    self.allowsRawControls = allowsRawControls
  }

  mutating func document() throws(JSONError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw error(.jsonByteOrderMark, "The file begins with a byte-order mark.", at: 0)
    }
    if let bad = firstInvalidUTF8(in: bytes) {
      throw error(.jsonInvalidUTF8, "These bytes are not UTF-8.", at: bad)
    }
    skipSpace()
    guard let first = peek else { throw error(.jsonEmpty, "There is nothing in this document.", at: 0) }
    if first == UInt8(ascii: "<") { throw error(.jsonPage, "This is a page (HTML or XML) and no JSON.") }
    let value = try value(depth: 0)
    skipSpace()
    guard offset == bytes.count else {
      throw error(.jsonTrailing, "Something follows after the document's end.")
    }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard let first = peek else { throw unexpectedEnd() }
    switch first {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw error(.jsonSyntax, "A value was expected here.")
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    try enter(depth)
    let first = members.count
    var isSorted = true
    if closes(UInt8(ascii: "}")) { return JSONObject() }
    repeat {
      skipSpace()
      let start = offset
      guard peek == UInt8(ascii: "\"") else {
        throw peek == nil ? unexpectedEnd() : error(.jsonSyntax, "A name in quotes was expected here.")
      }
      let name = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"), "A colon was expected after the name.")
      skipSpace()
      let value = try value(depth: depth)
      if isSorted, members.count > first, let last = members.last?.member, !precedes(last.name, name) {
        isSorted = false
      }
      members.append((JSONObject.Member(name: name, value: value), start))
    } while try goesOn(UInt8(ascii: "}"))
    defer { members.removeSubrange(first...) }
    if isSorted { return JSONObject(sorted: members[first...].map(\.member)) }
    isCanonical = false
    return try sorted(members[first...])
  }

  /// Sorts once, and finds the first repetition in the order of the document.
  private func sorted(_ members: ArraySlice<(member: JSONObject.Member, start: Int)>) throws(JSONError) -> JSONObject {
    let order = members.sorted { precedes($0.member.name, $1.member.name) }
    let repeated = zip(order, order.dropFirst()).filter { isIdentical($0.member.name, $1.member.name) }
    if let first = repeated.map(\.1.start).min() {
      throw error(.jsonDuplicateName, "This name stands twice in one object.", at: first)
    }
    return JSONObject(sorted: order.map(\.member))
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    try enter(depth)
    let first = values.count
    if closes(UInt8(ascii: "]")) { return [] }
    repeat {
      skipSpace()
      let value = try value(depth: depth)
      values.append(value)
    } while try goesOn(UInt8(ascii: "]"))
    defer { values.removeSubrange(first...) }
    return Array(values[first...])
  }

  /// Steps over an opening bracket.
  private mutating func enter(_ depth: Int) throws(JSONError) {
    guard depth <= Self.deepest else {
      throw error(.jsonDepth, "Arrays and objects are nested more than \(Self.deepest) deep.")
    }
    offset += 1
  }

  /// Whether the container ends at once.
  private mutating func closes(_ bracket: UInt8) -> Bool {
    skipSpace()
    guard peek == bracket else { return false }
    offset += 1
    return true
  }

  /// Steps over a comma (true) or the closing bracket (false).
  private mutating func goesOn(_ bracket: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    if peek == UInt8(ascii: ",") {
      offset += 1
      return true
    }
    try expect(bracket, "A comma or the closing bracket was expected here.")
    return false
  }

  private mutating func integer() throws(JSONError) -> Int64 {
    let start = offset
    let isNegative = peek == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    let digits = offset
    var magnitude: Int64 = 0
    while let digit = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
      // Held just above the largest, so that no number of digits overflows.
      magnitude = min(magnitude * 10 + Int64(digit - UInt8(ascii: "0")), Self.largest + 1)
      offset += 1
    }
    guard offset > digits else {
      throw peek == nil ? unexpectedEnd() : error(.jsonSyntax, "A digit was expected.")
    }
    if let next = peek, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(next) {
      throw error(.jsonFloat, "This number has a fraction or an exponent.", at: start)
    }
    if bytes[digits] == UInt8(ascii: "0"), offset - digits > 1 {
      throw error(.jsonSyntax, "This number begins with a zero.", at: start)
    }
    if isNegative, magnitude == 0 { throw error(.jsonNegativeZero, "This number is -0.", at: start) }
    guard magnitude <= Self.largest else {
      throw error(.jsonIntegerRange, "This number is beyond ±2^53; some readers would round it.", at: start)
    }
    return isNegative ? -magnitude : magnitude
  }

  private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let end = offset + word.utf8CodeUnitCount
    let matches = word.withUTF8Buffer { end <= bytes.count && bytes[offset..<end].elementsEqual($0) }
    guard matches else { throw error(.jsonSyntax, "A value was expected here.") }
    offset = end
    return value
  }

  mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
    guard let next = peek else { throw unexpectedEnd() }
    guard next == byte else { throw error(.jsonSyntax, what) }
    offset += 1
  }

  private mutating func skipSpace() {
    while let next = peek, next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D {
      isCanonical = false
      offset += 1
    }
  }

  var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func unexpectedEnd() -> JSONError {
    error(.jsonSyntax, "The document ends in the middle; it may have been cut off.", at: bytes.count)
  }

  /// Line and column are counted only here, where the document is refused.
  func error(_ code: Finding.Code, _ what: String, at place: Int? = nil) -> JSONError {
    let before = bytes.prefix(place ?? offset)
    let line = before.count { $0 == 0x0A } + 1
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    return JSONError(code: code, line: line, column: column, what: what)
  }
}
