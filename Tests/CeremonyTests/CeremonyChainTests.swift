import CeremonyReplay
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Keys
import Products
import Testing

/// Ceremonies that each name the one before: walked back from the newest, whatever the order of the folders.
@Suite struct CeremonyChainTests {
  /// Three years, and a second ceremony that goes on from the first.
  private static func years() throws -> (history: History, fork: Room) {
    var history = try History()
    try history.hold(RotationTests.genesis)
    let year = History.Year(holders: ["ada", "boris", "dora"], threshold: 2, leaving: ["chandra": "left"])
    let fork = Room(inMemory: true)
    _ = try history.rehearse(try history.script(year), in: fork)
    try history.hold(year)
    try history.hold(History.Year(holders: ["ada", "boris", "dora"], threshold: 2))
    return (history, fork)
  }

  @Test func everyFolderHasItsPlaceOrAFinding() throws {
    let (history, fork) = try Self.years()
    let stranger = Room(inMemory: true)
    try stranger.rehearse(Array(try Scripts.first.utf8), seed: 9)
    let rooms = [
      "first": history.rooms[0], "second": history.rooms[1], "third": history.rooms[2], "fork": fork,
      "stranger": stranger,
    ]
    var cases: [(what: String, newest: String, after: [String], codes: [Finding.Code], links: [String])] = [
      ("in order", "third", ["second", "first"], [], ["second", "first"]),
      ("in another order", "third", ["first", "second"], [], ["second", "first"]),
      ("the one before alone", "third", ["second"], [], ["second"]),
      ("the one between missing", "third", ["first"], [.previousGap], []),
      ("a fork", "third", ["first", "second", "fork"], [.previousFork], ["second", "first"]),
      ("a fork without what it follows", "third", ["second", "fork"], [.previousFork], ["second"]),
      ("a stranger", "third", ["second", "first", "stranger"], [.previousDiffers], ["second", "first"]),
      ("one twice", "third", ["second", "second"], [.previousDiffers], ["second"]),
      ("not the newest", "second", ["third", "first"], [.previousDiffers], ["first"]),
      ("nothing came before", "first", ["second"], [.previousDiffers], []),
    ]
    cases.append(("nothing came before, and a stranger", "first", ["stranger"], [.previousDiffers], []))
    for one in cases {
      let folders = try one.after.map { name in
        CeremonyChain.Folder(name: name, source: try #require(rooms[name]).folder)
      }
      let newest = try #require(rooms[one.newest])
      let verdict = Replay(newest.folder, named: one.newest, after: folders).verdict()
      #expect(verdict.findings.map(\.code) == one.codes, "\(one.what): \(verdict.findings)")
      #expect(verdict.chain?.links.map(\.name) == one.links, "\(one.what)")
      #expect(verdict.isEarlierVerified == !one.links.isEmpty && verdict.isSound == one.codes.isEmpty, "\(one.what)")
      let names = [one.newest] + one.links
      #expect(verdict.chain?.links.map(\.namedBy) == Array(names.dropLast()), "\(one.what)")
      guard
        let second = try SecondVerifier.verdict(
          on: newest.path, after: one.after.compactMap { rooms[$0]?.path }, "with earlier ceremonies")
      else { continue }
      #expect(second.holds == one.codes.isEmpty, "\(one.what): \(second.text)")
      for (name, by) in zip(one.links, names) where one.codes.isEmpty {
        let line = "\(rooms[name]?.path ?? ""): holds, and \(rooms[by]?.path ?? "") names it"
        #expect(second.text.contains(line), "\(one.what): \(second.text)")
      }
    }
    let whole = Replay(
      history.rooms[2].folder, named: "third",
      after: [0, 1].map { CeremonyChain.Folder(name: "\($0 + 1)", source: history.rooms[$0].folder) }
    ).verdict()
    #expect(whole.proved.contains("The 2 ceremonies before this one hold as well, each named by the one after it."))
    let words = try #require(whole.chain?.links.first?.words)
    let (head, final) = (history.rooms[1].replay().head?.hex ?? "-", history.rooms[1].replay().finalHead?.hex ?? "-")
    #expect(
      words.contains("third names it, and so binds head \(head)")
        && words.contains("only its own final head binds: \(final)"))
    let part = Replay(
      history.rooms[2].folder, after: [CeremonyChain.Folder(name: "2", source: history.rooms[1].folder)]
    ).verdict()
    #expect(part.notProved.contains { $0.hasPrefix("that the ceremony before 2 holds") })
  }

  /// A folder of the chain that does not hold is named, and nothing behind it counts.
  @Test func aChangedFolderBreaksTheChain() throws {
    let (history, _) = try Self.years()
    var changed = try history.rooms[1].products()
    changed.files["metadata/2.root.json"]?[9] ^= 1
    let verdict = Replay(
      history.rooms[2].folder, named: "third",
      after: [
        CeremonyChain.Folder(name: "first", source: history.rooms[0].folder),
        CeremonyChain.Folder(name: "second", source: changed),
      ]
    ).verdict()
    #expect(verdict.findings.map(\.code) == [.previousUnsound, .previousGap], "\(verdict.findings)")
    #expect(verdict.findings.first?.place?.hasPrefix("second: ") == true)
    #expect(verdict.chain?.links.isEmpty == true && !verdict.isSound)
  }
}
