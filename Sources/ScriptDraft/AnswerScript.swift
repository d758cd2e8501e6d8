import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import Requests

/// The script of the small ceremony that answers a request.
package struct AnswerScript {
  package var request: Request
  /// Of those who are asked, whoever answers here, in this order.
  package var people: [Asked]
  /// Whoever sees it; nil where nobody does.
  package var witness: String?
  /// Whether the witness watches over a stream.
  package var isStream = false
  /// The serial of the card, where it has to be known before a PIN is asked for.
  package var serial: UInt32?
  /// How the root before was compared, in words; nil where there is none to compare.
  package var comparison: String?

  package init(_ request: Request, people: [Asked]) {
    self.request = request
    self.people = people
  }

  /// The script's bytes. The same request and the same people give the same bytes.
  package func bytes() throws(Finding) -> [UInt8] {
    let isSigned: Bool
    var role: [String] = []
    var cards: [String] = []
    var fields: [String] = []
    switch request.kind {
    case .sign:
      isSigned = true
      role = ["slot: \(people.first?.slot ?? "9c")"]
      // A card that has a key is taken as it is.
      cards = ["attestation: optional", "read-back: optional", "tries: optional"]
    case .enrol(let wanted):
      isSigned = false
      role = YAMLText.lines(wanted.role)
      cards = YAMLText.lines(wanted.cards)
      fields = YAMLText.lines(wanted.fields)
    }
    let names = people.map(\.name).joined(separator: " and ")
    let title = isSigned ? "\(names): a signature for \(request.title)" : "\(names): a key for \(request.title)"
    var content: [String: Any] = [
      "title": YAMLText.of(title), "repository": YAMLText.of(request.repository),
      "administrator": YAMLText.of(people.first?.name ?? ""),
      "requestFile": Request.fileName, "requestDigest": request.digest.hex, "count": people.count,
      "ids": people.map(\.id).joined(separator: ", "), "first": people.first?.id ?? "", "roleLines": role,
      "isSigned": isSigned,
    ]
    content[isStream ? "watching" : "witness"] = witness.map(YAMLText.of)
    content["isAlone"] = witness == nil
    content["comparison"] = comparison.map(YAMLText.of)
    if !cards.isEmpty { content["cards"] = ["lines": cards] }
    content["keyholders"] = people.map { person in
      var keyholder: [String: Any] = [
        "id": person.id, "name": YAMLText.of(person.name), "card": serial.map(String.init) ?? "record",
        "isSigned": isSigned,
      ]
      if isSigned { keyholder["key"] = YAMLText.quoted(person.keyID) }
      if !fields.isEmpty { keyholder["fields"] = ["lines": fields] }
      return keyholder
    }
    return try ScriptTemplate.answer.filled(with: content)
  }
}
