import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import TUFMetadata
import Transcript

/// The script's last step: the transcript's last record.
struct CloseStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    .wait(
      for: .ask(
        ceremony.asking(
          .proceed("Close the transcript?", "close", "nothing is added after it"), nil,
          [
            "Every step before this one is done, or is on record as left out. Nothing can be added to the transcript afterwards."
          ])))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .answer:
      return .wait(
        ceremony.marked(), for: .close(ceremony.closeRecord(ceremony.isPending ? .pending : .complete, because: nil)))
    case .closed(let head, let transcript):
      ceremony.head = head
      ceremony.transcript = transcript
      return .done()
    default: return .unexpected
    }
  }
}

/// The head is read aloud.
struct HeadStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    var screen = ceremony.headScreen("The head of the transcript")
    screen.say = ceremony.step.say
    return .wait(for: .ask(screen))
  }
  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer(let token) = event else { return .unexpected }
    return token == Prompt.differs.token ? .fail(ceremony.comparisonDiffers()) : .done()
  }
}

/// The ending of a ceremony that was given up: what is on the cards is said, and the folder closed as ABORTED.
struct Aborting: StepMachine {
  private let finding: Finding?

  init(because finding: Finding?) { self.finding = finding }

  var outcome: Outcome {
    let status = finding.map { $0.code.exitStatus == .card ? ExitStatus.card : .violation } ?? .aborted
    return Outcome(ending: .aborted, status: status, finding: finding)
  }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    ceremony.isAborting = true
    var screen = ceremony.screen("ABORTED", finding.map { [$0.what, $0.hint] } ?? ["The ceremony was given up."])
    for keyholder in ceremony.script.cardholders + ceremony.script.nobodies {
      guard let card = ceremony.cards[keyholder.id], card.mayHoldKeys else { continue }
      screen.facts.append(card.reminder("", of: keyholder.name))
    }
    for retired in ceremony.retired where retired.card.mayHoldKeys {
      screen.facts.append(retired.card.reminder("left the ceremony, and ", of: ceremony.name(of: retired.keyholder)))
    }
    return .wait(
      ceremony.marked() + [.show(screen)], for: .close(ceremony.closeRecord(.aborted, because: finding)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .closed(let head, _):
      ceremony.head = head
      // The screen before it asked nothing, and is gone.
      var screen = ceremony.headScreen("ABORTED: the head of the transcript", isOver: true)
      screen.text = (finding.map { ["\($0.code): \($0.what)", $0.hint] } ?? []) + screen.text
      return .wait(for: .ask(screen))
    case .answer:
      return .done(
        .record(ceremony.endRecord(.aborted)),
        .showFinalHead(ceremony.finalHeadScreen("ABORTED: the final head")),
        .report(ceremony.account, .aborted), .sum(ceremony.sums))
    default: return .unexpected
    }
  }
}

extension EnrolledCard {
  /// A key whose making had no answer, or that is made anew, is on no record, and may be on the card.
  fileprivate func reminder(_ before: String, of owner: String) -> Screen.Fact {
    Screen.Fact(
      name: "card \(name) of \(owner)",
      value: "\(before)\(keys.isEmpty ? "may hold" : "holds") keys of this ceremony: reset it")
  }
}

extension Ceremony {
  /// Puts the mark of a rehearsal into its folder.
  mutating func marked() -> [Effect] {
    guard configuration.isRehearsal else { return [] }
    let mark = Product(
      "REHEARSAL", Array("This folder was made in a rehearsal. Nothing in it is to be trusted.\n".utf8))
    products.append(mark)
    return [.create(mark)]
  }

  /// What is written when the last keyholder has signed the seal, or sealing was given up: which it also is where fewer
  /// signed than the script asks for.
  mutating func finished(_ seal: TranscriptSeal) -> (effects: [Effect], outcome: Outcome) {
    guard !isLeftUnsealed else { return unsealed }
    if !isReachable(sealQuorums, sealSignatures, with: sealedElsewhere) { isSealingGivenUp = true }
    let envelope = Product(
      SealCount.path,
      seal.envelope(sealSignatures.map { TranscriptSeal.Signature(keyID: $0.keyID, bytes: $0.bytes) }),
      isRecorded: false)
    let effects: [Effect] = [
      .create(envelope),
      .record(endRecord(isSealingGivenUp ? .givenUp : .complete)),
      .showFinalHead(finalHeadScreen(isSealingGivenUp ? "Given up: the final head" : "The final head")),
      .report(account, ending),
      .sum(sums + [Effect.Sum(path: envelope.path, digest: SHA256Digest(of: envelope.bytes))]),
    ]
    return (effects, Outcome(ending: ending, status: isSealingGivenUp ? .aborted : ending.status, finding: nil))
  }

