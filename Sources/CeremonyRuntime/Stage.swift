import CeremonyRecords
import Findings
import Glibc
import Keys
import Products
import Screens
import Signals
import Synchronization
import Terminal

/// A terminal on which a ceremony is one screen, drawn in place. A thread of its own keeps the clock, what is waited for
/// and the size up to date, whatever the ceremony is doing. Each frame is one write of the rows that changed.
///
/// It draws on the terminal's main screen, so that whatever ends the program leaves a terminal as a shell expects it.
final class Stage: Sendable {
  private let output: Int32
  private let isStyled: Bool
  private let state = Mutex(State())
  /// Becomes readable when the terminal was resized; the other end is the signal handler's.
  private static let resizing = Atomic<Int32>(-1)
  /// Lines of words that stay until the next screen.
  private static let mostNotes = 4

  private struct State {
    var wasTooSmall = false
    var view: StageView?
    var drawn: StageFrame?
    var size: (columns: Int, rows: Int) = (0, 0)
    /// Whether the line on which people type has ended, and stays to be seen.
    var isLineOver = true
    var waiting: (words: String, since: Int, limit: Int?)?
    /// The ceremony's seconds at a moment of this machine's steady clock.
    var base: (seconds: Int, at: Int)?
    var continuations = 0
    /// Why the last answer was not taken, and how often in a row.
    var refusal: String?
    var refusals = 0
    var isLeft = false

    /// What was typed is read, and nothing is asked any more: whoever saw the mark of a prompt now would type too early, and
    /// that is thrown away.
    mutating func endLine() {
      isLineOver = true
      view?.line = nil
    }

    mutating func note(_ lines: [String]) {
      guard var view else { return }
      view.notes = Array((view.notes + lines.filter { !$0.isEmpty }).suffix(Stage.mostNotes))
      self.view = view
    }

    /// Writes as on a terminal whose last line is the one on which people type.
    mutating func write(_ text: String) {
      var pieces = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let open = pieces.popLast() ?? ""
      for piece in pieces {
        if isLineOver { note([piece]) } else { type(piece) }
        isLineOver = true
      }
      guard !open.isEmpty else { return }
      if isLineOver { view?.line = "" }
      isLineOver = false
      type(open)
    }

    private mutating func type(_ text: String) {
      let line = view?.line ?? ""
      view?.line = line + text
    }
  }

