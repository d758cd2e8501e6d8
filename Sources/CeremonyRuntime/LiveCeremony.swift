import CanonicalJSON
import CeremonyEngine
import CeremonyScript
import Findings
import Glibc
import Keys
import Products
import Transcript

/// A whole ceremony in the room: a rehearsal, or the real one.
public struct LiveCeremony {
  public struct Options: Sendable {
    /// The exact bytes of the script.
    public var script: [UInt8]
    /// The folder in which the script stands; "" for the working folder.
    public var scriptFolder: String
    public var out: String
    public var isRehearsal: Bool
    public var isUnattended: Bool
    public var seed: Int?
    public var sacrifice: [UInt32]
    public var programVersion: String

    public init(
      script: [UInt8], scriptFolder: String, out: String, isRehearsal: Bool = true, isUnattended: Bool,
      seed: Int? = nil,
      sacrifice: [UInt32] = [], programVersion: String
    ) {
      self.isRehearsal = isRehearsal
      self.script = script
      self.scriptFolder = scriptFolder
      self.out = out
      self.isUnattended = isUnattended
      self.seed = seed
      self.sacrifice = sacrifice
      self.programVersion = programVersion
    }
  }

  private let options: Options
  private let console: any Console
  private let clock: any Clock
  /// Called with the cards before the first step, for tests that let something go wrong.
  private let prepare: (VirtualRack) -> Void
  private let cards: (any CardRack)?
  private let secrets: (any SecretPort)?

  /// - Parameters:
  ///   - cards: whatever pcscd shows; nil for virtual cards in this process.
  ///   - secrets: where PIN and PUK come from; nil for a rehearsal that makes them.
  public init(
    _ options: Options, console: any Console, cards: (any CardRack)? = nil, secrets: (any SecretPort)? = nil,
    clock: (any Clock)? = nil, prepare: @escaping (VirtualRack) -> Void = { _ in }
  ) {
    self.cards = cards
    self.secrets = secrets
    self.options = options
    self.console = console
    self.clock = clock ?? (options.seed == nil ? SystemClock() : SeededClock())
    self.prepare = prepare
  }

  public struct Result: Sendable {
    public let outcome: Outcome
    /// Of the transcript.
    public let head: SHA256Digest
  }

  /// Lints, creates the folder, and plays the ceremony to its end.
  ///
  /// Throws the first ``Finding`` of a script that cannot be run before anything is created, `CANNOT-CREATE`,
  /// `RECORDING-FAILED`, and ``Interruption``.
  public func run() throws -> Result {
    let script = try Script(options.script)
    let findings = script.lint(
      options.isRehearsal ? .rehearsal : .real, online: try script.onlineKeys(in: options.scriptFolder),
      at: clock.read().at)
    // What a rehearsal warns of, such as a vendor that nobody pinned, stops the real ceremony before it begins.
    if let first = findings.first(where: { $0.severity == .error || !options.isRehearsal }) { throw first }

    let folder = try ProductsFolder(creating: options.out)
    try folder.create("script.yaml", options.script)
    for file in script.files {
      try folder.create("inputs/\(file.name)", try FileContent.beside(options.scriptFolder, file.name))
    }
    let entropy: any Entropy = options.seed.map { SeededEntropy(seed: $0) } ?? SystemEntropy()
    let rack = cards ?? virtualRack(script, folder)
    let ports = LivePorts(
      folder: folder, scriptFolder: options.scriptFolder, console: console, rack: rack, entropy: entropy,
      secrets: secrets ?? RehearsalVault(entropy, folder), clock: clock)
    let journal = try LiveJournal(folder, clock)
    let performance = Performance(journal: journal, ports: ports)
    var engine = try performance.begin(script: options.script) { try setting() }
    let outcome = try performance.play(&engine)
    return Result(outcome: outcome, head: journal.transcriptHead)
  }

  private func virtualRack(_ script: Script, _ folder: ProductsFolder) -> VirtualRack {
    let rack = VirtualRack(script, folder, seed: options.seed)
    prepare(rack)
    return rack
  }

  private func setting() throws -> Setting {
    Setting(
      programVersion: options.programVersion,
      executable: options.seed == nil ? try Host.executableDigest() : .zero,
      script: SHA256Digest(of: options.script), isRehearsal: options.isRehearsal,
      isUnattended: options.isUnattended,
      cards: cards == nil ? .virtual : .pcsc, seed: options.seed, sacrifice: options.sacrifice,
      host: options.seed == nil ? Host.facts() : [Setting.Fact(name: "system", value: "seeded")])
  }
}

