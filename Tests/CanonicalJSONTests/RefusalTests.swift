import CanonicalJSON
import Findings
import Testing

/// One defect each, beside the nearest document that has none.
struct Refusal: CustomTestStringConvertible, Sendable {
  let text: [UInt8]
  let code: Finding.Code
  let line: Int
  let column: Int
  let accepted: [UInt8]

  init(_ text: String, _ code: Finding.Code, _ column: Int, line: Int = 1, not accepted: String) {
    self.init(Array(text.utf8), code, column, line: line, not: Array(accepted.utf8))
  }

  init(_ text: [UInt8], _ code: Finding.Code, _ column: Int, line: Int = 1, not accepted: [UInt8]) {
    (self.text, self.code, self.line, self.column, self.accepted) = (text, code, line, column, accepted)
  }

  var testDescription: String { "\(code) in \(String(decoding: text.prefix(40), as: UTF8.self))" }
}

private func quoted(_ bytes: [UInt8]) -> [UInt8] { [0x22] + bytes + [0x22] }

private func nested(_ open: String, _ inner: String, _ close: String, _ depth: Int) -> String {
  String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
}

private let refusals: [Refusal] = [
  Refusal("", .jsonEmpty, 1, not: "0"),
  Refusal(" \n\t", .jsonEmpty, 1, not: " \n\t0"),
  Refusal([0xEF, 0xBB, 0xBF, 0x30], .jsonByteOrderMark, 1, not: [0x30]),
  Refusal(
    "{\"a\":1,\n \"b\":2,\"a\":3}",
    .jsonDuplicateName,
    8,
    line: 2,
    not: "{\"a\":1,\n \"b\":2,\"A\":3}"
  ),
  Refusal("{\"b\":1,\"a\":2,\"\\u0061\":3}", .jsonDuplicateName, 14, not: "{\"b\":1,\"a\":2,\"\\u0063\":3}"),
  Refusal("[1.0]", .jsonFloat, 2, not: "[1]"),
  Refusal("[1,2e3]", .jsonFloat, 4, not: "[1,2]"),
  Refusal("[1E3]", .jsonFloat, 2, not: "[1]"),
  Refusal("[-0.5]", .jsonFloat, 2, not: "[-5]"),
  Refusal("[-0]", .jsonNegativeZero, 2, not: "[0]"),
  Refusal("[9007199254740993]", .jsonIntegerRange, 2, not: "[9007199254740992]"),
  Refusal("[-9007199254740993]", .jsonIntegerRange, 2, not: "[-9007199254740992]"),
  Refusal("[99999999999999999999999999]", .jsonIntegerRange, 2, not: "[999999]"),
  Refusal(quoted([0xC3, 0x28]), .jsonInvalidUTF8, 2, not: quoted([0xC3, 0xA9])),
  Refusal(quoted([0xC0, 0xAF]), .jsonInvalidUTF8, 2, not: quoted([0x2F])),
  Refusal(quoted([0xE0, 0x80, 0xAF]), .jsonInvalidUTF8, 2, not: quoted([0xE0, 0xA0, 0xAF])),
  Refusal(quoted([0xED, 0xA0, 0x80]), .jsonInvalidUTF8, 2, not: quoted([0xED, 0x9F, 0xBF])),
  Refusal(quoted([0xF4, 0x90, 0x80, 0x80]), .jsonInvalidUTF8, 2, not: quoted([0xF4, 0x8F, 0xBF, 0xBF])),
  Refusal(quoted([0xFF]), .jsonInvalidUTF8, 2, not: quoted([0x7E])),
  Refusal([0x22, 0xE2, 0x82], .jsonInvalidUTF8, 2, not: quoted([0xE2, 0x82, 0xAC])),
  Refusal("[\"é\",\"\\ud800\"]", .jsonLoneSurrogate, 7, not: "[\"é\",\"\\ud800\\udc00\"]"),
  Refusal("[\"\\udc00\"]", .jsonLoneSurrogate, 3, not: "[\"\\u00dc\"]"),
  Refusal("[\"\\ud800\\u0041\"]", .jsonLoneSurrogate, 3, not: "[\"\\u0041\\u0041\"]"),
  Refusal("[\"a\nb\"]", .jsonControlCharacter, 4, not: "[\"a\\nb\"]"),
  Refusal("[\"a\u{0}b\"]", .jsonControlCharacter, 4, not: "[\"a\\u0000b\"]"),
  Refusal(nested("[", "", "]", 65), .jsonDepth, 65, not: nested("[", "", "]", 64)),
  Refusal(nested("{\"a\":", "0", "}", 65), .jsonDepth, 321, not: nested("{\"a\":", "0", "}", 64)),
  Refusal(nested("[", "", "", 1_000_000), .jsonDepth, 65, not: "[]"),
  Refusal("{} {}", .jsonTrailing, 4, not: "{} "),
  Refusal("{}\n\nx", .jsonTrailing, 1, line: 3, not: "{}\n\n"),
  Refusal("<!DOCTYPE html>", .jsonPage, 1, not: "0"),
  Refusal("\n <?xml?>", .jsonPage, 2, line: 2, not: "\n 0"),
  Refusal("[1,]", .jsonSyntax, 4, not: "[1]"),
  Refusal("{\"a\":1,}", .jsonSyntax, 8, not: "{\"a\":1}"),
  Refusal("{a:1}", .jsonSyntax, 2, not: "{\"a\":1}"),
  Refusal("{\"a\" 1}", .jsonSyntax, 6, not: "{\"a\" :1}"),
  Refusal("[1 2]", .jsonSyntax, 4, not: "[1 ,2]"),
  Refusal("[01]", .jsonSyntax, 2, not: "[10]"),
  Refusal("[-]", .jsonSyntax, 3, not: "[-1]"),
  Refusal("[+1]", .jsonSyntax, 2, not: "[1]"),
  Refusal("[NaN]", .jsonSyntax, 2, not: "[null]"),
  Refusal("[truth]", .jsonSyntax, 2, not: "[true]"),
  Refusal("['a']", .jsonSyntax, 2, not: "[\"a\"]"),
  Refusal("[\"\\x\"]", .jsonSyntax, 3, not: "[\"\\/\"]"),
  Refusal("[\"\\u00g0\"]", .jsonSyntax, 3, not: "[\"\\u00f0\"]"),
  Refusal("[\"\\u12", .jsonSyntax, 7, not: "[\"\\u1234\"]"),
  Refusal("[\"a", .jsonSyntax, 4, not: "[\"a\"]"),
  Refusal("[\"a\\", .jsonSyntax, 5, not: "[\"a\\\\\"]"),
  Refusal("[1", .jsonSyntax, 3, not: "[1]"),
  Refusal("{\"a\"", .jsonSyntax, 5, not: "{\"a\":0}"),
  Refusal("{\"a\":", .jsonSyntax, 6, not: "{\"a\":0}"),
  Refusal("[/**/1]", .jsonSyntax, 2, not: "[1]"),
  Refusal("[\u{A0}1]", .jsonSyntax, 2, not: "[ 1]"),
]

