/// A reader as pcscd sees it at one moment.
public struct ReaderState: Hashable, Sendable {
  public let reader: String
  /// pcscd's event state: flags in the low half, in the high half how often a card came or went.
  let event: UInt
  /// What the card says of itself when it is powered (ISO 7816-3 §8.2); empty where none is.
  let atr: [UInt8]

  /// Whether a card is in it, powered or not.
  public var isPresent: Bool { event & 0x20 != 0 }
  /// Whether the card does not answer to a reset.
  public var isMute: Bool { event & 0x200 != 0 }

  /// This stay of a card in this reader; nil without a card.
  public var insertion: Insertion? {
    isPresent ? Insertion(reader: reader, number: event >> 16) : nil
  }
}

/// One stay of a card in a reader, from insertion to removal.
public struct Insertion: Hashable, Sendable {
  public let reader: String
  let number: UInt

  public init(reader: String, number: UInt) {
    self.reader = reader
    self.number = number
  }
}
