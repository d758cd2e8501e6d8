import CanonicalJSON
import Findings
import Foundation
import Testing

@testable import FindingCatalogue

private let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

@Suite struct CatalogueTests {
  private static let entries = FindingCatalogue.areas.flatMap(\.entries)

  @Test func everyCodeHasOneEntry() {
    let codes = Self.entries.map(\.code.rawValue)
    #expect(codes.sorted() == Finding.Code.allCases.map(\.rawValue).sorted())
  }

  @Test(arguments: Finding.Code.allCases)
  func isSpelledAsOthersCompareIt(_ code: Finding.Code) throws {
    #expect(try #/[A-Z][A-Z0-9]*(-[A-Z0-9]+)*/#.wholeMatch(in: code.rawValue) != nil)
  }

  /// Sentences that fit into a table.
  @Test(arguments: entries.indices)
  func isWhole(_ place: Int) {
    let entry = Self.entries[place]
    for words in [entry.meaning, entry.advice] {
      #expect(words.first?.isLetter == true || words.first == "-", "\(entry.code)")
      #expect(words.last == "." || words.hasSuffix(" -"), "\(entry.code)")
      #expect(!words.contains("|") && !words.contains("\n") && !words.contains("  "), "\(entry.code)")
    }
    #expect(entry.meaning != entry.advice)
    #expect(entry.ownCommands?.isEmpty != true)
  }

  /// A code that nothing raises is explained for nothing. That each that is raised is explained, the compiler sees to:
  /// there is no other way to name one.
  ///
  /// Where one is raised it is the first argument or the last, what `?:` chooses, or what is added to others; elsewhere
  /// codes stand in patterns and lists.
  @Test func everyCodeIsRaised() throws {
    let declaration = "Findings/FindingCode.swift"
    let raising = #/\(\s*\.(\w+)\s*,|,\s*\.(\w+)\)|:\s*\.(\w+),|\bFinding\.Code\.(\w+)|codes\.append\(\.(\w+)\)/#
    let sources = package.appending(path: "Sources")
    var raised: Set<Substring> = []
    for case let path as String in try #require(FileManager.default.enumerator(atPath: sources.path()))
    where path.hasSuffix(".swift") && !path.hasPrefix("FindingCatalogue/") && path != declaration {
      let source = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
      for match in source.matches(of: raising) {
        raised.formUnion([match.1, match.2, match.3, match.4, match.5].compactMap(\.self))
      }
    }
    let declared = try String(contentsOf: sources.appending(path: declaration), encoding: .utf8)
      .matches(of: #/case (\w+) = "/#).map(\.1)
    #expect(declared.count == Finding.Code.allCases.count)
    #expect(declared.filter { !raised.contains($0) } == [])
  }

  @Test func pageIsTheCatalogue() throws {
    let page = try String(contentsOf: package.appending(path: "Runbook/FINDINGS.md"), encoding: .utf8)
    #expect(
      page == FindingCatalogue.page, "tuf-audit explain --format markdown > Runbook/FINDINGS.md writes it anew.")
  }

  @Test func explainsInCapitalsOrNot() throws {
    for word in ["CHAIN-BROKEN", "chain-broken", "Chain-Broken"] {
      let answer = try FindingCatalogue.explained(word)
      #expect(answer.explanations.map(\.code) == [.chainBroken])
      #expect(
        answer.text == """
          CHAIN-BROKEN: The record and its folder

          A line of the record does not link to the line before it. A line was changed, removed or added.
          → Compare the folder with another copy. Do not trust this one.

          Can be said by tuf-ceremony print, resume, seal; tuf-audit replay, attest, report, export, returned.
          As an error it ends a command with 1. As a warning it does so only where --strict is given.

          """)
    }
  }

  @Test(arguments: [
    ("CHAIN-BROKN", "Did you mean CHAIN-BROKEN?"), ("chian-broken", "Did you mean CHAIN-BROKEN?"),
    ("pin-wron", "Did you mean PIN-WRONG?"), ("", "Without a code, 'explain' lists them all."),
    ("XYZZY", "Without a code, 'explain' lists them all."),
  ])
  func saysWhatWasPerhapsMeant(_ word: String, _ hint: String) {
    let error = #expect(throws: UnknownCode.self) { try FindingCatalogue.explained(word) }
    #expect(error?.description == "“\(word)” is no code of a finding. \(hint)")
  }

  @Test func listsAllByArea() throws {
    let answer = try FindingCatalogue.explained(nil)
    #expect(answer.explanations.count == Finding.Code.allCases.count)
    let rows = answer.text.split(separator: "\n", omittingEmptySubsequences: false)
    let headings = rows.filter { !$0.isEmpty && !$0.hasPrefix(" ") }.map(String.init)
    #expect(headings == FindingCatalogue.areas.map(\.title))
    for code in Finding.Code.allCases {
      #expect(rows.count { $0.hasPrefix("  \(code) ") } == 1, "\(code)")
    }
  }
}
