import CeremonyEngine
import CeremonyScript
import Findings
import Glibc
import Keys
import Products
import Transcript

/// A whole ceremony as a rehearsal, on virtual cards.
public struct Rehearsal {
  public struct Options: Sendable {
    /// The exact bytes of the script.
    public var script: [UInt8]
    /// The folder in which the script stands; "" for the working folder.
    public var scriptFolder: String
    public var out: String
    public var isUnattended: Bool
    public var seed: Int?
    public var sacrifice: [UInt32]
    public var programVersion: String

    public init(
      script: [UInt8], scriptFolder: String, out: String, isUnattended: Bool, seed: Int?, sacrifice: [UInt32],
      programVersion: String
    ) {
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

  /// - Parameter cards: whatever pcscd shows; nil for virtual cards in this process.
  public init(
    _ options: Options, console: any Console, cards: (any CardRack)? = nil, clock: (any Clock)? = nil,
    prepare: @escaping (VirtualRack) -> Void = { _ in }
  ) {
    self.cards = cards
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
  /// Throws the first ``Finding`` of a script that cannot be rehearsed before anything is created, `CANNOT-CREATE`,
  /// `RECORDING-FAILED`, and ``Interruption``.
  public func run() throws -> Result {
    let script = try Script(options.script)
    let findings = script.lint(.rehearsal, online: try script.onlineKeys(in: options.scriptFolder), at: clock.read().at)
    if let first = findings.first(where: { $0.severity == .error }) { throw first }

    let folder = try ProductsFolder(creating: options.out)
    try folder.create("script.yaml", options.script)
    let entropy: any Entropy = options.seed.map { SeededEntropy(seed: $0) } ?? SystemEntropy()
    let rack = cards ?? virtualRack(script, folder)
    let ports = LivePorts(
      folder: folder, scriptFolder: options.scriptFolder, console: console, rack: rack, entropy: entropy,
      secrets: RehearsalVault(entropy, folder))
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
      script: SHA256Digest(of: options.script), isRehearsal: true, isUnattended: options.isUnattended,
      cards: cards == nil ? .virtual : .pcsc, seed: options.seed, sacrifice: options.sacrifice,
      host: options.seed == nil ? Host.facts() : [Setting.Fact(name: "system", value: "seeded")])
  }
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
    guard
      let bytes = try FileContent.read(
        "/proc/self/exe", atMost: 1 << 30, place: "the program's own file", followsLinks: true)
    else {
      throw Finding(
        .fileRefused, "The program cannot read its own file, so nobody could say which program ran.",
        hint: "Run it on Linux with /proc mounted.")
    }
    return SHA256Digest(of: bytes)
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
