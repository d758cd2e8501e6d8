import CeremonyEngine
import CeremonyScript
import Foundation
import Testing

/// A table of transitions, as text: a state, and below it what happens there and what comes of it.
///
///     card-ada/tries card set-tries
///       card unchanged -> show Set the number of tries; @card-ada/puk; show A new PUK …; make ada/puk
///
/// A state is a question of a film. Events are separated by `>`; what follows `->` is what comes of the last of them: first
/// what is told, then what is asked. A line that begins further to the right goes on with the one before.
struct TransitionTable: Sendable {
  struct Row: Sendable, CustomTestStringConvertible {
    let film: @Sendable () -> Result<Film, any Error>
    let state: String
    let events: [String]
    let result: String
    var testDescription: String { "\(state): \(events.joined(separator: " > "))" }
  }

  let rows: [Row]

  init(_ film: @autoclosure @escaping @Sendable () -> Result<Film, any Error>, _ text: String) {
    var state = ""
    var lines: [(state: String, words: String)] = []
    for line in text.split(separator: "\n") {
      let words = line.trimmingCharacters(in: .whitespaces)
      switch line.prefix(while: { $0 == " " }).count {
      case 0: state = words
      case 2: lines.append((state, words))
      default: lines[lines.count - 1].words += " \(words)"
      }
    }
    rows = lines.map { state, words in
      let parts = words.components(separatedBy: " -> ")
      return Row(
        film: film, state: state, events: parts[0].components(separatedBy: " > "),
        result: parts.dropFirst().joined(separator: " -> "))
    }
  }
}

extension TransitionTable.Row {
  /// Where it begins.
  func begun() throws -> Moment { try #require(try film().get()[state], "no such state: \(state)") }

  /// The moment after all of its events.
  func played() throws -> Moment {
    var moment = try begun()
    for event in events { moment.driver.take(try moment.event(event)) }
    return moment
  }

  /// Plays the row, and compares.
  func judge() throws {
    let found = try played().driver.words.joined(separator: "; ")
    #expect(found == result, "\(testDescription)")
  }
}
