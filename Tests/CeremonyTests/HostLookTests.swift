import CardOperations
import CeremonyRecords
import Findings
import Foundation
import Testing
import UTC

@testable import CeremonyRuntime

/// What is read of a machine: one file is changed, and one code is expected, beside the machine in order.
@Suite struct HostLookTests {
  private typealias Change = (what: String, codes: [Finding.Code], edit: @Sendable (SampleMachine) throws -> Void)

  private static let time = UTCTime("2026-12-01T12:00:00Z") ?? .epoch

  private static func codes(
    _ machine: SampleMachine, at now: UTCTime = time, expires: UTCTime? = nil,
    _ edit: (inout HostProcess) -> Void = { _ in }
  ) -> [Finding.Code] {
    var process = machine.process
    edit(&process)
    let host = HostMachine(files: machine.files, process: process, now: now, expires: expires)
    return (HostNetwork(files: machine.files).points + host.points + host.last).flatMap(\.codes)
  }

  private static func machine() throws -> SampleMachine {
    let machine = try SampleMachine()
    try machine.write("sys/class/rtc/rtc0/since_epoch", "\(time.seconds)\n")
    return machine
  }

  @Test func aMachineInOrder() throws { #expect(try Self.codes(Self.machine()) == []) }

  private static let changes: [Change] = [
    ("up", [.hostNetwork], { try $0.write("sys/class/net/eth0/operstate", "up\n") }),
    (
      "a tunnel", [.hostNetwork],
      {
        try $0.write("sys/class/net/eth0/operstate", "unknown\n")
        try $0.write("sys/class/net/eth0/flags", "0x1003\n")
      }
    ),
    ("on, without a cable", [.hostInterface], { try $0.write("sys/class/net/eth0/flags", "0x1003\n") }),
    ("without a state", [.hostNetworkUnknown], { try $0.remove("sys/class/net/eth0/operstate") }),
    ("flags that are none", [.hostNetworkUnknown], { try $0.write("sys/class/net/eth0/flags", "yes\n") }),
    (
      "an interface of this process alone", [.hostNetworkUnknown],
      { try $0.write("proc/net/dev", SampleMachine.headings + "    lo: 0 0\n  wg0: 0 0\n  eth0: 0 0\n") }
    ),
    ("no list of interfaces", [.hostNetworkUnknown, .hostNetworkUnknown], { try $0.remove("proc/net") }),
    (
      "no sys", [.hostNetworkUnknown, .hostRadioUnknown, .hostDriversUnknown, .hostHardwareClockUnknown],
      { try $0.remove("sys") }
    ),
    (
      "an address", [.hostNetwork],
      { try $0.write("proc/net/fib_trie", SampleMachine.local + "     |-- 10.0.2.15\n        /32 host LOCAL\n") }
    ),
    (
      "an address of version 6", [.hostNetwork],
      { try $0.write("proc/net/if_inet6", "fe80000000000000505400fffe123456 02 40 20 80     eth0\n") }
    ),
    (
      "a kernel without version 6", [],
      {
        try $0.remove("proc/net/if_inet6"); try $0.remove("proc/net/ipv6_route")
      }
    ),
    (
      "a default route", [.hostRoute],
      { try $0.write("proc/net/route", SampleMachine.routes + SampleMachine.defaultRoute) }
    ),
    (
      "a route to one network", [],
      {
        try $0.write(
          "proc/net/route", SampleMachine.routes + "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n")
      }
    ),
    (
      "a default route of version 6", [.hostRoute],
      {
        try $0.write(
          "proc/net/ipv6_route",
          "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 "
            + "00000400 00000001 00000000 00000003     eth0\n")
      }
    ),
    (
      "a radio that is on", [.hostRadio],
      {
        try $0.write("sys/class/rfkill/rfkill0/soft", "0\n")
        try $0.write("sys/class/rfkill/rfkill0/hard", "0\n")
      }
    ),
    (
      "a radio that is blocked", [],
      {
        try $0.write("sys/class/rfkill/rfkill0/soft", "1\n")
        try $0.write("sys/class/rfkill/rfkill0/hard", "0\n")
      }
    ),
    ("a switch that says nothing", [.hostRadioUnknown], { try $0.write("sys/class/rfkill/rfkill0/name", "phy0\n") }),
    ("a radio without a switch", [.hostRadioUnknown], { try $0.write("sys/class/ieee80211/phy0/name", "phy0\n") }),
    ("a driver for radios", [.hostDrivers], { try $0.write("proc/modules", "bluetooth 1 0 - Live 0x0\n") }),
    ("a name that begins like one", [], { try $0.write("proc/modules", "bluetooth_not 1 0 - Live 0x0\n") }),
    (
      "an adapter with its driver", [.hostDrivers],
      { try $0.write("sys/class/net/eth0/device/driver/bind", "") }
    ),
    ("no list of drivers", [.hostDriversUnknown], { try $0.remove("proc/modules") }),
    (
      "another hardware clock", [.hostHardwareClock],
      { try $0.write("sys/class/rtc/rtc0/since_epoch", "\(time.seconds - 3600)\n") }
    ),
    ("no hardware clock", [.hostHardwareClockUnknown], { try $0.remove("sys/class/rtc") }),
    (
      "a hardware clock that says nothing", [.hostHardwareClockUnknown],
      { try $0.write("sys/class/rtc/rtc0/since_epoch", "soon\n") }
    ),
    ("swap", [.hostSwap], { try $0.write("proc/swaps", "Filename Type\n/swapfile file 1 0 -2\n") }),
    ("no list of swap", [.hostSwapUnknown], { try $0.remove("proc/swaps") }),
    (
      "a kernel that cannot swap", [],
      {
        try $0.remove("proc/swaps")
        try $0.write("proc/meminfo", "MemTotal: 1 kB\nSwapTotal:             0 kB\n")
      }
    ),
  ]

  @Test(arguments: changes.indices) func oneFileIsChanged(_ place: Int) throws {
    let change = Self.changes[place]
    let machine = try Self.machine()
    try change.edit(machine)
    #expect(Self.codes(machine) == change.codes, "\(change.what)")
  }

  private static let processes: [(what: String, codes: [Finding.Code], edit: @Sendable (inout HostProcess) -> Void)] = [
    ("core files", [.hostCore], { $0.forbidsCoreFiles = false }),
    ("little locked memory", [.hostLockLimit], { $0.lockLimit = 1 << 16 }),
    ("any amount of it", [], { $0.lockLimit = nil }),
    ("no language", [.hostLocale], { $0.language = "" }),
    ("another language", [.hostLocale], { $0.language = "de_DE.ISO-8859-1" }),
    ("small letters", [], { $0.language = "de_DE.utf8" }),
    ("too few columns", [.hostTerminal], { $0.terminal = (79, 24) }),
    ("too few rows", [.hostTerminal], { $0.terminal = (80, 23) }),
    ("no terminal", [.hostTerminalUnknown], { $0.terminal = nil }),
    ("nobody says what keeps the clock right", [], { $0.isSynchronised = nil }),
  ]

  @Test(arguments: processes.indices) func oneThingOfTheProcess(_ place: Int) throws {
    let change = Self.processes[place]
    #expect(try Self.codes(Self.machine(), change.edit) == change.codes, "\(change.what)")
  }

  /// Whoever may lock any memory has no limit.
  @Test func theCapabilityToLock() throws {
    let machine = try Self.machine()
    try machine.write("proc/self/status", "CapEff:\t0000000000004000\n")
    #expect(Self.codes(machine) { $0.lockLimit = 1 << 16 } == [])
  }

  @Test(arguments: [
    ("2026-10-31T23:59:59Z", nil, true), ("2026-11-01T00:00:00Z", nil, false), ("2060-01-01T00:00:00Z", nil, true),
    ("2027-11-30T23:59:59Z", "2027-12-01T00:00:00Z", false), ("2027-12-01T00:00:00Z", "2027-12-01T00:00:00Z", true),
  ]) func aClockThatCanBeRight(now: String, expires: String?, isWrong: Bool) throws {
    let machine = try SampleMachine()
    let moment = try #require(UTCTime(now))
    try machine.write("sys/class/rtc/rtc0/since_epoch", "\(moment.seconds)\n")
    #expect(
      Self.codes(machine, at: moment, expires: expires.flatMap(UTCTime.init(_:))) == (isWrong ? [.hostClock] : []))
  }

