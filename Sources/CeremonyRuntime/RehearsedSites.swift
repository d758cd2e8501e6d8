import Bundles
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import Products
import Requests
import ScriptDraft
import Screens
import UTC

/// The other sites of a rehearsal on virtual cards: each small ceremony that is held there, with nobody at the keyboard, at
/// the moment when the lead looks for its file. One folder has all of them, and is the lead's folder for answers.
final class RehearsedSites {
  private let folder: ProductsFolder
  private let script: Script
  private let lead: LiveCeremony.Options
  private let note: (String) -> Void
  private let now: () -> UTCTime

  /// Throws `CANNOT-CREATE`.
  ///
  /// - Parameters:
  ///   - note: says a line to people that is not part of the lead's ceremony.
  init(
    creating path: String, _ script: Script, of lead: LiveCeremony.Options, at now: @escaping () -> UTCTime,
    note: @escaping (String) -> Void
  ) throws(Finding) {
    folder = try ProductsFolder(creating: path)
    self.script = script
    self.lead = lead
    self.note = note
    self.now = now
  }

  func removeIfEmpty() { folder.removeIfEmpty() }

  /// Somebody makes the key that the script wants of them, unless they did.
  func enrol(_ person: String) throws {
    guard try !isAnswered(keyName(person)) else { return }
    let request = try script.enrolmentRequest(
      for: person, filesIn: lead.scriptFolder, isRehearsal: true, at: now())
    try answer(request, nil, into: keyName(person))
  }

  /// Everybody whom the ceremony in this folder asks for a signature gives it, unless they did.
  func sign(for ceremony: ProductsFolder) throws {
    for person in script.elsewhere("root") {
      let name = "\(person.id)-root"
      guard try ceremony.exists(Request.path(of: person.id, "root")), try !isAnswered(name) else { continue }
      let file = try RequestFile(of: person.id, "root", in: ceremony, place: ceremony.path)
      var (request, card) = try StandInCard.taken(from: file.bytes, place: ceremony.path)
      if let own = request.people.first, try isAnswered(keyName(person.id)) {
        let made = path(of: keyName(person.id))
        card = try StandInCard(
          holding: request.key(of: own), of: own.name, in: ProductsFolder(opening: made), place: made)
      }
      try answer(request, card, into: name)
    }
  }

  private func keyName(_ person: String) -> String { "\(person)-key" }

  private func path(of name: String) -> String { "\(folder.path)/\(name)" }

  private func isAnswered(_ name: String) throws(Finding) -> Bool { try folder.exists("\(name).tar") }

  private func answer(_ request: Request, _ card: StandInCard?, into name: String) throws {
    var answer = AnswerScript(request, people: request.people)
    if case .enrol = request.kind { answer.serial = StandInCard.serial(for: request) }
    answer.comparison = AnswerScript.Comparison(of: request)
    var options = LiveCeremony.Options(
      script: try answer.bytes(), scriptFolder: "", out: path(of: name), isUnattended: true,
      seed: lead.seed, programVersion: lead.programVersion)
    options.supplied = request.supplied
    if let card, let person = request.people.first { options.standIn = (card, person.id) }
    let people = request.people.map(\.name).joined(separator: ", ")
    let console = UnattendedConsole(ScreenLayout(width: 100, isStyled: false), isVerbose: false) { _ in }
    let result = try LiveCeremony(options, console: console).run()
    if let finding = result.outcome.finding { throw finding }
    let tar = path(of: "\(name).tar")
    _ = try Answer.pack(ProductsFolder(opening: options.out), into: tar)
    note("  AT THE OTHER SITE: \(people), \(tar)")
    note("  They read its head aloud: \(result.head.hex)")
  }
}
