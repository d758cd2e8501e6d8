import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyScript
import Findings
import FolderAudit
import Keys
import PIV
import Products
import Report
import SmartCard
import TUFMetadata
import ThisProgram
import UTC

/// The world as a ceremony reaches it.
package final class LivePorts: Ports {
  private let folder: ProductsFolder
  private let mirror: Mirror?
  private let console: any Console
  private let cardSource: any CardSource
  private let entropy: any Entropy
  private let secrets: any SecretPort
  private let clock: any Clock
  private let answers: AnswersFolder
  private let sites: RehearsedSites?
  private let script: Script
  private let hostTerms: HostTerms
  private let oneTimeKeys = OneTimeMemory()
  /// Paths of files from elsewhere that are on the record.
  private var taken: Set<String> = []
  private let name: @Sendable (String) -> String
  /// Whose card was awaited last.
  private var owner = ""

  init(
    folder: ProductsFolder, mirror: Mirror? = nil, script: Script, console: any Console, cardSource: any CardSource,
    entropy: any Entropy, secrets: any SecretPort, clock: any Clock, answers: AnswersFolder = AnswersFolder(nil),
    sites: RehearsedSites? = nil, host: HostTerms = HostTerms()
  ) {
    self.script = script
    hostTerms = host
    name = { script.name(of: $0) }
    cardSource.introduce(name)
    secrets.introduce(name)
    self.folder = folder
    self.mirror = mirror
    self.console = console
    self.cardSource = cardSource
    self.entropy = entropy
    self.secrets = secrets
    self.clock = clock
    self.answers = answers
    self.sites = sites
  }

  package func show(_ screen: Screen) { console.show(marked(screen)) }
  package func answer(to screen: Screen) throws -> Reply {
    try console.reply(to: marked(screen)) { [secrets] typed in try secrets.holdsAny(in: typed) }
  }

  /// What is wrong around the ceremony is shown with every screen, and is no part of it.
  private func marked(_ screen: Screen) -> Screen {
    guard mirror?.loss != nil else { return screen }
    var marked = screen
    marked.banners.append(Mirror.banner)
    return marked
  }

  package func now() -> UTCTime { clock.read().at }

  /// As they were read before anything was created: what is recorded is what was judged.
  package func targetFiles(of role: String) throws -> [TargetFile] {
    guard let files = script.listed[role] else {
      throw Finding(
        .resumeRefused, "The ceremony stopped before the target files of \(role) were on record.",
        hint: "Begin again: nothing was made yet.")
    }
    return files
  }

  package func stored(_ path: String) throws -> [UInt8] { try folder.read(path) }
  package func digest(of path: String) throws -> SHA256Digest {
    if path.hasPrefix("\(Delivered.folder)/") { note(taken: path) }
    return try folder.digest(of: path)
  }
  package func create(_ product: Product) throws {
    try folder.create(product.path, product.bytes)
    mirror?.create(product.path, product.bytes)
    // The sums are over all records: nothing is recorded after them.
    if product.path != SumsFile.path { try mirror?.report() }
  }

  package func deliveries(_ wanted: DeliveryWanted) throws -> [Delivered] {
    try sites?.sign(for: folder)
    return try answers.new(besides: taken).flatMap { bytes in
      let signatures = AnswerEvidence.signatures(in: bytes, wanted)
      try keep(bytes, as: signatures.first?.file.path)
      return signatures
    }
  }

  package func enrolments(_ wanted: EnrolmentWanted) throws -> [Enrolment] {
    try sites?.enrol(wanted.person)
    return try answers.new(besides: taken).compactMap { bytes in
      guard let enrolment = EnrolmentEvidence.enrolment(in: bytes, wanted) else { return nil }
      try keep(bytes, as: enrolment.file.path)
      return enrolment
    }
  }

  private func keep(_ bytes: [UInt8], as path: String?) throws {
    guard let path else { return }
    try folder.create(path, bytes)
    mirror?.create(path, bytes)
  }

  /// A file from elsewhere is on the record.
  func note(taken path: String) { taken.insert(path) }

  package func supply(_ file: VerifierFile) throws {
    guard let bytes = ShippedVerifier.content(of: file) else { throw Finding.suppliedByAnother(file) }
    try create(Product(file.path, bytes))
  }

  package func report(_ account: ReplayVerdict) throws {
    let page = try Report.page(account, folder)
    try folder.create(ReportFile.path, page)
    // A copy that is lost now is not recorded: the page is of everything that was.
    mirror?.create(ReportFile.path, page)
  }

  package func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    owner = name(keyholder)
    console.wait(for: .card(owner: owner))
    defer { console.endWaiting() }
    return try cardSource.awaitCard(keyholder: keyholder, serial: serial)
  }

  package func cardCame(_ card: CardInReader, keyholder: String, serial: UInt32?) {
    cardSource.remember(card, keyholder: keyholder, serial: serial)
  }
  package var cardChannel: (any CardChannel)? {
    guard let card = cardSource.channel, let limit = cardSource.answerLimit else { return cardSource.channel }
    return WaitingChannel(card, console, .answer(owner: owner, limit: limit))
  }
  package func releaseCard() throws { try cardSource.release() }
  package func host() throws -> HostRecord {
    guard let look = hostTerms.look else { return HostRecord(HostLook.seeded, allowed: hostTerms.allowed) }
    let media = HostMedia(
      output: folder.path, mirror: mirror?.path, outputFault: nil, mirrorFault: mirror?.fault(against: folder))
    return HostRecord(
      try look.points(
        script, media, at: clock.read().at, isAtTerminal: !hostTerms.isUnattended,
        readers: hostTerms.isVirtual ? nil : { [cardSource] in try cardSource.atHand() }),
      allowed: hostTerms.allowed)
  }
  package func random(count: Int) throws -> [UInt8] { try entropy.bytes(count: count) }
  package func oneTime(_ operation: OneTimeOperation) throws -> OneTimeRecord {
    try oneTimeKeys.perform(operation) { [entropy] in try entropy.secret(count: 32) }
  }
  package func perform(_ operation: SecretOperation) throws -> Bool {
    if let words = unseen(operation) { console.wait(for: .person(words)) }
    defer { console.endWaiting() }
    return try secrets.perform(operation)
  }

  /// What somebody does on a second terminal, for those who see the first one.
  private func unseen(_ operation: SecretOperation) -> String? {
    guard secrets.isElsewhere, operation.action != .forget, operation.kind != .managementKey else { return nil }
    let owner = name(String(operation.handle.description.prefix { $0 != "/" }))
    let code = operation.kind.rawValue.uppercased()
    return operation.action == .make
      ? "\(owner) reads a new \(code) on the second terminal" : "\(owner) types the \(code) on the second terminal"
  }
  package var vault: any SecretVault { secrets }
}

