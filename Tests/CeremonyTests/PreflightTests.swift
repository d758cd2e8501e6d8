import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import Foundation
import Judges
import Products
import Testing
import Transcript

@testable import CeremonyRuntime

/// The machine is looked at, and again right before the first signature.
@Suite struct PreflightTests {
  private static func script(_ more: String = "") throws -> String {
    try Scripts.room(
      try Scripts.first.editing("ceremony: 1\n", with: "ceremony: 2\n")
        .editing("  - id: card-ada\n", with: "  - {id: machine, do: preflight\(more)}\n  - id: card-ada\n"))
  }

  /// A rehearsal on such a machine.
  private func hold(
    _ room: Room, on machine: SampleMachine, copy: Room? = nil, allowed: [Finding.Code] = [],
    _ scenes: [(String, String)] = []
  ) throws -> LiveCeremony.Result {
    let people = StagedPeople(room, scenes)
    var options = LiveCeremony.Options(
      script: Array(try Self.script().utf8), scriptFolder: Package.runbook.path(), out: room.path, mirror: copy?.path,
      isUnattended: true, seed: 1, programVersion: ProgramVersion.current)
    options.look = machine.look
    options.allowed = allowed
    let result = try LiveCeremony(options, console: room.console).run()
    #expect(people.isOver, "not every scene was played")
    return result
  }

  @Test func aSeededRehearsalLooksAtNothingAndSaysSo() throws {
    let room = Room()
    #expect(try room.play(Self.script(), []).outcome.ending == .complete)
    let records = try room.records(.host)
    #expect(records.map(\.step) == ["machine", "machine/again"])
    for record in records {
      let host = try #require(HostRecord(record.body))
      #expect(host.points.allSatisfy { $0.says.hasPrefix("left out") } && host.findings.isEmpty)
    }
    // Right before the first signature over metadata.
    let steps = try room.transcript().map(\.step)
    #expect(steps.drop { $0 != "machine/again" }.first { $0 != "machine/again" }?.hasPrefix("sign-") == true)
    try SecondVerifier.expectAgreement([("seeded", try room.products())], holding: true, "that looked at nothing")
  }

