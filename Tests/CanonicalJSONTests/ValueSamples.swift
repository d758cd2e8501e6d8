import CanonicalJSON

/// Seeded values of every kind, with the text that implementations disagree on.
struct ValueSamples {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func number(below limit: Int) -> Int { Int(next() % UInt64(limit)) }

  mutating func value(depth: Int = 0) -> JSONValue {
    switch number(below: depth > 5 ? 4 : 7) {
    case 0: return [JSONValue.null, true, false][number(below: 3)]
    case 1: return .integer(Int64(number(below: 2_000_001)) - 1_000_000)
    case 2: return .integer([9_007_199_254_740_992, -9_007_199_254_740_992, 0][number(below: 3)])
    case 3: return .string(text())
    case 4: return .array((0..<number(below: 6)).map { _ in value(depth: depth + 1) })
    default: return .object(JSONObject((0..<number(below: 8)).map { _ in (text(), value(depth: depth + 1)) }))
    }
  }

  mutating func text() -> String {
    let alphabet = [
      "a", "a!", "Z", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "\u{E9}", "e\u{301}", "\u{FFFD}",
      "\u{1F600}", "\u{10FFFF}", "-----BEGIN PUBLIC KEY-----\n", "0123456789abcdef",
    ]
    return (0..<number(below: 5)).map { _ in alphabet[number(below: alphabet.count)] }.joined()
  }

  /// One byte changed, removed or put in.
  mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [UInt8(number(below: 256))] }
    var bytes = bytes
    let place = number(below: bytes.count)
    switch number(below: 4) {
    case 0: bytes.remove(at: place)
    case 1: bytes.insert(UInt8(number(below: 256)), at: place)
    case 2: bytes[place] = Array("{}[]\",:\\0-.e".utf8)[number(below: 12)]
    default: bytes[place] = UInt8(number(below: 256))
    }
    return bytes
  }
}
