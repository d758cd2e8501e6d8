import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import Transcript

/// Puts what others verify with into the folder, reads every file that the script names, compares its digest, and lints the
/// script with what was read.
struct Opening {
  private var pending: [PinnedFile] = []
  /// Roles whose target files are still to be listed.
  private var unlisted: [String] = []
  private var isStarted = false
  /// What is still to be compared, and what is told after it.
  private var compared: [Screen] = []
  private var rest: [Effect] = []

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .begun = event, !isStarted else { return take(event, &ceremony) }
    isStarted = true
    let transition = begin(&ceremony)
    return Transition(
      effects: ceremony.configuration.verifiers.map { .supply($0) } + transition.effects, next: transition.next)
  }

  private mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    let open = ceremony.configuration.after?.open ?? []
    if let finding = ceremony.previousDifference ?? ceremony.script.openFinding(open) { return .refuse(finding) }
    pending = ceremony.files
    unlisted = ceremony.script.listingRoles.map(\.name)
    return goOn(&ceremony)
  }

  private mutating func take(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .input(let bytes) where !pending.isEmpty:
      let file = pending.removeFirst()
      guard SHA256Digest(of: bytes) == file.digest else { return .refuse(.inputChanged(file.name)) }
      ceremony.inputs[file.name] = bytes
    case .listed(let files) where pending.isEmpty && !unlisted.isEmpty:
      ceremony.script = ceremony.script.listing(files, for: unlisted.removeFirst())
    case .answer(Prompt.differs.token):
      return .refuse(
        ceremony.comparisonDiffers("Write down what the paper says, and find out why. Then begin again."))
    case .answer where !compared.isEmpty:
      compared.removeFirst()
      return compare()
    default: return .unexpected
    }
    return goOn(&ceremony)
  }

  /// The next screen to compare; after the last one what the cards will sign.
  private func compare(_ effects: [Effect] = []) -> Transition {
    compared.first.map { .wait(effects, for: .ask($0)) } ?? .done(effects + rest)
  }

  private mutating func goOn(_ ceremony: inout Ceremony) -> Transition {
    if let next = pending.first { return .wait(for: .read(name: next.name)) }
    if let next = unlisted.first { return .wait(for: .list(role: next)) }

    let mode: Mode = ceremony.configuration.isRehearsal ? .rehearsal : .real
    let findings: [Finding]
    var waiting: [Effect] = []
    let sizes: [PayloadSize]
    do {
      ceremony.script = ceremony.script.going(on: try ceremony.readBaseline())
      try ceremony.readRequest()
      waiting = try ceremony.readWaiting()
      try ceremony.readWithdrawn()
      ceremony.noteEarlierSignatures()
      let online = try ceremony.keys().online
      findings = ceremony.script.lint(mode, online: online, at: ceremony.time)
      sizes = ceremony.script.payloadSizes(online: online, at: ceremony.time).filter { $0.mode == mode }
      _ = try ceremony.anchors()
      if ceremony.configuration.isRehearsal { try ceremony.prepareTwin() }
    } catch {
      return .refuse(error)
    }
    let errors = findings.filter { $0.severity == .error }
    guard let first = errors.first else {
      compared = [
        ceremony.programShown, ceremony.previousShown, ceremony.withdrawnShown, ceremony.requestShown,
      ].compactMap(\.self)
      rest = ceremony.script.isAnswer ? [] : [.show(ceremony.screen(of: sizes))]
      return compare(findings.map { .record(FindingRecord($0)) } + waiting + ceremony.withdrawing)
    }
    return .refuse(first, findings.filter { $0 != first }.map { .record(FindingRecord($0)) })
  }
}

extension Ceremony {
  /// The root that the script goes on from; nil where it founds one.
  fileprivate func readBaseline() throws(Finding) -> Baseline? {
    try script.baseline { inputs[$0.name] ?? [] }
  }

  /// A card that draws badly may have done so before.
  fileprivate mutating func noteEarlierSignatures() {
    for (key, signature, message) in script.baseline?.signatures ?? [] {
      _ = nonces.note(signature, by: key, over: SHA256Digest(of: message).bytes)
    }
  }

