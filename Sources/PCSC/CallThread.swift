import Glibc
import Signals
import Synchronization

/// Carries out blocking calls one after the other on a thread of its own, so that whoever asked can stop waiting.
///
/// A call that was given up is left alone until it returns by itself; what it uses belongs to it until then.
final class CallThread: Sendable {
  /// Why a call was given up.
  enum GivenUp: Error {
    /// It took longer than the limit.
    case silent
    /// The bell rang, and the call did not return soon after.
    case called
  }

  private let desk: Desk
  /// Our end of a socket pair; its closing ends the thread.
  private let end: Int32
  private let wasGivenUp = Atomic(false)

  /// nil where the system gives no thread.
  ///
  /// - Parameter farewell: the thread's last act, after a call that was given up returned.
  init?(farewell: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else { return nil }
    let desk = Desk(end: ends[1], farewell: farewell)
    guard DetachedThread.start({ desk.work() }) else {
      close(ends[0])
      close(ends[1])
      return nil
    }
    end = ends[0]
    self.desk = desk
  }

  deinit { close(end) }

  /// Whether a call was given up; no other is carried out after it.
  var isGivenUp: Bool { wasGivenUp.load(ordering: .acquiring) }

  /// Whether a call that was given up has not returned.
  var isStuck: Bool { isGivenUp && !desk.isOver.load(ordering: .acquiring) }

  /// Carries out `body` on the thread and waits for it as long as `patience` has it.
  func call<Answer: Sendable>(
    _ patience: Patience, _ body: @escaping @Sendable () -> Answer
  ) throws(GivenUp) -> Answer {
    guard !isGivenUp else { throw .silent }
    let answer = Box<Answer>()
    desk.job.withLock { job in
      job = {
        let made = body()
        answer.content.withLock { $0 = made }
      }
    }
    ring(end)
    var bell = patience.bell
    var limit = Self.milliseconds + patience.seconds * 1000
    while true {
      var watched = [
        pollfd(fd: end, events: Int16(POLLIN), revents: 0), pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
      ]
      // An interrupted poll says nothing; the bell rings for the signal that interrupted it.
      let count = poll(&watched, 2, Int32(clamping: max(0, limit - Self.milliseconds)))
      if count > 0, watched[0].revents != 0, heard(end), let made = answer.content.withLock({ $0 }) { return made }
      if count > 0, watched[1].revents != 0 {
        bell = -1
        limit = min(limit, Self.milliseconds + patience.secondsAfterBell * 1000)
      }
      guard limit > Self.milliseconds else { break }
    }
    wasGivenUp.store(true, ordering: .releasing)
    // The thread ends as soon as the call returns.
    shutdown(end, Int32(SHUT_RDWR))
    throw bell == patience.bell ? .silent : .called
  }

  /// The monotonic clock, for limits of waiting alone; nothing that is recorded depends on it.
  static var milliseconds: Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
  }
}

/// What the thread and those who ask share.
private final class Desk: Sendable {
  let job = Mutex<(@Sendable () -> Void)?>(nil)
  let isOver = Atomic(false)
  private let end: Int32
  private let farewell: @Sendable () -> Void

  init(end: Int32, farewell: @escaping @Sendable () -> Void) {
    self.end = end
    self.farewell = farewell
  }

  /// The life of the thread.
  func work() {
    while heard(end) {
      carryOut()
      ring(end)
    }
    farewell()
    close(end)
    isOver.store(true, ordering: .releasing)
  }

  /// The job's last reference goes with this, and the secret that it may hold, before anybody hears that it is done.
  private func carryOut() {
    let next = job.withLock { job in
      defer { job = nil }
      return job
    }
    next?()
  }
}

private final class Box<Content: Sendable>: Sendable {
  let content = Mutex<Content?>(nil)
}

private func ring(_ end: Int32) {
  var byte: UInt8 = 0
  while send(end, &byte, 1, Int32(MSG_NOSIGNAL)) < 0, errno == EINTR {}
}

/// Waits for the other side; false where it has gone.
private func heard(_ end: Int32) -> Bool {
  var byte: UInt8 = 0
  while true {
    let count = recv(end, &byte, 1, 0)
    if count < 0, errno == EINTR { continue }
    return count == 1
  }
}
