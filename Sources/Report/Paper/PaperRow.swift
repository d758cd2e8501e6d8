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
  let minutes: String?
  let aloud: [String]
  /// What is confirmed or typed.
  let asked: [String]
  /// What is written down.
  let blanks: [Blank]
  /// The cells of a digest that is read aloud, by their numbers.
  let wordCells: [String]
  let notes: [String]
  let heard: [Page.DigestRow]
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

  /// One for each word of a SHA-256 digest.
  static let wordCells = (1...32).map { String($0) }

  /// - Parameter filled: nil for the empty form, and where the step never began.
  init(_ step: PlannedStep, _ script: Script, _ filled: FilledStep?) {
    rowNumber = String(step.number)
    rowWho = script.name(of: step.who)
    rowPart = script.people.first { $0.id == step.who }?.duty
    actionTitle = step.action.title
    stepID = step.id
    minutes = step.minutes > 0 ? "\(step.minutes) min" : nil
    aloud = step.say
    asked = Self.asked(step.action, script, isFilled: filled != nil)
    blanks = filled == nil ? Self.blanks(step.action, script) : []
    let isReadAloud = Self.isReadAloud(step.action)
    wordCells = filled == nil && isReadAloud && step.action != .head ? Self.wordCells : []
    heard = isReadAloud ? filled?.heard ?? [] : []
    var notes = filled?.notes ?? []
    if case .identify = step.action { notes += (filled?.serials ?? []).map { "Serial \($0)" } }
    self.notes = notes
    visits = filled?.visits ?? []
    administratorInitials = filled?.initials["administrator"]
    witnessInitials = filled?.initials["witness"]
    exceptionNumbers = filled.flatMap { $0.exceptions.isEmpty ? nil : $0.exceptions.joined(separator: ", ") }
  }

  private static func asked(_ action: PlannedStep.Action, _ script: Script, isFilled: Bool) -> [String] {
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
    case .head where !isFilled: ["The words go on the last page."]
    default: []
    }
  }

  private static func blanks(_ action: PlannedStep.Action, _ script: Script) -> [Blank] {
    switch action {
    case .attendance:
      script.people.map { Blank("\($0.name); identity seen by", isTicked: true) }
    case .time: ["first", "second"].map { Blank("The \($0) source, and the time in UTC") }
    case .preflight: [Blank("Nothing was found, or by its code", isTicked: true)]
    case .bag: [Blank("Number on the bag")]
    case .identify(let keyholder): [Blank(pin(keyholder, script).map { "\($0) in the script; read aloud" } ?? "Serial")]
    case .destroy: [Blank("Serial"), Blank("The card is wiped", isTicked: true)]
    case .headSoFar: [Blank("Head after record")]
    default: []
    }
  }

  /// Whether everybody compares a digest on its screen.
  private static func isReadAloud(_ action: PlannedStep.Action) -> Bool {
    switch action {
    case .headSoFar, .head, .show: true
    default: false
    }
  }

  /// The serials that the script pins for a person's card; nil where it pins none.
  static func pin(_ person: String, _ script: Script) -> String? {
    guard let person = script.cardholder(person), case .serial(let serial) = person.card else { return nil }
    let spares = person.spares.map { String($0) }
    return "Serial \(serial)" + (spares.isEmpty ? "" : ", spare \(spares.joined(separator: ", "))")
  }
}
