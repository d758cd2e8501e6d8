import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import Transcript
import UTC

/// The ceremony as a pure state machine: no clock, no randomness, no file, no card, nothing but events in and effects out.
///
/// Start it with ``Event/begun``; feed it what each ``Question`` brought, until ``Reaction/Next/end(_:)``.
package struct CeremonyEngine {
  private(set) var ceremony: Ceremony
  private var state = State.opening(Opening())
  /// What was asked last, or how it ended; nil before the beginning.
  private var next: Reaction.Next?
  /// The screen that was shown last, outside a roll call.
  private var shown: Screen?
  /// What happens beside the step before what it interrupted is asked again.
  private var sideRequest: (machine: any StepMachine, interrupted: Question)?
  /// Somebody whom the step needs is not here.
  private var waiting: Waiting?
  /// After an interruption it is asked who is still here, before anything else.
  private var rollCall: (machine: RollCall, interrupted: Question)?

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

  /// What follows an event. An event that does not answer the last question ends the ceremony.
  package mutating func handle(_ event: Event) -> Reaction {
    let reaction = reaction(to: event)
    next = reaction.next
    if case .ask(.ask(let screen), _) = next { ceremony.compared = screen.digests }
    if rollCall == nil, sideRequest == nil {
      for case .show(let screen) in reaction.told.map(\.effect) { shown = screen }
    }
    return reaction
  }

  private mutating func reaction(to event: Event) -> Reaction {
    switch next {
    case nil:
      guard case .begun = event else { return refuse() }
      return respond(to: event)
    case .end(let outcome): return end(outcome)
    case .ask(let question, _):
      guard question.isAnswered(by: event) else { return refuse() }
      if case .wentOn = event { return callTheRoll(interrupting: question) }
      if let (call, interrupted) = rollCall { return handle(event, call, interrupted) }
      if let (machine, interrupted) = sideRequest {
        return step(machine, beside: interrupted) { $0.handle(event, &$1) }
      }
      if case .answer(let token) = event, question.always.contains(token), let request = SideRequest(rawValue: token) {
        return step(request.machine, beside: question) { $0.begin(&$1) }
      }
      return respond(to: event)
    }
  }

  /// An event that answers nothing ends the ceremony, whatever happened beside the step.
  private mutating func refuse() -> Reaction {
    (sideRequest, rollCall) = (nil, nil)
    return abort(because: .answersNothing)
  }

  private mutating func respond(to event: Event) -> Reaction {
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
      let transition = aborting.handle(event, &ceremony)
      state = .aborting(aborting)
      return follow(transition)
    }
  }

  /// One transition of a side request. What it left undone is nothing: the interrupted screen is asked again.
  private mutating func step(
    _ machine: any StepMachine, beside interrupted: Question,
    _ move: (inout any StepMachine, inout Ceremony) -> Transition
  ) -> Reaction {
    var machine = machine
    let transition = move(&machine, &ceremony)
    let told = tell(transition.effects)
    sideRequest = nil
    switch transition.next {
    case .wait(let question):
      sideRequest = (machine, interrupted)
      return told + ask(question)
    case .done: return told + back(to: interrupted)
    case .giveUp: return told + abort()
    case .refuse(let finding), .fail(let finding), .failInDoubt(let finding): return told + abort(because: finding)
    }
  }

  /// An interruption ends whatever happened beside the step.
  private mutating func callTheRoll(interrupting question: Question) -> Reaction {
    let interrupted = rollCall?.interrupted ?? sideRequest?.interrupted ?? question
    (sideRequest, rollCall) = (nil, nil)
    ceremony.attendance.interrupt()
    // A program that goes on begins to count anew: what failed because it had ended is no failure of the step.
    ceremony.failures = min(ceremony.failures, 1)
    guard isInStep, var call = RollCall(ceremony) else { return loseOneTimeKeys() ?? again(interrupted) }
    let transition = call.begin(&ceremony)
    let told = tell(ceremony.headFirst)
    return told + conduct(call, interrupted, transition)
  }

  private mutating func handle(_ event: Event, _ call: RollCall, _ interrupted: Question) -> Reaction {
    var call = call
    let transition = call.handle(event, &ceremony)
    return conduct(call, interrupted, transition)
  }

  /// One transition of a roll call.
  private mutating func conduct(_ call: RollCall, _ interrupted: Question, _ transition: Transition) -> Reaction {
    rollCall = nil
    guard case .done = transition.next else {
      if case .wait = transition.next { rollCall = (call, interrupted) }
      return follow(transition)
    }
    let told = tell(transition.effects)
    return told + resumed(interrupted)
  }

  /// What was in memory is gone: what names it is done again. nil where nothing was.
  private mutating func loseOneTimeKeys() -> Reaction? {
    guard isInStep, ceremony.oneTime.isLive else { return nil }
    waiting = nil
    let told = tell(release() + ceremony.loseOneTimeKeys())
    return told + follow(begin())
  }

  /// What goes on once it is known who is here.
  private mutating func resumed(_ interrupted: Question) -> Reaction {
    if let reaction = loseOneTimeKeys() { return reaction }
    if let waiting {
      return ceremony.attendance.isHere(waiting.person.id)
        ? goOn() : follow(wait(for: waiting.person, interrupted: waiting.interrupted))
    }
    if let person = missing { return follow(wait(for: person, interrupted: interrupted)) }
    return again(interrupted)
  }

  private var isInStep: Bool {
    switch state {
    case .opening, .aborting: false
    case .step, .failed, .mending: true
    }
  }

  /// Something that was asked, once more: a screen with what has changed since; what is no screen after the last one.
  private mutating func again(_ question: Question) -> Reaction {
    guard case .ask(let screen) = question else {
      let told = tell(shown.map { [.show($0)] } ?? [])
      return told + ask(question)
    }
    if waiting == nil, case .step(var machine) = state, let transition = machine.again(&ceremony) {
      state = .step(machine)
      return follow(transition)
    }
    return ask(.ask(renewed(screen)))
  }

  /// Asks again what a side request interrupted, unless the step now waits for somebody, or no longer does.
  private mutating func back(to question: Question) -> Reaction {
    if let waiting {
      guard !ceremony.attendance.isHere(waiting.person.id) else { return goOn() }
    } else if let person = missing {
      return follow(wait(for: person, interrupted: question))
    }
    return again(question)
  }

  /// Whoever was waited for is here.
  private mutating func goOn() -> Reaction {
    let interrupted = waiting?.interrupted
    waiting = nil
    guard let interrupted else { return follow(begin()) }
    if let person = missing { return follow(wait(for: person, interrupted: interrupted)) }
    return again(interrupted)
  }

  private mutating func wait(for person: Person, interrupted: Question?) -> Transition {
    var machine = Waiting(for: person, interrupted: interrupted)
    let transition = machine.begin(&ceremony)
    waiting = machine
    return transition
  }

  private mutating func handle(_ event: Event, _ waitingNow: Waiting) -> Reaction {
    var machine = waitingNow
    let transition = machine.handle(event, &ceremony)
    switch transition.next {
    case .wait:
      waiting = machine
      return follow(transition)
    case .done where ceremony.attendance.isHere(machine.person.id):
      let told = tell(transition.effects)
      return told + goOn()
    case .done:
      waiting = nil
      let told = tell(release() + transition.effects)
      state = .step(ceremony.step.action.machine)
      return told + follow(.done())
    default: return follow(transition)
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
    screen.standing = ceremony.standing
    return screen
  }

  private var stepID: String {
    switch state {
    case .opening, .aborting: ""
    case .step, .failed, .mending: ceremony.step.id
    }
  }

  /// What is told now. An exception among it counts at once, whoever put it on record.
  private mutating func tell(_ effects: [Effect]) -> [StepEffect] {
    let told = effects.map { StepEffect(step: stepID, effect: $0) }
    for each in told { ceremony.room.note(each) }
    return told
  }

  private func ask(_ question: Question) -> Reaction { Reaction(told: [], next: .ask(question, step: stepID)) }

  private func end(_ outcome: Outcome) -> Reaction { Reaction(told: [], next: .end(outcome)) }

  private mutating func follow(_ first: Transition) -> Reaction {
    var told: [StepEffect] = []
    var transition = first
    while true {
      told += tell(transition.effects)
      switch transition.next {
      case .wait(let question): return told + ask(question)
      case .refuse(let finding): return told + abort(because: finding)
      case .giveUp: return told + abort()
      case .fail(let finding): return told + fail(Failure(finding: finding))
      case .failInDoubt(let finding): return told + fail(Failure(finding: finding, isInDoubt: true))
      case .done:
        if case .aborting(let aborting) = state { return told + end(aborting.outcome) }
        if isStepDone { ceremony.advance() }
        guard ceremony.position < ceremony.plan.steps.count else { return told + finish() }
        transition = begin()
      }
    }
  }

  /// Every step is done, or was given up after the close.
  private mutating func finish() -> Reaction {
    guard let seal = ceremony.seal else { return abort(because: .answersNothing) }
    let (effects, outcome) = ceremony.finished(seal)
    let told = tell(effects)
    return told + end(outcome)
  }

  private mutating func begin() -> Transition {
    var machine = ceremony.step.action.machine
    state = .step(machine)
    if let person = missing { return wait(for: person, interrupted: nil) }
    let transition = machine.begin(&ceremony)
    state = .step(machine)
    return transition
  }

  /// The opening is no step, and what was mended leaves its step to be done.
  private var isStepDone: Bool {
    switch state {
    case .opening, .mending, .aborting: false
    case .step, .failed: true
    }
  }

  private mutating func fail(_ failure: Failure) -> Reaction {
    ceremony.failures += 1
    let released = release()
    state = .failed(failure)
    let told = tell([.record(FindingRecord(failure.finding))] + released)
    return told + ask(.ask(screen(of: failure)))
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

  private mutating func apply(_ remedy: Remedy, after failure: Failure) -> Reaction {
    let noted = tell([ceremony.exception(failure.finding.code, "\(remedy.account) after: \(failure.finding.what)")])
    switch remedy {
    case .retry(let isInDoubt):
      if isInDoubt { ceremony.rewindToReset() }
      return noted + follow(begin())
    case .unblock:
      guard let keyholder = ceremony.step.action.keyholder else { return noted + follow(.unexpected) }
      var machine = CardStep(UnblockMachine(), of: keyholder)
      let transition = machine.begin(&ceremony)
      state = .mending(machine)
      return noted + follow(transition)
    case .replace(let spare):
      guard let keyholder = ceremony.step.action.keyholder else { return noted + follow(.unexpected) }
      let told = tell(ceremony.retireCard(of: keyholder, for: spare, because: failure.finding))
      ceremony.goBack(toProvision: keyholder)
      return noted + told + follow(begin())
    case .withoutCard(let official):
      let told = tell(ceremony.dismissCard(of: official))
      return noted + told + follow(.done())
    case .without, .typedOnly, .withoutWiping:
      return noted + follow(.done())
    }
  }

  private mutating func abort(because finding: Finding? = nil) -> Reaction {
    if case .aborting(let aborting) = state { return end(aborting.outcome) }
    waiting = nil
    var reason = finding
    if case .failed(let failure) = state { reason = reason ?? failure.finding }
    let noted = tell((finding.map { [.record(FindingRecord($0))] } ?? []) + release())
    // The transcript is closed and complete: giving up now gives up the missing signatures of the seal alone.
    if ceremony.seal != nil {
      ceremony.isSealingGivenUp = true
      return noted + finish()
    }
    var aborting = Aborting(because: reason)
    let transition = aborting.begin(&ceremony)
    state = .aborting(aborting)
    return noted + follow(transition)
  }

  private mutating func release() -> [Effect] {
    guard ceremony.present != nil else { return [] }
    ceremony.present = nil
    return [.releaseCard]
  }
}
