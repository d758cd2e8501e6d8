import ArgumentParser
import Bundles
import CeremonyRecords
import CeremonyRuntime
import CeremonyScript
import Findings
import Glibc
import Keys
import PIV
import Products
import Readers
import Requests
import ScriptDraft
import Signals
import Transcript

/// Packs the folder of a ceremony that answered a request into one file beside it. Throws `CANNOT-CREATE`.
func packAnswer(in folder: String, _ console: any Console) throws(Finding) {
  let products = ProductsFolder(opening: folder)
  guard let script = try? Script(products.read("script.yaml")), script.isAnswer else { return }
  let tar = "\(folder).tar"
  guard access(tar, F_OK) != 0 else { return }
  let digest = try Answer.pack(products, into: tar)
  console.note("answer      \(tar)")
  console.note("            \(digest.hex)")
  console.note("  → Send this file to whoever asked, by any road, and read them its digest.")
}

struct SignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Answers a request: one keyholder, at home, with their own card.",
    discussion: """
      Shows what changes since the root before, and the digest to compare over the phone; asks; signs; and writes the \
      answer: the folder of this small ceremony, and the same as one file, OUT.tar. A request for a key sets the card up \
      and proves the key instead; one for a seal shows which ceremony is sealed. A foreign root that waits for signatures is signed with --trusted and --key.

      Example: tuf-ceremony sign boris.json --trusted 1.root.json --out answer-boris
      """)

  @Argument(help: "The request, or with --key a root that waits for signatures.")
  var request: String

  @Option(help: "The folder to make; it must not exist. The answer is this name with .tar.")
  var out: String

  @Option(name: .customLong("for"), help: "Who answers, by their ids in the request; without it whoever is asked.")
  var people: [String] = []

  @Option(
    help: ArgumentHelp(
      "The root that clients have now: the file itself, or its SHA-256 to compare with what came with the request.",
      valueName: "file|sha256"))
  var trusted: String?

  @Option(help: "For a foreign root: the id of your key in it, or at least its first eight digits.")
  var key: String?

  @Option(help: "For a foreign root: your name.")
  var name: String?

  @Option(help: "For a foreign root: the slot of your key.")
  var slot = "9c"

  @Option(help: "The serial of your card. A card that does not say which key it holds is used only with it.")
  var card: UInt32?

  @Option(help: "Whoever sees you sign. Without it nobody does, and the answer says so.")
  var witness: String?

  @Flag(help: "The witness watches over a stream: prompts are read to them, and their words typed.")
  var overStream = false

  @Flag(help: "Answer a rehearsal's request, on a stand-in card.")
  var rehearsal = false

  @Option(
    help: ArgumentHelp(
      "In a rehearsal: the folder of the one in which your virtual card got its key.", valueName: "dir"))
  var after: String?

  @Option(help: "In a rehearsal: virtual for the card that came with the request, pcsc for what pcscd shows.")
  var cards: RehearseCommand.Cards = .virtual

  @Flag(help: "In a rehearsal: answer every prompt by itself.")
  var unattended = false

  @Option(help: "In a rehearsal: fix randomness and clock.")
  var seed: Int?

  @Option(help: "A second terminal that is not streamed, as the command tty prints it there.")
  var secretsTty: String?

  @OptionGroup var timeout: CardTimeout
  @OptionGroup var lines: PlainLines

  func validate() throws {
    if !rehearsal, unattended || seed != nil || cards != .virtual || after != nil {
      throw ValidationError("--unattended, --seed, --after and --cards are for rehearsals: --rehearsal")
    }
    if overStream, witness == nil { throw ValidationError("--over-stream needs the name of the witness: --witness") }
    if key != nil, !people.isEmpty {
      throw ValidationError("--for names people of a request; --key stands for a root.")
    }
  }

  func run() throws {
    let goingOn = resumption(of: out, isUnattended: unattended, secretsTTY: secretsTty)
    try ending(goingOn: goingOn) {
      Signals.watch()
      let console = try Consoles.chosen(
        isUnattended: unattended, isVerbose: !unattended, mayBeUnattended: rehearsal, isPlain: lines.plain)
      defer { console.leave() }
      let tar = "\(out).tar"
      guard access(tar, F_OK) != 0 else {
        throw Finding(.cannotCreate, "\(tar) is there already.", hint: "Name another folder.", place: tar)
      }
      let asked = try asked()
      let ceremony = try LiveCeremony(
        options(asked), console: console,
        cards: rehearsal && cards == .virtual
          ? nil
          : PCSCCardSource(
            isUnattended: unattended, cardTimeout: timeout.seconds, meanwhile: console.meanwhile, note: console.note),
        secrets: rehearsal && secretsTty == nil ? nil : SecretsTerminal.vault(secretsTty, beside: console))
      let result = try ceremony.run()
      let status = Consoles.finish(result, in: out, console, isRehearsal: rehearsal)
      if status == .fine { try packAnswer(in: out, console) }
      return status
    }
  }

  /// What is asked, from a request's file or from a root that somebody else made.
  private func asked() throws(Finding) -> (request: Request, card: StandInCard?) {
    let bytes = try named(request, atMost: 2 * Request.limit)
    guard let key else { return try StandInCard.taken(from: bytes, place: request) }
    return (
      try ForeignRoot(bytes, place: request).request(
        trusted: trusted.map { path throws(Finding) in try named(path, atMost: Request.limit) },
        signers: [(key: key, name: name)], slot: slot, engine: Int64(EngineVersion.current)), nil
    )
  }

  private func options(_ asked: (request: Request, card: StandInCard?)) throws(Finding) -> LiveCeremony.Options {
    var script = AnswerScript(asked.request, people: try answering(asked.request))
    script.witness = witness
    script.isStream = overStream
    script.serial = card
    if case .enrol = asked.request.kind, rehearsal, cards == .virtual, card == nil {
      script.serial = StandInCard.serial(for: asked.request)
    }
    script.comparison = try comparison(with: asked.request)
    var options = LiveCeremony.Options(
      script: try script.bytes(), scriptFolder: "", out: out, isRehearsal: rehearsal, isUnattended: unattended,
      seed: seed, programVersion: ProgramVersion.current)
    options.supplied = asked.request.supplied
    if cards == .virtual, let first = script.people.first {
      let own = try after.map { path throws(Finding) in
        try StandInCard(
          holding: asked.request.key(of: first), of: first.name, in: namedFolder(path), place: path)
      }
      if let card = own ?? asked.card { options.standIn = (card, first.id) }
    }
    return options
  }

  /// Throws `REQUEST-KEY` where somebody else is asked.
  private func answering(_ request: Request) throws(Finding) -> [Asked] {
    let asked = request.people
    if people.isEmpty {
      guard asked.count == 1 else {
        throw Finding(
          .requestKey, "The request asks \(asked.map(\.name).joined(separator: ", ")).",
          hint: "Say who answers here: --for \(asked.map(\.id).joined(separator: ", or --for ")).", place: self.request)
      }
      return asked
    }
    if let other = people.first(where: { id in !asked.contains { $0.id == id } }) {
      throw Finding(
        .requestKey, "The request does not ask “\(other)”.",
        hint: "It asks \(asked.map(\.id).joined(separator: ", ")).", place: self.request)
    }
    return asked.filter { people.contains($0.id) }
  }

  /// How the root before is compared. Throws `REQUEST-ROOT` where it is another one than was named.
  private func comparison(with request: Request) throws(Finding) -> AnswerScript.Comparison? {
    let before: [UInt8]? =
      switch request.kind {
      case .sign(let wanted): wanted.trusted
      case .seal(let wanted): wanted.trusted
      case .enrol: nil
      }
    guard let trusted else { return AnswerScript.Comparison(of: request) }
    guard let root = before else {
      if case .enrol = request.kind { return nil }
      throw Finding(
        .requestRoot,
        "You named the root that clients have, and the request says that there is none: its root founds version 1.",
        hint: "Sign nothing before you know which is true. Leave --trusted out where no client has a root yet.",
        place: self.request)
    }
    let own: SHA256Digest
    if let said = SHA256Digest(hex: trusted) {
      own = said
    } else {
      own = SHA256Digest(of: try named(trusted, atMost: Request.limit))
    }
    guard own == SHA256Digest(of: root) else {
      throw Finding(
        .requestRoot, "The request goes on from another root than the one that was named.",
        hint: "Sign nothing. Find out which root clients have.", place: self.request)
    }
    if case .seal = request.kind { return .sealing }
    return .named
  }
}
