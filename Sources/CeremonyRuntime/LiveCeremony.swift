import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import Products
import Requests
import ThisProgram
import Transcript
import UTC

/// A whole ceremony in the room: a rehearsal, or the real one.
package struct LiveCeremony {
  package struct Options: Sendable {
    /// The exact bytes of the script.
    package var script: [UInt8]
    /// The folder in which the script stands; "" for the working folder.
    package var scriptFolder: String
    package var out: String
    /// A second folder for the same content, on another disk; nil for none.
    package var mirror: String?
    package var isRehearsal: Bool
    package var isUnattended: Bool
    package var seed: Int?
    package var sacrifice: [CardName]
    package var programVersion: String
    /// The products folder of the ceremony before this one.
    package var after: String?
    /// The folder into which files from elsewhere are put.
    package var answers: String?
    /// In a rehearsal on virtual cards: a new folder in which the other sites are rehearsed, too. It is the one for answers.
    package var sites: String?
    /// Codes of findings about the machine at which the ceremony does not stop.
    package var allowed: [Finding.Code] = []
    /// How the machine is looked at; nil for as it is, and not at all where a rehearsal is seeded.
    package var look: HostLook?
    /// Files that the script names and the program itself wrote, by name.
    package var supplied: [String: [UInt8]] = [:]
    /// The virtual card that came with a request, and whose it is.
    package var standIn: (card: StandInCard, keyholder: String)?

    package init(
      script: [UInt8], scriptFolder: String, out: String, mirror: String? = nil, isRehearsal: Bool = true,
      isUnattended: Bool,
      seed: Int? = nil,
      sacrifice: [CardName] = [], programVersion: String, after: String? = nil
    ) {
      self.after = after
      self.isRehearsal = isRehearsal
      self.script = script
      self.scriptFolder = scriptFolder
      self.out = out
      self.mirror = mirror
      self.isUnattended = isUnattended
      self.seed = seed
      self.sacrifice = sacrifice
      self.programVersion = programVersion
    }
  }

  private let options: Options
  private let console: any Console
  private let clock: any Clock
  private let cards: (any CardSource)?
  private let virtualCards: (any CardSource)?
  private let secrets: (any SecretPort)?

  /// - Parameters:
  ///   - cards: whatever pcscd shows; nil for virtual cards in this process.
  ///   - virtualCards: these; nil for new ones.
  ///   - secrets: where PIN and PUK come from; nil for a rehearsal that makes them.
  package init(
    _ options: Options, console: any Console, cards: (any CardSource)? = nil, virtualCards: (any CardSource)? = nil,
    secrets: (any SecretPort)? = nil, clock: (any Clock)? = nil
  ) {
    self.cards = cards
    self.virtualCards = virtualCards
    self.secrets = secrets
    self.options = options
    self.console = console
    self.clock = clock ?? (options.seed == nil ? SystemClock() : SeededClock())
  }

  package struct Result: Sendable {
    package let outcome: Outcome
    /// Of the transcript.
    package let head: SHA256Digest
    /// Of the record of the end.
    package let finalHead: SHA256Digest
    /// Why there is no whole second copy although one was asked for.
    package let mirrorLoss: String?
    package let account: CeremonyAccount
    /// The paths of the roots that were written.
    package let roots: [String]
    /// Whether a key of the root signed the transcript seal.
    package var isSealed: Bool { (account.seal?.count ?? 0) > 0 }

    init(
      _ outcome: Outcome, of engine: CeremonyEngine, head: SHA256Digest, finalHead: SHA256Digest, _ mirror: Mirror?
    ) {
      self.outcome = outcome
      self.head = head
      self.finalHead = finalHead
      mirrorLoss = mirror?.loss
      account = engine.account
      roots = account.products.map(\.path).filter {
        ($0.hasPrefix("metadata/") || $0.hasPrefix("pending/")) && $0.hasSuffix(".root.json")
      }
    }
  }

  /// Lints, creates the folder, and plays the ceremony to its end.
  ///
  /// Throws the first ``Finding`` of a script that cannot be run before anything is created, `CANNOT-CREATE`,
  /// `RECORDING-FAILED`, and ``Interruption``.
  package func run() throws -> Result {
    var script = try Script(options.script).going(onFilesIn: options.scriptFolder).answering(
      options.supplied, isRehearsal: options.isRehearsal, at: clock.read().at)
    script.isOnVirtualCards = options.isRehearsal && cards == nil
    if let request = script.answered?.request, request.isOfflineOnly, !options.isRehearsal, Host.isNetworked != false {
      throw Finding(
        .requestNetwork,
        "A network is connected to this machine, or nobody can say that none is, and the request forbids that.",
        hint: "Take the cable out and switch every radio off; then begin again.")
    }
    let findings = script.lint(
      options.isRehearsal ? .rehearsal : .real, online: try script.onlineKeys(in: options.scriptFolder),
      at: clock.read().at)
    if let first = findings.first(where: { $0.severity == .error }) { throw first }

    if options.isRehearsal { _ = try script.withStandIns() }
    let (earlier, following) = try earlierCeremony(script)
    let keptCards = try keptCards(
      earlier.map { try following.finishing($0.root, isRehearsal: options.isRehearsal) } ?? following)
    var inputs: [(name: String, bytes: [UInt8])] = []
    for file in script.files {
      let bytes = try options.supplied[file.name] ?? FileContent.beside(options.scriptFolder, file)
      inputs.append((file.name, bytes))
    }
    let sites = try options.sites.map {
      try RehearsedSites(creating: $0, script, of: options, at: { clock.read().at }, note: console.note)
    }
    let folder: ProductsFolder
    do { folder = try ProductsFolder(creating: options.out) } catch {
      sites?.removeIfEmpty()
      throw error
    }
    let mirror = try self.mirror(of: folder)
    func create(_ name: String, _ bytes: [UInt8]) throws {
      try folder.create(name, bytes)
      mirror?.create(name, bytes)
    }
    try create("script.yaml", options.script)
    if let earlier { try create("inputs/\(CeremonyConfiguration.After.fileName)", earlier.root) }
    // Cards are hardware: they stand beside the ceremony, in no second copy.
    try keptCards?.place(in: folder)
    for input in inputs { try create("inputs/\(input.name)", input.bytes) }
    let entropy: any Entropy = options.seed.map { SeededEntropy(seed: $0) } ?? SystemEntropy()
    let cardSource = cards ?? virtualCards ?? VirtualCardSource(script, folder, seed: options.seed)
    if options.isRehearsal, secrets?.origin == .made { try SecretsTerminal.marks(folder) }
    let secrets: any SecretPort =
      try secrets ?? RehearsalVault(entropy, folder, readingPaper: options.after != nil || options.standIn != nil)
    let ports = LivePorts(
      folder: folder, mirror: mirror, script: script, console: console, cardSource: cardSource, entropy: entropy,
      secrets: secrets,
      clock: clock, answers: AnswersFolder(options.answers ?? options.sites), sites: sites,
      host: HostTerms(
        options.look ?? (options.seed == nil ? HostLook() : nil), allowed: options.allowed,
        isUnattended: options.isUnattended, isVirtual: cards == nil))
    let journal = try LiveJournal(folder, clock, mirror: mirror)
    console.follow { journal.soFar }
    let loop = CeremonyLoop(journal: journal, ports: ports)
    var engine = try loop.begin(script: options.script) {
      try configuration(
        secrets.origin,
        after: earlier.map {
          CeremonyConfiguration.After(
            $0.names, isKept: true, requests: script.pending == nil ? [] : $0.requests, open: $0.open)
        })
    }
    let outcome = try loop.run(&engine)
    return Result(outcome, of: engine, head: journal.transcriptHead, finalHead: journal.last.digest, mirror)
  }

  /// The virtual cards and papers of the rehearsal that made the root to go on from, or to finish; nil where none are needed: a real root
  /// is rehearsed with stand-ins, and people may bring cards of their own. Throws `KEPT-CARDS-MISSING` where they are needed
  /// and not there.
  private func keptCards(_ script: Script) throws -> HandedDownCards? {
    if let (card, keyholder) = options.standIn { return HandedDownCards(card, of: keyholder) }
    guard options.isRehearsal, script.baseline != nil || script.pending != nil, !script.playsOnTwin else { return nil }
    let handedDown = try options.after.map {
      try HandedDownCards(from: ProductsFolder(opening: $0), script, withCards: cards == nil)
    }
    if cards != nil || virtualCards != nil || handedDown?.isWhole == true { return handedDown }
    throw Finding(
      .keptCardsMissing,
      "The root to go on from was made in a rehearsal, and the virtual cards that hold its keys are not at hand.",
      hint: options.after == nil
        ? "Name the folder of that rehearsal: --after FOLDER."
        : "Name the folder of the rehearsal itself, with its virtual-cards.",
      place: script.place(of: "previous.root") ?? script.place(of: "previous"))
  }

  private func mirror(of folder: ProductsFolder) throws -> Mirror? {
    do {
      return try options.mirror.map { try Mirror(creating: $0, of: folder, note: console.note) }
    } catch {
      // Nothing was begun, so nothing is left behind.
      folder.removeIfEmpty()
      throw error
    }
  }

  /// The ceremony that was named on the command line; where the script names one there must be one, and in the real
  /// ceremony that one. The script is returned as it follows that one.
  private func earlierCeremony(_ script: Script) throws(Finding) -> (EarlierCeremony?, Script) {
    guard let path = options.after else {
      guard script.previous == nil, script.pending == nil else { throw Finding.previousMissing }
      return (nil, script)
    }
    let earlier = try EarlierCeremony(ProductsFolder(opening: path))
    let following = try script.following(earlier)
    guard !script.files.contains(where: { $0.name == CeremonyConfiguration.After.fileName }) else {
      throw Finding(
        .previousDiffers,
        "The script names a file \(CeremonyConfiguration.After.fileName), which is what the earlier root is called.",
        hint: "Give the script's file another name.", place: "script.yaml")
    }
    guard !options.isRehearsal else { return (earlier, following) }
    guard !earlier.isRehearsal else {
      throw Finding(
        .previousDiffers, "The ceremony before this one was a rehearsal.",
        hint: "Name the folder of the real ceremony.")
    }
    if let named = script.previous { try earlier.check(against: named, by: "the script") }
    return (earlier, following)
  }

  private func configuration(_ secrets: CeremonyConfiguration.Secrets, after: CeremonyConfiguration.After?) throws
    -> CeremonyConfiguration
  {
    CeremonyConfiguration(
      program: try ProgramFacts(running: options.programVersion, isSeeded: options.seed != nil),
      script: SHA256Digest(of: options.script), isRehearsal: options.isRehearsal,
      isUnattended: options.isUnattended,
      cards: cards == nil ? .virtual : .pcsc, secrets: secrets, seed: options.seed, sacrifice: options.sacrifice,
      host: options.seed == nil ? Host.facts() : [CeremonyConfiguration.Fact(name: "system", value: "seeded")],
      after: after, verifiers: ShippedVerifier.files)
  }
}

