import CanonicalJSON
import CeremonyEngine
import Findings
import Keys
import PIV
import Products
import SmartCard
import UTC

/// Live ports that stand still while the record is handed out.
final class ResumedPorts: Ports {
  private let live: LivePorts
  private let folder: ProductsFolder
  private let journal: ResumedJournal
  /// What the room saw last before the ceremony stopped.
  private var last: Screen?

  init(_ live: LivePorts, _ folder: ProductsFolder, _ journal: ResumedJournal) {
    self.live = live
    self.folder = folder
    self.journal = journal
  }

  func show(_ screen: Screen) {
    if journal.isLive { live.show(screen) } else { last = screen }
  }

  /// Whoever is asked for something sees first where the ceremony stopped.
  private func remind() {
    if let last { live.show(last) }
    last = nil
  }

  /// A product whose record stands is there, or was about to be made when the ceremony stopped.
  func create(_ product: Product) throws {
    guard let there = try? folder.read(product.path) else { return try live.create(product) }
    guard there == product.bytes else {
      throw Finding(
        .productChanged, "\(product.path) is not what the ceremony wrote.",
        hint: "It was changed since. Go on from an unchanged copy of the folder.", place: product.path)
    }
  }

  func releaseCard() throws { if journal.isLive { try live.releaseCard() } }

  func answer(to screen: Screen) throws -> Reply {
    last = nil
    return try live.answer(to: screen)
  }
  func takeIn(_ name: String) throws { try live.takeIn(name) }
  func stored(_ path: String) throws -> [UInt8] { try live.stored(path) }
  func digest(of path: String) throws -> SHA256Digest { try live.digest(of: path) }
  func awaitCard(keyholder: String, serial: UInt32?) throws -> JSONObject {
    remind()
    return try live.awaitCard(keyholder: keyholder, serial: serial)
  }
  func cardCame(_ card: JSONObject, keyholder: String, serial: UInt32?) {
    live.cardCame(card, keyholder: keyholder, serial: serial)
  }
  var cardChannel: (any CardChannel)? { live.cardChannel }
  func random(count: Int) throws -> [UInt8] { try live.random(count: count) }
  func now() -> UTCTime { live.now() }
  func work(_ task: SecretTask) throws -> Bool {
    remind()
    return try live.work(task)
  }
  var vault: any SecretVault { live.vault }
}
