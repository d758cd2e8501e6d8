import Findings
import TUFMetadata

/// The script's steps as the room walks through them: every `provision` taken apart, each step numbered from 1.
package struct Plan: Hashable, Sendable {
  package let steps: [PlannedStep]
  /// The sum of all steps' minutes.
  package let minutes: Int

  /// - Parameter proves: whether each new key signs a proof, as it does from engine version 4 on.
  package init(_ script: Script, proves: Bool = true) {
    var steps = Plan.twin(script.standIns)
    var lookedAt: (id: String, fatal: [Finding.Code])?
    var isSigned = false
    for step in script.steps {
      let parts = Plan.parts(of: step, in: script).filter { proves || !$0.action.isProof }
      if case .preflight(let fatal) = step.action { lookedAt = (step.id, fatal) }
      if step.action.signs, !isSigned {
        isSigned = true
        if let lookedAt {
          steps.append(
            PlannedStep(
              number: steps.count + 1, id: "\(lookedAt.id)/again",
              action: .preflight(fatal: lookedAt.fatal, isAgain: true), who: "administrator", say: [], minutes: 0))
        }
      }
      for (index, part) in (parts + Plan.initials(of: step, in: script)).enumerated() {
        steps.append(
          PlannedStep(
            number: steps.count + 1, id: part.name.isEmpty ? step.id : "\(step.id)/\(part.name)",
            action: part.action, who: part.action.who ?? step.who, say: index == 0 ? step.say : [],
            minutes: (index == 0 ? step.minutes : 0) + part.action.minutes))
      }
    }
    self.steps = steps
    minutes = steps.reduce(0) { $0 + $1.minutes }
  }

  /// A real root's twin is made before everything else in its rehearsal.
  private static func twin(_ standIns: [StandIn]) -> [PlannedStep] {
    guard !standIns.isEmpty else { return [] }
    let parts: [(id: String, action: PlannedStep.Action)] =
      standIns.map { ($0.step, .standIn(keyholder: $0.holder, keyID: $0.original.keyID)) } + [
        ("twin/build", .buildTwin)
      ]
      + standIns.filter(\.signs).map { ("twin-sign/\($0.digits)", .signTwin(keyholder: $0.holder)) }
      + [("twin/write", .writeTwin)]
    return parts.enumerated().map { place, part in
      PlannedStep(
        number: place + 1, id: part.id, action: part.action, who: part.action.keyholder ?? "administrator", say: [],
        minutes: part.action.keyholder == nil ? 0 : 1)
    }
  }

  /// Typed by all of them, then signed by those who have a card.
  private static func initials(of step: Step, in script: Script) -> [(name: String, action: PlannedStep.Action)] {
    guard !step.initials.isEmpty else { return [] }
    return [("initials", .initials(step.initials))]
      + step.initials.filter { script.official($0) != nil }.map { ("initials-\($0)", .signInitials(official: $0)) }
  }

  private static func parts(of step: Step, in script: Script) -> [(name: String, action: PlannedStep.Action)] {
    switch step.action {
    case .say: [("", .say)]
    case .confirm(let what): [("", .confirm(what))]
    case .attendance: [("", .attendance)]
    case .time: [("", .time)]
    case .preflight(let fatal): [("", .preflight(fatal: fatal, isAgain: false))]
    case .bag(let keyholder, let move): [("", .bag(keyholder: keyholder, move))]
    case .head: [("", .headSoFar)]
    case .departure: [("", .departure)]
    case .destroy(let keyholder): [("", .destroy(keyholder: keyholder))]
    case .identify(let keyholder): [("", .recognize(keyholder: keyholder))]
    case .prove(let keyholder):
      [("recognize", .recognize(keyholder: keyholder))]
        + script.keptRoles(of: keyholder).map { ("prove-\($0)", .prove(keyholder: keyholder, role: $0)) }
    case .enrol(let keyholder): [("", .enrol(keyholder: keyholder))]
    case .collect(let role): [("", .collect(role: role))]
    case .make(let role): [("", .make(role: role))]
    case .use(let role): [("", .use(role: role))]
    case .wipe: [("", .wipe)]
    case .discard(let keyholder): [("", .discard(keyholder: keyholder))]
    case .build(let role): [("", .build(role: role))]
    case .show(let role): [("", .show(role: role))]
    case .sign(let role, let keyholder): [("", .sign(role: role, keyholder: keyholder))]
    case .verify(let role): [("", .verify(role: role))]
    case .write(let role): [("", .write(role: role))]
    case .close(let sealers):
      [("", .close), ("head", .head)]
        + (sealers + script.officials.map(\.id)).map { ("seal-\($0)", .seal(keyholder: $0)) }
    case .provision(let keyholder):
      // The order is the cards' own: setting the tries puts factory PIN and PUK back, so it comes before them;
      // everything else needs the management key, so it goes last.
      [
        ("identify", .identify(keyholder: keyholder)), ("reset", .reset(keyholder: keyholder)),
        ("tries", .tries(keyholder: keyholder)), ("puk", .puk(keyholder: keyholder)),
        ("pin", .pin(keyholder: keyholder)), ("identity", .identity(keyholder: keyholder)),
      ]
        + script.roles(of: keyholder).flatMap { role in
          [
            ("generate-\(role.name)", .generate(keyholder: keyholder, role: role.name)),
            ("attest-\(role.name)", .attest(keyholder: keyholder, role: role.name)),
            ("read-back-\(role.name)", .readBack(keyholder: keyholder, role: role.name)),
            ("prove-\(role.name)", .prove(keyholder: keyholder, role: role.name)),
          ]
        }
        // What deletes a key needs the management key, so that stays the factory's until then.
        + (script.discards(keyholder)
          ? [("set-aside", .setAside(keyholder: keyholder))]
          : [("management-key", .managementKey(keyholder: keyholder))])
    }
  }
}

