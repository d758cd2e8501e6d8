import ArgumentParser
import CeremonyRuntime
import Findings
import Glibc
import Products
import Signals
import VirtualCard

struct CardServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Puts a virtual card into a virtual reader of vsmartcard's vpcd, on this machine.",
    discussion: """
      The card proves nothing: its keys are in memory, and in the state file where one is named.

      While it is served, each line of standard input is obeyed, and answered with a line:
        unplug         takes the card out of the reader
        plug           puts it in again
        touch refuse   nobody touches the card when it waits for a touch
        touch allow    somebody does, at once (so it begins)
        fault N KIND   after N good exchanges something goes wrong
        mend           no fault is to come any more, a mute card speaks again
        lack INS…      the card does not know these instructions: lack f7 f9
        slow MS        every answer takes so many milliseconds
        count          how many exchanges there were, how many faults come
        quit           ends, as do SIGINT and SIGTERM, but no end of input

      KIND, at that one exchange (no-answer: it breaks off, as at a loose contact):
        status XXXX, truncated, garbage, nothing, no-answer,
        wrong-signature, first-32-bytes, wrong-key
      KIND, from it on:
        pull           until plug
        never          no answer, and the reader waits, until unplug
        drip           one byte at a time, without an end, until mend
        mute           until mend

      To control it from elsewhere, let it read a named pipe:
        mkfifo c; tuf-ceremony card serve … <>c

      Example: tuf-ceremony card serve --serial 20000001
      """)

  @Option(help: "The reader's TCP port on 127.0.0.1; 35963 and 35964 as vsmartcard is installed.")
  var port: UInt16

  @Option(help: "The card's serial; without it that of the state file, for a new card 20000000 + port.")
  var serial: UInt32?

  @Option(help: "The file that the card is kept in, after every change; made where it is not there.")
  var state: String?

  @Option(
    help: ArgumentHelp(
      "How it answers. " + CardProfile.all.map { "\($0.name): \($0.summary)." }.joined(separator: " "),
      valueName: "model"))
  var model: CardProfile?

  @Flag(help: "Without the mark by which a real ceremony refuses our cards, for trying one.")
  var unmarked = false

  func validate() throws {
    if serial == 0 { throw ValidationError("--serial takes a number from 1: --serial 20000001") }
    if let state, !ProductsFolder.isSafe(name(of: state)) {
      throw ValidationError("--state takes a file name of letters, digits and . _ -: --state card-1.json")
    }
  }

  func run() throws {
    try ending {
      let card = try servedCard()
      Signals.watch()
      // In the background of a terminal its lines are somebody else's: reading one fails then, and does not stop us.
      signal(SIGTTIN, SIG_IGN)
      let server = CardServer(
        card, port: port,
        keep: { bytes in
          guard let state else { return }
          let place = folder(of: state)
          try ProductsFolder(opening: place.isEmpty ? "." : place).replace(name(of: state), bytes)
        },
        note: { put($0 + "\n") })
      put("card \(card.serial), \(card.model.name), port \(port): a virtual card, proves nothing\n")
      switch try server.serve(controls: 0, bell: Signals.bell) {
      case .quit: return .fine
      case .called: return .aborted
      case .noReader(let failure):
        throw Finding(
          .virtualReaderMissing, "No virtual reader answers on port \(port): \(failure.reason).",
          hint: "Start pcscd with vsmartcard-vpcd installed: systemctl start pcscd, or pcscd --foreground.")
      }
    }
  }

  private func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }

  private func servedCard() throws -> VirtualCard {
    let limit = 1 << 20
    guard let state, let bytes = try FileContent.read(state, atMost: limit, place: state, followsLinks: true) else {
      return VirtualCard(
        serial: serial ?? 20_000_000 + UInt32(port), model: model ?? .yubikey, isMarked: unmarked ? false : nil)
    }
    let card: VirtualCard
    do { card = try VirtualCard(state: bytes) } catch {
      throw Finding(
        .virtualCardUnreadable, "The state file does not hold a virtual card (\(error.field)). It was not touched.",
        hint: "Name another file.", place: state)
    }
    guard serial == nil || serial == card.serial, model == nil || model == card.model, !unmarked || !card.isMarked
    else {
      throw Finding(
        .virtualCardUnreadable,
        "The state file holds the card \(card.serial), model \(card.model.name), and another was asked for.",
        hint: "Leave out --serial, --model and --unmarked, or name another file.", place: state)
    }
    return card
  }
}

extension CardProfile: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
  package static var allValueStrings: [String] { all.map(\.name) }
}
