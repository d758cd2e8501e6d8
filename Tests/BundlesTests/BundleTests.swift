import Bundles
import CanonicalJSON
import CeremonyReplay
import Findings
import Foundation
import Judges
import Keys
import Products
import Testing
import UTC

/// A products folder in memory.
private struct MemoryProducts: ProductsSource {
  var files: [String: [UInt8]] = [:]
  func read(_ name: String) throws(Finding) -> [UInt8] {
    guard let bytes = files[name] else {
      throw Finding(.fileRefused, "\(name) is not there.", hint: "", place: name)
    }
    return bytes
  }
  func list() -> [ProductsFolder.Entry] {
    files.keys.sorted().map { ProductsFolder.Entry(path: $0, isRegular: true) }
  }
}

private func packed(_ source: any ProductsSource, time: UTCTime? = nil) throws -> [UInt8] {
  var archive: [UInt8] = []
  // "{"at":"" and the time.
  let first = (try? source.read("transcript.jsonl")).flatMap { UTCTime(String(decoding: $0[7..<27], as: UTF8.self)) }
  let digest = try Bundle(source, time: time ?? first ?? .epoch).write { archive += $0 }
  #expect(digest == SHA256Digest(of: archive))
  return archive
}

/// The source behind an archive, while the archive is in a file.
private func unpacked<Result>(_ archive: [UInt8], _ body: (BundleSource) throws -> Result) throws -> Result {
  try ScratchFolder.with { scratch throws in
    let file = scratch.appending(path: "a.tar")
    try Data(archive).write(to: file)
    return try body(try #require(try BundleSource(file.path())))
  }
}

@Suite struct BundleTests {
  private static let folder = ProductsFolder(
    opening: GoldenCeremony.folder.path()
  )
  private static let sample = MemoryProducts(files: [
    "a.txt": Array("first".utf8), "b/empty": [], "b/full": [UInt8](repeating: 7, count: 512), "c": [1],
    "virtual-cards/paper.json": Array("a PIN".utf8),
  ])

  @Test(arguments: ["annex/my photo.jpg", "annex/caf\\xe9.jpg", "annex/\u{301}mark"])
  func aNameThatABundleCannotHoldIsNamed(_ name: String) throws {
    var files = Self.sample
    files.files[name] = []
    let refused = #expect(throws: Finding.self) { try packed(files) }
    #expect(refused?.code == .bundleName && refused?.place == name)
  }

  @Test func comesBackAsItWasWithoutTheVirtualCards() throws {
    let archive = try packed(Self.sample)
    try unpacked(archive) { source throws in
      #expect(source.list().map(\.path) == ["a.txt", "b/empty", "b/full", "c"])
      for entry in source.list() { #expect(try source.read(entry.path) == Self.sample.files[entry.path]) }
      let missing = #expect(throws: Finding.self) { try source.read("virtual-cards/paper.json") }
      #expect(missing?.code == .fileRefused)
      #expect(try packed(source) == archive)
    }
    #expect(archive.count % 512 == 0)
  }

  @Test func bytesInMemoryAreTheSameFiles() throws {
    let archive = try packed(Self.sample)
    #expect(BundleSource.begins(archive) && !BundleSource.begins(Array(archive.dropFirst())))
    #expect(!BundleSource.begins(Array(archive.prefix(511))) && !BundleSource.begins([]))
    let source = try BundleSource(bytes: archive, atMost: archive.count)
    for entry in source.list() { #expect(try source.read(entry.path) == Self.sample.files[entry.path]) }
    #expect(try packed(source) == archive)
    let refused = #expect(throws: Finding.self) { try BundleSource(bytes: archive, atMost: archive.count - 1) }
    #expect(refused?.code == .fileRefused)
  }

  @Test func replaysAsTheFolderDoes() throws {
    let verdict = Replay(Self.folder).verdict()
    #expect(verdict.holds)
    try unpacked(try packed(Self.folder)) { source in
      let again = Replay(source).verdict()
      #expect(again.findings == verdict.findings)
      #expect(again.head == verdict.head)
      #expect(again.products == verdict.products)
    }
  }

  @Test func aChangeInsideIsFound() throws {
    var archive = try packed(Self.folder)
    let needle = Array("\"threshold\": 2".utf8)
    let place = try #require(archive.indices.first { archive[$0...].starts(with: needle) })
    archive[place + 13] = UInt8(ascii: "1")
    try unpacked(archive) { source in
      #expect(Replay(source).verdict().findings.first?.place == "metadata/1.root.json")
    }
  }

  @Test func pythonReadsTheSameFiles() throws {
    let archive = try packed(Self.folder)
    let script = """
      import hashlib, io, json, sys, tarfile
      tar = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), mode="r:")
      files = []
      for member in tar:
          assert member.isreg() and member.mode == 0o644 and (member.uid, member.gid) == (0, 0), member
          files.append([member.name, hashlib.sha256(tar.extractfile(member).read()).hexdigest()])
      json.dump(files, sys.stdout)
      """
    guard let output = try Python.output(of: script, input: archive, skipping: 1, "a bundle read by Python")
    else { return }
    let expected = try Self.folder.list().map { entry in
      JSONValue.array([
        .string("ceremony/\(entry.path)"), .string(SHA256Digest(of: try Self.folder.read(entry.path)).hex),
      ])
    }
    #expect(try JSONValue(parsing: Array(output.utf8)) == .array(expected))
  }

  /// Bytes before and behind the last `/`.
  @Test(arguments: [
    (8, 91, true), (8, 100, true), (90, 10, true), (91, 10, true), (155, 100, true), (156, 100, false),
    (155, 101, false),
    (156, 10, false), (8, 101, false),
  ])
  func longNames(before: Int, behind: Int, fits: Bool) throws {
    let folder = before > 8 ? String(repeating: "a", count: before - 9) + "/" : ""
    let path = folder + String(repeating: "z", count: behind)
    let source = MemoryProducts(files: [path: [1]])
    guard fits else {
      let refused = #expect(throws: Finding.self) { try packed(source) }
      #expect(refused?.code == .bundleName)
      return
    }
    try unpacked(try packed(source)) { #expect($0.list().map(\.path) == [path]) }
  }

  // MARK: - Archives that are not ours

  /// The same folder is one archive: the times are the first record's, in each header.
  @Test func anArchiveOfAnotherTime() throws {
    let later = try #require(UTCTime("2026-12-24T00:00:00Z"))
    try refused(try packed(Self.folder, time: later), "another time than the first record")
    var archive = try packed(Self.sample)
    let second = 1024..<1536
    let other = try packed(Self.sample, time: later)
    archive.replaceSubrange(second, with: other[second])
    try refused(archive, "another time in the second header")
  }

  /// Field changes in the first header; each makes the checksum right again.
  @Test(arguments: [
    ("name", 0, "../../a.txt"), ("name", 0, "/etc/passwd"), ("name", 0, "ceremony/../a"),
    ("name", 0, "a.txt"),
    ("name", 0, "ceremony/z.txt"), ("name", 0, "ceremony/c"), ("name", 0, "ceremony/virtual-cards/a"),
    ("name", 0, "ceremony/a b"), ("name", 0, "ceremony/"), ("name", 0, "ceremony//a"),
    ("mode", 100, "0000755"), ("owner", 108, "0001750"), ("group", 116, "0001750"),
    ("size", 124, "00000001001"),
    ("size", 124, "77777777777"), ("size", 124, "0000000000x"), ("time", 136, "99999999999"),
    ("hard link", 156, "1"), ("link", 156, "2"), ("device", 156, "3"), ("folder", 156, "5"),
    ("pipe", 156, "6"),
    ("extended header", 156, "x"), ("long name", 156, "L"), ("sparse", 156, "S"), ("link target", 157, "x"),
    ("magic", 257, "ustar "), ("version", 263, "01"), ("user", 265, "root"),
    ("device number", 329, "0000001"),
    ("prefix", 345, "x"), ("end", 500, "x"),
  ])
  func aHeaderOfAnotherForm(what: String, offset: Int, value: String) throws {
    var archive = try packed(Self.sample)
    if what == "name" { archive.replaceSubrange(0..<100, with: [UInt8](repeating: 0, count: 100)) }
    archive.replaceSubrange(offset..<offset + value.utf8.count, with: Array(value.utf8))
    archive.replaceSubrange(148..<156, with: Array("        ".utf8))
    let sum = String(archive[0..<512].reduce(0) { $0 + Int($1) }, radix: 8)
    let digits = String(repeating: "0", count: 6 - sum.count) + sum
    archive.replaceSubrange(148..<156, with: Array(digits.utf8) + [0, 0x20])
    try refused(archive, what)
  }

  @Test func aBitChangedAnywhereInAHeader() throws {
    let archive = try packed(Self.sample)
    for offset in 0..<512 {
      var changed = archive
      changed[offset] ^= 1
      try refused(changed, "byte \(offset)")
    }
  }

  @Test func cutOffOrGoneOn() throws {
    let archive = try packed(Self.sample)
    for count in [0, 1, 511, 512, 513, 1024, archive.count - 1024, archive.count - 512, archive.count - 1] {
      try refused(Array(archive.prefix(count)), "the first \(count) bytes")
    }
    try refused(archive + [0], "a byte more")
    try refused(archive + [UInt8](repeating: 0, count: 512), "a block more")
    try refused(archive + archive, "twice")
    var padded = archive
    padded[1023] = 1
    try refused(padded, "padding")
    let twice = Array(archive[..<1024]) + archive
    try refused(twice, "a file twice")
  }

  @Test func whatIsNoFile() throws {
    try ScratchFolder.with { scratch throws in
      #expect(try BundleSource(scratch.appending(path: "absent").path()) == nil)
      #expect(throws: Finding.self) { try BundleSource(scratch.path()) }
      let pipe = scratch.appending(path: "pipe").path()
      #expect(mkfifo(pipe, 0o600) == 0)
      #expect(throws: Finding.self) { try BundleSource(pipe) }
    }
  }

  private func refused(_ archive: [UInt8], _ what: String) throws {
    try ScratchFolder.with { scratch throws in
      let file = scratch.appending(path: "a.tar")
      try Data(archive).write(to: file)
      let error = #expect(throws: Finding.self, "\(what)") { try BundleSource(file.path()) }
      #expect(error?.code == .bundleMalformed, "\(what)")
      let inMemory = #expect(throws: Finding.self, "\(what)") {
        try BundleSource(bytes: archive, atMost: archive.count)
      }
      #expect(inMemory == error, "\(what)")
    }
  }
}