  /// No card sealed what a second request may have sealed: there is no file of the seal yet.
  private var unsealed: (effects: [Effect], outcome: Outcome) {
    var screen = finalHeadScreen("UNSEALED: the final head")
    screen.text =
      [
        "No root key has signed the transcript seal. Until one does, anybody could have written this folder.",
        "Next: tuf-ceremony request FOLDER --seal --for ID --out FILE asks a keyholder elsewhere.",
      ] + screen.text
    let effects: [Effect] = [
      .record(endRecord(isSealingGivenUp ? .givenUp : .complete)), .showFinalHead(screen), .report(account, ending),
      .sum(sums),
    ]
    return (effects, Outcome(ending: ending, status: isSealingGivenUp ? .aborted : .warning, finding: nil))
  }

  private var ending: CeremonyEnding { isPending ? .pending : .complete }

  /// What the records of the transcript have the program write, in their order.
  private var written: [Effect.Sum] {
    configuration.verifiers.map { Effect.Sum(path: $0.path, digest: $0.digest) }
      + products.map { Effect.Sum(path: $0.path, digest: SHA256Digest(of: $0.bytes)) }
  }

  /// The path and digest of every file that the engine knows; the transcript and what follows it are not among them.
  fileprivate var sums: [Effect.Sum] {
    written + files.map { Effect.Sum(path: "inputs/\($0.name)", digest: $0.digest) }
      + delivers.map { Effect.Sum(path: $0.path, digest: $0.digest) }
      + [Effect.Sum(path: "script.yaml", digest: configuration.script)]
  }

  /// - Parameter isOver: whether the ceremony is given up already: nothing is done again then.
  fileprivate func headScreen(_ title: String, isOver: Bool = false) -> Screen {
    let question = "Read the words aloud. Do they agree with what the viewers see?"
    let prompt =
      isOver
      ? Prompt.proceed(
        question, "confirm", "the head was read aloud", always: SideRequest.allCases.filter { $0 != .abort })
      : Prompt.compare(question, "confirm", "the head was read aloud")
    var screen = screen(
      title,
      ["tail -n1 transcript.jsonl | tr -d '\\n' | sha256sum prints it again, anywhere and any time."])
    // After giving up nobody is waited for.
    screen.who = name(of: attendance.isHere("witness") ? "witness" : "administrator")
    screen.prompt = prompt
    if let head { screen.digests = [Screen.Labelled(label: "head", digest: head)] }
    return screen
  }

  /// What follows the close begins with the head, also where the ceremony stopped before it was shown.
  var headFirst: [Effect] {
    guard case .head = step.action else { return [] }
    var screen = headScreen("The head of the transcript")
    screen.prompt = nil
    return [.show(screen)]
  }

  /// Nobody is asked any more: what was answered could not be recorded.
  fileprivate func finalHeadScreen(_ title: String) -> Screen {
    var screen = screen(
      title,
      [
        "Read the words aloud. They also say what followed the close: the seal, the bags, the times, exceptions and who left.",
        "tail -n1 sealing.jsonl | tr -d '\\n' | sha256sum prints it again, anywhere and any time.",
      ])
    screen.who = name(of: "witness")
    return screen
  }

  /// How it ended after the transcript was closed: everything that was to be done, the rest given up, or aborted.
  fileprivate func endRecord(_ ending: EndRecord.Ending) -> EndRecord {
    EndRecord(ending: ending, exceptions: exceptions, signatures: sealSignatures.count)
  }

  fileprivate func closeRecord(_ ending: Outcome.Ending, because finding: Finding?) -> CloseRecord {
    CloseRecord(
      ending: ending, exceptions: exceptions,
      products: written.map { CloseRecord.Product(path: $0.path, digest: $0.digest) },
      signatures: script.offlineRoles.compactMap { role in
        payloads[role.name].map {
          CloseRecord.Count(role: role.name, count: $0.signatures.count, threshold: role.threshold)
        }
      }, keys: keyOrigins.map(CloseRecord.Key.init), isUnproven: isUnproven,
      finding: finding.map(FindingRecord.init))
  }
}
