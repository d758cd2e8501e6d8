import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import PIV
import UTC

/// The version of the engine: raised by any change to an effect, because a transcript of another version
/// cannot be re-executed by this one.
public enum EngineVersion {
  public static let current = 5
  /// Those whose records this release knows how to judge.
  package static let known = 1...Int64(current)
  /// From this version on each new key signs a proof, nobody acts from outside the room, an earlier root is always kept, and
  /// scripts may be of version 2.
  package static let withProofs: Int64 = 4
  /// From this version on the proofs of officials' keys are as long as the seal, and required like everybody's.
  package static let withOfficialProofs: Int64 = 5
  /// From this version on it is asked after an interruption who is still here.
  package static let withRollCall: Int64 = 5

  /// Whether a record's `program` is of a release that has this engine version: 0.N.x has version N, and no other has.
  package static func isMade(_ engine: Int64, by program: JSONValue?) -> Bool {
    guard let version = program?["version"]?.string else { return false }
    let parts = version.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && isIdentical(parts.prefix(2).joined(separator: "."), "0.\(engine)")
      && (1...6).contains(parts[2].utf8.count) && parts[2].utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// From this version on a folder holds `verify/`, and the first record names its files.
  package static let withVerifiers: Int64 = 5
}

/// The format of the transcript's lines.
public enum TranscriptFormat {
  public static let current = 1
}

/// What is settled before the first step: the body of the first record.
public struct CeremonyConfiguration: Hashable, Sendable {
  public enum Cards: String, Sendable {
    /// In this process, in software.
    case virtual
    /// Whatever pcscd shows.
    case pcsc
  }

  /// Where new PINs and PUKs come from.
  public enum Secrets: String, Sendable {
    /// Their keyholders type them twice.
    case typed
    /// The program makes them, and shows them to their keyholders alone.
    case made
  }

  public let program: ProgramFacts
  public let script: SHA256Digest
  public let isRehearsal: Bool
  public let isUnattended: Bool
  public let cards: Cards
  public let secrets: Secrets
  /// Randomness and clock are fixed.
  public let seed: Int?
  /// Cards that a rehearsal may reset although they hold keys, or may hold some.
  public let sacrifice: [CardName]
  /// What the host is, in public words: system, architecture.
  public let host: [Fact]

  /// The ceremony before this one; nil for the first.
  public let after: After?
  /// What the release puts into `verify/`; empty before engine version 5.
  package let verifiers: [VerifierFile]

  public typealias Fact = Screen.Fact

  public struct After: Hashable, Sendable {
    public let previous: PreviousCeremony
    /// Whether its newest root was at hand, and is kept in `inputs/`: always, from engine version 4 on.
    public let isKept: Bool

    /// SHA-256 of its newest root's file.
    public var root: SHA256Digest { previous.root }
    /// SHA-256 of the last line of its transcript.
    public var head: SHA256Digest { previous.head }

    /// The name in `inputs/`.
    public static let fileName = "previous.root.json"

    public init(_ previous: PreviousCeremony, isKept: Bool) {
      self.previous = previous
      self.isKept = isKept
    }
  }

  package init(
    program: ProgramFacts, script: SHA256Digest, isRehearsal: Bool, isUnattended: Bool, cards: Cards, secrets: Secrets,
    seed: Int?, sacrifice: [CardName], host: [Fact], after: After?, verifiers: [VerifierFile]
  ) {
    self.program = program
    self.script = script
    self.isRehearsal = isRehearsal
    self.isUnattended = isUnattended
    self.cards = cards
    self.secrets = secrets
    self.seed = seed
    self.sacrifice = sacrifice
    self.host = host
    self.after = after
    self.verifiers = verifiers
  }

