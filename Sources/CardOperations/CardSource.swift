import SmartCard

/// A card in a reader, as far as the reader tells.
package struct CardInReader: Hashable, Sendable {
  /// What the reader calls itself.
  package let reader: String
  /// The card's name, where it was asked for before the ceremony identifies it.
  package let card: String?

  package init(reader: String, card: String? = nil) {
    self.reader = reader
    self.card = card
  }
}

/// Somebody typed a word while a card was awaited: something else is done first.
package struct Aside: Error {
  package let word: String

  package init(word: String) { self.word = word }
}

/// What people may type while a card is awaited.
package struct TypedMeanwhile {
  /// A descriptor that is readable when there is a line, or -1.
  package let input: () -> Int32
  /// The word on that line, where it is one that is taken. Throws ``Interruption`` at the end of input.
  package let word: () throws -> String?

  package init(input: @escaping () -> Int32, word: @escaping () throws -> String?) {
    self.input = input
    self.word = word
  }
}

/// Where cards come from and go to.
package protocol CardSource: AnyObject {
  /// Waits until a card that may be the keyholder's is in a reader. Returns what its reader tells.
  /// Throws ``Interruption``, ``Aside``, and a `Finding` where no card can be had.
  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader
  /// Takes notice of a recorded card: what a source of cards knows of whose card is whose survives the program in the record.
  func remember(_ card: CardInReader, keyholder: String, serial: UInt32?)
  /// Learns what people are called on the screens, by their ids.
  func introduce(_ name: @escaping @Sendable (String) -> String)
  /// What readers and cards there are now; nil where they are software. Throws a `Finding` where none can be reached, and
  /// ``Interruption``.
  func atHand() throws -> CardsAtHand?
  /// The card that came last.
  var channel: (any CardChannel)? { get }
  /// How many seconds it may be silent; nil where it always answers at once.
  var answerLimit: Int? { get }
  /// Lets the card go.
  func release() throws
}

/// What readers there are, and what is in them, without names and serials.
package struct CardsAtHand: Hashable, Sendable {
  package var readers = 0
  /// Readers whose cards type one-time passwords.
  package var typing = 0
  /// Cards that can be used.
  package var cards = 0
  /// Cards that another program holds.
  package var held = 0
  /// Cards that cannot be used for another reason.
  package var unusable = 0

  package init() {}
}

extension CardSource {
  package func atHand() throws -> CardsAtHand? { nil }

  /// For a source of cards that says nothing to people.
  package func introduce(_ name: @escaping @Sendable (String) -> String) {}
  package var answerLimit: Int? { nil }
}