  private static func found(_ edit: (inout CardsAtHand) -> Void) -> CardsAtHand {
    var found = CardsAtHand()
    (found.readers, found.cards) = (1, 1)
    edit(&found)
    return found
  }

  private static let readers: [(what: String, codes: [Finding.Code], found: CardsAtHand)] = [
    ("one of each", [], found { _ in }), ("no card yet", [], found { $0.cards = 0 }),
    ("none", [.hostReaders], CardsAtHand()), ("one that types", [.hostReaderOTP], found { $0.typing = 1 }),
    ("a held card", [.cardShared], found { $0.held = 1 }), ("a mute card", [.hostCard], found { $0.unusable = 1 }),
  ]

  @Test(arguments: readers.indices) func readersAndCards(_ place: Int) throws {
    let (what, codes, found) = Self.readers[place]
    let machine = try Self.machine()
    let points = try HostCards(files: machine.files) { found }.points()
    withExtendedLifetime(machine) {}
    #expect(points.flatMap(\.codes) == codes, "\(what)")
    #expect(points.first?.says == "release 1.9.9-2, running")
  }

  /// The kernel does not say who has a card; what is known to take cards, and runs, is named.
  @Test func whoHoldsIt() throws {
    let machine = try Self.machine()
    try machine.write("proc/417/comm", "scdaemon\n")
    try machine.write("proc/418/comm", "bash\n")
    let says = try HostCards(files: machine.files) { Self.found { $0.held = 1 } }.points().last?.says
    withExtendedLifetime(machine) {}
    #expect(says == "1 reader, 1 card, 1 card held by another program, perhaps scdaemon")
  }

