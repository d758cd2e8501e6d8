import CPCSC
import Glibc
import Signals
import SmartCard

/// A connection to pcscd. Not for use from several threads at once.
package final class PCSCContext {
  let handle: SCARDCONTEXT

  /// Throws ``PCSCError/daemonGone``.
  package init() throws(PCSCError) {
    var handle = SCARDCONTEXT()
    let status = SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &handle)
    guard PCSCStatus(status) == .success else { throw PCSCError(status, reader: nil) }
    self.handle = handle
  }

  deinit { SCardReleaseContext(handle) }

  /// The readers' names, in pcscd's order; empty where none is plugged in.
  package func readers() throws(PCSCError) -> [String] {
    // A reader that is plugged in between the two calls makes the buffer too small.
    for _ in 0..<8 {
      var count: DWORD = 0
      var status = SCardListReaders(handle, nil, nil, &count)
      if PCSCStatus(status) == .noReaders { return [] }
      guard PCSCStatus(status) == .success else { throw PCSCError(status, reader: nil) }
      var names = [CChar](repeating: 0, count: Int(clamping: count))
      status = SCardListReaders(handle, nil, &names, &count)
      switch PCSCStatus(status) {
      case .success:
        return names.split(separator: 0).map { String(decoding: $0.map(UInt8.init(bitPattern:)), as: UTF8.self) }
      case .noReaders: return []
      case .insufficientBuffer: continue
      default: throw PCSCError(status, reader: nil)
      }
    }
    throw PCSCError.other(PCSCStatus.insufficientBuffer.rawValue, reader: nil)
  }

  /// Every reader's state now.
  package func states() throws(PCSCError) -> [ReaderState] {
    for _ in 0..<8 {
      let names = try readers()
      if names.isEmpty { return [] }
      let query = StateQuery(handle, names.map { ($0, 0) })
      query.ask(timeout: 0)
      switch PCSCStatus(query.status) {
      case .success, .timeout: return query.answers
      case .unknownReader: continue
      default: throw PCSCError(query.status, reader: nil)
      }
    }
    throw PCSCError.readerGone("")
  }

  /// How a wait ended.
  package enum Wake: Sendable {
    /// A card or a reader came or went, or a card was let go by another program.
    case changed
    /// The time ran out.
    case timeout
    /// The descriptor became readable.
    case called
  }

  /// Blocks until something is not as `states` say it was.
  ///
  /// - Parameters:
  ///   - bell, typed: descriptors that end the wait when they become readable; -1 for none.
  ///   - milliseconds: that end the wait; nil for none.
  package func wait(
    beyond states: [ReaderState], bell: Int32 = -1, typed: Int32 = -1, milliseconds: Int32? = nil
  ) throws(PCSCError) -> Wake {
    // The last entry asks for readers that come and go; its number of readers stands in the high half.
    let known = states.map { ($0.reader, $0.event) } + [(Self.readerNotice, UInt(states.count) << 16)]
    let query = StateQuery(handle, known)
    guard let done = query.askInBackground() else { throw PCSCError.noThread }
    defer { close(done) }
    var watched = [
      pollfd(fd: done, events: Int16(POLLIN), revents: 0), pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
      pollfd(fd: typed, events: Int16(POLLIN), revents: 0),
    ]
    // An interrupted poll is no reason to go on waiting for longer: the bell has rung, or nothing depends on it.
    let count = poll(&watched, 3, milliseconds ?? -1)
    let wasInterrupted = count < 0
    let isCalled = watched[1].revents != 0 || watched[2].revents != 0 || wasInterrupted
    while watched[0].revents == 0 {
      // A cancellation that comes before the wait has begun is lost, so it is repeated.
      SCardCancel(handle)
      if poll(&watched, 1, 20) < 0 { watched[0].revents = 0 }
    }
    if isCalled { return .called }
    switch PCSCStatus(query.status) {
    case .success, .unknownReader: return .changed
    case .cancelled, .timeout: return .timeout
    default: throw PCSCError(query.status, reader: nil)
    }
  }

  private static let readerNotice = #"\\?PnP?\Notification"#
}

/// One call of `SCardGetStatusChange` with the memory that it needs.
private final class StateQuery: @unchecked Sendable {
  // Handed to one thread and read again only after that thread has said that it is done.
  private let context: SCARDCONTEXT
  private var states: [SCARD_READERSTATE]
  private(set) var status: LONG = 0
  private var done: Int32 = -1

  init(_ context: SCARDCONTEXT, _ known: [(reader: String, event: UInt)]) {
    self.context = context
    states = known.map { reader, event in
      var state = SCARD_READERSTATE()
      state.szReader = UnsafePointer(strdup(reader))
      // The flag that says "changed" is an answer, never a question.
      state.dwCurrentState = DWORD(event & ~0x2)
      return state
    }
  }

  deinit { for state in states { free(UnsafeMutablePointer(mutating: state.szReader)) } }

  func ask(timeout: DWORD) { status = SCardGetStatusChange(context, timeout, &states, DWORD(states.count)) }

  /// Asks without a time limit on a thread of its own. The descriptor becomes readable when the answer is there;
  /// nil where the system gives no thread.
  func askInBackground() -> Int32? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    done = ends[1]
    let isStarted = DetachedThread.start { [self] in
      ask(timeout: DWORD(UInt32.max))
      // Closing the only writing end makes the other readable.
      close(done)
    }
    guard isStarted else {
      close(ends[0])
      close(ends[1])
      return nil
    }
    return ends[0]
  }

  var answers: [ReaderState] {
    states.map { state in
      let atr = withUnsafeBytes(of: state.rgbAtr) { Array($0.prefix(Int(clamping: state.cbAtr))) }
      return ReaderState(
        reader: state.szReader.map { String(cString: $0) } ?? "", event: UInt(state.dwEventState & ~0x2), atr: atr)
    }
  }
}