@Test(arguments: refusals)
func refusesWithCodeAndPlace(_ refusal: Refusal) throws {
  let error = #expect(throws: JSONError.self) { try JSONValue(parsing: refusal.text) }
  #expect(error?.code == refusal.code)
  #expect(error?.line == refusal.line)
  #expect(error?.column == refusal.column)
  #expect(throws: Never.self) { try JSONValue(parsing: refusal.accepted) }
}

private let notCanonical: [(text: String, column: Int, canonical: String)] = [
  ("{\"b\":1,\"a\":2}", 3, "{\"a\":2,\"b\":1}"),
  ("[1, 2]", 4, "[1,2]"),
  ("[\"\\n\"]", 3, "[\"\n\"]"),
  ("[\"\\u0041\"]", 3, "[\"A\"]"),
  ("[\"\\/\"]", 3, "[\"/\"]"),
  ("[] ", 3, "[]"),
]

@Test(arguments: notCanonical)
func refusesWhatIsNotCanonical(text: String, column: Int, canonical: String) throws {
  let error = #expect(throws: JSONError.self) { try JSONValue(canonical: Array(text.utf8)) }
  #expect(error?.code == .jsonNotCanonical)
  #expect(error?.column == column)
  #expect(try JSONValue(canonical: Array(canonical.utf8)).canonical() == Array(canonical.utf8))
}

/// The words that people read, pinned once.
@Test func saysWhereAndWhy() throws {
  let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array("{\"a\":1,\"a\":2}".utf8)) }
  #expect(
    error?.finding(in: "1.root.json").description == """
      error JSON-DUPLICATE-NAME (1.root.json:1:8): This name stands twice in one object.
        → Readers disagree on which of the two counts. Find out who wrote this file, and fetch it again.
      """
  )
}
