import CeremonyRecords
import Screens

/// What `?` says at a prompt. It is no answer: nothing is asked again, and nothing is recorded.
enum PromptHelp {
  static let token = "?"
  private static let back = "back"

  /// A screen of its own, with the way back to the question.
  ///
  /// - Parameter hasMore: whether there are pages that nobody has seen.
  static func screen(for asked: Screen, hasMore: Bool) -> Screen {
    var help = Screen(step: asked.step, steps: asked.steps, title: "What can be typed", who: "")
    (help.banners, help.standing) = (asked.banners, asked.standing)
    help.text = texts(for: asked)
    let more = Screen.Fact(name: StageLayout.more, value: "the next page; the answers are taken on the last one")
    help.facts = (hasMore ? [more] : []) + facts(for: asked.prompt)
    // It is taken on every page.
    help.prompt = Prompt(
      "Read?", [Prompt.Answer(token: back, meaning: "to the question")], nil, [back], back)
    return help
  }

  /// The same for whoever has no stage, ending without a newline.
  static func lines(for asked: Screen) -> String {
    (facts(for: asked.prompt).map { "  \($0.name): \($0.value)" } + texts(for: asked)).joined(separator: "\n")
  }

  /// While a card is awaited.
  static let meanwhile = SideRequest.allCases.map { "\($0.rawValue): \(meaning(of: $0))." }.joined(separator: " ")

  private static func texts(for asked: Screen) -> [String] {
    let boards = asked.standing?.boards ?? []
    return ["Whatever else is typed is dropped, and not recorded."]
      + (boards.isEmpty ? [] : [Board.legend(for: boards)])
  }

  /// The answers of this prompt, then the words that are taken at nearly every one.
  private static func facts(for prompt: Prompt?) -> [Screen.Fact] {
    var facts = (prompt?.answers ?? []).map { Screen.Fact(name: $0.token, value: $0.meaning) }
    if let line = prompt?.line { facts.append(Screen.Fact(name: "a line", value: line.form)) }
    let always = (prompt?.always ?? []).compactMap(SideRequest.init(rawValue:))
    facts += always.map { Screen.Fact(name: $0.rawValue, value: meaning(of: $0)) }
    return facts + [Screen.Fact(name: "Ctrl-C", value: "stop here; “tuf-ceremony resume” goes on with this question")]
  }

  private static func meaning(of request: SideRequest) -> String {
    switch request {
    case .exception: "put in words what did not go to plan; it gets a number"
    case .pause: "a break, until somebody goes on"
    case .leaves: "somebody leaves the room"
    case .returns: "somebody is back"
    case .abort: "administrator and witness give the ceremony up for good"
    }
  }
}