extension Script {
  /// The same script with the root that it goes on from, where it names one. Throws what keeps its files from being read.
  package func going(onFilesIn scriptFolder: String) throws(Finding) -> Script {
    let before = try baseline { file throws(Finding) in try FileContent.beside(scriptFolder, file) }
    return try (before.map(going) ?? self).listingTargets(in: scriptFolder)
  }

  /// The same script with the target files that its roles list.
  private func listingTargets(in scriptFolder: String) throws(Finding) -> Script {
    var script = self
    for role in listingRoles {
      guard let folder = role.files else { continue }
      let path = scriptFolder.isEmpty ? folder : "\(scriptFolder)/\(folder)"
      do throws(Finding) { script = script.listing(try TargetFolder.files(in: path), for: role.name) } catch {
        throw Finding(
          error.code, "\(folder): \(error.what)", hint: error.hint,
          place: place(of: "roles.\(role.name).files") ?? role.place)
      }
    }
    return script
  }

  /// The same script with the request that it answers, where it answers one. Throws what keeps it from being answered.
  package func answering(_ supplied: [String: [UInt8]], isRehearsal: Bool, at now: UTCTime) throws(Finding) -> Script {
    guard let file = request else { return self }
    guard let bytes = supplied[file.name] else {
      throw Finding(
        .scriptValue, "This script answers a request.", hint: "Answer the request itself: tuf-ceremony sign REQUEST.",
        place: place(of: "request"))
    }
    return try answering(
      AnsweredRequest(bytes, engine: Int64(EngineVersion.current), isRehearsal: isRehearsal, at: now))
  }

  /// The online keys, from the script and the files beside it. Throws what keeps one from being read.
  package func onlineKeys(in scriptFolder: String) throws(Finding) -> [String: PublicKey] {
    var keys: [String: PublicKey] = [:]
    for key in onlineKeys {
      if case .file(let file) = key.source {
        keys[key.id] = try key.publicKey(try FileContent.beside(scriptFolder, file), in: self)
      } else {
        keys[key.id] = try key.publicKey(nil, in: self)
      }
    }
    return keys
  }
}
