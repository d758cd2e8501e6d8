import Findings
import Mustache

/// How text gets onto the page: characters that nobody sees become visible, and whatever HTML could take for markup
/// becomes a reference.
struct PageText: MustacheContentType {
  /// Scalar by scalar. The library's own escaping goes by `Character`, and a mark that joins with `<` or `"` into one
  /// character would carry it through unescaped.
  func escapeText(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in printable(text).unicodeScalars {
      switch scalar {
      case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
      case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
      case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
      case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
      case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }
}