/// One numbered step.
package struct PlannedStep: Hashable, Sendable {
  package let number: Int
  /// The script's id, followed by `/part` where a step has several.
  package let id: String
  package let action: Action
  package let who: String
  package let say: [String]
  package let minutes: Int

  /// Of the script's step whose part this is.
  package var scriptID: String { Self.scriptID(of: id) }

  /// Of the script's step whose part has this id.
  package static func scriptID(of id: String) -> String {
    String(decoding: id.utf8.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
  }
}

extension PlannedStep {
  /// What happens in a step.
  package enum Action: Hashable, Sendable {
    /// A card makes the stand-in of a key of the real root.
    case standIn(keyholder: String, keyID: String)
    case buildTwin
    case signTwin(keyholder: String)
    case writeTwin
    case say
    case confirm(String)
    case attendance
    case time
    /// The machine is looked at.
    ///
    /// - Parameter isAgain: whether it is the look right before the first signature.
    case preflight(fatal: [Finding.Code], isAgain: Bool)
    case bag(keyholder: String, BagMove)
    /// A card is inserted, named by its serial, and shows what it holds.
    case identify(keyholder: String)
    /// A card with a key of the root before is inserted, and shows which key it holds.
    case recognize(keyholder: String)
    case reset(keyholder: String)
    case tries(keyholder: String)
    case puk(keyholder: String)
    case pin(keyholder: String)
    /// CHUID and CCC are written, so that other programs see a card that was set up.
    case identity(keyholder: String)
    case generate(keyholder: String, role: String)
    case attest(keyholder: String, role: String)
    /// Slot metadata is read back and compared, and the certificate put into the slot's object.
    case readBack(keyholder: String, role: String)
    /// A new key signs as much as it will have to, a kept one a challenge, with the keyholder's PIN and touch.
    case prove(keyholder: String, role: String)
    case managementKey(keyholder: String)
    /// The key of a keyholder that was made elsewhere is taken in.
    case enrol(keyholder: String)
    /// Signatures over a role's metadata that were made elsewhere are taken in.
    case collect(role: String)
    /// The one-time keys of a role are made.
    case make(role: String)
    /// They sign its metadata.
    case use(role: String)
    /// All one-time keys are wiped.
    case wipe
    /// A card whose management key is still the factory's is taken out until its keys are deleted.
    case setAside(keyholder: String)
    /// A card deletes its keys of discarded roles, and gets another management key.
    case discard(keyholder: String)
    case build(role: String)
    case show(role: String)
    case sign(role: String, keyholder: String)
    case verify(role: String)
    case write(role: String)
    /// The head of the transcript so far is read aloud.
    case headSoFar
    /// Initials are typed, and only then the step counts as done.
    case initials([String])
    /// The card of an official signs the initials that were typed, and the head of the transcript so far.
    case signInitials(official: String)
    case close
    /// The head of the closed transcript is read aloud.
    case head
    /// A keyholder or an official signs the transcript seal.
    case seal(keyholder: String)
    /// The card of somebody who leaves is wiped.
    case destroy(keyholder: String)
    case departure

    /// Who acts, where it is not the one that the script's step names.
    var who: String? {
      switch self {
      case .head: "witness"
      case .seal(let keyholder): keyholder
      case .signInitials(let official): official
      default: nil
      }
    }

    /// A few words, as the plan and the progress line have them.
    package var title: String {
      switch self {
      case .standIn: "Make a stand-in key"
      case .buildTwin: "Build the twin of the real root"
      case .signTwin: "Sign the twin"
      case .writeTwin: "Write the twin"
      case .say: "Say"
      case .confirm: "Confirm"
      case .attendance: "Attendance"
      case .time: "The time"
      case .preflight(_, isAgain: false): "Look at the machine"
      case .preflight(_, isAgain: true): "Look at the machine again"
      case .bag(_, .opened): "Open the bag"
      case .bag(_, .closed): "Close the bag"
      case .headSoFar: "Read the head so far aloud"
      case .initials: "Initial the step"
      case .signInitials: "Sign the initials"
      case .departure: "Everybody leaves"
      case .destroy: "Wipe the card"
      case .identify: "Identify the card"
      case .recognize: "Identify the card by its key"
      case .reset: "Reset the card"
      case .tries: "Set the number of tries"
      case .puk: "Set the PUK"
      case .pin: "Set the PIN"
      case .identity: "Write the card's identity"
      case .generate(_, let role): "Generate the \(role) key"
      case .attest(_, let role): "Attest the \(role) key"
      case .readBack(_, let role): "Read the \(role) key back"
      case .prove(_, let role): "Try the \(role) key"
      case .managementKey: "Replace the management key"
      case .enrol: "Take in a key from elsewhere"
      case .collect(let role): "Take in signatures of \(role)"
      case .make(let role): "Make the one-time keys of \(role)"
      case .use(let role): "Sign \(role) with its one-time keys"
      case .wipe: "Wipe the one-time keys"
      case .setAside: "Set the card aside"
      case .discard: "Delete what has signed"
      case .build(let role): "Build \(role)"
      case .show(let role): "Show \(role)"
      case .sign(let role, _): "Sign \(role)"
      case .verify(let role): "Verify \(role)"
      case .write(let role): "Write \(role)"
      case .close: "Close the transcript"
      case .head: "Read the head aloud"
      case .seal: "Sign the transcript seal"
      }
    }
  }
}

extension PlannedStep.Action {
  /// Whose card it works with; nil where no card is needed.
  package var keyholder: String? {
    switch self {
    case .standIn(let keyholder, _), .signTwin(let keyholder), .identify(let keyholder), .recognize(let keyholder),
      .reset(let keyholder), .tries(let keyholder), .puk(let keyholder),
      .pin(let keyholder), .identity(let keyholder), .generate(let keyholder, _), .attest(let keyholder, _),
      .readBack(let keyholder, _), .prove(let keyholder, _), .managementKey(let keyholder), .sign(_, let keyholder),
      .setAside(let keyholder), .discard(let keyholder),
      .seal(let keyholder), .destroy(let keyholder),
      .signInitials(official: let keyholder):
      keyholder
    case .say, .confirm, .attendance, .time, .preflight, .bag, .headSoFar, .initials, .departure: nil
    case .make, .use, .wipe: nil
    case .enrol, .collect, .build, .show, .verify, .write, .close, .head, .buildTwin, .writeTwin: nil
    }
  }

  /// The role whose metadata it builds, shows, signs, verifies or writes.
  package var role: String? {
    switch self {
    case .build(let role), .show(let role), .collect(let role), .use(let role), .sign(let role, _), .verify(let role),
      .write(let role):
      role
    default: nil
    }
  }

  /// Whether the cardholder's own PIN is used in it.
  package var usesOwnPIN: Bool {
    switch self {
    case .sign, .seal, .signInitials, .prove, .signTwin: true
    default: false
    }
  }

  /// What it takes beyond the minutes that the script gives to its step: a PIN and a touch.
  var minutes: Int { isProof ? 1 : 0 }

  var isProof: Bool { if case .prove = self { true } else { false } }
}

extension Step.Action {
  /// Whether metadata is signed, by a card or by one-time keys.
  fileprivate var signs: Bool {
    switch self {
    case .sign, .use: true
    default: false
    }
  }
}