  /// - Parameter output: a descriptor of a terminal.
  init(output: Int32, isStyled: Bool) {
    self.output = output
    self.isStyled = isStyled
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == 0 {
      for end in ends {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
      }
      Self.resizing.store(ends[1], ordering: .relaxed)
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in
        let reason = errno
        var byte: UInt8 = 0
        _ = Glibc.write(Stage.resizing.load(ordering: .relaxed), &byte, 1)
        errno = reason
      }
      action.sa_flags = Int32(SA_RESTART)
      sigaction(SIGWINCH, &action, nil)
    }
    let bell = ends[0]
    // Without a thread the clock stands still between two screens.
    _ = DetachedThread.start { [self] in keepUp(bell) }
  }

  private func keepUp(_ bell: Int32) {
    while true {
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      var watched = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
      // Until the second is over.
      let count = poll(&watched, 1, Int32(clamping: 1001 - now.tv_nsec / 1_000_000))
      var bytes = [UInt8](repeating: 0, count: 64)
      if count > 0 { while read(bell, &bytes, bytes.count) > 0 {} }
      let isLeft = state.withLock { state in
        // Where the output is stopped nobody may wait for this thread.
        var writable = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
        if !state.isLeft, poll(&writable, 1, 0) > 0 { draw(&state) }
        return state.isLeft
      }
      if isLeft { return }
    }
  }

  // MARK: - What is shown

  /// Shows a screen. The same one again keeps its page, and why the last answer was refused.
  ///
  /// - Parameters:
  ///   - head: of the records so far.
  ///   - seconds: that the ceremony has taken so far.
  func show(_ screen: Screen, head: SHA256Digest?, seconds: Int?) {
    state.withLock { state in
      if state.view?.screen != screen {
        state.view = StageView(screen)
        state.waiting = nil
      }
      state.view?.line = nil
      state.isLineOver = true
      state.view?.head = head.map { String($0.hex.prefix(8)) }
      state.base = seconds.map { ($0, Self.steadySeconds) }
      // What asks is drawn together with the line on which people type.
      if screen.prompt == nil { draw(&state) }
    }
  }

  /// Words right above the line on which people type. They stay until the next screen.
  func note(_ words: String) {
    state.withLock { state in
      state.note(words.split(separator: "\n").map(String.init))
      draw(&state)
    }
  }

  /// Says why an answer was not taken. The same again is counted, so that it is seen.
  func refuse(_ words: String) {
    state.withLock { state in
      state.endLine()
      state.refusals = state.refusal == words ? state.refusals + 1 : 1
      state.refusal = words
      state.view?.notes = (state.refusals > 1 ? "(\(state.refusals)) \(words)" : words)
        .split(separator: "\n").map(String.init)
    }
  }

  /// An answer was taken.
  func accept() {
    state.withLock { state in
      state.view?.notes = []
      state.refusal = nil
    }
  }

  /// Whole lines are words above the one on which people type. False where the stage was left.
  func write(_ text: String) -> Bool {
    state.withLock { state in
      state.write(text)
      draw(&state)
      return !state.isLeft
    }
  }

  /// Says what is waited for, and for how long it has been, until ``endWaiting()`` or the next screen.
  ///
  /// - Parameter limit: seconds after which it ends by itself; nil where it does not.
  func wait(for words: String, limit: Int?) {
    state.withLock { state in
      state.waiting = (words, Self.steadySeconds, limit)
      // What has a limit mostly ends at once.
      if limit == nil { draw(&state) }
    }
  }

  func endWaiting() { state.withLock { $0.waiting = nil } }

  /// What is typed next stands on a line of its own, and nothing is asked before.
  func endLine() { state.withLock { $0.endLine() } }

  // MARK: - Pages

  /// Whether there is more to see before anybody may answer. So it is also on a terminal that is too small.
  var hasMore: Bool {
    state.withLock { state in
      draw(&state)
      return state.drawn.map { !$0.isLastPage } ?? false
    }
  }

  /// Whether the terminal is too small to show what is asked.
  var isTooSmall: Bool {
    state.withLock { state in
      draw(&state)
      return layout(state).isTooSmall
    }
  }

  /// Whether it was too small for a moment since this was asked last: who typed then did not see what was asked.
  func wasTooSmall() -> Bool {
    state.withLock { state in
      draw(&state)
      defer { state.wasTooSmall = false }
      return state.wasTooSmall
    }
  }

  /// Whether the screen has several pages.
  var hasPages: Bool { state.withLock { ($0.drawn?.pages ?? 1) > 1 } }

  /// Where the page begins that is shown; nil where nothing is.
  var place: Int? { state.withLock { $0.view?.place } }

  /// Back to the page with a place, with the next thing that is drawn.
  func goBack(to place: Int?) { state.withLock { $0.view?.place = place } }

  /// On to the next page, and from the last one to the first.
  func turn() {
    state.withLock { state in
      state.view?.place = state.drawn?.nextPlace
      state.view?.notes = []
      state.endLine()
      state.refusal = nil
      draw(&state)
    }
  }

  /// Leaves an empty terminal. From now on nothing is drawn.
  func leave() {
    state.withLock { state in
      guard !state.isLeft else { return }
      state.isLeft = true
      if state.drawn != nil { put("\u{1b}[H\u{1b}[J") }
    }
  }

  // MARK: - Drawing

  private func layout(_ state: State) -> StageLayout {
    StageLayout(columns: state.size.columns, rows: state.size.rows, isStyled: isStyled)
  }

  private func draw(_ state: inout State) {
    // In the background the terminal is the shell's.
    guard !state.isLeft, EchoSuppression.isForeground(output) else {
      state.drawn = nil
      return
    }
    let size = Self.size(of: output)
    if size != state.size {
      // The page with the same place is shown: everything before it was seen.
      (state.size, state.drawn) = (size, nil)
    }
    let continuations = EchoSuppression.timesContinued
    if continuations != state.continuations { (state.continuations, state.drawn) = (continuations, nil) }
    guard var view = state.view else { return }
    view.clock = Self.clock
    view.seconds = state.base.map { $0.seconds + Self.steadySeconds - $0.at }
    if let waiting = state.waiting {
      let gone = Self.steadySeconds - waiting.since
      let words = "\(waiting.words): \(gone)\(waiting.limit.map { " of \($0)" } ?? "") s"
      if waiting.limit == nil || gone > 0 { view.notes.append(words) }
    }
    let layout = layout(state)
    let frame = layout.frame(view)
    put(frame.drawn(over: state.drawn))
    if layout.isTooSmall { state.wasTooSmall = true }
    // A page that becomes a larger one, and small again, is the same.
    if !layout.isTooSmall, view.place == nil { state.view?.place = frame.place }
    state.drawn = frame
  }

  private func put(_ text: String) {
    _ = writeAll(output, Array(text.utf8))
  }

  /// A terminal that does not say how large it is has 80 columns and 24 rows.
  private static func size(of terminal: Int32) -> (columns: Int, rows: Int) {
    guard let size = TerminalSize(of: terminal) else { return (StageLayout.leastColumns, StageLayout.leastRows) }
    return (min(size.columns, 1000), min(size.rows, 1000))
  }

  private static var clock: String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let seconds = now.tv_sec % 86_400
    return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) UTC"
  }

  private static var steadySeconds: Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec
  }
}