/// How a ceremony looks at its machine.
package struct HostTerms: Sendable {
  /// nil where a rehearsal is seeded, and says the same everywhere.
  var look: HostLook?
  /// Codes at which it does not stop.
  var allowed: [Finding.Code] = []
  var isUnattended = true
  var isVirtual = true

  package init() {}

  init(_ look: HostLook?, allowed: [Finding.Code], isUnattended: Bool, isVirtual: Bool) {
    self.look = look
    self.allowed = allowed
    self.isUnattended = isUnattended
    self.isVirtual = isVirtual
  }
}

/// A card whose silence people are told of.
private final class WaitingChannel: CardChannel {
  private let card: any CardChannel
  private let console: any Console
  private let waited: Waited

  init(_ card: any CardChannel, _ console: any Console, _ waited: Waited) {
    self.card = card
    self.console = console
    self.waited = waited
  }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    console.wait(for: waited)
    defer { console.endWaiting() }
    return try card.transmit(command)
  }
}

extension Finding {
  /// - Parameter file: of `verify/`, as the release has it that began the ceremony.
  static func suppliedByAnother(_ file: VerifierFile) -> Finding {
    Finding(
      .resumeRefused, "\(file.path) is missing, and is another one in this release.",
      hint: "Go on with the program that began, or copy the file from its release.", place: file.path)
  }
}

extension FileContent {
  /// A file that a script names, from the script's folder. Throws `FILE-REFUSED` where it cannot be read, and
  /// `INPUT-CHANGED` where it is not the one that the script pins: whatever a link led to goes no further.
  package static func beside(_ scriptFolder: String, _ file: PinnedFile) throws(Finding) -> [UInt8] {
    let name = file.name
    guard
      let bytes = try read(
        scriptFolder.isEmpty ? name : "\(scriptFolder)/\(name)", atMost: 1 << 20, place: name, followsLinks: true)
    else {
      throw Finding(
        .fileRefused, "The script names the file \(name), which cannot be read.",
        hint: "Put it into the script's folder.", place: name)
    }
    guard SHA256Digest(of: bytes) == file.digest else { throw .inputChanged(name) }
    return bytes
  }
}
