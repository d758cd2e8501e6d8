import CardOperations
import CeremonyRecords

/// What the engine asks of people, cards, files and the machine: it brings exactly one ``Event``.
package enum Question: Sendable {
  /// A screen with a prompt; brings ``Event/answer(_:)``, or ``Event/text(_:)`` where it asks for a line.
  case ask(Screen)
  /// A file beside the script, kept in `inputs/`; brings ``Event/input(_:)``.
  case read(name: String)
  /// The target files that a role lists, as they lie beside the script; brings ``Event/listed(_:)``.
  case list(role: String)
  /// A key that was made elsewhere; brings ``Event/enrolled(_:)``.
  case enrolments(EnrolmentWanted)
  /// Signatures that were made elsewhere; brings ``Event/delivered(_:)``.
  case deliveries(DeliveryWanted)
  /// A card in a reader; brings ``Event/cardPresent`` or ``Event/noCard(_:)``, or ``Event/answer(_:)`` with the word of a
  /// ``SideRequest`` that was typed meanwhile.
  case awaitCard(keyholder: String, serial: UInt32?)
  /// A PIV operation on the present card; brings ``Event/card(_:)``.
  case card(CardOperation)
  /// Randomness for a public value; brings ``Event/random(_:)``.
  case random(count: Int, purpose: String)
  /// What the machine's clock says; brings ``Event/clock(_:)``.
  case clock
  /// What is found of the machine; brings ``Event/host(_:)``.
  case host
  /// How far the transcript has come; brings ``Event/head(number:digest:)``.
  case head
  /// An operation with one-time keys; brings ``Event/oneTime(_:)``.
  case oneTime(OneTimeOperation)
  /// An operation inside the secret port; brings ``Event/secret(isDone:)``.
  case secret(SecretOperation)
  /// The last record of the transcript; brings ``Event/closed(head:transcript:)``.
  case close(CloseRecord)

  /// Whether such an event is what can come of this. An interruption comes of anything.
  func isAnswered(by event: Event) -> Bool {
    switch (self, event) {
    case (_, .wentOn): true
    case (.ask(let screen), .answer(let token)): screen.prompt?.takes(token) ?? false
    case (.awaitCard, .answer(let token)): SideRequest(rawValue: token) != nil
    case (.ask(let screen), .text): screen.prompt?.line != nil
    case (.read, .input), (.list, .listed), (.oneTime, .oneTime), (.awaitCard, .cardPresent), (.awaitCard, .noCard),
      (.card, .card),
      (.random, .random),
      (.clock, .clock), (.host, .host), (.deliveries, .delivered), (.enrolments, .enrolled),
      (.head, .head), (.secret, .secret), (.close, .closed):
      true
    default: false
    }
  }

  /// Words that are taken beside what it asks for, and lead aside and back to it.
  var always: [String] {
    switch self {
    case .ask(let screen): screen.prompt?.always ?? []
    case .awaitCard: SideRequest.allCases.map(\.rawValue)
    default: []
    }
  }
}
