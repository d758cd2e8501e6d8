import CanonicalJSON
import CardOperations
import Findings
import Glibc
import PCSC
import PIV
import SmartCard

/// Whatever cards pcscd shows, in any number of readers.
///
/// While it waits it identifies each card that comes, by SELECT, version, serial and CHUID; those exchanges are not
/// recorded, change nothing, and decide nothing but which card the ceremony then identifies on the record.
package final class PCSCCardSource: CardSource {
  private let watch: ReaderWatch
  private let isUnattended: Bool
  private let note: (String) -> Void
  private var name: (String) -> String = { $0 }
  /// Seconds that an unattended rehearsal waits for a card.
  private let helpLimit: Int
  /// Seconds that a card may be silent.
  private let cardTimeout: Int
  private let meanwhile: TypedMeanwhile?
  private var present: PCSCChannel?
  /// Keyholders by the identity of the card that was taken for them.
  private var claims: [String: String] = [:]
  private var tried: [String: Set<String>] = [:]

  /// Throws the finding `PCSCD-GONE`.
  ///
  /// - Parameters:
  ///   - patience: how many seconds an unattended rehearsal waits for a card, each time; people are waited for without limit.
  ///   - cardTimeout: how many seconds a card may be silent.
  ///   - meanwhile: what people may type while a card is awaited.
  ///   - note: takes a line for people.
  package init(
    isUnattended: Bool, patience: Int = 10, cardTimeout: Int, meanwhile: TypedMeanwhile? = nil,
    note: @escaping (String) -> Void
  ) throws(Finding) {
    do throws(PCSCError) { watch = try ReaderWatch(cardTimeout: cardTimeout) } catch { throw error.finding }
    self.isUnattended = isUnattended
    self.cardTimeout = cardTimeout
    self.meanwhile = meanwhile
    helpLimit = patience
    self.note = note
  }

  package func introduce(_ name: @escaping @Sendable (String) -> String) { self.name = name }

  package var channel: (any CardChannel)? { present }
  package var answerLimit: Int? { cardTimeout }

  package func release() throws {
    present?.release()
    present = nil
  }

  /// Waits for the card with this serial, or for the only card that is nobody else's.
  ///
  /// Throws ``Interruption``; ``Aside``; `PCSCD-GONE` where pcscd stays away; and where nobody is there to help, after
  /// the patience, what kept a card from being used: `CARD-MISSING`, `CARD-IDENTITY-TWICE`, `CARD-SHARED`.
  package func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    try release()
    var deadline = Monotonic.seconds + helpLimit
    var before: Set<Insertion>?
    var lastWords = ""
    while true {
      do {
        try watch.look()
        let there = before ?? Set(watch.sightings.keys)
        before = there
        let choice = CardChoice(
          keyholder: keyholder, serial: serial, claims: claims, tried: tried[keyholder] ?? [],
          isUnattended: isUnattended)
        switch choice.decide(candidates(new: there)) {
        case .take(let insertion):
          if let taken = try take(insertion) { return taken }
          continue
        case .wait(let finding):
          let reason = finding ?? obstacle(keyholder, serial)
          let left = deadline - Monotonic.seconds
          if isUnattended, left <= 0 { throw reason }
          if reason.what != lastWords { note("\(reason.what)\n  → \(reason.hint)") }
          lastWords = reason.what
          let typed = meanwhile?.input() ?? -1
          try watch.wait(milliseconds: isUnattended ? Int32(clamping: left * 1000) : nil, typed: typed)
          if isReadable(typed), let word = try meanwhile?.word() { throw Aside(word: word) }
        }
      } catch let error as PCSCError {
        if error == .interrupted { try ReaderWatch.stopIfSignalled() }
        guard error == .daemonGone || error == .refused else { throw error.finding }
        try watch.reconnect { note("\($0.what)\n  → \($0.hint)") }
        // The wait begins anew: nothing is known of the readers.
        deadline = Monotonic.seconds + helpLimit
        before = nil
        lastWords = ""
      }
    }
  }

  package func atHand() throws -> CardsAtHand? {
    try release()
    do throws(PCSCError) {
      try watch.look()
    } catch {
      if error == .interrupted { try ReaderWatch.stopIfSignalled() }
      throw error.finding
    }
    var found = CardsAtHand()
    for state in watch.states {
      found.readers += 1
      if state.reader.typesOneTimePasswords { found.typing += 1 }
      switch state.insertion.flatMap({ watch.sightings[$0] }) {
      case .card: found.cards += 1
      case .held: found.held += 1
      case .unusable: found.unusable += 1
      case nil: break
      }
    }
    return found
  }

  private func candidates(new there: Set<Insertion>) -> [CardChoice.Candidate] {
    watch.states.compactMap { state in
      guard let insertion = state.insertion, case .card(let identity) = watch.sightings[insertion] else { return nil }
      return CardChoice.Candidate(
        insertion: insertion, identity: identity.name?.description, serial: identity.serial,
        isNew: !there.contains(insertion))
    }
  }

  /// nil where the card is gone or held at this very moment.
  private func take(_ insertion: Insertion) throws -> CardInReader? {
    present = try watch.hold(insertion)
    guard let present else {
      try watch.wait(milliseconds: 200)
      return nil
    }
    // Readers may miss a quick exchange of one card for another.
    guard case .card(let identity) = watch.sightings[insertion], try watch.recognizes(insertion, present)
    else {
      try release()
      return nil
    }
    return CardInReader(reader: printable(insertion.reader), card: identity.name?.description)
  }

  package func remember(_ card: CardInReader, keyholder: String, serial: UInt32?) {
    guard let name = card.card else { return }
    let isRight = serial.map { String($0) == name } ?? (claims[name] == nil)
    if isRight {
      claims = claims.filter { $0.value != keyholder }
      claims[name] = keyholder
    }
    tried[keyholder, default: []].insert(name)
  }

  /// Why no card can be used yet, from what is in the readers.
  private func obstacle(_ keyholder: String, _ serial: UInt32?) -> Finding {
    for state in watch.states {
      guard let insertion = state.insertion else { continue }
      switch watch.sightings[insertion] {
      case .held(let finding), .unusable(let finding): return finding
      case .card, nil: continue
      }
    }
    let wanted = "the card of \(name(keyholder))" + (serial.map { ", serial \($0)" } ?? "")
    let others = watch.states.compactMap { state -> String? in
      guard let insertion = state.insertion, case .card(let identity) = watch.sightings[insertion] else { return nil }
      return identity.name?.description ?? "one without serial"
    }
    let seen =
      if watch.states.isEmpty {
        "No reader is connected."
      } else {
        others.isEmpty
          ? "No card is in a reader." : "In readers, and not it: \(others.sorted().joined(separator: ", "))."
      }
    // Nobody else puts a card in where there are no people, and what is thrown then goes on the record.
    let other = "If it cannot be had, insert another keyholder's: the step then fails, and says what can be done."
    return Finding(
      .cardMissing, "Waiting for \(wanted). \(seen)",
      hint: "Insert \(wanted)." + (isUnattended ? "" : " \(other)"))
  }
}

extension String {
  /// Whether this is a reader's name as a YubiKey has it whose OTP application is on: “Yubico YubiKey OTP+FIDO+CCID 00 00”.
  var typesOneTimePasswords: Bool {
    utf8.split { !($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) }.contains { $0.elementsEqual("OTP".utf8) }
  }
}

/// Whether there is something to read, or nobody is at the other end any more.
private func isReadable(_ descriptor: Int32) -> Bool {
  var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return descriptor >= 0 && poll(&watched, 1, 0) > 0
}

/// The monotonic clock, for limits of waiting alone; nothing that is recorded depends on it.
private enum Monotonic {
  static var seconds: Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec
  }
}
