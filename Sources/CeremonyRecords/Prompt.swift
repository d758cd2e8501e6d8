import CanonicalJSON
import Findings

/// A question with the only answers it takes. None is a default.
package struct Prompt: Hashable, Sendable {
  package let question: String
  /// The answers of this question, each with its meaning.
  package let answers: [Answer]
  /// What a line must be that is typed in place of an answer; nil where nothing but the answers is taken.
  package let line: LineRule?
  /// Words that are taken at nearly every prompt, the same everywhere: they lead aside and back to this question.
  package let always: [String]
  /// What an unattended rehearsal types.
  package let unattended: String

  package struct Answer: Hashable, Sendable {
    /// What is typed.
    package let token: String
    package let meaning: String

    package init(token: String, meaning: String) {
      self.token = token
      self.meaning = meaning
    }
  }

  /// - Parameter always: fewer words where some of them make no sense.
  package init(
    _ question: String, _ answers: [Answer], always: [SideRequest] = SideRequest.allCases, unattended: String
  ) {
    self.init(question, answers, nil, always.map(\.rawValue), unattended)
  }

  /// A question that is answered in words.
  package init(_ question: String, line: LineRule, always: [SideRequest] = SideRequest.allCases, unattended: String) {
    self.init(question, [], line, always.map(\.rawValue), unattended)
  }

  package init(_ question: String, _ answers: [Answer], _ line: LineRule?, _ always: [String], _ unattended: String) {
    self.question = question
    self.answers = answers
    self.line = line
    self.always = always
    self.unattended = unattended
  }

  /// Whether this is one of the answers, or one of the words that are always taken.
  package func takes(_ token: String) -> Bool { always.contains(token) || answers.contains { $0.token == token } }

  /// Every token that is taken.
  package var tokens: [String] { answers.map(\.token) + always }

  package static let abort = SideRequest.abort.rawValue
  /// Leaves a side request without having done anything.
  package static let back = Answer(token: "back", meaning: "nothing is recorded; back to the question before")
}

extension Prompt {
  /// One word to go on.
  package static func proceed(
    _ question: String, _ token: String, _ meaning: String, always: [SideRequest] = SideRequest.allCases
  ) -> Prompt {
    Prompt(question, [Answer(token: token, meaning: meaning)], always: always, unattended: token)
  }

  /// Something is heard for the first time.
  package static let written = proceed("Is it written down?", "written", "it was read aloud and written down")

  /// Something is held against what is read aloud, printed, or shown elsewhere: it is the same, or ``differs``.
  package static func compare(
    _ question: String, _ token: String, _ meaning: String, always: [SideRequest] = SideRequest.allCases
  ) -> Prompt {
    Prompt(question, [Answer(token: token, meaning: meaning), differs], always: always, unattended: token)
  }

  /// The same before the first step: what differs there ends the ceremony, before anything was done.
  package static func compareFirst(_ question: String, _ meaning: String) -> Prompt {
    let ending = Answer(token: differs.token, meaning: "one of them is not: the ceremony ends here, for good")
    return Prompt(question, [Answer(token: "confirm", meaning: meaning), ending], always: [], unattended: "confirm")
  }

  /// Somebody sees or hears something else than the program shows.
  package static let differs = Answer(token: "differs", meaning: "it is not the same; nobody goes on with it")

  /// As a record holds it.
  package var json: JSONObject {
    var object: JSONObject = [
      "question": .string(question),
      "answers": .array(answers.map { ["token": .string($0.token), "meaning": .string($0.meaning)] }),
    ]
    if let line { object["line"] = .string(line.rawValue) }
    if !always.isEmpty { object["always"] = .array(always.map { .string($0) }) }
    return object
  }

  /// The same question with everything made visible that could move a cursor or turn the direction of writing.
  package var printable: Prompt {
    Prompt(
      Findings.printable(question),
      answers.map { Answer(token: Findings.printable($0.token), meaning: Findings.printable($0.meaning)) },
      line, always.map { Findings.printable($0) }, unattended)
  }

  /// As a record holds it; what an unattended rehearsal would have typed is not recorded, and empty here.
  package init?(_ value: JSONValue) {
    guard let question = value["question"]?.string, let answers = value["answers"]?.array else { return nil }
    let line = value["line"]?.string.flatMap(LineRule.init(rawValue:))
    self.init(
      question,
      answers.compactMap { answer in
        guard let token = answer["token"]?.string, let meaning = answer["meaning"]?.string else { return nil }
        return Answer(token: token, meaning: meaning)
      }, line, (value["always"]?.array ?? []).compactMap(\.string), "")
    guard self.answers.count == answers.count, (line == nil) == (value["line"] == nil),
      always.count == value["always"]?.array?.count ?? 0
    else { return nil }
  }
}
