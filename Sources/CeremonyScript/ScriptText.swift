import CanonicalJSON
import Findings
import Foundation

/// Text in a script, as people will read it on a screen and on paper.
///
/// These are the rules, for whoever writes another reader:
/// - A line of the file ends with LF or CR LF. A CR without LF, NEL (U+0085), U+2028 and U+2029 stand nowhere in it: YAML
///   ends a line there and editors do not, so that what looks like the end of a comment would be read. Neither does a
///   line begin with `%`, or hold another control (C0 but the tab, DEL, C1) or U+FEFF.
/// - A text has 1 to 500 scalars, one of which is not white space, and none of which is a control (C0, DEL, C1), one of
///   ``unseen``, or a control of bidirectional text.
/// - A plain `~`, `null`, `Null`, `NULL` or nothing is no text; quoted they are. Every other plain scalar is the text
///   that is written: `yes`, `1e3`.
/// - Two keyholders do not have the same name, scalar by scalar.
package enum ScriptText {
  package static let longest = 500

  /// What YAML takes for no value at all.
  static let nulls = ["", "~", "null", "Null", "NULL"]

  /// Zero-width characters, fillers that are blank, tags, variation selectors: all that Unicode calls default ignorable,
  /// the interlinear and musical controls, and the blank braille pattern.
  static let unseen: [ClosedRange<UInt32>] = [
    0xad...0xad, 0x34f...0x34f, 0x61c...0x61c, 0x115f...0x1160, 0x17b4...0x17b5, 0x180b...0x180f, 0x200b...0x200f,
    0x2028...0x202e, 0x2060...0x206f, 0x2800...0x2800, 0x3164...0x3164, 0xfe00...0xfe0f, 0xfeff...0xfeff,
    0xffa0...0xffa0, 0xfff0...0xfffb, 0x1bca0...0x1bca3, 0x1d173...0x1d17a, 0xe0000...0xe0fff,
  ]

  package static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
    isPrintable(scalar) && !unseen.contains { $0.contains(scalar.value) }
  }

  static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(\.properties.isWhitespace) }

  /// Whether the text is in normal form C, as keyboards write it.
  static func isComposed(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 < 0x80 } || isIdentical(text, text.precomposedStringWithCanonicalMapping)
  }

  /// What a draft has where only people can say what belongs there. Only a rehearsal takes it.
  package static func open(_ what: String) -> String { "\(opening): \(what)" }
  package static func isOpen(_ text: String) -> Bool { text.hasPrefix(opening) }
  private static let opening = "TO BE FILLED IN"

  /// Whether a person takes both for one name: case and spaces aside, and an accent is an accent.
  package static func looksLike(_ a: String, _ b: String) -> Bool { folded(a) == folded(b) }

  private static func folded(_ text: String) -> String {
    String(String.UnicodeScalarView(text.lowercased().unicodeScalars.filter { !$0.properties.isWhitespace }))
  }
}

/// What may be written, and what was perhaps meant.
func allowed(_ known: [String], near word: String?, _ list: String = "It takes") -> String {
  let meant = word.flatMap { nearest($0, among: known) }.map { "Did you mean “\($0)”? " } ?? ""
  return "\(meant)\(list): \(known.joined(separator: ", "))."
}
