import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import PIV
import TUFMetadata

/// The ending: the transcript's last record, its head, and the sums over everything.
struct Closing {
  private enum Phase { case closing, showingHead, finished }

  private let ending: Outcome.Ending
  private let finding: Finding?
  private var phase = Phase.closing

  init(ending: Outcome.Ending, finding: Finding?) {
    self.ending = ending
    self.finding = finding
  }

  var outcome: Outcome {
    let status: ExitStatus =
      switch finding?.code {
      case nil: ending == .complete ? .fine : .aborted
      case .some(.cardRemoved), .some(.cardReset), .some(.cardShared), .some(.cardTimeout), .some(.readerGone),
        .some(.pcscdGone), .some(.cardRefused), .some(.pinBlocked), .some(.touchMissing):
        .card
      default: .violation
      }
    return Outcome(ending: ending, status: status, finding: finding)
  }

  mutating func begin(_ ceremony: inout Ceremony) -> [Effect] {
    var effects: [Effect] = []
    if ceremony.setting.isRehearsal {
      let mark = Product("REHEARSAL", Array("This folder was made in a rehearsal. Nothing in it is to be trusted.\n".utf8))
      ceremony.products.append(mark)
      effects.append(.create(mark))
    }
    if ending == .aborted { effects.append(.show(abortScreen(ceremony))) }
    var body: JSONObject = [
      "ending": .string(ending.rawValue),
      "exceptions": .integer(Int64(ceremony.exceptions)),
      "products": .array(
        ceremony.products.map {
          ["path": .string($0.path), "sha256": .string(SHA256Digest(of: $0.bytes).hex)]
        }),
      "signatures": .array(
        ceremony.script.offlineRoles.compactMap { role in
          ceremony.payloads[role.name].map {
            [
              "role": .string(role.name), "count": .integer(Int64($0.signatures.count)),
              "threshold": .integer(Int64(role.threshold)),
            ]
          }
        }),
      "unproven": .bool(ceremony.isUnproven),
    ]
    if let finding { body["finding"] = .object(finding.json) }
    return effects + [.close(body)]
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> [Effect] {
    switch (phase, event) {
    case (.closing, .closed(let head)):
      phase = .showingHead
      ceremony.head = head
      let prompt = Prompt.proceed(
        "Read the words aloud. Do they agree with what the viewers see?", "confirm", "the head was read aloud")
      var screen = ceremony.asking(
        prompt, ending == .complete ? "The head of the transcript" : "ABORTED: the head of the transcript",
        ["tail -n1 transcript.jsonl | tr -d '\\n' | sha256sum prints it again, anywhere and any time."])
      screen.who = ceremony.script.witness
      screen.say = []
      screen.digests = [Screen.Labelled(label: "head", digest: head)]
      return [.ask(screen)]
    case (.showingHead, .answer):
      phase = .finished
      return [.sum(ceremony.sums), .end(outcome)]
    default:
      return [.end(Outcome(ending: .aborted, status: .internalError, finding: finding))]
    }
  }

  private func abortScreen(_ ceremony: Ceremony) -> Screen {
    var screen = ceremony.screen("ABORTED", finding.map { [$0.what, $0.hint] } ?? ["The ceremony was given up."])
    for keyholder in ceremony.script.keyholders {
      guard let card = ceremony.cards[keyholder.id], !card.keys.isEmpty else { continue }
      screen.facts.append(
        Screen.Fact(name: "card \(card.name) of \(keyholder.name)", value: "holds keys of this ceremony: reset it"))
    }
    return screen
  }
}

extension Ceremony {
  /// The path and digest of every file that the engine knows; the transcript and what follows it are not among them.
  fileprivate var sums: [Effect.Sum] {
    products.map { Effect.Sum(path: $0.path, digest: SHA256Digest(of: $0.bytes)) }
      + script.files.map { Effect.Sum(path: "inputs/\($0.name)", digest: $0.digest) }
      + [Effect.Sum(path: "script.yaml", digest: setting.script)]
  }
}
