import CanonicalJSON
import CeremonyScript
import Keys
import PIV
import Transcript

/// What is settled before the first step: the body of the first record.
package struct CeremonyConfiguration: Hashable, Sendable {
  package enum Cards: String, Sendable {
    /// In this process, in software.
    case virtual
    /// Whatever pcscd shows.
    case pcsc
  }

  /// Where new PINs and PUKs come from.
  package enum Secrets: String, Sendable {
    /// Their keyholders type them twice.
    case typed
    /// The program makes them, and shows them to their keyholders alone.
    case made
  }

  package let program: ProgramFacts
  package let script: SHA256Digest
  package let isRehearsal: Bool
  package let isUnattended: Bool
  package let cards: Cards
  package let secrets: Secrets
  /// Randomness and clock are fixed.
  package let seed: Int?
  /// Cards that a rehearsal may reset although they hold keys, or may hold some.
  package let sacrifice: [CardName]
  /// What the host is, in public words: system, architecture.
  package let host: [Fact]

  /// The ceremony before this one; nil for the first.
  package let after: After?
  /// What the release puts into `verify/`; empty before engine version 5.
  package let verifiers: [VerifierFile]

  package typealias Fact = Screen.Fact

  /// The fact that says whether a network was connected.
  package static func network(isUp: Bool) -> Fact { Fact(name: network, value: isUp ? "connected" : "none") }
  private static let network = "network"

  /// Whether a network was connected to the machine when the ceremony began; nil where nobody looked.
  package var isNetworked: Bool? {
    switch host.first(where: { $0.name == Self.network })?.value {
    case "connected": true
    case "none": false
    default: nil
    }
  }

  package struct After: Hashable, Sendable {
    package let previous: PreviousCeremony
    /// Whether its newest root was at hand, and is kept in `inputs/`: always, from engine version 4 on.
    package let isKept: Bool

    /// SHA-256 of the requests that it wrote and that are still answered; empty where it did not end pending.
    package let requests: [SHA256Digest]
    /// SHA-256 of the payloads of the next version that somebody may have signed in it or before it, and that it did not
    /// finish; sorted. nil before engine version 8, which did not say it.
    package let open: [SHA256Digest]?

    /// SHA-256 of its newest root's file.
    package var root: SHA256Digest { previous.root }
    /// SHA-256 of the last line of its transcript.
    package var head: SHA256Digest { previous.head }

    /// Whether that ceremony waited with a root of the version that a script makes anew: both go on from one root, or found
    /// version 1.
    package func waited(before script: Script) -> Bool {
      script.goesOn.map { $0.root.digest != root } ?? (open?.isEmpty == false)
    }

    /// The name in `inputs/`.
    package static let fileName = "previous.root.json"

    package init(_ previous: PreviousCeremony, isKept: Bool, requests: [SHA256Digest] = [], open: [SHA256Digest]? = [])
    {
      self.open = open
      self.previous = previous
      self.requests = requests
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

  package var json: JSONObject {
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
      var names: JSONObject = [
        "root": .string(after.previous.root.hex), "head": .string(after.previous.head.hex),
        "kept": .bool(after.isKept),
      ]
      if !after.requests.isEmpty { names["requests"] = .array(after.requests.map { .string($0.hex) }) }
      if let open = after.open { names["open"] = .array(open.map { .string($0.hex) }) }
      object["after"] = .object(names)
    }
    if let seed { object["seed"] = .integer(Int64(seed)) }
    return object
  }

  /// Reads what every engine version has written into a first record; nil where a part of that is missing. What this
  /// release writes names this engine version.
  package init?(fields body: JSONObject) {
    guard let program = body["program"]?.object.flatMap(ProgramFacts.init),
      let script = body["script"]?["sha256"]?.string.flatMap(SHA256Digest.init(hex:)),
      let isRehearsal = body["rehearsal"]?.bool, let isUnattended = body["unattended"]?.bool,
      let cards = body["cards"]?.string.flatMap(Cards.init(rawValue:)),
      let sacrifice = body["sacrifice"]?.array, let host = body["host"]?.array,
      let verifiers = VerifierFile.named(by: body)
    else { return nil }
    // Version 1 did not say it: then keyholders typed in the real ceremony, and the program made them in a rehearsal.
    let unsaid: Secrets? = body["engine"]?.integer == 1 ? isRehearsal ? .made : .typed : nil
    let secrets = body["secrets"].map { $0.string.flatMap(Secrets.init(rawValue:)) } ?? unsaid
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

extension CardName {
  /// Serials are numbers.
  fileprivate var json: JSONValue {
    if case .serial(let serial) = self { .integer(Int64(serial)) } else { .string(description) }
  }

  fileprivate init?(_ value: JSONValue) {
    if let serial = value.integer.flatMap(UInt32.init(exactly:)), serial > 0 {
      self = .serial(serial)
    } else if let text = value.string, let name = CardName(text), case .guid = name,
      isIdentical(name.description, text)
    {
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
    guard let requests = Self.digests(value["requests"]), let open = Self.digests(value["open"]) else { return nil }
    self.init(
      PreviousCeremony(root: root, head: head), isKept: isKept, requests: requests,
      open: value["open"] == nil ? nil : open)
  }

  /// None where nothing is there.
  private static func digests(_ value: JSONValue?) -> [SHA256Digest]? {
    guard let value else { return [] }
    return value.list { $0.string.flatMap(SHA256Digest.init(hex:)) }
  }

  /// The earlier root among the files that are read; nil where it was not at hand.
  package var file: PinnedFile? { isKept ? PinnedFile(name: Self.fileName, digest: previous.root) : nil }
}
