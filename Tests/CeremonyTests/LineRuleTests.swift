import CeremonyRecords
import Testing

/// What people may type where text is free, and what is refused before anybody sees it.
@Suite struct LineRuleTests {
  @Test(arguments: [
    (LineRule.words, "The wrong card was inserted; it was taken out again."), (.words, "x"),
    (.words, String(repeating: "é", count: 500)), (.words, "12345 and 67890"), (.words, "Ünïcode – “quoted” 日本"),
    (.words, "2026-11-21 at 12:34"), (.name, "Ada Łukasz O’Neill-Świątek"), (.name, String(repeating: "n", count: 100)),
    (.bag, "A-1"), (.bag, "12345678"), (.bag, String(repeating: "7", count: 32)), (.time, "2026-02-28T23:59"),
  ])
  func taken(rule: LineRule, text: String) {
    #expect(rule.refusal(of: text.utf8) == nil)
    #expect(text.utf8.count <= rule.mostBytes)
  }

  @Test(arguments: [
    (LineRule.words, "", LineRule.Refusal.length), (.words, "   ", .length), (.words, "\u{a0}", .length),
    (.words, String(repeating: "x", count: 501), .length), (.name, String(repeating: "n", count: 101), .length),
    (.name, "", .length), (.bag, "A1", .length), (.bag, String(repeating: "7", count: 33), .length),
    (.words, "123456", .digits), (.words, "my PIN is 1234567", .digits), (.words, "x12345678x", .digits),
    (.words, "123456789", .digits), (.name, "654321", .digits), (.words, "١٢٣٤٥٦", .digits),
    (.words, "１２３４５６７８", .digits), (.words, "a\u{7}b", .characters), (.words, "\u{1b}[A", .characters),
    (.words, "a\u{7f}", .characters), (.words, "a\u{85}", .characters), (.name, "Ada\u{202e}", .characters),
    (.name, "Ada\u{2066}", .characters), (.name, "Ada\nBoris", .characters), (.bag, "A 1", .characters),
    (.bag, "BAG_1", .characters), (.bag, "BÄG", .characters), (.bag, "١٢٣", .characters),
    (.time, "2026-02-30T00:00", .characters), (.time, "2026-02-28T24:00", .characters), (.time, "2026-02-28", .length),
    (.time, "2026-02-28T12:00Z", .characters), (.time, "2026-02-28 12:00", .characters), (.time, "12:00", .length),
    (.words, "cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji", .oneTimePassword),
    (.name, "cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji", .oneTimePassword),
    (.bag, "cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji", .oneTimePassword),
    (.time, "cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji", .oneTimePassword),
  ])
  func refused(rule: LineRule, text: String, why: LineRule.Refusal) {
    #expect(rule.refusal(of: text.utf8) == why)
  }

  @Test(arguments: LineRule.allCases, [[0xff], [0x61, 0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]])
  func bytesThatAreNoText(rule: LineRule, bytes: [UInt8]) {
    #expect(rule.refusal(of: bytes) == .characters)
  }

  @Test func digitsBesideBrokenBytesAreStillDigits() {
    #expect(LineRule.words.refusal(of: [0xff] + Array("123456".utf8)) == .digits)
  }
}
