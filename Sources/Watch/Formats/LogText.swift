import Findings
import TUFMetadata

/// A JSON text with the same value in which no runner finds a command: `#` and `:` beside their like are escaped, which
/// only text in quotes holds.
package func loggedJSON(_ json: String) -> String {
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
