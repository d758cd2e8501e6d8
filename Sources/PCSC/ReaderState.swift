/// A reader as pcscd sees it at one moment.
package struct ReaderState: Hashable, Sendable {
  package let reader: String
  /// pcscd's event state: flags in the low half, in the high half how often a card came or went.
  let event: UInt
  /// What the card says of itself when it is powered (ISO 7816-3 §8.2); empty where none is.
  let atr: [UInt8]

  /// Whether a card is in it, powered or not.
  package var isPresent: Bool { event & 0x20 != 0 }
  /// Whether the card does not answer to a reset.
  package var isMute: Bool { event & 0x200 != 0 }

  /// This stay of a card in this reader; nil without a card.
  package var insertion: Insertion? {
    isPresent ? Insertion(reader: reader, number: event >> 16) : nil
  }
}

/// One stay of a card in a reader, from insertion to removal.
package struct Insertion: Hashable, Sendable {
  package let reader: String
  let number: UInt

  package init(reader: String, number: UInt) {
    self.reader = reader
    self.number = number
  }
}
