import CeremonyRecords
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Products
import UTC

/// A products folder in memory, for changing it.
struct MemoryProducts: ProductsSource {
  var files: [String: [UInt8]] = [:]

  init(_ folder: ProductsFolder) throws {
    for entry in try folder.list() { files[entry.path] = try folder.read(entry.path) }
  }

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

enum Ceremonies {
  /// A script of the runbook.
  static func script(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: runbook.appending(path: "\(name).yaml")))
  }

  private static let runbook = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Runbook")

  static var goldenPath: String { GoldenCeremony.folder.path() }
  static var golden: MemoryProducts {
    get throws { try MemoryProducts(ProductsFolder(opening: goldenPath)) }
  }

  /// An unattended rehearsal of the first script with some of its words replaced.
  static func rehearsed(
    _ replacements: [(String, String)],
    clock: (any Clock)? = nil,
    answer: @escaping (Screen) -> String? = { $0.prompt?.unattended },
    prepare: (VirtualCardSource) -> Void = { _ in }
  ) throws -> MemoryProducts {
    var script = String(decoding: ShippedScript.firstRehearsal, as: UTF8.self)
    for (old, new) in replacements { script = try script.editing(old, with: new) }
    return try played(Array(script.utf8), clock: clock, answer: answer, prepare: prepare)
  }

  /// An unattended rehearsal of a script.
  static func played(
    _ script: [UInt8],
    clock: (any Clock)? = nil,
    answer: @escaping (Screen) -> String? = { $0.prompt?.unattended },
    prepare: (VirtualCardSource) -> Void = { _ in }
  ) throws -> MemoryProducts {
    try ScratchFolder.with { scratch throws in
      let out = scratch.appending(path: "products").path()
      let cardSource = VirtualCardSource(try Script(script), ProductsFolder(opening: out), seed: 1)
      prepare(cardSource)
      _ = try LiveCeremony(
        LiveCeremony.Options(
          script: script,
          scriptFolder: runbook.path(),
          out: out,
          isUnattended: true,
          seed: 1,
          sacrifice: [],
          programVersion: ProgramVersion.current
        ),
        console: AnsweringConsole(answer),
        virtualCards: cardSource,
        clock: clock
      ).run()
      return try MemoryProducts(ProductsFolder(opening: out))
    }
  }
}

/// A clock that goes on by seven seconds whenever somebody looks at it.
final class SteppingClock: Clock {
  private var steps: Int64 = 0

  func read() -> (at: UTCTime, mono: Int64) {
    steps += 1
    return ((UTCTime("2026-02-02T12:00:00Z") ?? .epoch).adding(seconds: steps * 7), steps * 7_000_000_000)
  }
}

private final class AnsweringConsole: Console {
  private let give: (Screen) -> String?
  init(_ give: @escaping (Screen) -> String?) { self.give = give }
  func show(_ screen: Screen) {}
  func answer(to screen: Screen) -> String? { give(screen) }
  func note(_ line: String) {}
}