  @Test(arguments: [
    (Finding.Code.pcscdGone, [Finding.Code.pcscdGone]), (.pcscdRefused, [.pcscdRefused]), (.readerFailed, [.hostCard]),
  ]) func pcscdThatCannotBeReached(code: Finding.Code, codes: [Finding.Code]) throws {
    let machine = try Self.machine()
    let points = try HostCards(files: machine.files) { throw Finding(code, "It is so.", hint: "Mend it.") }.points()
    withExtendedLifetime(machine) {}
    #expect(points.flatMap(\.codes) == codes)
    #expect(points.map(\.subject) == [.pcscd, .readers])
  }

  @Test func aReleaseThatNobodyKnows() throws {
    let machine = try Self.machine()
    for text in ["", "Package: pcscd\nStatus: deinstall ok config-files\nVersion: 1.9.9-2\n"] {
      try machine.write("packages", text)
      let points = try HostCards(files: machine.files) { Self.found { _ in } }.points()
      #expect(points.flatMap(\.codes) == [.hostPCSCDUnknown])
    }
    withExtendedLifetime(machine) {}
  }

  /// Both folders are on the disk of this one.
  @Test func oneDiskForBoth() {
    let here = FileManager.default.currentDirectoryPath
    let points = HostMedia(output: here, mirror: here, outputFault: nil, mirrorFault: nil).points
    #expect(points.map { $0.codes.contains(.hostSameMedium) } == [false, true])
    let faults = HostMedia(output: here, mirror: here, outputFault: "so", mirrorFault: "so").points
    #expect(faults.map { $0.codes.first } == [.hostOutput, .hostMirror])
    #expect(HostMedia(output: nil, mirror: nil, outputFault: nil, mirrorFault: nil).points.flatMap(\.codes) == [])
  }
}
