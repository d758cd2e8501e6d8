import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products
import Transcript

/// An interrupted ceremony that goes on, a rehearsal or the real one. The folder is all that is needed,
/// on this machine or another.
package struct Resumption {
  private let folder: ProductsFolder
  private let console: any Console
  private let isUnattended: Bool
  private let mirror: String?
  private let answers: String?
  private let allowed: [Finding.Code]
  private let look: HostLook?
  private let isApart: Bool
  private let cards: () throws -> any CardSource
  private let secrets: () throws -> any SecretPort

  /// - Parameters:
  ///   - mirror: a second folder for the same content, which must not exist; nil for none.
  ///   - allowed: codes of findings about the machine at which the ceremony does not stop.
  ///   - look: how the machine is looked at; nil for as it is, and not at all where a rehearsal is seeded.
  ///   - isApart: whether `secrets` are those of a second terminal.
  ///   - cards: whatever pcscd shows; asked for where the ceremony began with such cards.
  ///   - secrets: where people type PIN and PUK; asked for where the ceremony is the real one, and where a rehearsal's
  ///     were typed or shown on a second terminal.
  package init(
    _ path: String, console: any Console, isUnattended: Bool, mirror: String? = nil, answers: String? = nil,
    allowed: [Finding.Code] = [], look: HostLook? = nil, isApart: Bool = false,
    cards: @escaping () throws -> any CardSource = { throw unreachable("The readers") },
    secrets: @escaping () throws -> any SecretPort = { throw unreachable("The keyholders") }
  ) {
    folder = ProductsFolder(opening: path)
    self.console = console
    self.isUnattended = isUnattended
    self.mirror = mirror
    self.answers = answers
    self.allowed = allowed
    self.look = look
    self.isApart = isApart
    self.cards = cards
    self.secrets = secrets
  }

  package struct Result: Sendable {
    package let ceremony: LiveCeremony.Result
    package let isRehearsal: Bool
    /// The ceremony had ended: its record was played and compared, and nothing was added to it.
    package let wasOver: Bool
    /// What was then missing from the folder or left over in it, and was put right; a sentence each.
    package let repairs: [String]
  }

  /// Plays what was recorded, then goes on to the end.
  ///
  /// Throws what a replay finds wrong before anything is recorded, `FILE-UNKNOWN` for what the record does not account
  /// for, `RESUME-REFUSED`, `CANNOT-CREATE` for a real ceremony
  /// in memory, `RECORDING-FAILED` where another program records in the folder, and ``Interruption``.
  package func run() throws -> Result {
    let bytes = try Self.recordedScript(folder)
    // Nobody else records here from now on, so that what is read next stays as it is.
    let file = try RecordingFile(locking: folder, RecordFile.transcript.name)
    let configuration = try Self.firstConfiguration(folder)
    try refuse(configuration)
    // What was drawn before cannot be drawn again: a resumed ceremony takes fresh randomness.
    let entropy = SystemEntropy()
    let isOnPaper = try isOnPaper(configuration)
    let beganApart = configuration.secrets == .made && !isOnPaper
    guard isApart == beganApart else {
      throw Finding(
        .resumeRefused,
        "This ceremony began \(beganApart ? "with" : "without") a second terminal for PIN and PUK, and would go on otherwise.",
        hint: beganApart ? "Add --secrets-tty, as it began." : "Leave --secrets-tty away, as it began.")
    }
    let secrets: any SecretPort =
      isOnPaper ? try RehearsalVault(entropy, folder, readingPaper: true) : try self.secrets()
    let mirror = try self.mirror.map { try Mirror(creating: $0, of: folder, note: console.note) }
    // Where going on is refused nothing was copied.
    defer { mirror?.removeIfEmpty() }
    let script = try Script(bytes)
    let program = try ProgramFacts(running: ProgramVersion.current, isSeeded: configuration.seed != nil)
    let clock: any Clock = configuration.seed == nil ? SystemClock() : SeededClock()
    let place = ResumedFolder(folder, mirror: mirror, script, configuration)
    let journal = try ResumedJournal(
      folder, place, clock, file, mirror: mirror,
      resumption: ResumeRecord(program: program, isUnattended: isUnattended), note: console.note)
    let live = LivePorts(
      folder: folder, mirror: mirror, script: script, console: console,
      cardSource: configuration.cards == .virtual
        ? VirtualCardSource(script, folder, seed: configuration.seed) : try cards(),
      entropy: entropy, secrets: secrets, clock: clock, answers: AnswersFolder(answers),
      host: HostTerms(
        look ?? (configuration.seed == nil ? HostLook() : nil), allowed: allowed, isUnattended: isUnattended,
        isVirtual: configuration.cards == .virtual))
    console.follow { journal.soFar }
    let loop = CeremonyLoop(journal: journal, ports: ResumedPorts(live, folder, place, journal))
    let outcome: Outcome
    var engine: CeremonyEngine
    do {
      engine = try loop.begin(script: bytes) { configuration }
      outcome = try loop.run(&engine)
    } catch let finding as Finding where finding.code == .engineVersion {
      throw Self.anotherEngine(finding, journal.release)
    } catch  where !(error is Finding || error is Interruption || journal.isLive) {
      throw Finding.malformedRecord(error, at: journal.place)
    }
    guard journal.isLive || outcome.ending != .aborted || !place.repairs.isEmpty else {
      throw Finding(
        .resumeRefused, "This ceremony was given up and closed as ABORTED. It cannot go on.",
        hint: "Reset the cards that its last screen lists, and hold a new ceremony with another folder.")
    }
    return Result(
      ceremony: LiveCeremony.Result(
        outcome, of: engine, head: journal.transcriptHead, finalHead: journal.last.digest, mirror),
      isRehearsal: configuration.isRehearsal, wasOver: !journal.isLive, repairs: place.repairs)
  }

  /// Whether the program makes PIN and PUK itself, and has them on the keyholders' paper: as in most rehearsals.
  private static func isOnPaper(
    _ configuration: CeremonyConfiguration, in folder: ProductsFolder
  ) throws(Finding) -> Bool {
    guard configuration.isRehearsal, configuration.secrets == .made else { return false }
    return try !SecretsTerminal.isMarked(folder)
  }

  private func isOnPaper(_ configuration: CeremonyConfiguration) throws(Finding) -> Bool {
    try Self.isOnPaper(configuration, in: folder)
  }

  /// Whether a ceremony in this folder might go on with nobody at a terminal. Throws `RESUME-REFUSED`, and
  /// `ENGINE-VERSION` for what another engine began.
  package static func mayBeUnattended(_ folder: ProductsFolder) throws -> Bool {
    _ = try recordedScript(folder)
    let configuration = try firstConfiguration(folder)
    return try isOnPaper(configuration, in: folder)
      && (configuration.cards == .virtual || configuration.isUnattended)
  }

  /// The script of a ceremony that was begun. Throws `RESUME-REFUSED` for a folder without a record, and where what is
  /// there cannot be read.
  private static func recordedScript(_ folder: ProductsFolder) throws(Finding) -> [UInt8] {
    let there = try folder.list(besides: ["annex"]).map(\.path)
    let name = RecordFile.transcript.name
    // Before the first record there is only what the script names.
    let isBegun = there.contains {
      !$0.hasPrefix("inputs/") && !$0.hasSuffix(ProductsFolder.partialSuffix) && ![name, "script.yaml"].contains($0)
    }
    let hasRecord = there.contains(name) ? try known { () throws(Finding) in try holdsLine(name, folder) } : false
    guard hasRecord || isBegun else {
      throw Finding(
        .resumeRefused, "No record was made here, so nothing was done to any card.",
        hint: "Check that this is the folder. If it is, begin again, with another one.")
    }
    guard hasRecord else {
      throw lost(there.contains(name) ? "\(name) holds no whole record." : "\(name) is not there.", name)
    }
    return try known { () throws(Finding) in try folder.read("script.yaml") }
  }

  /// Of a file without which nobody knows what was done here.
  private static func known<Value>(_ read: () throws(Finding) -> Value) throws(Finding) -> Value {
    do { return try read() } catch { throw lost(error.what, error.place ?? "") }
  }

  /// Whether a file begins with a line that a record could be.
  private static func holdsLine(_ name: String, _ folder: ProductsFolder) throws(Finding) -> Bool {
    var stream = try folder.open(name)
    for _ in 0...Record.longestLine >> 16 {
      let piece = try stream.read(upTo: 1 << 16)
      if piece.contains(0x0a) { return true }
      if piece.isEmpty { return false }
    }
    return false
  }

  private static func lost(_ what: String, _ name: String) -> Finding {
    Finding(
      .resumeRefused, "\(what) Without it the ceremony cannot go on; its cards may hold keys all the same.",
      hint: "Do not begin again yet: compare with another copy of the folder, and go on from a whole one.", place: name)
  }

  private static func firstConfiguration(_ folder: ProductsFolder) throws -> CeremonyConfiguration {
    var reader = TranscriptReader(try folder.open(RecordFile.transcript.name), name: RecordFile.transcript.name)
    let body = try reader.next()?.body ?? [:]
    do { return try CeremonyConfiguration(recorded: body) } catch {
      throw error.code == .engineVersion ? anotherEngine(error, BeginHeading(body)?.release) : error
    }
  }

  /// To a verdict it is no violation that another engine made the records; going on with them takes that engine.
  private static func anotherEngine(_ finding: Finding, _ release: String?) -> Finding {
    Finding(
      .engineVersion, finding.what, hint: "Go on with release \(release ?? "unknown") of tuf-ceremony.",
      place: finding.place)
  }

  /// The rules of beginning hold for going on.
  private func refuse(_ configuration: CeremonyConfiguration) throws(Finding) {
    if !configuration.isRehearsal, isUnattended {
      throw Finding(
        .resumeRefused, "This is a real ceremony: it goes on with its people.",
        hint: "Leave --unattended away, at a terminal.")
    }
    if !configuration.isRehearsal, MountedDisk.isInMemory(folder.path) {
      throw Finding(
        .cannotCreate, "The products folder is in memory only, and gone with the power.",
        hint: "Copy the whole folder to a disk and go on there.", place: folder.path)
    }
    if isUnattended, try !isOnPaper(configuration) {
      throw Finding(
        .resumeRefused, "In this rehearsal people type PIN and PUK: it goes on with them.",
        hint: "Leave --unattended away, at a terminal.")
    }
    // A rehearsal that people began may have cards that nobody marked as ours.
    if configuration.cards == .pcsc, isUnattended, !configuration.isUnattended {
      throw Finding(
        .resumeRefused, "People began this rehearsal, on cards of their own: nobody would confirm what is destroyed.",
        hint: "Leave --unattended away, at a terminal.")
    }
  }

  /// Where a default argument stands for what the caller did not bring.
  package static func unreachable(_ what: String) -> Finding {
    Finding(.resumeRefused, "\(what) cannot be reached from here.", hint: "Go on with 'tuf-ceremony resume'.")
  }
}
