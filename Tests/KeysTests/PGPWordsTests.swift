import Judges
import Keys
import Testing

@Suite struct PGPWordsTests {
  static let everyByte = Array(UInt8.min...UInt8.max)
  static let even = everyByte.map { PGPWords.words(for: [$0])[0] }
  static let odd = everyByte.map { PGPWords.words(for: [0, $0])[1] }
  static let table = zip(even, odd).map { "\($0) \($1)" }

  @Test func `The list is the one that was published`() {
    let digest = SHA256Digest(of: Array((Self.table.joined(separator: "\n") + "\n").utf8))
    #expect(digest.hex == "f816e91d6148165fc67361aa1886eb71ad6b19c9d65673ca40fa96e160f02f5a")
    #expect(Set((Self.even + Self.odd).map { $0.lowercased() }).count == 512)
  }

  @Test func `The list is magic-wormhole's`() throws {
    let script = """
      import ast, importlib.metadata as m
      try: files = m.files('magic-wormhole')
      except m.PackageNotFoundError: raise SystemExit
      f = next(p for p in files if str(p).endswith('wormhole/_wordlist.py'))
      tree = ast.parse(f.locate().read_text())
      raw = next(ast.literal_eval(n.value) for n in tree.body
                 if isinstance(n, ast.Assign) and n.targets[0].id == 'raw_words')
      for i in range(256): print(*raw['%02X' % i])
      """
    guard let lines = try Python.lines(of: script, skipping: 1, "list by another program") else { return }
    guard !lines.isEmpty else {
      return print("SKIPPED 1 list by another program: magic-wormhole is not installed")
    }
    #expect(lines == Self.table)
  }

  @Test func `The published example reads as published`() throws {
    // The fingerprint that the list's authors read aloud.
    let bytes = try #require(Hex.decode("E58294F2E9A227486E8B061B31CC528FD7FA3F19"))
    let words = """
      topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa afflict bravado \
      chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless
      """
    #expect(PGPWords.words(for: bytes).joined(separator: " ") == words)
    #expect(try PGPWords.bytes(from: words.uppercased().split(separator: " ").map(String.init)) == bytes)
  }

  @Test func `Every byte goes there and back at both places`() throws {
    for byte in Self.everyByte {
      #expect(try PGPWords.bytes(from: PGPWords.words(for: [byte, byte, byte])) == [byte, byte, byte])
    }
    #expect(try PGPWords.bytes(from: [String]()) == [])
  }

  @Test(arguments: [
    (["aardvark", "adroitness", "aardwark"], 3, false),
    (["aardvark", "aardvark"], 2, true),
    (["adroitness"], 1, true),
    (["aardvark", ""], 2, false),
    (["aardvark "], 1, false),
  ])
  func `A wrong word is named with its place`(words: [String], place: Int, isOutOfStep: Bool) {
    do {
      _ = try PGPWords.bytes(from: words)
      Issue.record("accepted")
    } catch {
      #expect(error.place == place && error.word == words[place - 1] && error.isOutOfStep == isOutOfStep)
    }
  }
}
