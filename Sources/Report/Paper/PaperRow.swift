import CeremonyRecords
import CeremonyScript

/// A row of the form: a step of the plan, and room for the pen or what the transcript says in its place.
struct PaperRow {
  let rowNumber: String
  let rowWho: String
  /// `keyholder`, where the name alone does not say it.
  let rowPart: String?
  let actionTitle: String
  let stepID: String
  /// Planned for all of the script's step, where this is its first part.
  let planned: String?
  /// What that took.
  let took: String?
  /// Whether nobody is asked anything: the program goes on by itself.
  let isQuiet: Bool
  let aloud: [String]
  /// What is confirmed or typed.
  let asked: [String]
  /// What is written down.
  let blanks: [Blank]
  let notes: [String]
  let boxes: [PaperDigest]
  /// Whether a digest is written by hand in it.
  let isWritten: Bool
  let visits: [FilledStep.Visit]
  let administratorInitials: String?
  let witnessInitials: String?
  let exceptionNumbers: String?

  struct Blank {
    let blankLabel: String
    /// Whether there is a box to tick before it.
    let isTicked: Bool

    init(_ label: String, isTicked: Bool = false) {
      blankLabel = label
      self.isTicked = isTicked
    }
  }

  /// - Parameters:
  ///   - filled: nil for the empty form, and where the step never began.
  ///   - took: how many minutes the whole step of the script took; nil where that is not known.
  ///   - places: where digests were written in the rows before.
  init(_ step: PlannedStep, _ script: Script, _ filled: FilledStep?, took: Int?, _ places: inout DigestPlaces) {
    rowNumber = String(step.number)
    rowWho = script.name(of: step.who)
    rowPart = script.people.first { $0.id == step.who }?.duty
    actionTitle = step.action.title
    stepID = step.id
    planned = step.minutes > 0 ? String(step.minutes) : nil
    self.took = took.map { String($0) }
    aloud = step.say
    asked = Self.asked(step.action, script)
    isQuiet = asked.isEmpty && aloud.isEmpty && step.action.goesByItself
    blanks = filled == nil ? Self.blanks(step.action, script) : []
    boxes = filled.map { places.filled($0.heard, in: step) } ?? places.blanks(for: step, script)
    isWritten = boxes.contains { !$0.digestCells.isEmpty }
    var notes = filled?.notes ?? []
    if case .identify = step.action { notes += (filled?.serials ?? []).map { "Serial \($0)" } }
    self.notes = notes
    visits = filled?.visits ?? []
    administratorInitials = filled?.initials["administrator"]
    witnessInitials = filled?.initials["witness"]
    exceptionNumbers = filled.flatMap { $0.exceptions.isEmpty ? nil : $0.exceptions.joined(separator: ", ") }
  }

  private static func asked(_ action: PlannedStep.Action, _ script: Script) -> [String] {
    switch action {
    case .confirm(let what): [what]
    case .initials(let roles):
      ["To be typed: " + roles.map { "\(script.initials.of($0) ?? "") by the \($0)" }.joined(separator: ", ")]
    case .prove(let person, _) where script.keyholder(person)?.key != nil:
      [
        "The PIN is typed, and the card touched where it asks for it: the kept key signs a challenge, before anything is built."
      ]
    case .prove: ["The PIN is typed, and the card touched where it asks for it: each new key signs once here."]
    case .destroy: ["The serial is typed. Everything on the card is destroyed, and its slots are looked at again."]
    case .discard(let person):
      script.discardedRoles(of: person).map {
        "The card deletes its \($0.name) key and says that slot \($0.slot) is empty, before anybody signs what names it."
      }
    case .puk, .pin: ["Typed twice by the keyholder, or written down from the second terminal."]
    default: []
    }
  }

  private static func blanks(_ action: PlannedStep.Action, _ script: Script) -> [Blank] {
    switch action {
    case .attendance:
      script.people.map { Blank("\($0.name); identity seen by", isTicked: true) }
    case .time: ["first", "second"].map { Blank("The \($0) source, and the time in UTC") }
    case .preflight: [Blank("Nothing was found, or by its code", isTicked: true)]
    case .destroy: [Blank("Serial"), Blank("The card is wiped", isTicked: true)]
    case .discard: [Blank("Serial"), Blank("The key is deleted", isTicked: true)]
    case .bag(_, .opened): [Blank("Number on the bag")]
    case .bag(let keyholder, .closed):
      [
        Blank(pin(keyholder, script).map { "Card: \($0); the card that is used" } ?? "Card, serial"),
        Blank("is in the bag"),
      ]
    case .identify(let keyholder): [Blank(pin(keyholder, script).map { "\($0) in the script; read aloud" } ?? "Serial")]
    default: []
    }
  }

  /// The serials that the script pins for a person's card; nil where it pins none.
  static func pin(_ person: String, _ script: Script) -> String? {
    guard let person = script.cardholder(person), case .serial(let serial) = person.card else { return nil }
    let spares = person.spares.map { String($0) }
    return "Serial \(serial)" + (spares.isEmpty ? "" : ", spare \(spares.joined(separator: ", "))")
  }
}

extension PlannedStep.Action {
  /// Whether nobody is asked anything in it, and nothing is read aloud.
  fileprivate var goesByItself: Bool {
    switch self {
    case .tries, .identity, .attest, .readBack, .managementKey, .setAside, .build, .verify, .buildTwin, .writeTwin: true
    default: false
    }
  }
}
