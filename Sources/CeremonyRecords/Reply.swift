import CanonicalJSON
import Transcript

/// What was typed at a prompt.
package enum Reply: Hashable, Sendable, ReadableRecordBody {
  /// One of the tokens that the prompt takes.
  case token(String)
  /// A line that the prompt's rule accepts, confirmed by the one who typed it.
  case text(String)
  /// Something else, whose text goes nowhere. The reason is given where a line was asked for.
  case refused(LineRule.Refusal?)

  package static let kind = RecordKind.answer

  package var json: JSONObject {
    switch self {
    case .token(let token): ["accepted": .string(token)]
    case .text(let text): ["text": .string(text)]
    case .refused(nil): ["rejected": true]
    case .refused(let why?): ["rejected": true, "why": .string(why.rawValue)]
    }
  }

  package init?(fields body: JSONObject) {
    if let token = body["accepted"]?.string {
      self = .token(token)
    } else if let text = body["text"]?.string {
      self = .text(text)
    } else if body["rejected"] == true {
      self = .refused(body["why"]?.string.flatMap(LineRule.Refusal.init(rawValue:)))
    } else {
      return nil
    }
  }

  /// Whether this is a reply to such a prompt.
  package func answers(_ prompt: Prompt) -> Bool {
    switch self {
    case .token(let token): prompt.takes(token)
    case .text(let text): prompt.line?.refusal(of: text.utf8) == nil && prompt.line != nil && !prompt.takes(text)
    case .refused(let why): (why == nil) == (prompt.line == nil)
    }
  }

  /// What was taken; nil for a reply that was refused.
  package var accepted: String? {
    switch self {
    case .token(let text), .text(let text): text
    case .refused: nil
    }
  }
}
