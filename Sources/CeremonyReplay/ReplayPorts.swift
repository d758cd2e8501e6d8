import CardOperations
import CeremonyEngine
import CeremonyRecords
import Findings
import FolderAudit
import Keys
import PIV
import Products
import SmartCard
import TUFMetadata
import Transcript
import UTC

/// The world of a replay: the products folder, and nothing that could happen.
final class ReplayPorts: Ports {
  private let source: any ProductsSource
  /// Every file that the ceremony accounts for.
  private var known: Set<String> = ["script.yaml", RecordFile.transcript.name, RecordFile.sealing.name]
  /// Those that are read in pieces, and hashed on the way.
  private var streams: [String: HashedStream] = [:]
  private(set) var compared = 0
  private let writer: ReportFile.Writer?
  /// The release by which the report was written.
  var release: () -> String? = { nil }
  /// Why a file is not there, where the record ends before it.
  var stop: (String) -> Finding? = { _ in nil }
  /// What is wrong with the report, or kept it from being compared.
  private(set) var reportFinding: Finding?

  /// - Parameter writer: writes the report again; without it the report is held against its sum alone.
  init(_ source: any ProductsSource, writer: ReportFile.Writer?) {
    self.source = source
    self.writer = writer
  }

  func show(_ screen: Screen) {}
  func answer(to screen: Screen) throws -> Reply { throw NothingHappens() }

  func stored(_ path: String) throws -> [UInt8] {
    known.insert(path)
    return try source.read(path)
  }

  /// A file that is read once, from its beginning to its end.
  func stream(_ path: String) throws(Finding) -> HashedStream {
    let stream = HashedStream(try source.open(path))
    streams[path] = stream
    return stream
  }

  func targetFiles(of role: String) throws -> [TargetFile] { throw NothingHappens() }
  func oneTime(_ operation: OneTimeOperation) throws -> OneTimeRecord { throw NothingHappens() }
  func enrolments(_ wanted: EnrolmentWanted) throws -> [Enrolment] { throw NothingHappens() }
  func deliveries(_ wanted: DeliveryWanted) throws -> [Delivered] { throw NothingHappens() }

  func digest(of path: String) throws -> SHA256Digest {
    if path.hasPrefix(Delivered.folder) { known.insert(path) }
    return try kept(path)
  }
  private func kept(_ path: String) throws -> SHA256Digest { try streams[path]?.digest ?? source.digest(of: path) }

  func create(_ product: Product) throws {
    known.insert(product.path)
    let there = try written(product.path) { () throws(Finding) in try source.read(product.path) }
    guard there == product.bytes else {
      if product.path == SumsFile.path, let finding = SumsFile(product.bytes).finding(against: there) { throw finding }
      throw Finding(
        .productChanged, "\(product.path) is not what the ceremony wrote.",
        hint: "It was changed later. Compare the folder with another copy.", place: product.path)
    }
    compared += 1
  }

  func supply(_ file: VerifierFile) throws {
    known.insert(file.path)
    let digest = try written(file.path) { () throws(Finding) in try source.digest(of: file.path) }
    guard digest == file.digest else { throw Finding.verifierChanged(file) }
    compared += 1
  }

  /// What is read of a file that a record says was to be written next. Throws `CEREMONY-INCOMPLETE` where it is not there
  /// because the ceremony stopped then.
  private func written<Content>(_ path: String, _ read: () throws(Finding) -> Content) throws(Finding) -> Content {
    do { return try read() } catch {
      guard let stop = stop(path), try !source.list(besides: ["annex"]).contains(where: { $0.path == path }) else {
        throw error
      }
      throw stop
    }
  }

  func report(_ account: ReplayVerdict) throws {
    known.insert(ReportFile.path)
    guard let writer else { return }
    guard release() == ProgramVersion.current else {
      reportFinding = Finding(
        .reportOtherRelease, .warning,
        "Release \(release() ?? "unknown") wrote report.html; this program did not write it again, only compared its sum.",
        hint: "Replay with that release, or read the page that `tuf-audit report` writes.", place: ReportFile.path)
      return
    }
    guard try source.read(ReportFile.path) != writer(account, source) else { return compared += 1 }
    // Said after everything that it is made of.
    reportFinding = Finding(
      .productChanged, "report.html is not what this release writes for this ceremony.",
      hint:
        "It was changed later. Only if sealing.jsonl says that another release went on: replay with that one. Compare the folder with another copy.",
      place: ReportFile.path)
  }

  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader { throw NothingHappens() }
  func cardCame(_ card: CardInReader, keyholder: String, serial: UInt32?) {}
  var cardChannel: (any CardChannel)? { nil }
  func releaseCard() {}
  func random(count: Int) throws -> [UInt8] { throw NothingHappens() }
  func now() throws -> UTCTime { throw NothingHappens() }
  func host() throws -> HostRecord { throw NothingHappens() }
  func perform(_ operation: SecretOperation) throws -> Bool { throw NothingHappens() }
  var vault: any SecretVault { NoSecrets() }

  /// Files that were added after it, and are accounted for.
  func know(_ paths: [String]) { known.formUnion(paths) }

  /// A finding for each file that the ceremony does not account for, links and devices among them.
  func unknownFiles(isRehearsal: Bool) throws(Finding) -> [Finding] {
    try source.unknownFiles(besides: known, isRehearsal: isRehearsal)
  }
}

/// Asked of a port in a replay: the transcript should have answered.
private struct NothingHappens: Error {}
