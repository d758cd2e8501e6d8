import CanonicalJSON
import Findings
import Keys

/// The virtual card of a rehearsal that comes with its request, so that no reader is needed to rehearse the answer. It is
/// hardware and no part of the request: what is answered, kept and named by its digest is the request without it.
package struct StandInCard: Hashable, Sendable {
  package let serial: UInt32
  /// The card's memory.
  package let state: [UInt8]
  /// What stands on its keyholder's paper, by `pin` and `puk`.
  package let paper: JSONObject

  private static let name = "stand-in-card"

  package init(serial: UInt32, state: [UInt8], paper: JSONObject) {
    self.serial = serial
    self.state = state
    self.paper = paper
  }

  /// Takes a file apart: the request, and the card where one came with it. Throws what ``Request/init(_:place:)`` throws.
  package static func taken(from file: [UInt8], place: String) throws(Finding) -> (request: Request, card: StandInCard?)
  {
    guard file.count <= Request.limit, let json = try? JSONValue(canonical: file), var object = json.object,
      let card = object[name]
    else { return (try Request(file, place: place), nil) }
    object[name] = nil
    let request = try Request(JSONValue.object(object).canonical(), place: place)
    guard request.isRehearsal, let fields = card.object, fields.names.count == 3,
      let serial = fields["serial"]?.integer.flatMap(UInt32.init(exactly:)),
      let state = fields["state"]?.string.flatMap({ Base64.decode($0) }), let paper = fields["paper"]?.object
    else { throw .malformed("carries a card that is none of a rehearsal", place) }
    return (request, StandInCard(serial: serial, state: state, paper: paper))
  }

  /// The serial of the virtual card on which a key is made that a rehearsal asks for: no card of that rehearsal has it.
  package static func serial(for request: Request) -> UInt32 {
    40_000_000 + request.nonce.prefix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }

  /// The file of a request together with this card.
  package func file(with request: Request) -> [UInt8] {
    var object = request.json
    object[Self.name] = [
      "paper": .object(paper), "serial": .integer(Int64(serial)), "state": .string(Base64.encode(state)),
    ]
    return JSONValue.object(object).canonical()
  }
}
