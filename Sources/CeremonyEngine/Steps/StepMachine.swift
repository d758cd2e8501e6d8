import CeremonyRecords
import CeremonyScript
import Findings

/// One kind of step: a small state machine that begins, hears what its effects brought, and says when it is done.
/// A step that is tried again begins anew with a fresh machine.
protocol StepMachine: Sendable {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition
  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition
  /// What is asked, after something else was asked beside it: nil where the same question stands, whoever came or went.
  mutating func again(_ ceremony: inout Ceremony) -> Transition?
}

extension StepMachine {
  mutating func again(_ ceremony: inout Ceremony) -> Transition? { nil }
}

/// What a step tells, and what then.
struct Transition {
  enum Next {
    /// What this brings comes next.
    case wait(Question)
    case done
    /// Something is wrong that another try may mend.
    case fail(Finding)
    /// Something is wrong, and nobody knows what the card took over: another try provisions it from its reset on.
    case failInDoubt(Finding)
    /// Something is wrong that no try mends: the ceremony ends.
    case refuse(Finding)
    /// Administrator and witness gave the ceremony up.
    case giveUp
  }

  let effects: [Effect]
  let next: Next

  static func wait(_ effects: Effect..., for question: Question) -> Transition { wait(effects, for: question) }
  static func wait(_ effects: [Effect], for question: Question) -> Transition {
    Transition(effects: effects, next: .wait(question))
  }
  static func done(_ effects: Effect...) -> Transition { Transition(effects: effects, next: .done) }
  static func done(_ effects: [Effect]) -> Transition { Transition(effects: effects, next: .done) }
  static func fail(_ finding: Finding, _ effects: [Effect] = []) -> Transition {
    Transition(effects: effects, next: .fail(finding))
  }
  static func refuse(_ finding: Finding, _ effects: [Effect] = []) -> Transition {
    Transition(effects: effects, next: .refuse(finding))
  }

  /// An event that does not answer what was asked: only a changed transcript brings one.
  static var unexpected: Transition {
    .refuse(.answersNothing)
  }
}

extension Finding {
  static var answersNothing: Finding {
    Finding(
      .unexpectedEvent, "The answer does not belong to what was asked.",
      hint: "Report this: the program or the transcript is damaged.")
  }
}

extension PlannedStep.Action {
  /// A fresh machine for this action.
  var machine: any StepMachine {
    switch self {
    case .standIn(let keyholder, let keyID): CardStep(StandInMachine(keyID: keyID), of: keyholder, binds: true)
    case .buildTwin: BuildTwinStep()
    case .signTwin(let keyholder): CardStep(SignMachine(subject: .twin), of: keyholder)
    case .writeTwin: WriteTwinStep()
    case .say: SayStep()
    case .confirm(let what): ConfirmStep(what: what)
    case .attendance: AttendanceStep()
    case .time: TimeStep()
    case .preflight(let fatal, let isAgain): PreflightStep(fatal: fatal, isAgain: isAgain)
    case .bag(let keyholder, let move): BagStep(keyholder, move)
    case .headSoFar: HeadSoFarStep()
    case .initials(let officials): InitialsStep(officials)
    case .departure: DepartureStep()
    case .identify(let keyholder): CardStep(IdentifyMachine(), of: keyholder, binds: true)
    case .recognize(let keyholder): CardStep(RecognizeMachine(), of: keyholder)
    case .reset(let keyholder): CardStep(ResetMachine(), of: keyholder)
    case .tries(let keyholder): CardStep(TriesMachine(), of: keyholder)
    case .puk(let keyholder): CardStep(SecretMachine(kind: .puk), of: keyholder)
    case .pin(let keyholder): CardStep(SecretMachine(kind: .pin), of: keyholder)
    case .identity(let keyholder): CardStep(IdentityMachine(), of: keyholder)
    case .generate(let keyholder, let role): CardStep(GenerateMachine(role: role), of: keyholder)
    case .attest(let keyholder, let role): CardStep(AttestMachine(role: role), of: keyholder)
    case .readBack(let keyholder, let role): CardStep(ReadBackMachine(role: role), of: keyholder)
    case .prove(let keyholder, let role): CardStep(SignMachine(subject: .proof(role: role)), of: keyholder)
    case .managementKey(let keyholder): CardStep(ManagementKeyMachine(), of: keyholder)
    case .enrol(let keyholder): EnrolStep(keyholder: keyholder)
    case .collect(let role): CollectStep(role: role)
    case .make(let role): MakeStep(role: role)
    case .use(let role): UseStep(role: role)
    case .wipe: WipeStep()
    case .setAside(let keyholder): CardStep(SetAsideMachine(), of: keyholder)
    case .discard(let keyholder): CardStep(DiscardMachine(), of: keyholder)
    case .build(let role): BuildStep(role: role)
    case .show(let role): ShowStep(role: role)
    case .sign(let role, let keyholder): SigningStep(.metadata(role: role), of: keyholder)
    case .verify(let role): VerifyStep(role: role)
    case .write(let role): WriteStep(role: role)
    case .close: CloseStep()
    case .head: HeadStep()
    case .seal(let keyholder): SigningStep(.seal, of: keyholder)
    case .destroy(let keyholder): DestroyStep(keyholder)
    case .signInitials(let official): SigningStep(.initials, of: official)
    }
  }
}

/// Words to say aloud; one answer to go on.
struct SayStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    .wait(for: .ask(ceremony.asking(.proceed("Said?", "next", "it was said; go on"))))
  }
  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer = event else { return .unexpected }
    return .done()
  }
}

/// Something that a person confirms to be so.
struct ConfirmStep: StepMachine {
  let what: String
  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    .wait(for: .ask(ceremony.asking(.proceed("Is it so?", "confirm", "it is so"), nil, [what])))
  }
  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer = event else { return .unexpected }
    return .done()
  }
}
