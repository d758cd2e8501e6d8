import CanonicalJSON
import Findings

/// One code, explained.
package struct Explanation: Sendable {
  let code: Finding.Code
  let meaning: String
  let advice: String
  /// In the order of their help.
  let commands: [ProgramCommand]
  private let area: String

  init(_ entry: Entry, _ commands: Set<ProgramCommand>, area: String) {
    code = entry.code
    meaning = entry.meaning
    advice = entry.advice
    self.commands = ProgramCommand.allCases.filter(commands.contains)
    self.area = area
  }

  /// How a command ends that stops because of it, where that is another exit than every error's.
  var exit: ExitStatus? { code.exitStatus == .violation ? nil : code.exitStatus }

  var text: String {
    let rows = [
      "\(code): \(area)", "", meaning, "→ \(advice)", "", "Can be said by \(commands.inWords).",
      ending,
    ]
    return rows.map { $0 + "\n" }.joined()
  }

  private var ending: String {
    if let exit { return "It ends a command with \(exit.rawValue)." }
    let card = commands.contains { $0.rawValue.contains(" card ") } ? ", or with 5 where the card itself refused" : ""
    return "As an error it ends a command with 1\(card). As a warning it does so only where --strict is given."
  }

  package var json: JSONObject {
    [
      "code": .string(code.rawValue), "area": .string(area), "meaning": .string(meaning), "next": .string(advice),
      "commands": .array(commands.map { .string($0.rawValue) }),
      "exit": exit.map { .integer(Int64($0.rawValue)) } ?? .null,
    ]
  }
}

extension Area {
  var explanations: [Explanation] {
    entries.map { Explanation($0, $0.ownCommands ?? commands, area: title) }
  }
}

extension FindingCatalogue {
  /// Every code with its first sentence, by area.
  static var list: String {
    let width = explanations.map(\.code.rawValue.columns).max() ?? 0
    return areas.map { area in
      let rows = area.explanations.map { one in
        "  \(one.code.rawValue.padded(to: width))  \(one.meaning.firstSentence)\n"
      }
      return "\(area.title)\n\(rows.joined())"
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate var firstSentence: Substring {
    let end = indices.first { self[$0] == "." && self[index(after: $0)...].first == " " }
    return end.map { self[...$0] } ?? self[...]
  }
}

extension [ProgramCommand] {
  /// `tuf-ceremony check, print; tuf-audit replay`.
  var inWords: String {
    let parts = map { $0.rawValue.split(separator: " ", maxSplits: 1) }
    return ["tuf-ceremony", "tuf-audit"].compactMap { program in
      let names = parts.filter { $0.first == program[...] }.compactMap(\.last)
      return names.isEmpty ? nil : "\(program) \(names.joined(separator: ", "))"
    }.joined(separator: "; ")
  }
}