  public var json: JSONObject {
    var object: JSONObject = [
      "format": .integer(Int64(TranscriptFormat.current)),
      "engine": .integer(Int64(EngineVersion.current)),
      "program": .object(program.json),
      "script": ["path": "script.yaml", "sha256": .string(script.hex)],
      "rehearsal": .bool(isRehearsal),
      "unattended": .bool(isUnattended),
      "cards": .string(cards.rawValue),
      "secrets": .string(secrets.rawValue),
      "sacrifice": .array(sacrifice.map(\.json)),
      "host": .array(host.map { ["name": .string($0.name), "value": .string($0.value)] }),
      "verify": .array(verifiers.map { .object($0.json) }),
    ]
    if let after {
      object["after"] = [
        "root": .string(after.previous.root.hex), "head": .string(after.previous.head.hex),
        "kept": .bool(after.isKept),
      ]
    }
    if let seed { object["seed"] = .integer(Int64(seed)) }
    return object
  }

  /// Reads the body of a first record; nil where it is not exactly what ``json`` writes for this format and engine.
  public init?(_ body: JSONObject) {
    self.init(ofAnyEngine: body)
    guard json == body else { return nil }
  }

  /// Reads what every engine version has written into a first record; nil where a part of that is missing.
  package init?(ofAnyEngine body: JSONObject) {
    guard let program = body["program"]?.object.flatMap(ProgramFacts.init),
      let script = body["script"]?["sha256"]?.string.flatMap(SHA256Digest.init(hex:)),
      let isRehearsal = body["rehearsal"]?.bool, let isUnattended = body["unattended"]?.bool,
      let cards = body["cards"]?.string.flatMap(Cards.init(rawValue:)),
      let sacrifice = body["sacrifice"]?.array, let host = body["host"]?.array,
      let verifiers = VerifierFile.named(by: body)
    else { return nil }
    // Version 1 did not say it: then keyholders typed in the real ceremony, and the program made them in a rehearsal.
    let secrets = body["secrets"].map { $0.string.flatMap(Secrets.init(rawValue:)) } ?? (isRehearsal ? .made : .typed)
    let cardNames = sacrifice.compactMap(CardName.init)
    let facts = host.compactMap(Fact.init)
    let after = body["after"].flatMap(After.init)
    guard cardNames.count == sacrifice.count, facts.count == host.count, (after == nil) == (body["after"] == nil),
      let secrets, body["seed"].map({ $0.integer != nil }) ?? true
    else { return nil }
    self.init(
      program: program, script: script, isRehearsal: isRehearsal, isUnattended: isUnattended, cards: cards,
      secrets: secrets, seed: body["seed"]?.integer.map(Int.init(truncatingIfNeeded:)), sacrifice: cardNames,
      host: facts,
      after: after, verifiers: verifiers)
  }
}

extension CeremonyConfiguration.Fact {
  fileprivate init?(_ value: JSONValue) {
    guard let name = value["name"]?.string, let fact = value["value"]?.string else { return nil }
    self.init(name: name, value: fact)
  }
}

extension CardName {
  /// Serials are numbers.
  fileprivate var json: JSONValue {
    if case .serial(let serial) = self { .integer(Int64(serial)) } else { .string(description) }
  }

  fileprivate init?(_ value: JSONValue) {
    if let serial = value.integer.flatMap(UInt32.init(exactly:)), serial > 0 {
      self = .serial(serial)
    } else if let text = value.string, let name = CardName(text), case .guid = name {
      self = name
    } else {
      return nil
    }
  }
}

extension CeremonyConfiguration.After {
  fileprivate init?(_ value: JSONValue) {
    guard let root = value["root"]?.string.flatMap(SHA256Digest.init(hex:)),
      let head = value["head"]?.string.flatMap(SHA256Digest.init(hex:)), let isKept = value["kept"]?.bool
    else { return nil }
    self.init(PreviousCeremony(root: root, head: head), isKept: isKept)
  }

  /// The earlier root among the files that are read; nil where it was not at hand.
  package var file: PinnedFile? { isKept ? PinnedFile(name: Self.fileName, digest: previous.root) : nil }
}
