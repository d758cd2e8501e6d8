import CardOperations
import Findings
import Glibc
import Keys
import PCSC
import PIV
import Signals
import SmartCard

/// The cards in all readers, each identified once a stay.
final class ReaderWatch {
  /// What is known of a card.
  enum Sighting: Hashable {
    case card(CardIdentity)
    /// Another program holds it.
    case held(Finding)
    /// It cannot be used: mute, or not a PIV card.
    case unusable(Finding)
  }

  private(set) var context: PCSCContext
  private let patience: Patience
  /// One for each reader in which a card was held.
  private var lines: [String: PCSCLine] = [:]
  private(set) var states: [ReaderState] = []
  private(set) var sightings: [Insertion: Sighting] = [:]
  /// How often a card was found unusable in its stay. One bad answer is no reason to send a person away.
  private var failures: [Insertion: Int] = [:]
  private static let chances = 3

  /// Throws ``PCSCError/daemonGone``.
  ///
  /// - Parameter cardTimeout: the seconds after which a silent card is given up.
  init(cardTimeout: Int) throws(PCSCError) {
    patience = Patience(seconds: cardTimeout, bell: Signals.bell)
    context = try PCSCContext()
  }

  /// Looks at every reader again and identifies cards that came.
  func look() throws(PCSCError) {
    states = try context.states()
    let present = Set(states.compactMap(\.insertion))
    sightings = sightings.filter { present.contains($0.key) }
    failures = failures.filter { present.contains($0.key) }
    for state in states {
      guard let insertion = state.insertion else { continue }
      switch sightings[insertion] {
      case .card: continue
      case .unusable where failures[insertion, default: 0] >= Self.chances: continue
      case .unusable, .held, nil:
        let sighting = try sight(state)
        if case .unusable = sighting { failures[insertion, default: 0] += 1 }
        sightings[insertion] = sighting
      }
    }
  }

  /// nil where the card is gone again.
  private func sight(_ state: ReaderState) throws(PCSCError) -> Sighting? {
    if state.isMute { return .unusable(PCSCError.mute(reader: state.reader).finding) }
    switch try hold(reader: state.reader) {
    case .failure(let reason): return reason.sighting
    case .success(let channel):
      defer { channel.release() }
      return try sight(channel)
    }
  }

  /// Why a card could not be held; nil where it is gone again.
  struct Refusal: Error {
    let sighting: Sighting?
  }

  /// Holds the card in a reader for its work. What keeps it from being held is known from then on.
  func hold(_ insertion: Insertion) throws(PCSCError) -> PCSCChannel? {
    switch try hold(reader: insertion.reader) {
    case .success(let channel): return channel
    case .failure(let reason):
      sightings[insertion] = reason.sighting
      return nil
    }
  }

  /// Holds the card in a reader. Throws ``PCSCError/silent(reader:)`` where a card was given up there and is still in it.
  func channel(reader: String) throws(PCSCError) -> PCSCChannel {
    if lines[reader]?.isStuck == true { throw .silent(reader: reader) }
    let line: PCSCLine
    if let free = lines[reader], !free.isGivenUp { line = free } else { line = try PCSCLine(patience) }
    lines[reader] = line
    return try PCSCChannel(context, line, reader: reader)
  }

  private func hold(reader: String) throws(PCSCError) -> Result<PCSCChannel, Refusal> {
    do throws(PCSCError) {
      return .success(try channel(reader: reader))
    } catch {
      switch error {
      case .daemonGone, .refused, .interrupted, .noThread: throw error
      case .shared, .silent: return .failure(Refusal(sighting: .held(error.finding)))
      case .removed, .readerGone, .reset: return .failure(Refusal(sighting: nil))
      case .mute, .timedOut, .communication, .tooLong, .other:
        return .failure(Refusal(sighting: .unusable(error.finding)))
      }
    }
  }

  private func sight(_ channel: PCSCChannel) throws(PCSCError) -> Sighting? {
    do throws(PIVError) {
      let session = PIVSession(channel: AttentiveChannel(channel), vault: NoSecrets())
      guard case .identity(let identity) = try CardOperation.identify.perform(on: session) else { return nil }
      return .card(identity)
    } catch {
      switch error {
      case .noAnswer(.daemonGone): throw PCSCError.daemonGone
      case .noAnswer(.refused): throw PCSCError.refused
      case .noAnswer(.noThread): throw PCSCError.noThread
      case .noAnswer(.interrupted): throw PCSCError.interrupted
      case .noAnswer(.removed), .noAnswer(.readerGone), .noAnswer(.reset): return nil
      default: return .unusable(error.finding.at("the reader “\(printable(channel.reader))”"))
      }
    }
  }

  /// Whether the card that is held now is the one that was seen. One that does not say the serial that was seen is
  /// looked at again as a whole, and what is seen now is kept.
  func recognizes(_ insertion: Insertion, _ channel: PCSCChannel) throws(PCSCError) -> Bool {
    if case .card(let before) = sightings[insertion], let serial = before.serial, serial == self.serial(channel) {
      return true
    }
    let seen = try sight(channel)
    defer { sightings[insertion] = seen }
    guard case .card(let now) = seen, case .card(let before) = sightings[insertion] else { return false }
    return now.serial == before.serial
  }

  private func serial(_ channel: PCSCChannel) -> UInt32? {
    let session = PIVSession(channel: AttentiveChannel(channel), vault: NoSecrets())
    do throws(PIVError) {
      try session.select()
      return try session.serial()
    } catch {
      return nil
    }
  }

  /// Whether another look may see more without any card coming or going: pcscd does not always say
  /// when another program lets a card go, and a card that gave one bad answer may give a good one.
  private var deservesAnotherLook: Bool {
    sightings.contains { insertion, sighting in
      switch sighting {
      case .held: true
      case .unusable: failures[insertion, default: 0] < Self.chances
      case .card: false
      }
    }
  }

  /// Blocks until something changes, a signal comes, or the time runs out. Throws ``Interruption`` and ``PCSCError``.
  ///
  /// - Parameter typed: a descriptor that ends the wait when it becomes readable; -1 for none.
  func wait(milliseconds: Int32?, typed: Int32 = -1) throws {
    try Self.stopIfSignalled()
    let patience = deservesAnotherLook ? min(milliseconds ?? 1000, 1000) : milliseconds
    _ = try context.wait(beyond: states, bell: Signals.bell, typed: typed, milliseconds: patience)
    try Self.stopIfSignalled()
  }

  /// Connects to pcscd again after it went away; tries each second, for a minute. Throws its finding after that,
  /// and ``Interruption``.
  func reconnect(_ note: (Finding) -> Void) throws {
    note(PCSCError.daemonGone.finding)
    for _ in 0..<60 {
      var bell = pollfd(fd: Signals.bell, events: Int16(POLLIN), revents: 0)
      _ = poll(&bell, 1, 1000)
      try Self.stopIfSignalled()
      guard let fresh = try? PCSCContext() else { continue }
      context = fresh
      lines = [:]
      states = []
      sightings = [:]
      failures = [:]
      return
    }
    throw PCSCError.daemonGone.finding
  }

  static func stopIfSignalled() throws {
    if let signal = Signals.arrived { throw Interruption(reason: signal) }
  }
}
