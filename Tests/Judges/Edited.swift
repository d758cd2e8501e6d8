import Foundation

/// Text that a test wanted to change, and that is not there as often as it thought.
package struct TextDrifted: Error, CustomStringConvertible {
  package let description: String
}

extension String {
  /// The text with another one in its place. Throws ``TextDrifted`` where it does not stand there so many times: a test that
  /// changes nothing shows nothing.
  package func editing(_ text: String, with other: String, times count: Int = 1) throws -> String {
    let found = ranges(of: text).count
    guard found == count else {
      throw TextDrifted(description: "“\(text)” stands there \(found) times, and not \(count).")
    }
    return replacingOccurrences(of: text, with: other)
  }
}
