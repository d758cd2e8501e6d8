import Findings

/// Why bytes are not a JSON document that every reader understands in the same way.
package struct JSONError: Error, Hashable, Sendable {
  /// One of the codes below; the only part that programs compare.
  package let code: Finding.Code
  /// From 1; a line ends with a line feed.
  package let line: Int
  /// From 1, counted in code points. In a line that is not valid UTF-8, counted up to the first bad byte.
  package let column: Int
  /// What is wrong there, without the document's own text.
  package let what: String

  /// The same as a finding of the document at `place`, a file's name.
  package func finding(in place: String) -> Finding {
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
