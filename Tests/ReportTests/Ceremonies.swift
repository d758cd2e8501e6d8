import CeremonyEngine
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Products

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
  static var goldenPath: String { GoldenCeremony.folder.path() }
  static var golden: MemoryProducts {
    get throws { try MemoryProducts(ProductsFolder(opening: goldenPath)) }
  }

  /// An unattended rehearsal of the first script with some of its words replaced.
  static func rehearsed(
    _ replacements: [(String, String)],
    answer: @escaping (Screen) -> String? = { $0.prompt?.unattended }
  ) throws -> MemoryProducts {
    let runbook = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Runbook")
    var script = String(decoding: ShippedScript.firstRehearsal, as: UTF8.self)
    for (old, new) in replacements { script = script.replacing(old, with: new) }
    return try ScratchFolder.with { scratch throws in
      let out = scratch.appending(path: "products").path()
      _ = try LiveCeremony(
        LiveCeremony.Options(
          script: Array(script.utf8),
          scriptFolder: runbook.path(),
          out: out,
          isUnattended: true,
          seed: 1,
          sacrifice: [],
          programVersion: ProgramVersion.current
        ),
        console: AnsweringConsole(answer)
      ).run()
      return try MemoryProducts(ProductsFolder(opening: out))
    }
  }
}

private final class AnsweringConsole: Console {
  private let give: (Screen) -> String?
  init(_ give: @escaping (Screen) -> String?) { self.give = give }
  func show(_ screen: Screen) {}
  func answer(to screen: Screen) -> String? { give(screen) }
  func note(_ line: String) {}
}
