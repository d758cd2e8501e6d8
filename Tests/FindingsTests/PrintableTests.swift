import Findings
import Testing

/// What is shown of others' text.
@Suite struct PrintableTests {
  static let cases: [(text: String, shown: String)] = [
    // As it is.
    ("metadata/1.root.json", "metadata/1.root.json"),
    ("  → 12:30, Ω, 日本語, naïve, ❤", "  → 12:30, Ω, 日本語, naïve, ❤"),
    ("e\u{301}t\u{325}\u{301}", "e\u{301}t\u{325}\u{301}"),
    ("हिन्दी", "हिन्दी"),
    ("Bag #4, ## and #[1]", "Bag #4, ## and #[1]"),
    ("a::b, role :: key", "a::b, role :: key"),
    // Control and format characters.
    ("\u{1b}[31mred\u{7f}\u{9b}2J", "\\u{1b}[31mred\\u{7f}\\u{9b}2J"),
    ("a\nb\r\u{85}\u{2028}\u{2029}", "a\\u{a}b\\u{d}\\u{85}\\u{2028}\\u{2029}"),
    ("\u{202e}nosj.toor\u{2066}\u{200b}\u{feff}\u{e0041}", "\\u{202e}nosj.toor\\u{2066}\\u{200b}\\u{feff}\\u{e0041}"),
    ("\u{e000}\u{378}", "\\u{e000}\\u{378}"),
    // Marks on nothing.
    ("\u{301}mark", "\\u{301}mark"),
    ("metadata/\u{301}\u{301}mark", "metadata/\\u{301}\\u{301}mark"),
    ("\u{1b}\u{20dd}", "\\u{1b}\\u{20dd}"),
    (" \u{338}=", " \\u{338}="),
    // Commands of runners.
    ("::error::x", "\\u{3a}:error::x"),
    ("  ::set-output name=a::b", "  \\u{3a}:set-output name=a::b"),
    ("##[error]x", "\\u{23}#[error]x"),
    ("said ##vso[task.x]y", "said \\u{23}#vso[task.x]y"),
    ("###teamcity[a]", "#\\u{23}#teamcity[a]"),
  ]

  @Test(arguments: cases) func whatIsShown(text: String, shown: String) {
    #expect(printable(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
  }

  @Test func everyLineIsMadeSafeByItself() {
    #expect(printableLines("one\n::error::two\n\t\n") == "one\n\\u{3a}:error::two\n\\u{9}\n")
  }

  @Test func everyPartOfAFinding() {
    let finding = Finding(.noted, "what\u{1b}[2J", hint: "hint\n::error::", place: "\u{301}place\r")
    #expect(
      "\(finding)"
        == "error NOTED (\\u{301}place\\u{d}): what\\u{1b}[2J\n  → hint\\u{a}::error::")
  }
}
