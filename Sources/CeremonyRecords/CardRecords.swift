import CanonicalJSON
import CardOperations
import Findings
import Transcript

/// A card appeared in a reader, or none can be had, or somebody typed a word while one was awaited.
package enum CardArrivalRecord: ReadableRecordBody {
  case came(CardInReader)
  case missing(code: Finding.Code, what: String, hint: String)
  /// From engine version 8 on.
  case aside(SideRequest)

  package static let kind = RecordKind.card

  /// nil where none came.
  package var card: CardInReader? { if case .came(let card) = self { card } else { nil } }

  /// Why no card can be had. What readers and pcscd call themselves may be anything, and a record takes no control
  /// characters.
  package static func missing(_ finding: Finding) -> CardArrivalRecord {
    .missing(code: finding.code, what: printable(finding.what), hint: printable(finding.hint))
  }

  package var json: JSONObject {
    switch self {
    case .came(let card):
      var body: JSONObject = ["reader": .string(card.reader)]
      if let name = card.card { body["card"] = .string(name) }
      return body
    case .aside(let request): return ["aside": .string(request.rawValue)]
    case .missing(let code, let what, let hint):
      return [
        "failure": ["code": .string(code.description), "what": .string(what), "hint": .string(hint)]
      ]
    }
  }

  package init?(fields body: JSONObject) {
    if let aside = body["aside"] {
      guard let request = aside.string.flatMap(SideRequest.init(rawValue:)) else { return nil }
      self = .aside(request)
    } else if let failure = body["failure"] {
      guard let code = failure["code"]?.string.flatMap(Finding.Code.init(rawValue:)),
        let what = failure["what"]?.string, let hint = failure["hint"]?.string
      else { return nil }
      self = .missing(code: code, what: what, hint: hint)
    } else {
      guard let reader = body["reader"]?.string else { return nil }
      self = .came(CardInReader(reader: reader, card: body["card"]?.string))
      guard (body["card"]?.string == nil) == (body["card"] == nil) else { return nil }
    }
  }
}

/// The card is let go.
package struct ReleaseRecord: ReadableRecordBody {
  package static let kind = RecordKind.release
  package init() {}
  package var json: JSONObject { [:] }
  package init?(fields body: JSONObject) {}
}
