import Findings
import Keys
import TUFMetadata

/// Paths of target files, their patterns, and the beginnings of their digests, as a script may state them.
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

  static func isPrefix(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Whether a path fits a pattern as clients match them: part by part, `*` for any characters and `?` for one.
  static func matches(_ path: String, _ pattern: String) -> Bool {
    let slash = UInt8(ascii: "/")
    let parts = path.utf8.split(separator: slash, omittingEmptySubsequences: false)
    let patterns = pattern.utf8.split(separator: slash, omittingEmptySubsequences: false)
    return parts.count == patterns.count
      && zip(parts, patterns).allSatisfy { matches(Array($0), Array($1)) }
  }

  /// Whether every path that fits the second pattern fits the first; false also where that is hard to say.
  static func covers(_ pattern: String, _ other: String) -> Bool {
    pattern == other || !(pattern.contains("?") && other.contains("*")) && matches(other, pattern)
  }

  private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (t, p) = (0, 0)
    var (star, mark): (Int?, Int) = (nil, 0)
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        (star, mark) = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
        t += 1
        p += 1
      } else if let last = star {
        mark += 1
        (t, p) = (mark, last + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// The lower-case hexadecimal SHA-256 of a path, whose beginning says in which bin it is.
  static func digest(of path: String) -> String { SHA256Digest(of: Array(path.utf8)).hex }
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