  /// A rehearsal of what is done with a real root begins with stand-ins for its keys.
  fileprivate mutating func prepareTwin() throws(Finding) {
    guard script.playsOnTwin else { return }
    script = try script.withStandIns()
    plan = Plan(script)
  }

  /// Every file that is read, in this order.
  var files: [PinnedFile] { script.files + [configuration.after?.file].compactMap(\.self) }

  /// What is wrong with the ceremony before this one. A rehearsal may be held after another than the script names.
  fileprivate var previousDifference: Finding? {
    guard let named = script.previous else { return nil }
    guard let after = configuration.after, after.isKept else { return .previousMissing }
    guard !configuration.isRehearsal, named != after.previous else { return nil }
    return Finding(
      .previousDiffers, "The script names another ceremony before this one.",
      hint: "Begin again, with the folder of the ceremony that the script names.")
  }

  /// Which program and script these are, for everybody to compare. What a seeded rehearsal says is the same in every build.
  fileprivate var programShown: Screen {
    let program = configuration.program
    var screen = screen(
      "The program and the script",
      [
        "Compare the program with what the project publishes for this release.",
        script.isAnswer
          ? "The program wrote the script, from the request."
          : "Compare the script with the paper, or with what was announced.",
      ])
    if configuration.isRehearsal, !script.isAnswer {
      screen.text.append(
        "Is there no paper in this rehearsal? Then see where the digests stand, and answer as if they agreed.")
    }
    screen.prompt = .compareFirst("Are the digests the same?", "they are the same as on paper")
    screen.facts = [
      Screen.Fact(name: "version", value: program.version),
      Screen.Fact(name: "commit", value: program.commit ?? "not known"),
      Screen.Fact(name: "engine version", value: String(EngineVersion.current)),
      Screen.Fact(
        name: "toolchain",
        value: program.toolchain.map { $0.split(separator: " (", maxSplits: 1).first.map(String.init) ?? $0 }
          ?? "not known"),
    ]
    if program.executable == .zero {
      screen.text[0] = "A seeded rehearsal does not say which program it is."
    } else {
      screen.digests = [Screen.Labelled(label: "program", digest: program.executable)]
    }
    screen.digests.append(Screen.Labelled(label: "script", digest: configuration.script))
    return screen
  }

  /// Which ceremony this one follows, for everybody to compare.
  fileprivate var previousShown: Screen? {
    guard let previous = configuration.after?.previous else { return nil }
    var screen = screen(
      "The ceremony before this one", ["This ceremony follows the one with this head and this newest root."])
    screen.digests = [
      Screen.Labelled(label: "earlier head", digest: previous.head),
      Screen.Labelled(label: "earlier root", digest: previous.root),
    ]
    screen.prompt = .compareFirst("Are these the head and the root of that day?", "they are the same as on its paper")
    return screen
  }
}

extension Ceremony {
  /// The digests of the question that was answered by `differs`, and what to do. The other side's is on paper or elsewhere: it
  /// was not typed.
  func comparisonDiffers(
    _ hint: String = """
    Read both once more, slowly. If they are the same, answer 'retry'. If not, type 'exception' and put on record what the \
    paper or the viewer says, then 'abort'.
    """
  ) -> Finding {
    let shown = compared.map {
      "\($0.label) is \($0.digest.hex.prefix(8))…, “\($0.digest.words.prefix(4).joined(separator: " "))…”"
    }
    return Finding(
      .comparisonDiffers,
      "Somebody here saw or heard something else than the program shows"
        + (shown.isEmpty
          ? "." : ". On the screen \(shown.joined(separator: "; ")). What the other side says was not typed."),
      hint: hint)
  }
}

extension Finding {
  /// Without the earlier root a card with one of its keys looks like any other, and would be reset.
  package static let previousMissing = Finding(
    .previousMissing, "The script names the ceremony before this one, and that ceremony's folder was not named.",
    hint: "Name it: --after FOLDER. Without it nobody can tell which cards hold keys of the root before.",
    place: "script.yaml")
}
