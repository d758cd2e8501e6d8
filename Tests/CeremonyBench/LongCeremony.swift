import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Glibc
import Products
import SmartCard

/// A rehearsal in which very much goes wrong, so that its transcript is as long as a measurement wants it.
///
/// Somebody types wrong answers and puts the wrong card into the reader again and again, until about that many
/// records stand; then the rehearsal is completed. Seeded: the same arguments give the same bytes.
enum LongCeremony {
  static func hold(_ path: String, out: String, records: Int) throws {
    guard let script = try FileContent.read(path, atMost: 1 << 20, place: path, followsLinks: true) else {
      print("\(path) cannot be read")
      exit(66)
    }
    let clumsy = Clumsy(try Script(script), ProductsFolder(opening: out), records: records)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let options = LiveCeremony.Options(
      script: script, scriptFolder: folder, out: out, isUnattended: true, seed: 1,
      programVersion: "0.\(EngineVersion.current).0")
    let result = try LiveCeremony(options, console: clumsy, virtualCards: clumsy).run()
    exit(result.outcome.ending == .complete ? 0 : 1)
  }
}

/// A console at which nothing is right at first, and a reader into which the wrong card is put.
private final class Clumsy: Console, CardSource {
  private let cardSource: VirtualCardSource
  private let stranger: String
  private var isMistaken = false
  /// Records until enough are made.
  private var left: Int
  private var isMistyped = false

  init(_ script: Script, _ folder: ProductsFolder, records: Int) {
    cardSource = VirtualCardSource(script, folder, seed: 1)
    stranger = script.keyholders.last?.id ?? ""
    left = records
  }

  func show(_ screen: Screen) { left -= 1 }
  func note(_ line: String) {}

  func answer(to screen: Screen) throws -> String? {
    left -= 1
    isMistyped.toggle()
    if isMistyped, left > 0 { return nil }
    let isRetry = screen.prompt?.answers.first?.token == "retry"
    if left > 0, isRetry || screen.title.hasPrefix("Show") {
      // What the next attempt records, from its exception to the next question.
      left -= 16
      isMistaken = true
    }
    return isRetry ? "retry" : screen.prompt?.unattended
  }

  var channel: (any CardChannel)? { cardSource.channel }
  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    defer { isMistaken = false }
    return try cardSource.awaitCard(keyholder: isMistaken ? stranger : keyholder, serial: nil)
  }
  func remember(_ card: CardInReader, keyholder: String, serial: UInt32?) {}
  func release() throws { try cardSource.release() }
}
