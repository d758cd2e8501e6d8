import CeremonyRecords
import CeremonyScript
import Testing

@testable import CeremonyEngine

/// Every kind of step, every remedy and every side request has a row in the tables: whoever adds one is told to add rows.
@Suite struct EveryKindTests {
  private static let rows =
    RoomTransitions.rows + CardTransitions.rows + KeyTransitions.rows + SigningTransitions.rows
    + MetadataTransitions.rows + RotationTransitions.rows + TwinTransitions.rows + RemedyTransitions.rows
    + WipeTransitions.rows + OneTimeTransitions.rows + DiscardTransitions.rows + SideRequestTransitions.rows
    + PresenceTransitions.rows
    + ElsewhereTransitions.rows

  /// A kind of step by its name. A new one does not compile until it has a name here, and then needs rows.
  private enum StepKind: String, CaseIterable {
    case say, confirm, attendance, time, bag, identify, recognize, reset, tries, puk, pin, identity, generate, attest,
      readBack
    case prove, enrol, managementKey, build, show, collect, sign, verify, write, headSoFar, initials, signInitials,
      close, head, seal
    case make, use, wipe, preflight, destroy, departure, standIn, buildTwin, signTwin, writeTwin
    case setAside, discard

    init(_ action: PlannedStep.Action) {
      self =
        switch action {
        case .say: .say
        case .confirm: .confirm
        case .attendance: .attendance
        case .time: .time
        case .preflight: .preflight
        case .bag: .bag
        case .identify: .identify
        case .recognize: .recognize
        case .reset: .reset
        case .tries: .tries
        case .puk: .puk
        case .pin: .pin
        case .identity: .identity
        case .generate: .generate
        case .attest: .attest
        case .readBack: .readBack
        case .prove: .prove
        case .enrol: .enrol
        case .managementKey: .managementKey
        case .make: .make
        case .use: .use
        case .wipe: .wipe
        case .setAside: .setAside
        case .discard: .discard
        case .build: .build
        case .show: .show
        case .collect: .collect
        case .sign: .sign
        case .verify: .verify
        case .write: .write
        case .headSoFar: .headSoFar
        case .initials: .initials
        case .signInitials: .signInitials
        case .close: .close
        case .head: .head
        case .seal: .seal
        case .destroy: .destroy
        case .departure: .departure
        case .standIn: .standIn
        case .buildTwin: .buildTwin
        case .signTwin: .signTwin
        case .writeTwin: .writeTwin
        }
    }
  }

  private enum RemedyKind: String, CaseIterable {
    case retry, retryInDoubt, unblock, replace, without, typedOnly, withoutWiping, withoutCard

    init(_ remedy: Remedy) {
      self =
        switch remedy {
        case .retry(isInDoubt: false): .retry
        case .retry(isInDoubt: true): .retryInDoubt
        case .unblock: .unblock
        case .replace: .replace
        case .without: .without
        case .typedOnly: .typedOnly
        case .withoutWiping: .withoutWiping
        case .withoutCard: .withoutCard
        }
    }

    /// One of each, as its exception tells it.
    static let all: [Remedy] = [
      .retry(isInDoubt: false), .retry(isInDoubt: true), .unblock, .replace(by: 20_000_009), .without, .typedOnly,
      .withoutWiping(isTold: false), .withoutCard(of: "administrator"), .withoutCard(of: "witness"),
    ]
  }

  /// In rows that begin at such a step, or go through it where the program does it alone.
  @Test func everyKindOfStep() throws {
    var seen: [StepKind: Int] = [:]
    for row in Self.rows {
      let begun = try row.begun()
      seen[StepKind(begun.driver.engine.ceremony.step.action), default: 0] += 1
      let plan = begun.driver.engine.ceremony.plan
      for step in plan.steps where row.result.contains("@\(step.id);") && step.isDoneAlone {
        seen[StepKind(step.action), default: 0] += 1
      }
    }
    let missing = StepKind.allCases.filter { seen[$0] == nil }
    #expect(missing.isEmpty, "no row for \(missing.map(\.rawValue))")
  }

  @Test func everyRemedy() throws {
    let kinds = Set(RemedyKind.all.map { RemedyKind($0) })
    #expect(kinds.count == RemedyKind.allCases.count, "one of each")
    var seen: [RemedyKind: Int] = [:]
    for row in Self.rows where row.result.contains("exception 1") {
      let accounts = try row.played().driver.records.compactMap { ($0 as? ExceptionRecord)?.what }
      for remedy in RemedyKind.all where accounts.contains(where: { $0.hasPrefix("\(remedy.account) after: ") }) {
        seen[RemedyKind(remedy), default: 0] += 1
      }
    }
    let missing = RemedyKind.allCases.filter { seen[$0] == nil }
    #expect(missing.isEmpty, "no row for \(missing.map(\.rawValue))")
  }

  @Test func everySideRequest() throws {
    for request in SideRequest.allCases {
      let rows = Self.rows.filter { $0.events == ["type \(request.rawValue)"] }
      #expect(!rows.isEmpty, "no row for \(request.rawValue)")
      for row in rows {
        guard case .screen(let screen)? = try row.begun().driver.asks else { continue }
        #expect(screen.prompt?.always.contains(request.rawValue) == true)
      }
    }
  }

  /// Every row says what comes of something.
  @Test func everyRowIsWhole() {
    for row in Self.rows {
      #expect(!row.state.isEmpty && !row.events.isEmpty && !row.result.isEmpty, "\(row.testDescription)")
    }
    print("\(Self.rows.count) transitions in tables")
  }
}

extension PlannedStep {
  /// Nobody is asked in it, and no card.
  fileprivate var isDoneAlone: Bool {
    switch action {
    case .build, .verify, .write, .buildTwin, .writeTwin, .setAside: true
    default: false
    }
  }
}
