import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import Findings
import FolderAudit
import Keys
import PIV
import Report
import SmartCard
import TUFMetadata
import ThisProgram
import UTC

/// The world outside the engine, in memory. People answer as an unattended rehearsal does, unless a test answers for them.
final class MemoryPorts: Ports {
  private let folder: MemoryFolder
  private let cards: MemoryCards
  private let time: UTCTime
  private var secrets: [String: [UInt8]] = [:]
  private var drawn: UInt8 = 0
  private(set) var screens: [Screen] = []
  var answer: (Screen) -> String? = { $0.prompt?.unattended }

  init(_ folder: MemoryFolder, _ cards: MemoryCards, at time: UTCTime) {
    self.folder = folder
    self.cards = cards
    self.time = time
  }

  func show(_ screen: Screen) { screens.append(screen) }

  func answer(to screen: Screen) throws -> Reply {
    screens.append(screen)
    guard let prompt = screen.prompt, let typed = answer(screen) else { return .refused(nil) }
    if prompt.takes(typed) { return .token(typed) }
    guard let rule = prompt.line else { return .refused(nil) }
    return rule.refusal(of: typed.utf8).map { .refused($0) } ?? .text(typed)
  }

  func stored(_ path: String) throws -> [UInt8] { try folder.read(path) }
  func digest(of path: String) throws -> SHA256Digest { SHA256Digest(of: try folder.read(path)) }
  func create(_ product: Product) throws { try folder.create(product.path, product.bytes) }

  func supply(_ file: VerifierFile) throws {
    let shipped = ShippedVerifier.contents.first { VerifierFile($0.name, $0.bytes) == file }
    try folder.create(file.path, shipped?.bytes ?? [])
  }

  func report(_ account: ReplayVerdict) throws {
    try folder.create(ReportFile.path, try Report.page(account, folder))
  }

  func deliveries(_ wanted: DeliveryWanted) -> [Delivered] { [] }
  func enrolments(_ wanted: EnrolmentWanted) -> [Enrolment] { [] }

  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    try cards.awaitCard(keyholder: keyholder, serial: serial)
  }
  func cardCame(_ card: CardInReader, keyholder: String, serial: UInt32?) {}
  var cardChannel: (any CardChannel)? { cards.channel }
  func releaseCard() throws { try cards.release() }

  func random(count: Int) throws -> [UInt8] {
    drawn += 1
    return (0..<count).map { UInt8($0) ^ drawn }
  }

  func now() throws -> UTCTime { time }

  func oneTime(_ operation: OneTimeOperation) throws -> OneTimeRecord { throw World.Silent(what: "one-time keys") }
  func targetFiles(of role: String) throws -> [TargetFile] { [] }

  func host() throws -> HostRecord { HostRecord([HostPoint(.network, "no interface")]) }

  func perform(_ operation: SecretOperation) throws -> Bool {
    let name = operation.handle.description
    switch (operation.action, operation.kind) {
    case (.make, .managementKey): secrets[name] = (0..<24).map { $0 }
    case (.make, _): secrets[name] = Array("58293746".utf8)
    case (.enter, _): return secrets[name] != nil
    case (.forget, _): secrets[name] = nil
    }
    return true
  }

  var vault: any SecretVault { SmallVault(secrets) }
}
