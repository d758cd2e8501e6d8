import CanonicalJSON
import Testing

private func canonical(_ text: String) throws -> String {
  String(decoding: try JSONValue(parsing: Array(text.utf8)).canonical(), as: UTF8.self)
}

private let canonicalForms: [(String, String)] = [
  ("{\"b\": [1, -2, true, false, null], \"a\": {}}", "{\"a\":{},\"b\":[1,-2,true,false,null]}"),
  ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\"", "\"\\\"\\\\/\u{8}\u{C}\n\r\t\u{1}\""),
  // By code point: U+FFFD before U+1F600, which UTF-16 order would turn round; `a` before `a!`, which the order of
  // the quoted forms would turn round.
  ("{\"\\ud83d\\ude00\":1,\"\\ufffd\":2}", "{\"\u{FFFD}\":2,\"\u{1F600}\":1}"),
  ("{\"a!\":1,\"a\":2}", "{\"a\":2,\"a!\":1}"),
  // Both are kept as they are: neither normalised, nor taken for one name.
  ("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"e\u{301}\":2,\"\u{E9}\":1}"),
]

@Test(arguments: canonicalForms)
func writesCanonicalForm(text: String, form: String) throws {
  #expect(try Array(canonical(text).utf8) == Array(form.utf8))
}

@Test func comparesCodePointsOnly() throws {
  let composed: JSONValue = ["\u{E9}": "\u{E9}"]
  let decomposed: JSONValue = ["e\u{301}": "e\u{301}"]
  #expect(composed != decomposed)
  #expect(composed["e\u{301}"] == nil)
  #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
}

@Test func editsObjects() {
  var object: JSONObject = ["b": 1, "a": 2, "b": 3]
  #expect(object == ["a": 2, "b": 3])
  object["c"] = 4
  object["a"] = nil
  #expect(object.names == ["b", "c"])
}

@Test func writesPrettyForm() throws {
  let value = try JSONValue(
    parsing: Array(
      "{\"s\":\"\u{7F}\u{E9}\u{1F600}\\n\\\"\\\\/\\u0001\",\"e\":[],\"o\":{},\"l\":[1,{\"a\":null}]}".utf8
    )
  )
  let expected = """
    {
     "e": [],
     "l": [
      1,
      {
       "a": null
      }
     ],
     "o": {},
     "s": "\\u007f\\u00e9\\ud83d\\ude00\\n\\"\\\\/\\u0001"
    }

    """
  #expect(String(decoding: value.pretty(), as: UTF8.self) == expected)
}

/// Whatever value: its canonical form and its pretty form read back as the same value and are written again as
/// the same bytes.
@Test(arguments: [UInt64(1), 2, 3, 4, 5])
func readsBackWhatItWrites(seed: UInt64) throws {
  var samples = ValueSamples(seed: seed)
  for _ in 0..<400 {
    let value = samples.value()
    let bytes = value.canonical()
    let again = try JSONValue(canonical: bytes)
    #expect(again == value)
    #expect(again.canonical() == bytes)
    #expect(try JSONValue(parsing: value.pretty()) == value)
  }
}

/// No input traps; what is accepted as canonical is its own canonical form.
@Test(arguments: [UInt64(11), 12, 13])
func survivesDamage(seed: UInt64) throws {
  var samples = ValueSamples(seed: seed)
  var accepted = 0
  for _ in 0..<3000 {
    var bytes = samples.value().canonical()
    for _ in 0...samples.number(below: 3) { bytes = samples.damaged(bytes) }
    if let value = try? JSONValue(canonical: bytes) {
      accepted += 1
      #expect(value.canonical() == bytes)
    }
    if let value = try? JSONValue(parsing: bytes) {
      let isCanonical = value.canonical() == bytes
      #expect((try? JSONValue(canonical: bytes)) == (isCanonical ? value : nil))
      #expect((try? JSONValue(canonical: bytes, allowsRawControls: false)) == (isCanonical ? value : nil))
      #expect(try JSONValue(parsing: value.pretty()) == value)
    }
  }
  #expect(accepted > 0)
}