  @Test func whatIsWrongIsOnRecordAndARehearsalGoesOn() throws {
    let machine = try SampleMachine()
    try machine.write("proc/swaps", "Filename Type\n/dev/sda3 partition 1 0 -2\n")
    let room = Room()
    let result = try hold(room, on: machine, allowed: [.hostSwap, .hostLocale])
    #expect(result.outcome.ending == .complete)
    let records = try room.records(.host).compactMap { HostRecord($0.body) }
    #expect(records.count == 2)
    #expect(records.allSatisfy { $0.findings.map(\.code).contains(.hostSwap) })
    #expect(records.allSatisfy { $0.allowed == ["HOST-LOCALE", "HOST-SWAP"] })
    let points = try #require(records.first).points
    #expect(points.first { $0.subject == .readers }?.says == "left out: the cards are virtual")
    #expect(points.first { $0.subject == .terminal }?.says == "left out: nobody is asked")
    // Accepted once, it is not asked again; and nothing of it is an exception in a rehearsal.
    let asked = room.console.screens.filter { $0.title.hasPrefix("Look at the machine") && $0.prompt != nil }
    #expect(asked.count == 1)
    #expect(try room.records(.exception).isEmpty)
    // Nothing that names the machine, or a folder.
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, 255)
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    for record in try room.records(.host) {
      let text = String(decoding: JSONValue.object(record.body).canonical(), as: UTF8.self)
      for word in [host, room.path, machine.path, "/dev/sda3", NSUserName() + "@"] where !word.isEmpty {
        #expect(!text.contains(word), "\(word)")
      }
    }
    #expect(room.replay().holds)
    try SecondVerifier.expectAgreement([("wrong", try room.products())], holding: true, "of a machine in disorder")
  }

  @Test func somethingNewIsAskedAboutBeforeTheFirstSignature() throws {
    let machine = try SampleMachine()
    let room = Room()
    room.console.shown = { _ in }
    var looks = 0
    room.console.answer = { screen in
      guard screen.title.hasPrefix("Look at the machine") else { return screen.prompt?.unattended }
      looks += 1
      // A cable is put in after the first look.
      if looks == 1 { try machine.write("proc/net/route", SampleMachine.routes + SampleMachine.defaultRoute) }
      if looks == 2 {
        #expect(screen.title == "Look at the machine again")
        #expect(screen.text.contains { $0.hasPrefix("HOST-ROUTE: ") })
        try machine.write("proc/net/route", SampleMachine.routes)
        return "again"
      }
      return screen.prompt?.unattended
    }
    var options = LiveCeremony.Options(
      script: Array(try Self.script().utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
      seed: 1, programVersion: ProgramVersion.current)
    options.look = machine.look
    #expect(try LiveCeremony(options, console: room.console).run().outcome.ending == .complete)
    #expect(try room.records(.host).map(\.step) == ["machine", "machine/again", "machine/again"])
    #expect(room.replay().holds)
  }

  /// The second copy is read anew and compared, right before the first signature.
  @Test func aSecondCopyThatDiffersIsFound() throws {
    let (room, copy) = (Room(), Room())
    let machine = try SampleMachine()
    room.console.shown = { _ in }
    var isChanged = false
    let before = room.console.answer
    room.console.answer = { screen in
      if screen.title.hasPrefix("Show root"), !isChanged {
        isChanged = true
        let path = URL(filePath: "\(copy.path)/script.yaml")
        var bytes = try Data(contentsOf: path)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: path)
      }
      return try before(screen)
    }
    var options = LiveCeremony.Options(
      script: Array(try Self.script().utf8), scriptFolder: Package.runbook.path(), out: room.path, mirror: copy.path,
      isUnattended: true, seed: 1, programVersion: ProgramVersion.current)
    options.look = machine.look
    _ = try LiveCeremony(options, console: room.console).run()
    withExtendedLifetime(machine) {}
    let found = try room.records(.host).compactMap { HostRecord($0.body) }.map { record in
      record.findings.map(\.code).contains(.hostMirror)
    }
    #expect(isChanged && found == [false, true])
  }

  /// What somebody with the cards could write, one field each.
  @Test func forgedLooksAreRefused() throws {
    let room = Room()
    try room.play(Self.script(), [])
    let sound = try room.products()
    typealias Forgery = (what: String, edit: (inout [JSONObject], Int) -> Void)
    func point(_ edit: @escaping (inout JSONObject) -> Void) -> (inout [JSONObject], Int) -> Void {
      { records, place in
        records[place].edit("body", "points") { value in
          var points = value?.array ?? []
          var first = points.first?.object ?? [:]
          edit(&first)
          points[0] = .object(first)
          return .array(points)
        }
      }
    }
    let forgeries: [Forgery] = [
      ("an unknown point", point { $0["point"] = "moon" }),
      ("an unknown code", point { $0["codes"] = ["HOST-MOON"] }),
      ("a code of something else", point { $0["codes"] = ["PIN-WRONG"] }),
      ("a code twice", point { $0["codes"] = ["HOST-NETWORK", "HOST-NETWORK"] }),
      ("no words", point { $0["says"] = nil }),
      ("a point twice", { $0[$1].edit("body", "points") { .array(($0?.array ?? []) + ($0?.array ?? [])) } }),
      ("no point", { $0[$1].edit("body", "points") { _ in [] } }),
      ("an unknown allowance", { $0[$1].edit("body", "allowed") { _ in ["HOST-MOON"] } }),
      ("allowances in disorder", { $0[$1].edit("body", "allowed") { _ in ["HOST-SWAP", "HOST-CORE"] } }),
      ("in another step", { $0[$1]["step"] = "time" }),
      ("not looked again", { $0.remove(at: $1) }),
    ]
    var cases: [(what: String, folder: MemoryProducts)] = []
    for forgery in forgeries {
      var folder = sound
      try folder.rechain { records in
        let place = try #require(records.lastIndex { $0["kind"] == "host" })
        forgery.edit(&records, place)
      }
      cases.append((forgery.what, folder))
    }
    try SecondVerifier.expectAgreement(cases, holding: false, "of forged looks at the machine")
  }

  @Test func anOlderScriptHasNoSuchStep() throws {
    let script = try Self.script().editing("ceremony: 2\n", with: "ceremony: 1\n")
    #expect(throws: Finding.self) { try Room().play(script, []) }
  }
}