/// An interrupted rehearsal that goes on. The folder is all that is needed, on this machine or another.
public struct Resumption {
  private let folder: ProductsFolder
  private let console: any Console
  private let isUnattended: Bool

  public init(_ path: String, console: any Console, isUnattended: Bool) {
    folder = ProductsFolder(opening: path)
    self.console = console
    self.isUnattended = isUnattended
  }

  /// Plays what was recorded, then goes on to the end.
  ///
  /// Throws what a replay finds wrong before anything is written, `RESUME-REFUSED` and ``Interruption``.
  public func run() throws -> LiveCeremony.Result {
    guard let bytes = try? folder.read("script.yaml"),
      let transcript = try? folder.read("transcript.jsonl"), transcript.contains(0x0a)
    else {
      throw Finding(
        .resumeRefused, "No record was made here, so nothing was done to any card.",
        hint: "Begin again, with another folder.")
    }
    let script = try Script(bytes)
    guard let setting = try firstSetting(), setting.isRehearsal, setting.cards == .virtual else {
      throw Finding(
        .resumeRefused, "This folder does not hold a rehearsal on virtual cards.",
        hint: "Name the products folder of an interrupted rehearsal.")
    }
    try folder.removePartials()
    let clock: any Clock = setting.seed == nil ? SystemClock() : SeededClock()
    let executable = setting.seed == nil ? try Host.executableDigest() : .zero
    let journal = try ResumedJournal(
      folder, clock,
      resumption: [
        "engine": .integer(Int64(EngineVersion.current)),
        "program": ["version": .string(ProgramVersion.current), "sha256": .string(executable.hex)],
        "unattended": .bool(isUnattended),
      ])
    // What was drawn before cannot be drawn again: a resumed ceremony takes fresh randomness.
    let entropy = SystemEntropy()
    let vault = RehearsalVault(entropy, folder)
    try vault.readPaper()
    let live = LivePorts(
      folder: folder, scriptFolder: "", console: console, rack: VirtualRack(script, folder, seed: setting.seed),
      entropy: entropy, secrets: vault, clock: clock)
    let performance = Performance(journal: journal, ports: ResumedPorts(live, folder, journal))
    var engine = try performance.begin(script: bytes) { setting }
    let outcome = try performance.play(&engine)
    return LiveCeremony.Result(outcome: outcome, head: journal.transcriptHead)
  }

  private func firstSetting() throws -> Setting? {
    var reader = TranscriptReader(try folder.open("transcript.jsonl"), name: "transcript.jsonl")
    return try reader.next().flatMap { Setting($0.body) }
  }
}

extension Finding.Code {
  /// The folder holds nothing that this program can go on with.
  public static let resumeRefused = Finding.Code("RESUME-REFUSED")
}

/// What may be said in public of the machine: no name, no address, no user, no path.
enum Host {
  static func facts() -> [Setting.Fact] {
    var names = utsname()
    guard uname(&names) == 0 else { return [] }
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return [
      Setting.Fact(name: "system", value: text(names.sysname)),
      Setting.Fact(name: "release", value: text(names.release)),
      Setting.Fact(name: "machine", value: text(names.machine)),
    ]
  }

  /// The SHA-256 of the program that is running.
  static func executableDigest() throws -> SHA256Digest {
    guard let file = try OpenFile.at("/proc/self/exe", place: "the program's own file", followsLinks: true)
    else {
      throw Finding(
        .fileRefused, "The program cannot read its own file, so nobody could say which program ran.",
        hint: "Run it on Linux with /proc mounted.")
    }
    return try file.stream.digest()
  }
}

extension Script {
  /// The online keys, from the script and the files beside it. Throws what keeps one from being read.
  public func onlineKeys(in scriptFolder: String) throws(Finding) -> [String: PublicKey] {
    var keys: [String: PublicKey] = [:]
    for key in onlineKeys {
      if case .file(let file) = key.source {
        keys[key.id] = try key.publicKey(try FileContent.beside(scriptFolder, file.name))
      } else {
        keys[key.id] = try key.publicKey(nil)
      }
    }
    return keys
  }
}
