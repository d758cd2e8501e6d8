import Findings
import Mustache

/// How text gets into Markdown: characters that nobody sees become visible, and whatever could be taken for markup is
/// escaped by a backslash (CommonMark 0.31.2 §2.4; GitHub's tables take a pipe so, too).
struct MarkdownText: MustacheContentType {
  /// Scalar by scalar: see ``PageText``.
  func escapeText(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in printable(text).unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "(", ")", "#", "|", "~", "&", "!", "$", "^", "@":
        escaped.append("\\")
      default: break
      }
      escaped.append(scalar)
    }
    return String(escaped)
  }
}
