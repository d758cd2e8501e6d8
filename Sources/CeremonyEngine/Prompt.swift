import CanonicalJSON
import Findings

/// A question with the only answers it takes. None is a default.
public struct Prompt: Hashable, Sendable {
  public let question: String
  /// The answers of this question, each with its meaning.
  public let answers: [Answer]
  /// What a line must be that is typed in place of an answer; nil where nothing but the answers is taken.
  public let line: LineRule?
  /// Words that are taken at nearly every prompt, the same everywhere: they lead aside and back to this question.
  public let always: [String]
  /// What an unattended rehearsal types.
  public let unattended: String

  public struct Answer: Hashable, Sendable {
    /// What is typed.
    public let token: String
    public let meaning: String

    public init(token: String, meaning: String) {
      self.token = token
      self.meaning = meaning
    }
  }

  /// - Parameter always: fewer words where some of them make no sense.
  public init(
    _ question: String, _ answers: [Answer], always: [SideRequest] = SideRequest.allCases, unattended: String
  ) {
    self.init(question, answers, nil, always.map(\.rawValue), unattended)
  }

  /// A question that is answered in words.
  public init(_ question: String, line: LineRule, always: [SideRequest] = SideRequest.allCases, unattended: String) {
    self.init(question, [], line, always.map(\.rawValue), unattended)
  }

  init(_ question: String, _ answers: [Answer], _ line: LineRule?, _ always: [String], _ unattended: String) {
    self.question = question
    self.answers = answers
    self.line = line
    self.always = always
    self.unattended = unattended
  }

  /// Whether this is one of the answers, or one of the words that are always taken.
  public func takes(_ token: String) -> Bool { always.contains(token) || answers.contains { $0.token == token } }

  /// Every token that is taken.
  public var tokens: [String] { answers.map(\.token) + always }

  public static let abort = SideRequest.abort.rawValue
  /// Leaves an aside without having done anything.
  static let back = Answer(token: "back", meaning: "nothing is recorded; back to the question before")
}

extension Prompt {
  /// One word to go on.
  static func proceed(
    _ question: String, _ token: String, _ meaning: String, always: [SideRequest] = SideRequest.allCases
  ) -> Prompt {
    Prompt(question, [Answer(token: token, meaning: meaning)], always: always, unattended: token)
  }

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
  public var printable: Prompt {
    Prompt(
      Findings.printable(question),
      answers.map { Answer(token: Findings.printable($0.token), meaning: Findings.printable($0.meaning)) },
      line, always.map { Findings.printable($0) }, unattended)
  }

  /// As a record holds it; what an unattended rehearsal would have typed is not recorded, and empty here.
  init?(recorded value: JSONValue) {
    guard let question = value["question"]?.string, let answers = value["answers"]?.array else { return nil }
    self.init(
      question,
      answers.compactMap { answer in
        guard let token = answer["token"]?.string, let meaning = answer["meaning"]?.string else { return nil }
        return Answer(token: token, meaning: meaning)
      }, value["line"]?.string.flatMap(LineRule.init(rawValue:)),
      (value["always"]?.array ?? []).compactMap(\.string), "")
  }
}

/// What was typed at a prompt.
public enum Reply: Hashable, Sendable {
  /// One of the tokens that the prompt takes.
  case token(String)
  /// A line that the prompt's rule accepts, confirmed by the one who typed it.
  case text(String)
  /// Something else, whose text goes nowhere. The reason is given where a line was asked for.
  case refused(LineRule.Refusal?)

  /// As a record holds it.
  package var json: JSONObject {
    switch self {
    case .token(let token): ["accepted": .string(token)]
    case .text(let text): ["text": .string(text)]
    case .refused(nil): ["rejected": true]
    case .refused(let why?): ["rejected": true, "why": .string(why.rawValue)]
    }
  }

  /// A recorded answer to a prompt; nil where it is none that this prompt takes.
  package init?(recorded body: JSONObject, to prompt: Prompt) {
    if let token = body["accepted"]?.string, prompt.takes(token) {
      self = .token(token)
    } else if let text = body["text"]?.string, let rule = prompt.line, !prompt.takes(text),
      rule.refusal(of: text.utf8) == nil
    {
      self = .text(text)
    } else if body["rejected"] == true {
      self = .refused(body["why"]?.string.flatMap(LineRule.Refusal.init(rawValue:)))
      guard case .refused(let why) = self, (why == nil) == (prompt.line == nil) else { return nil }
    } else {
      return nil
    }
    guard json == body else { return nil }
  }
}
