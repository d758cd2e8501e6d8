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
  /// How the root before is compared; nil where nothing is signed.
  package var comparison: Comparison?

  /// What whoever answers confirms of the root before.
  package enum Comparison: Sendable {
    /// There is none.
    case founding
    /// It came with the request: its digest is compared by voice.
    case byVoice
    /// It is the one that was named on the command line.
    case named
    /// A ceremony is sealed that has ended.
    case sealing

    /// By what the request says alone; nil where it asks for a key.
    package init?(of request: Request) {
      switch request.kind {
      case .sign(let wanted): self = wanted.trusted == nil ? .founding : .byVoice
      case .seal: self = .sealing
      case .enrol: return nil
      }
    }

    fileprivate var words: String {
      switch self {
      case .founding:
        "This founds version 1: no client has a root of this repository yet, and none came with the request. I now read the "
          + "digest of the request to whoever asks: it is theirs."
      case .byVoice:
        "The root before came with the request. I now read its digest, and that of the request, to whoever asks: "
          + "both are theirs."
      case .sealing:
        "I know of the ceremony that I seal: I followed it, or somebody whom I trust did. I now read its head, and the "
          + "digest of the request, to whoever asks: both are theirs."
      case .named: "The root before is the one that was named when this began."
      }
    }
  }

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
    case .sign, .seal:
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
    let what =
      switch request.kind {
      case .sign: "a signature"
      case .enrol: "a key"
      case .seal: "the seal"
      }
    let title = "\(names): \(what) for \(request.title)"
    var content: [String: Any] = [
      "title": YAMLText.of(title), "repository": YAMLText.of(request.repository),
      "administrator": YAMLText.of(people.first?.name ?? ""),
      "requestFile": Request.fileName, "requestDigest": request.digest.hex, "count": people.count,
      "ids": people.map(\.id).joined(separator: ", "), "first": people.first?.id ?? "", "roleLines": role,
      "isSigned": isSigned,
    ]
    content[isStream ? "watching" : "witness"] = witness.map(YAMLText.of)
    content["isAlone"] = witness == nil
    content["comparison"] = comparison.map { YAMLText.of($0.words) }
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
