import Glibc
import Synchronization
import Testing

@testable import PCSC

/// Calls that block, and whoever waits for them.
struct CallThreadTests {
  /// Blocks whoever listens until it is opened.
  private final class Gate: Sendable {
    let ends: (Int32, Int32)

    init() {
      var ends: [Int32] = [-1, -1]
      pipe(&ends)
      self.ends = (ends[0], ends[1])
    }

    deinit {
      close(ends.0)
      close(ends.1)
    }

    func open() {
      var byte: UInt8 = 0
      write(ends.1, &byte, 1)
    }

    func waitUntilOpen() {
      var byte: UInt8 = 0
      read(ends.0, &byte, 1)
    }
  }

  @Test func callsAreAnsweredInTurn() throws {
    let made = CallThread(farewell: {})
    let thread = try #require(made)
    for number in 0..<1000 { #expect(try thread.call(Patience()) { number } == number) }
    #expect(!thread.isGivenUp)
    #expect(!thread.isStuck)
  }

  @Test func theThreadEndsWithItsOwner() throws {
    let ended = Gate()
    var thread = CallThread(farewell: { ended.open() })
    #expect(try thread?.call(Patience()) { 7 } == 7)
    thread = nil
    ended.waitUntilOpen()
  }

  @Test func aCallThatDoesNotReturnIsGivenUpUntilItDoes() throws {
    let gate = Gate()
    let ended = Gate()
    let made = CallThread(farewell: { ended.open() })
    let thread = try #require(made)
    #expect(throws: CallThread.GivenUp.silent) { try thread.call(Patience(seconds: 1)) { gate.waitUntilOpen() } }
    #expect(thread.isGivenUp)
    #expect(thread.isStuck)
    // Nothing else is carried out on it.
    #expect(throws: CallThread.GivenUp.silent) { try thread.call(Patience()) { Issue.record("carried out") } }
    gate.open()
    ended.waitUntilOpen()
    for _ in 0..<6000 where thread.isStuck { usleep(10_000) }
    #expect(thread.isGivenUp)
    #expect(!thread.isStuck)
  }

  @Test func theBellEndsALongWait() throws {
    let gate = Gate()
    let bell = Gate()
    bell.open()
    let made = CallThread(farewell: {})
    let thread = try #require(made)
    var patience = Patience(seconds: 600, bell: bell.ends.0)
    // What returns soon after the bell is answered all the same.
    patience.secondsAfterBell = 60
    #expect(try thread.call(patience) { 7 } == 7)
    patience.secondsAfterBell = 1
    #expect(throws: CallThread.GivenUp.called) { try thread.call(patience) { gate.waitUntilOpen() } }
    gate.open()
  }
}
