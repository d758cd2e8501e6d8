import CardOperations
import Findings
import PCSC
import PIV

/// The readers and the cards in them at one moment, for looking at a card outside a ceremony.
public struct PresentCards {
  /// A reader and what is in it.
  public struct Reader: Sendable {
    public enum Content: Sendable {
      case empty
      case card(CardIdentity)
      /// A card that cannot be used, and why.
      case trouble(Finding)
    }

    /// As pcscd knows it, which is anybody's text.
    let reader: String
    public let content: Content
    /// As people may be shown it, and name it.
    public var name: String { printable(reader) }
  }

  public let readers: [Reader]
  private let watch: ReaderWatch

  /// Looks into every reader. Throws the finding `PCSCD-GONE`, or `READER-FAILED`, and ``Interruption``.
  ///
  /// - Parameter cardTimeout: how many seconds a card may be silent.
  public init(cardTimeout: Int) throws {
    do throws(PCSCError) {
      let watch = try ReaderWatch(cardTimeout: cardTimeout)
      try watch.look()
      readers = watch.states.map { state in
        switch state.insertion.map({ watch.sightings[$0] }) {
        case .some(.card(let identity)): Reader(reader: state.reader, content: .card(identity))
        case .some(.held(let finding)), .some(.unusable(let finding)):
          Reader(reader: state.reader, content: .trouble(finding))
        case .some(.none), nil: Reader(reader: state.reader, content: .empty)
        }
      }
      self.watch = watch
    } catch {
      if error == .interrupted { try ReaderWatch.stopIfSignalled() }
      throw error.finding
    }
  }

  /// Holds the only card that fits: in a reader whose name contains `reader`, with this serial or GUID.
  ///
  /// Throws `CARD-MISSING` where none fits, `CARD-AMBIGUOUS` where several do, `CARD-IDENTITY-TWICE` where two have
  /// the wanted serial or GUID, why the only one cannot be used, and ``Interruption``.
  public func hold(reader: String?, name: CardName?) throws -> (card: CardIdentity, channel: AttentiveChannel) {
    let near = readers.filter { found in reader.map { found.name.contains($0) } ?? true }
    let cards = near.compactMap { reader -> (reader: String, identity: CardIdentity)? in
      guard case .card(let identity) = reader.content, name?.names(identity) ?? true else { return nil }
      return (reader.reader, identity)
    }
    guard let found = cards.first else { throw missing(near, name) }
    guard cards.count == 1 else {
      if let name {
        throw Finding(
          .cardIdentityTwice, "\(cards.count) cards say that they are \(name).",
          hint: "Take one of them out, and find out why there are two.")
      }
      throw Finding(
        .cardAmbiguous,
        "\(cards.count) cards are present: \(cards.map { $0.identity.name?.description ?? "one without serial" }.sorted().joined(separator: ", ")).",
        hint: "Say which one: --serial NUMBER or guid-…, or leave only that one in.")
    }
    do throws(PCSCError) {
      return (found.identity, AttentiveChannel(try watch.channel(reader: found.reader)))
    } catch {
      if error == .interrupted { try ReaderWatch.stopIfSignalled() }
      throw error.finding
    }
  }

  private func missing(_ near: [Reader], _ name: CardName?) -> Finding {
    for reader in near {
      if case .trouble(let finding) = reader.content { return finding }
    }
    if readers.isEmpty {
      return Finding(.cardMissing, "No reader is connected.", hint: "Plug one in; 'card list' shows what pcscd sees.")
    }
    if near.isEmpty {
      return Finding(.cardMissing, "No reader has that name.", hint: "'card list' shows the names.")
    }
    return Finding(
      .cardMissing, name.map { "The card \($0) is in no reader." } ?? "No card is in a reader.",
      hint: "Insert it; 'card list' shows what is there.")
  }
}

extension CardName {
  /// Whether a card has this serial, or this GUID.
  fileprivate func names(_ card: CardIdentity) -> Bool {
    switch self {
    case .serial(let serial): card.serial == serial
    case .guid(let guid): card.guid == guid
    }
  }
}
