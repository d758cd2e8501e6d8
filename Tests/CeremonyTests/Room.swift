import CeremonyRecords
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Keys
import PIV
import Products
import Transcript

/// The package's own folders, found from this file.
enum Package {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let runbook = root.appending(path: "Runbook")
  static let fixtures = root.appending(path: "Fixtures")

  /// Every script that is shipped, discovered.
  static var scripts: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: runbook.path())) ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted()
  }

  /// Those of them that go on from a root. They are rehearsed on its twin. What finishes a root that waits is not among
  /// them: it fits only the folder of the ceremony that ended pending.
  static var rotations: [String] { scripts.filter { isRotation($0) == true && !isFinishing($0) } }
  /// Those that found one.
  static var geneses: [String] { scripts.filter { isRotation($0) == false } }

  private static func isRotation(_ name: String) -> Bool? { try? Script(script(name)).isRotation }
  private static func isFinishing(_ name: String) -> Bool { (try? Script(script(name)).pending) != nil }

  static func script(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: runbook.appending(path: name)))
  }
}

/// A console that shows nothing and answers as an unattended rehearsal does, unless a test answers for it.
final class QuietConsole: Console {
  var screens: [Screen] = []
  var notes: [String] = []
  var answer: (Screen) throws -> String? = { $0.prompt?.unattended }
  /// Sees what is shown and asks nothing.
  var shown: (Screen) -> Void = { _ in }
  func show(_ screen: Screen) {
    screens.append(screen)
    shown(screen)
  }
  func answer(to screen: Screen) throws -> String? {
    screens.append(screen)
    return try answer(screen)
  }
  func note(_ line: String) { notes.append(line) }
}

/// A rehearsal in a folder of its own, which goes with it.
final class Room {
  let path: String
  let console = QuietConsole()

  /// - Parameter inMemory: where nothing waits for a disk, if the system has such a place.
  init(inMemory: Bool = false) {
    let memory = URL(filePath: "/dev/shm")
    let isThere = inMemory && FileManager.default.isWritableFile(atPath: memory.path())
    let place = isThere ? memory : FileManager.default.temporaryDirectory
    path = place.appending(path: "room-\(UUID().uuidString)").path()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var folder: ProductsFolder { ProductsFolder(opening: path) }

  @discardableResult
  func rehearse(
    _ script: [UInt8], seed: Int? = 1, sacrifice: [CardName] = [], isUnattended: Bool = true,
    scriptFolder: String = Package.runbook.path(),
    prepare: (StagedCardSource) throws -> Void = { _ in }
  ) throws -> LiveCeremony.Result {
    let cardSource = StagedCardSource(try Script(script), folder, seed: seed)
    try prepare(cardSource)
    return try LiveCeremony(
      LiveCeremony.Options(
        script: script, scriptFolder: scriptFolder, out: path, isUnattended: isUnattended, seed: seed,
        sacrifice: sacrifice, programVersion: ProgramVersion.current), console: console, virtualCards: cardSource
    ).run()
  }

  func replay() -> ReplayVerdict { Replay(folder).verdict() }

  func transcript() throws -> [Record] {
    var reader = TranscriptReader(MemorySource(try folder.read("transcript.jsonl")), name: "transcript.jsonl")
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  /// The whole folder in memory, for changing it.
  func products() throws -> MemoryProducts {
    var files: [String: [UInt8]] = [:]
    for entry in try folder.list() { files[entry.path] = try folder.read(entry.path) }
    return MemoryProducts(files: files)
  }
}

/// A products folder in memory.
struct MemoryProducts: ProductsSource {
  var files: [String: [UInt8]]

  func read(_ name: String) throws(Finding) -> [UInt8] {
    guard let bytes = files[name] else {
      throw Finding(.fileRefused, "\(name) is not there.", hint: "", place: name)
    }
    return bytes
  }

  func list() throws(Finding) -> [ProductsFolder.Entry] {
    files.keys.sorted().map { ProductsFolder.Entry(path: $0, isRegular: true) }
  }

  func replay() -> ReplayVerdict { Replay(self).verdict() }

  /// The folder of a whole first rehearsal; empty where it could not be held, which no test takes for sound.
  static func firstRehearsal(seed: Int = 1) -> MemoryProducts {
    let room = Room()
    do {
      try room.rehearse(Array(try Scripts.first.utf8), seed: seed)
      return try room.products()
    } catch {
      return MemoryProducts(files: [:])
    }
  }
}
