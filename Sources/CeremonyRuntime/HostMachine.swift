import CProcess
import CeremonyRecords
import Findings
import Glibc
import Screens
import UTC
import Terminal

/// Clock, memory, language and terminal.
struct HostMachine {
  let files: HostFiles
  let process: HostProcess
  let now: UTCTime
  /// The earliest moment at which something that the script makes expires; nil where none is known.
  let expires: UTCTime?

  var points: [HostPoint] { [clock, swap, coreFiles, lockedMemory] }
  var last: [HostPoint] { [locale, terminal] }

  /// No clock that is right says less: the month before the first release with this look.
  private static let earliest = UTCTime("2026-11-01T00:00:00Z") ?? .epoch
  /// Years.
  private static let longestUse: Int64 = 30
  /// Seconds.
  private static let tolerance: Int64 = 120

  private var clock: HostPoint {
    var codes: [Finding.Code] = []
    let latest = expires ?? Self.earliest.adding(seconds: Self.longestUse * 366 * 86_400)
    if now < Self.earliest || now >= latest { codes.append(.hostClock) }
    var says = "\(now)"
    // Documentation/ABI/testing/rtc-cdev: seconds since 1970, in UTC where the clock is kept in it.
    if let hardware = files.word(.sys("class/rtc/rtc0/since_epoch")).flatMap({ Int64($0) }),
      let moment = UTCTime(seconds: hardware)
    {
      let isNear =
        now >= moment.adding(seconds: -Self.tolerance) && now <= moment.adding(seconds: Self.tolerance)
      if !isNear { codes.append(.hostHardwareClock) }
      says += isNear ? "; the hardware clock agrees" : "; the hardware clock says \(moment)"
    } else {
      codes.append(.hostHardwareClockUnknown)
      says += "; no hardware clock"
    }
    switch process.isSynchronised {
    case true?: says += "; kept right from outside"
    case false?: says += "; nothing keeps it right"
    case nil: says += "; unknown whether something keeps it right"
    }
    return HostPoint(.clock, says, codes)
  }

  private var swap: HostPoint {
    var codes: [Finding.Code] = []
    var count: Int?
    do throws(HostFiles.Lack) {
      count = try files.text(.proc("swaps")).split(separator: "\n").dropFirst().count
    } catch {
      // A kernel that cannot swap has no such file, and says that it has no room for it.
      let isNone = files.word(.proc("meminfo"))?.split(separator: "\n").contains { row in
        row.split(separator: " ").prefix(2) == ["SwapTotal:", "0"]
      }
      if case .absent = error, isNone == true { count = 0 }
    }
    guard let count else {
      codes.append(.hostSwapUnknown)
      return HostPoint(.swap, "unknown", codes)
    }
    if count > 0 { codes.append(.hostSwap) }
    return HostPoint(.swap, count == 0 ? "none" : "\(count) in use", codes)
  }

  private var coreFiles: HostPoint {
    var codes: [Finding.Code] = []
    if !process.forbidsCoreFiles { codes.append(.hostCore) }
    return HostPoint(.coreFiles, process.forbidsCoreFiles ? "none is left" : "one may be left", codes)
  }

  /// Bytes: each secret takes a page or two, and a few dozen are kept.
  private static let leastLocked: UInt64 = 1 << 20

  private var lockedMemory: HostPoint {
    var codes: [Finding.Code] = []
    // CAP_IPC_LOCK is bit 14 (linux/capability.h): no limit holds then.
    let capable = (try? files.text(.proc("self/status")))?.split(separator: "\n")
      .first { $0.hasPrefix("CapEff:") }?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
    let limit = process.lockLimit
    let isUnlimited = limit == nil || (capable ?? 0) & 1 << 14 != 0
    if !isUnlimited, let limit, limit < Self.leastLocked { codes.append(.hostLockLimit) }
    return HostPoint(
      .lockedMemory, isUnlimited ? "no limit" : "at most \((limit ?? 0) >> 10) KiB", codes)
  }

  private var locale: HostPoint {
    var codes: [Finding.Code] = []
    let isThere = !process.language.isEmpty
    let isWide = ["utf-8", "utf8"].contains { process.language.lowercased().contains($0) }
    if !isWide { codes.append(.hostLocale) }
    return HostPoint(.locale, isWide ? "UTF-8" : isThere ? "others than UTF-8" : "not set", codes)
  }

  private var terminal: HostPoint {
    var codes: [Finding.Code] = []
    guard let size = process.terminal else {
      codes.append(.hostTerminalUnknown)
      return HostPoint(.terminal, "unknown", codes)
    }
    if size.columns < StageLayout.leastColumns || size.rows < StageLayout.leastRows { codes.append(.hostTerminal) }
    return HostPoint(.terminal, "\(size.columns) columns, \(size.rows) rows", codes)
  }
}

/// What holds for this process alone.
package struct HostProcess: Sendable {
  var isSynchronised: Bool?
  var forbidsCoreFiles = true
  /// Bytes; nil for no limit.
  var lockLimit: UInt64?
  /// `LC_ALL`, `LC_CTYPE` or `LANG`, the first that is set (locale(7)).
  var language = ""
  var terminal: (columns: Int, rows: Int)?

  /// As it is now.
  static var own: HostProcess {
    var own = HostProcess()
    let synchronised = process_clock_is_synchronised()
    own.isSynchronised = synchronised < 0 ? nil : synchronised == 1
    own.forbidsCoreFiles = process_core_dumps_are_forbidden() != 0
    let limit = process_locked_memory_limit()
    own.lockLimit = limit == .max ? nil : limit
    own.language =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { (name: String) in getenv(name).map { String(cString: $0) } }
      .first { !$0.isEmpty } ?? ""
    for descriptor: Int32 in [1, 2, 0] {
      guard let size = TerminalSize(of: descriptor) else { continue }
      own.terminal = (size.columns, size.rows)
      break
    }
    return own
  }
}
