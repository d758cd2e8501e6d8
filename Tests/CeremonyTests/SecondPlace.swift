import Findings

/// Where a verifier says that something does not hold: a file of the folder, and in a file of records which one.
struct NamedPlace: Hashable, CustomStringConvertible {
  let file: String
  let record: Int?

  var description: String { record.map { "\(file) record \($0)" } ?? file }

  /// The place of a finding; nil where it concerns the whole folder.
  init?(_ finding: Finding) {
    guard let place = finding.place else { return nil }
    self.init(place)
  }

  private init(_ place: some StringProtocol) {
    let words = place.split(separator: " ")
    // Without line and column of a script.
    file = String((words.first ?? "").prefix { $0 != ":" }).replacing(",", with: "")
    record = words.count > 2 && words[1] == "record" ? Int(words[2]) : nil
  }

  /// What the second verifier names: the words before the first colon below `NOT VERIFIED`, the file that the sums do not
  /// agree with, or the one that the system could not read.
  static func all(inSecondVerdict text: String) -> [NamedPlace] {
    guard let line = text.split(separator: "\n").drop(while: { $0 != "NOT VERIFIED" }).dropFirst().first else {
      return []
    }
    if line.contains("[Errno "), let path = line.split(separator: "'").last(where: { $0.contains("/") }) {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      // Below the folder's own name, which is a number.
      guard let top = parts.lastIndex(where: { Int($0) != nil }) else { return [] }
      return [NamedPlace(parts[(top + 1)...].joined(separator: "/"))]
    }
    let place = NamedPlace(line.drop { $0 == " " }.prefix { $0 != ":" })
    let differing = line.split(separator: " ").last.map { NamedPlace($0) }
    return [place] + (place.file == "SHA256SUMS" ? [differing].compactMap(\.self) : [])
  }

  /// Whether both name the same file, and in a file of records the same one, or that one and the next: what is wrong in a
  /// record may show only where the next one links to it.
  func agrees(with other: NamedPlace) -> Bool {
    guard file == other.file || file.asPythonPrints == other.file else { return false }
    guard let record, let others = other.record else { return true }
    return abs(record - others) <= 1
  }
}

extension String {
  /// As Python's `ascii` has a text of Latin-1.
  fileprivate var asPythonPrints: String {
    unicodeScalars.map { $0.isASCII ? String($0) : "\\x" + String($0.value, radix: 16) }.joined()
  }
}
