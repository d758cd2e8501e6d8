import Findings
import SampleMetadata
import Synchronization
import TUFMetadata
import Testing

@testable import Watch

private final class Counter: Sendable {
  let count = Atomic(0)
}

/// What is made ahead of its turn, on all processors.
@Suite struct ReadAheadTests {
  @Test(arguments: [0, 1, 3, 4, 5, 31, 32, 33, 500])
  func comesInOrderAndNotTooEarly(count: Int) {
    let begun = Counter()
    var ahead = ReadAhead(Array(0..<count)) { input in
      begun.count.add(1, ordering: .relaxed)
      return input * 2
    }
    var used = 0
    while let output = ahead.next() {
      #expect(output == used * 2)
      #expect(begun.count.load(ordering: .relaxed) <= used + 32)
      used += 1
    }
    #expect(used == count && ahead.next() == nil)
  }

  /// A history that is longer than what is read ahead, and one root of it that no client takes.
  @Test(arguments: [2, 33, 50])
  func aLongHistoryEndsWhereClientsStop(bad: Int64) throws {
    var repository = Repository()
    for version in Int64(1)...50 {
      let root = try Repository.root(version, by: version == bad ? [1] : [1, 2])
      repository.add("\(version).root.json", root)
    }
    let verdict = RepositoryVerifier(
      time: try Samples.time(Repository.early), expiryThresholds: .expiredOnly, allowsRehearsal: false, trusted: nil
    ).verdict(on: MetadataRepository(path: "history", files: repository.files))
    #expect(verdict.rootVersion == bad - 1)
    for file in verdict.files {
      let version = try #require(file.version)
      let codes = file.findings.map(\.code)
      switch version {
      case bad: #expect(file.status == .invalid && codes.contains(.rootThresholdOld))
      case bad...: #expect(file.status == .unreached && codes == [])
      case bad - 1: #expect(file.status == .ok && codes == [])
      default: #expect(file.status == .superseded && codes == [])
      }
    }
    #expect(verdict.files.map(\.version) == (1...50).map { $0 })
  }
}
