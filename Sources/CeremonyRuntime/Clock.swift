import Glibc
import UTC

/// Readings of the clock: the wall clock for people, the monotonic one for order.
package protocol Clock: AnyObject {
  /// The time of day, and nanoseconds since a fixed moment.
  func read() -> (at: UTCTime, mono: Int64)
}

/// The host's clocks.
package final class SystemClock: Clock {
  package init() {}

  package func read() -> (at: UTCTime, mono: Int64) {
    var wall = timespec()
    var steady = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    clock_gettime(CLOCK_MONOTONIC, &steady)
    // A clock before 1970 or after 9999 reads as 1970, which every policy refuses.
    let at = UTCTime(seconds: Int64(wall.tv_sec)) ?? UTCTime.epoch
    return (at, Int64(steady.tv_sec) * 1_000_000_000 + Int64(steady.tv_nsec))
  }
}

/// The clock of a seeded rehearsal: it begins at 2026-01-01T00:00:00Z and each reading is a millisecond later.
package final class SeededClock: Clock {
  private var readings: Int64 = 0
  package init() {}

  package func read() -> (at: UTCTime, mono: Int64) {
    let mono = readings * 1_000_000
    readings += 1
    return ((UTCTime("2026-01-01T00:00:00Z") ?? .epoch).adding(seconds: mono / 1_000_000_000), mono)
  }
}
