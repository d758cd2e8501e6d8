import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import Transcript
import UTC

/// An effect and the id of the step that it belongs to; "" before the first step and after the last.
package struct StepEffect: Sendable {
  package let step: String
  package let effect: Effect
}

/// The ceremony as a pure state machine: no clock, no randomness, no file, no card, nothing but events in and effects out.
///
/// Start it with ``Event/begun``; feed it what each asked effect brought, until ``Effect/end(_:)``.
package struct CeremonyEngine {
  private(set) var ceremony: Ceremony
  private var state = State.opening(Opening())
  /// The screen that asked last, for asking it again after a side request.
  private var asked: Screen?
  /// What happens beside the step before the interrupted question is asked again.
  private var sideRequest: (any StepMachine)?
  /// Somebody whom the step needs is not here.
  private var waiting: Waiting?
  /// After an interruption it is asked who is still here, before anything else.
  private var rollCall: RollCall?
  /// What was asked last of people, cards and files, and the screen that was shown before it.
  private var pending: (shown: Screen?, effect: Effect?)
  /// The last effect of all, which is asked; nil before the beginning.
  private var question: Effect?

  private enum State {
    /// The files that the script names are read.
    case opening(Opening)
    case step(any StepMachine)
    /// A step failed and the administrator chooses.
    case failed(Failure)
    /// What must be mended before the step is done again.
    case mending(any StepMachine)
    case aborting(Aborting)
  }

  /// - Parameters:
  ///   - script: as it was read from the bytes whose digest `configuration` holds.
  ///   - time: of the first record.
  package init(script: Script, configuration: CeremonyConfiguration, time: UTCTime) {
    ceremony = Ceremony(script: script, configuration: configuration, time: time)
  }

  /// Who signed the transcript seal; nil before the transcript is closed.
  package var seal: SealCount? {
    guard ceremony.transcript != nil, let root = ceremony.script.offlineRole("root") else { return nil }
    let missing = ceremony.script.officials.map(\.id).filter { official in
      ceremony.cards[official]?.keys[official] != nil
        && !ceremony.sealSignatures.contains { $0.keyholder == official }
    }
    return SealCount(
      count: ceremony.rootSealCount, needed: ceremony.script.sealCount, threshold: root.threshold, missing: missing,
      isGivenUp: ceremony.isSealingGivenUp)
  }

  /// Whether a key was accepted without proof that it is on hardware.
  package var isUnproven: Bool { ceremony.isUnproven }

  /// What follows an event. An event that does not answer the last asked effect ends the ceremony.
  package mutating func handle(_ event: Event) -> [StepEffect] {
    let stepEffects = answers(event) ? respond(to: event) : refuse()
    question = stepEffects.last?.effect
    if rollCall == nil { remember(stepEffects) }
    for stepEffect in stepEffects { ceremony.room.note(stepEffect) }
    return stepEffects
  }

  /// Whether the event comes of what was asked last; of nothing that was asked comes the beginning.
  private func answers(_ event: Event) -> Bool {
    guard let question else { if case .begun = event { return true } else { return false } }
    return question.isAnswered(by: event)
  }

  /// An event that answers nothing ends the ceremony, whatever happened beside the step.
  private mutating func refuse() -> [StepEffect] {
    (sideRequest, rollCall) = (nil, nil)
    return abort(because: .answersNothing)
  }

  private mutating func remember(_ stepEffects: [StepEffect]) {
    for case .show(let screen) in stepEffects.map(\.effect) { pending.shown = screen }
    pending.effect = stepEffects.last?.effect
    guard sideRequest == nil, case .ask(let screen)? = pending.effect else { return }
    asked = screen
  }

  private mutating func respond(to event: Event) -> [StepEffect] {
    if case .wentOn = event { return callTheRoll() }
    if var call = rollCall {
      let transition = call.handle(event, &ceremony)
      guard case .done = transition.next else {
        rollCall = call
        return stepEffects(transition.effects)
      }
      rollCall = nil
      return stepEffects(transition.effects) + resumed()
    }
    if let machine = sideRequest {
      return step(sideRequest: machine) { $0.handle(event, &$1) }
    }
    if case .answer(let token) = event, asked?.prompt?.always.contains(token) == true,
      let sideRequest = SideRequest(rawValue: token)
    {
      return step(sideRequest: sideRequest.machine) { $0.begin(&$1) }
    }
    if let waiting { return handle(event, waiting) }
    switch state {
    case .opening(var opening):
      let transition = opening.handle(event, &ceremony)
      state = .opening(opening)
      return follow(transition)
    case .step(var machine):
      let transition = machine.handle(event, &ceremony)
      state = .step(machine)
      return follow(transition)
    case .mending(var machine):
      let transition = machine.handle(event, &ceremony)
      state = .mending(machine)
      return follow(transition)
    case .failed(let failure):
      guard case .answer(let token) = event,
        let remedy = ceremony.remedies(after: failure).first(where: { $0.token == token })
      else { return abort(because: failure.finding) }
      return apply(remedy, after: failure)
    case .aborting(var aborting):
      let effects = aborting.handle(event, &ceremony)
      state = .aborting(aborting)
      return stepEffects(effects)
    }
  }

  /// One transition of a side request. What it left undone is nothing: the interrupted screen is asked again.
  private mutating func step(
    sideRequest machine: any StepMachine, _ move: (inout any StepMachine, inout Ceremony) -> Transition
  ) -> [StepEffect] {
    var machine = machine
    let transition = move(&machine, &ceremony)
    let stepEffects = stepEffects(transition.effects)
    sideRequest = nil
    switch transition.next {
    case .wait:
      sideRequest = machine
      return stepEffects
    case .done:
      return stepEffects + again()
    case .giveUp: return stepEffects + abort()
    case .refuse(let finding), .fail(let finding), .failInDoubt(let finding):
      return stepEffects + abort(because: finding)
    }
  }

  /// An interruption ends whatever happened beside the step.
  private mutating func callTheRoll() -> [StepEffect] {
    if sideRequest != nil {
      sideRequest = nil
      pending.effect = asked.map { .ask($0) }
    }
    ceremony.attendance.interrupt()
    // A program that goes on begins to count anew: what failed because it had ended is no failure of the step.
    ceremony.failures = min(ceremony.failures, 1)
    guard isInStep, var call = RollCall(ceremony) else { return again(pending.effect) }
    let transition = call.begin(&ceremony)
    rollCall = call
    return stepEffects(ceremony.headFirst + transition.effects)
  }

  /// What goes on once it is known who is here.
  private mutating func resumed() -> [StepEffect] {
    if let waiting {
      return ceremony.attendance.isHere(waiting.person.id)
        ? goOn() : follow(wait(for: waiting.person, interrupted: waiting.interrupted))
    }
    if let person = missing { return follow(wait(for: person, interrupted: pending.effect)) }
    return again(pending.effect)
  }

  private var isInStep: Bool {
    switch state {
    case .opening, .aborting: false
    case .step, .failed, .mending: true
    }
  }

  /// An effect that was asked, once more: a screen with what has changed since; what is no screen after the last one.
  private mutating func again(_ effect: Effect?) -> [StepEffect] {
    guard let effect else { return abort() }
    if case .ask(let screen) = effect {
      if waiting == nil, case .step(var machine) = state, let transition = machine.again(&ceremony) {
        state = .step(machine)
        return follow(transition)
      }
      return stepEffects([.ask(renewed(screen))])
    }
    return stepEffects([pending.shown.map { .show($0) }, effect].compactMap(\.self))
  }

  /// Asks again what a side request interrupted, unless the step now waits for somebody, or no longer does.
  private mutating func again() -> [StepEffect] {
    if let waiting {
      guard !ceremony.attendance.isHere(waiting.person.id) else { return goOn() }
    } else if let person = missing {
      return follow(wait(for: person, interrupted: asked.map { .ask($0) }))
    }
    return again(asked.map { .ask($0) })
  }

  /// Whoever was waited for is here.
  private mutating func goOn() -> [StepEffect] {
    let interrupted = waiting?.interrupted
    waiting = nil
    guard let interrupted else { return follow(begin()) }
    if let person = missing { return follow(wait(for: person, interrupted: interrupted)) }
    return again(interrupted)
  }

  private mutating func wait(for person: Person, interrupted: Effect?) -> Transition {
    var machine = Waiting(for: person, interrupted: interrupted)
    let transition = machine.begin(&ceremony)
    waiting = machine
    return transition
  }

  private mutating func handle(_ event: Event, _ waitingNow: Waiting) -> [StepEffect] {
    var machine = waitingNow
    let transition = machine.handle(event, &ceremony)
    switch transition.next {
    case .wait:
      waiting = machine
      return stepEffects(transition.effects)
    case .done where ceremony.attendance.isHere(machine.person.id): return stepEffects(transition.effects) + goOn()
    case .done:
      waiting = nil
      let left = stepEffects(release() + transition.effects)
      state = .step(ceremony.step.activity.machine)
      return left + follow(.done())
    default: return stepEffects(transition.effects) + follow(.unexpected)
    }
  }

  /// The first person without whom what is asked now cannot be answered.
  private var missing: Person? {
    switch state {
    case .opening, .aborting: nil
    case .step, .mending: ceremony.missing()
    case .failed: ceremony.missing(withOwner: false)
    }
  }

  /// A screen that is asked again, with what has changed since.
  private func renewed(_ screen: Screen) -> Screen {
    if case .failed(let failure) = state, waiting == nil { return self.screen(of: failure) }
    var screen = screen
    screen.tally = ceremony.tally
    return screen
  }

  private var stepID: String {
    switch state {
    case .opening, .aborting: ""
    case .step, .failed, .mending: ceremony.step.id
    }
  }

  private func stepEffects(_ effects: [Effect]) -> [StepEffect] { effects.map { StepEffect(step: stepID, effect: $0) } }

  private mutating func follow(_ first: Transition) -> [StepEffect] {
    var stepEffects: [StepEffect] = []
    var transition = first
    while true {
      stepEffects += self.stepEffects(transition.effects)
      switch transition.next {
      case .wait: return stepEffects
      case .refuse(let finding): return stepEffects + abort(because: finding)
      case .giveUp: return stepEffects + abort()
      case .fail(let finding): return stepEffects + fail(Failure(finding: finding))
      case .failInDoubt(let finding): return stepEffects + fail(Failure(finding: finding, isInDoubt: true))
      case .done:
        if isStepDone { ceremony.advance() }
        guard ceremony.position < ceremony.plan.steps.count else {
          return stepEffects + self.stepEffects(ceremony.finished())
        }
        transition = begin()
      }
    }
  }

  private mutating func begin() -> Transition {
    var machine = ceremony.step.activity.machine
    state = .step(machine)
    if let person = missing { return wait(for: person, interrupted: nil) }
    let transition = machine.begin(&ceremony)
    state = .step(machine)
    return transition
  }

  /// The opening is no step, and what was mended leaves its step to be done.
  private var isStepDone: Bool {
    switch state {
    case .opening, .mending: false
    case .step, .failed, .aborting: true
    }
  }

  private mutating func fail(_ failure: Failure) -> [StepEffect] {
    ceremony.failures += 1
    let released = release()
    state = .failed(failure)
    return stepEffects([.record(FindingRecord(failure.finding))] + released + [.ask(screen(of: failure))])
  }

  private func screen(of failure: Failure) -> Screen {
    let finding = failure.finding
    // A step that is done again from the card's reset begins to count anew: nobody is there to notice.
    let prompt = Prompt(
      "What now? Each of these is recorded as an exception.",
      ceremony.remedies(after: failure).map { Prompt.Answer(token: $0.token, meaning: $0.meaning) },
      unattended: ceremony.failures < 3 && ceremony.exceptions < 30 ? "retry" : Prompt.abort)
    // Without the step's words: what they say did not come true.
    let place = finding.place.map { ["It is about: \($0)."] } ?? []
    var screen = ceremony.screen("\(finding.code)", [finding.what] + place + [finding.hint])
    screen.prompt = prompt
    return screen
  }

  private mutating func apply(_ remedy: Remedy, after failure: Failure) -> [StepEffect] {
    let noted = stepEffects([
      ceremony.exception(failure.finding.code, "\(remedy.account) after: \(failure.finding.what)")
    ])
    switch remedy {
    case .retry(let isInDoubt):
      if isInDoubt { ceremony.rewindToReset() }
      return noted + follow(begin())
    case .unblock:
      guard let keyholder = ceremony.step.activity.keyholder else { return noted + follow(.unexpected) }
      var machine = CardStep(UnblockMachine(), of: keyholder)
      let transition = machine.begin(&ceremony)
      state = .mending(machine)
      return noted + follow(transition)
    case .replace(let spare):
      guard let keyholder = ceremony.step.activity.keyholder else { return noted + follow(.unexpected) }
      let told = stepEffects(ceremony.retireCard(of: keyholder, for: spare, because: failure.finding))
      ceremony.goBack(toProvision: keyholder)
      return noted + told + follow(begin())
    case .withoutCard(let official):
      let told = stepEffects(ceremony.dismissCard(of: official))
      return noted + told + follow(.done())
    case .without, .typedOnly:
      return noted + follow(.done())
    }
  }

  private mutating func abort(because finding: Finding? = nil) -> [StepEffect] {
    if case .aborting(let aborting) = state { return stepEffects([.end(aborting.outcome)]) }
    waiting = nil
    var reason = finding
    if case .failed(let failure) = state { reason = reason ?? failure.finding }
    let noted = stepEffects((finding.map { [.record(FindingRecord($0))] } ?? []) + release())
    // The transcript is closed and complete: giving up now gives up the missing signatures of the seal alone.
    if ceremony.head != nil {
      ceremony.isSealingGivenUp = true
      return noted + stepEffects(ceremony.finished())
    }
    var aborting = Aborting(because: reason)
    let effects = aborting.begin(&ceremony)
    state = .aborting(aborting)
    return noted + stepEffects(effects)
  }

  private mutating func release() -> [Effect] {
    guard ceremony.present != nil else { return [] }
    ceremony.present = nil
    return [.releaseCard]
  }
}
