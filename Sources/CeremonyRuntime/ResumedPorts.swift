import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import FolderAudit
import Keys
import PIV
import Products
import Report
import SmartCard
import TUFMetadata
import UTC

/// Live ports that stand still while the record is handed out.
final class ResumedPorts: Ports {
  private let live: LivePorts
  private let folder: ProductsFolder
  private let place: ResumedFolder
  private let journal: ResumedJournal
  /// What the room saw last before the ceremony stopped.
  private var last: Screen?

  init(_ live: LivePorts, _ folder: ProductsFolder, _ place: ResumedFolder, _ journal: ResumedJournal) {
    self.live = live
    self.folder = folder
    self.place = place
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

  func create(_ product: Product) throws {
    if !journal.isLive, product.path == SumsFile.path { return try place.end(product) }
    let isThere = try product.path == place.next && folder.exists(product.path)
    if journal.isLive, !isThere { try live.create(product) } else { try place.account(for: product) }
  }

  func oneTime(_ operation: OneTimeOperation) throws -> OneTimeRecord {
    remind()
    return try live.oneTime(operation)
  }

  func targetFiles(of role: String) throws -> [TargetFile] { try live.targetFiles(of: role) }

  func supply(_ file: VerifierFile) throws {
    let isThere = try file.path == place.next && folder.exists(file.path)
    if journal.isLive, !isThere { try live.supply(file) } else { try place.account(for: file) }
  }

  /// A ceremony that had ended is compared to its end before anything is written.
  func report(_ account: ReplayVerdict) throws {
    if journal.isLive { return try live.report(account) }
    try journal.end()
    try place.check(.atEnd)
    try place.account(
      forPage: try Report.page(account, place.mended), writtenBy: journal.release,
      isGivenUp: account.outcome?.ending == .aborted)
  }

  func releaseCard() throws { if journal.isLive { try live.releaseCard() } }

  func answer(to screen: Screen) throws -> Reply {
    last = nil
    return try live.answer(to: screen)
  }
  func stored(_ path: String) throws -> [UInt8] { try live.stored(path) }
  func digest(of path: String) throws -> SHA256Digest {
    if !journal.isLive, path == ReportFile.path, let page = place.page { return page }
    if path.hasPrefix("\(Delivered.folder)/") { place.account(forDelivered: path) }
    return try live.digest(of: path)
  }
  func enrolments(_ wanted: EnrolmentWanted) throws -> [Enrolment] { try live.enrolments(wanted) }
  func deliveries(_ wanted: DeliveryWanted) throws -> [Delivered] { try live.deliveries(wanted) }
  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    remind()
    return try live.awaitCard(keyholder: keyholder, serial: serial)
  }
  func cardCame(_ card: CardInReader, keyholder: String, serial: UInt32?) {
    live.cardCame(card, keyholder: keyholder, serial: serial)
  }
  var cardChannel: (any CardChannel)? { live.cardChannel }
  func random(count: Int) throws -> [UInt8] { try live.random(count: count) }
  func now() -> UTCTime { live.now() }
  func host() throws -> HostRecord { try live.host() }
  func perform(_ operation: SecretOperation) throws -> Bool {
    remind()
    return try live.perform(operation)
  }
  var vault: any SecretVault { live.vault }
}
