import Findings
import TUFMetadata

/// Paths of target files and their patterns, as a script may state them.
enum DelegatedPaths {
  /// The most characters of a path.
  static let longest = 400
  private static let unlike = Set("[]{}\\".utf8)

  /// Parts of printable ASCII, none of them empty, `.` or `..`; `*` and `?` stand for others. Without a space, and without
  /// brackets and backslashes, which clients read differently.
  static func isPattern(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return text.utf8.count <= longest
      && parts.allSatisfy { part in
        !part.isEmpty && part.allSatisfy { (0x21...0x7e).contains($0) && !unlike.contains($0) }
          && !part.elementsEqual([0x2e])
          && !part.elementsEqual([0x2e, 0x2e])
      }
  }

  /// Whether every path that fits the second pattern fits the first; false also where that is hard to say.
  static func covers(_ pattern: String, _ other: String) -> Bool {
    pattern == other
      || !(pattern.contains("?") && other.contains("*")) && DelegatedRole.Scope.paths([pattern]).covers(other)
  }
}

extension Script {
  /// The most characters of a target file's path.
  package static let longestTarget = DelegatedPaths.longest

  /// Whether a target file may have this path.
  package static func mayBeTarget(_ path: String) -> Bool {
    DelegatedPaths.isPattern(path) && TextCheck.isPath(path)
  }
}

extension ScriptNode {
  /// A list of texts of one form, each once.
  func texts(_ form: ScalarForm, _ isOf: (String) -> Bool) throws(Finding) -> [String] {
    var texts: [String] = []
    for item in try items() {
      problems.attempt { () throws(Finding) in
        guard case .scalar(let text, _) = item.value, isOf(text) else {
          throw item.refused("expected \(form.words)", hint: "Write it in quotes where YAML could take it for else.")
        }
        guard !texts.contains(text) else {
          throw item.refused("“\(visible(text))” is listed twice", hint: "Name it once.")
        }
        texts.append(text)
      }
    }
    return texts
  }
}
