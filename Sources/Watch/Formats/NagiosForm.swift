import Findings

extension WatchVerdict {
  /// Nagios's own exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
  package var nagiosExit: Int32 {
    switch exitStatus {
    case .fine: 0
    case .warning: 1
    case .noInput: 3
    default: 2
    }
  }

  /// Nagios reads 8 KiB; the words take a quarter of them at most.
  private static let largest = 8_000

  /// One line: the state, the most urgent finding in words, and the days left of each current file as performance data,
  /// the fewest days first. What does not fit is counted.
  package func nagios(_ expiryThresholds: ExpiryThresholds) -> String {
    let state = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][Int(nagiosExit)]
    let urgent = urgentFindings.filter { isError($0) || $0.code == .expiresSoon }
    let current = repositories.flatMap { repository in
      repository.files.filter { ![.superseded, .ignored, .duplicate].contains($0.status) }.map {
        (repository.path, $0)
      }
    }
    var words =
      urgent.first.map { "\($0.code) \($0.place.map { "\($0): " } ?? "")\($0.what)" }
      ?? "\(current.count) files current"
    if urgent.count > 1 { words += " (and \(urgent.count - 1) more)" }
    let rehearsal = isRehearsal ? "REHEARSAL, " : ""
    var line = Self.cut(Self.plain("TUF \(state) - \(rehearsal)\(words)"), Self.largest / 4)
    let samples = current.compactMap { path, file in
      file.daysLeft(at: time).map { (days: $0, text: sample(path, file, $0, expiryThresholds)) }
    }
    let sorted = samples.enumerated().sorted { ($0.element.days, $0.offset) < ($1.element.days, $1.offset) }
    var data: [String] = []
    var room = Self.largest - line.utf8.count - 40
    for (_, sample) in sorted {
      room -= sample.text.utf8.count + 1
      if room < 0 { break }
      data.append(sample.text)
    }
    if data.count < samples.count { line += " [\(samples.count - data.count) files left out]" }
    return data.isEmpty ? line + "\n" : line + " | " + data.joined(separator: " ") + "\n"
  }

  private func sample(_ path: String, _ file: FileVerdict, _ days: Int64, _ expiryThresholds: ExpiryThresholds)
    -> String
  {
    let (warn, critical) = expiryThresholds.days(for: file.role, isOnline: file.isOnline)
    return "'\(Self.label("\(path) \(file.role)"))'=\(days);\(warn):;\(critical):"
  }

  /// Without the bar that begins performance data.
  private static func plain(_ text: String) -> String { replacing(["|"], in: text, by: "/") }

  private static func label(_ text: String) -> String { replacing(["'", "=", "|"], in: text, by: "_") }

  /// By scalar, since a mark after a bar makes another character of it and no other byte.
  private static func replacing(_ signs: Set<Unicode.Scalar>, in text: String, by sign: Unicode.Scalar) -> String {
    var result = String.UnicodeScalarView()
    for scalar in printable(text).unicodeScalars { result.append(signs.contains(scalar) ? sign : scalar) }
    return String(result)
  }

  private static func cut(_ text: String, _ most: Int) -> String {
    var result = ""
    for character in text {
      if result.utf8.count + String(character).utf8.count > most { return result + "…" }
      result.append(character)
    }
    return result
  }
}
