import Findings
import TUFMetadata

/// Foreign text for a log that a CI runner reads, made printable and broken up so that no runner takes it for a command:
/// GitHub, GitLab, Azure and TeamCity know theirs by `::` or `##`. A mark that would join the sign before it, and so
/// hide it from a reader of whole characters, is written as its code point. The one place where this is done.
func logged(_ text: String) -> String {
  var result = ""
  var last: Unicode.Scalar?
  for scalar in printable(text).unicodeScalars {
    if scalar == last, scalar == "#" || scalar == ":" { result += " " }
    if isMark(scalar), last.map(isSign) ?? true {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
    last = scalar
  }
  return result
}

private func isMark(_ scalar: Unicode.Scalar) -> Bool {
  [.nonspacingMark, .spacingMark, .enclosingMark].contains(scalar.properties.generalCategory)
}

/// Printable ASCII that is neither a letter nor a digit.
private func isSign(_ scalar: Unicode.Scalar) -> Bool {
  scalar.isASCII
    && ![.lowercaseLetter, .uppercaseLetter, .decimalNumber].contains(scalar.properties.generalCategory)
}

/// A JSON text with the same value in which no runner finds a command: `#` and `:` beside their like are escaped, which
/// only text in quotes holds.
public func loggedJSON(_ json: String) -> String {
  var result = ""
  var last: Unicode.Scalar?
  for scalar in json.unicodeScalars {
    if scalar == last, scalar == "#" || scalar == ":" {
      result += scalar == "#" ? "\\u0023" : "\\u003a"
      last = nil
    } else {
      result.unicodeScalars.append(scalar)
      last = scalar
    }
  }
  return result
}

extension WatchVerdict {
  /// All findings, the most urgent first: what has expired or soon will, then other errors, then warnings.
  var urgentFindings: [Finding] {
    func rank(_ finding: Finding) -> Int {
      switch finding.code {
      case .rootExpired: 0
      case .metadataExpired: 1
      case .expiresCritical: 2
      case .expiresSoon: 3
      default: isError(finding) ? 4 : 5
      }
    }
    return allFindings.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
      .map(\.element)
  }
}
