import CeremonyReplay
import Findings
import Keys
import Products
import Testing
import Transcript

/// A replay reads its transcript in pieces: where they end makes no difference, and what it does not get it misses.
@Suite struct StreamTests {
  @Test(arguments: [1, 63, 4096])
  func theSizeOfThePiecesMakesNoDifference(most: Int) throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let whole = try room.products()
    let pieces = PiecemealProducts(whole: whole, most: most)
    let verdict = Replay(pieces).verdict()
    #expect(verdict.findings == [])
    #expect(verdict.holds)
    #expect(verdict.head == whole.replay().head)
    for (name, content) in whole.files { #expect(try pieces.digest(of: name) == SHA256Digest(of: content)) }
  }

  /// Nothing of a replay stays behind it: neither the transcript in memory nor the file open.
  @Test func aReplayLetsGoOfItsFolder() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let whole = try room.products()
    weak var held: Holder?
    do {
      let holder = Holder()
      held = holder
      let verdict = Replay(PiecemealProducts(whole: whole, most: 4096, holder: holder)).verdict()
      #expect(verdict.holds && held != nil)
    }
    #expect(held == nil)
  }

  @Test func aFileThatEndsBeforeItsSizeIsCutOff() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let cut = PiecemealProducts(whole: try room.products(), most: 4096, cut: 100)
    let verdict = Replay(cut).verdict()
    #expect(verdict.findings.map(\.code) == [.transcriptTorn])
  }

  @Test func aFolderGivesPiecesOfRegularFilesOnly() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    var stream = try room.folder.open("script.yaml")
    let script = try room.folder.read("script.yaml")
    #expect(stream.size == script.count)
    var read: [UInt8] = []
    while true {
      let piece = try stream.read(upTo: 100)
      #expect(piece.count <= 100)
      if piece.isEmpty { break }
      read += piece
    }
    #expect(read == script)
    for name in ["cards", "missing", "../script.yaml", ""] {
      let refused = #expect(throws: Finding.self) { try room.folder.open(name) }
      #expect(refused?.code == .fileRefused)
    }
  }
}

private final class Holder: Sendable {}

/// Hands files out in small pieces, and ends the transcript `cut` bytes before its size.
private struct PiecemealProducts: ProductsSource {
  let whole: MemoryProducts
  let most: Int
  var cut = 0
  var holder = Holder()

  func read(_ name: String) throws(Finding) -> [UInt8] { try whole.read(name) }
  func list() throws(Finding) -> [ProductsFolder.Entry] { try whole.list() }

  func open(_ name: String) throws(Finding) -> FileStream {
    let content = try whole.read(name)
    let there = content.count - (name == "transcript.jsonl" ? cut : 0)
    return FileStream(size: content.count) { [holder] offset, count in
      withExtendedLifetime(holder) {}
      return Array(content[offset..<max(offset, min(offset + min(count, most), there))])
    }
  }
}
