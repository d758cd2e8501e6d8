import Findings

/// Why bytes are not a JSON document that every reader understands in the same way.
public struct JSONError: Error, Hashable, Sendable {
  /// One of the codes below; the only part that programs compare.
  public let code: Finding.Code
  /// From 1; a line ends with a line feed.
  public let line: Int
  /// From 1, counted in code points. In a line that is not valid UTF-8, counted up to the first bad byte.
  public let column: Int
  /// What is wrong there, without the document's own text.
  public let what: String

  /// The same as a finding of the document at `place`, a file's name.
  public func finding(in place: String) -> Finding {
    Finding(code, what, hint: Self.hint(for: code), place: "\(place):\(line):\(column)")
  }

  private static func hint(for code: Finding.Code) -> String {
    switch code {
    case .jsonDuplicateName:
      "Readers disagree on which of the two counts. Find out who wrote this file, and fetch it again."
    case .jsonFloat, .jsonNegativeZero, .jsonIntegerRange: "TUF knows whole numbers within ±2^53 only."
    case .jsonPage:
      "Servers answer with a page where they lack a file; clients need status 404 then. Look at the address, and at the server."
    case .jsonByteOrderMark: "Save the file as UTF-8 without a byte-order mark."
    default: "Fetch or copy the file again; if it stays so, ask the one who made it."
    }
  }
}

extension Finding.Code {
  /// Nothing, or white space alone.
  public static let jsonEmpty = Finding.Code("JSON-EMPTY")
  /// HTML or XML, which begin with `<`.
  public static let jsonPage = Finding.Code("JSON-PAGE")
  /// Not JSON (RFC 8259): a wrong or missing character, or the end in the middle.
  public static let jsonSyntax = Finding.Code("JSON-SYNTAX")
  /// The bytes EF BB BF at the start (RFC 8259 §8.1).
  public static let jsonByteOrderMark = Finding.Code("JSON-BOM")
  /// Bytes that are not UTF-8: overlong, a surrogate, beyond U+10FFFF, or cut off (RFC 3629 §3).
  public static let jsonInvalidUTF8 = Finding.Code("JSON-UTF8")
  /// An escaped surrogate without its partner (RFC 8259 §8.2).
  public static let jsonLoneSurrogate = Finding.Code("JSON-SURROGATE")
  /// A control character inside a string that is not written as an escape (RFC 8259 §7).
  public static let jsonControlCharacter = Finding.Code("JSON-CONTROL")
  /// Two members of one object with the same name (RFC 8259 §4).
  public static let jsonDuplicateName = Finding.Code("JSON-DUPLICATE-NAME")
  /// A number with a fraction or an exponent.
  public static let jsonFloat = Finding.Code("JSON-FLOAT")
  /// `-0`.
  public static let jsonNegativeZero = Finding.Code("JSON-NEGATIVE-ZERO")
  /// A whole number beyond ±2⁵³, which some readers round.
  public static let jsonIntegerRange = Finding.Code("JSON-INTEGER-RANGE")
  /// Arrays and objects more than 64 deep.
  public static let jsonDepth = Finding.Code("JSON-DEPTH")
  /// Anything but white space after the document.
  public static let jsonTrailing = Finding.Code("JSON-TRAILING")
  /// JSON, but not in canonical form.
  public static let jsonNotCanonical = Finding.Code("JSON-NOT-CANONICAL")
}
