import CPCSC
import Synchronization

/// How long a card may be silent before it is given up.
package struct Patience: Hashable, Sendable {
  /// For each command.
  package let seconds: Int
  /// A descriptor that becomes readable when the program is to end; -1 for none.
  package let bell: Int32
  /// After the bell rang.
  var secondsAfterBell = 5

  /// Where nobody says otherwise. Cards wait up to 30 seconds for a touch, and make a key in less.
  package static let defaultSeconds = 35

  package init(seconds: Int = Patience.defaultSeconds, bell: Int32 = -1) {
    self.seconds = seconds
    self.bell = bell
  }
}

/// A connection to pcscd on which the cards of one reader are held, one after the other.
///
/// `SCardTransmit` waits without limit. `SCardCancel` ends waits for readers alone, and `SCardReleaseContext` from
/// another thread waits for the call too, with a lock that every other call needs. So a card that stays silent is
/// given up together with the context and the thread that wait for it, and the reader stays taken: pcscd answers
/// `SCARD_E_SHARING_VIOLATION` until the card or the reader is unplugged. Then the call returns and the thread lets go
/// of everything. Other readers, on lines of their own, are not affected.
package final class PCSCLine {
  private let thread: CallThread
  let patience: Patience
  private let held: Held

  /// Throws ``PCSCError/daemonGone``, also where pcscd is silent, ``PCSCError/noThread`` and ``PCSCError/interrupted``.
  package init(_ patience: Patience) throws(PCSCError) {
    let held = Held()
    guard let thread = CallThread(farewell: { held.letGo() }) else { throw .noThread }
    self.thread = thread
    self.held = held
    self.patience = patience
    let status: LONG
    do throws(PCSCError) { status = try call(reader: "") { held.connect() } } catch {
      // No reader keeps it waiting: pcscd itself says nothing.
      throw error == .interrupted ? error : .daemonGone
    }
    guard PCSCStatus(status) == .success else { throw PCSCError(status, reader: nil) }
  }

  deinit {
    // Not left to the thread's farewell, which nobody waits for: the program may be about to end.
    if !thread.isGivenUp { _ = try? thread.call(patience) { [held] in held.letGo() } }
  }

  /// Whether a card was given up on this line; it is of no use any more.
  package var isGivenUp: Bool { thread.isGivenUp }

  /// Whether the reader is still waiting for the card that was given up.
  package var isStuck: Bool { thread.isStuck }

  /// A connection to a card: its handle and its protocol.
  struct Connection: Sendable {
    let card: SCARDHANDLE
    let activeProtocol: DWORD
  }

  /// Connects to the card in a reader, exclusively and in one transaction.
  func hold(reader: String) throws(PCSCError) -> Connection {
    switch try call(reader: reader, { [held] in held.hold(reader) }) {
    case .success(let connection): return connection
    case .failure(let refusal): throw PCSCError(refusal.status, reader: reader)
    }
  }

  /// Lets the card go and resets it.
  func letGoOfCard() { _ = try? thread.call(patience) { [held] in held.letGoOfCard() } }

  /// Carries out a call of libpcsclite.
  func call<Answer: Sendable>(
    reader: String, _ body: @escaping @Sendable () -> Answer
  ) throws(PCSCError) -> Answer {
    do throws(CallThread.GivenUp) {
      return try thread.call(patience, body)
    } catch {
      switch error {
      case .silent: throw .silent(reader: reader)
      case .called: throw .interrupted
      }
    }
  }
}

/// The handles of a line. Its methods run on the line's thread; the lock is never held during a call of libpcsclite.
private final class Held: Sendable {
  private let context = Mutex<SCARDCONTEXT?>(nil)
  private let card = Mutex<SCARDHANDLE?>(nil)

  func connect() -> LONG {
    var handle = SCARDCONTEXT()
    let status = SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &handle)
    if PCSCStatus(status) == .success { context.withLock { [handle] in $0 = handle } }
    return status
  }

  struct Refusal: Error {
    let status: LONG
  }

  func hold(_ reader: String) -> Result<PCSCLine.Connection, Refusal> {
    var card = SCARDHANDLE()
    var activeProtocol: DWORD = 0
    let wanted = DWORD(SCARD_PROTOCOL_T0) | DWORD(SCARD_PROTOCOL_T1)
    var status = SCardConnect(
      context.withLock { $0 } ?? 0, reader, DWORD(SCARD_SHARE_EXCLUSIVE), wanted, &card, &activeProtocol)
    guard PCSCStatus(status) == .success else { return .failure(Refusal(status: status)) }
    status = SCardBeginTransaction(card)
    guard PCSCStatus(status) == .success else {
      SCardDisconnect(card, DWORD(SCARD_RESET_CARD))
      return .failure(Refusal(status: status))
    }
    self.card.withLock { [card] in $0 = card }
    return .success(PCSCLine.Connection(card: card, activeProtocol: activeProtocol))
  }

  func letGoOfCard() {
    guard let handle = Self.taken(card) else { return }
    SCardEndTransaction(handle, DWORD(SCARD_LEAVE_CARD))
    SCardDisconnect(handle, DWORD(SCARD_RESET_CARD))
  }

  func letGo() {
    letGoOfCard()
    if let handle = Self.taken(context) { SCardReleaseContext(handle) }
  }

  private static func taken<Handle: Sendable>(_ handle: borrowing Mutex<Handle?>) -> Handle? {
    handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
  }
}
