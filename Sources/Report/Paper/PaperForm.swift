import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import TUFMetadata
import Transcript

/// Everything that stands on the form, as the templates name it. No name stands for two things: see ``Page``.
struct PaperForm {
  let style: String
  let policy: String
  let paperTitle: String
  let repository: String
  let banners: [String]
  /// Whether it is for the pen.
  let isEmpty: Bool
  /// What is still to be decided: which kind of ceremony it is.
  let kinds: [String]
  /// What a filled form is worth, and how much of it is filled.
  let account: [String]
  let elsewhereTitle: String
  /// Of a filled form.
  let elsewhere: [Page.ElsewhereRow]
  /// The whole digest in hex.
  let scriptDigest: String
  let digests: [Page.DigestRow]
  let people: [PersonRow]
  let roleLines: [String]
  let minutesInAll: String
  /// Minutes from the first step to the last; nil for the empty form.
  let tookInAll: String?
  let rows: [PaperRow]
  let departures: [DepartureRow]
  /// Numbers of lines for exceptions that are written by hand.
  let exceptionLines: [String]
  let closing: [Closing]
  let maker: String

  struct PersonRow {
    let person: String
    let part: String
    let card: String?
    let given: String?
    /// Whether a card of theirs is used, which is somewhere when everything is over.
    let hasCard: Bool
    /// The number of the bag in which it is then; nil where it is not known, or in none.
    let bag: String?
  }

  /// A digest that is known at the end: what it is, and what it was.
  struct Closing {
    let closingLabel: String
    let known: Page.DigestRow?
    let cells: [String]
  }

  /// - Parameters:
  ///   - kinds: which ceremonies the script can be used for; one, where it is over.
  ///   - program: of the program that is to run it, or that did; nil where that is not known.
  ///   - record: nil for the empty form.
  init(
    _ script: Script, _ digest: SHA256Digest, kinds: [Mode], program: SHA256Digest? = nil, _ record: PaperRecord?
  ) {
    scriptDigest = digest.hex
    style =
      String(decoding: PackageResources.paper_css, as: UTF8.self)
      + "@page { @bottom-left { content: \"Script, SHA-256: \(digest.hex)\"; } }\n"
    policy = PageTemplate.policy(style: style)
    paperTitle = script.title
    repository = script.repository
    let isForRehearsalsOnly = record == nil && kinds == [.rehearsal]
    banners = record?.verdict.pageBanners ?? (isForRehearsalsOnly ? ["FOR REHEARSALS ONLY"] : [])
    self.kinds = record == nil && !isForRehearsalsOnly ? kinds.map { $0 == .real ? "real ceremony" : "rehearsal" } : []
    isEmpty = record == nil
    let plan = Plan(script, proves: record?.provesKeys ?? true)
    let steps = record?.steps ?? [:]
    if let record {
      let began = plan.steps.filter { steps[$0.id] != nil }.count
      let blank = began < plan.steps.count ? " The rows without a time never did." : ""
      let verdict = record.verdict
      account =
        ["Filled in from the transcript.\(verdict.isSound ? " \(verdict.headline)" : "")"]
        + verdict.findings.map(\.what)
        + ["\(began) of \(plan.steps.count) steps began.\(blank)"]
    } else {
      account = []
    }
    elsewhereTitle = KnownElsewhere.title
    elsewhere = (record?.verdict.knownElsewhere ?? []).map(Page.ElsewhereRow.init)
    digests =
      [program.map { Page.DigestRow("program", $0) }, Page.DigestRow("script", digest)].compactMap(\.self)
      + [
        script.goesOn?.head.map { Page.DigestRow("earlier head", $0) },
        script.goesOn.map { Page.DigestRow("earlier root", $0.root.digest) },
        script.previous.map { Page.DigestRow("earlier head", $0.head) },
        script.previous.map { Page.DigestRow("earlier root", $0.root) },
      ].compactMap(\.self)
    people = script.people.map { person in
      let used = plan.steps.filter { $0.action.keyholder == person.id }.flatMap { steps[$0.id]?.cards ?? [] }
      let card = used.isEmpty ? PaperRow.pin(person.id, script) : used.joined(separator: ", ")
      let bag = record?.bags.last { $0.keyholder == person.name && $0.state == BagMove.closed.rawValue }
      return PersonRow(
        person: person.name, part: person.duty, card: card, given: script.initials.of(person.id),
        hasCard: plan.steps.contains { $0.action.keyholder == person.id }, bag: bag?.number)
    }
    roleLines =
      script.offlineRoles.map { role in
        ([role.words] + [role.expires?.words].compactMap(\.self)).joined(separator: "; ") + ": "
          + role.keyholders.map { script.name(of: $0) }.joined(separator: ", ")
      } + Self.oldSide(script) + script.officialRoles.map(\.words) + script.onlineRoles.map(\.words)
    minutesInAll = "\(plan.steps.count) steps, planned for \(plan.minutes) minutes"
    var lasted: [String: Int64] = [:]
    for step in plan.steps { if let filled = steps[step.id] { lasted[step.scriptID, default: 0] += filled.lasted } }
    tookInAll = record == nil ? nil : String(lasted.values.reduce(0, +).minutes)
    var places = DigestPlaces()
    rows = plan.steps.map { step in
      PaperRow(step, script, steps[step.id], took: lasted[step.scriptID].map(\.minutes), &places)
    }
    departures = record?.departures ?? []
    exceptionLines = record == nil ? (1...14).map { String($0) } : []
    closing = [
      Self.closing("head", record?.verdict.head.flatMap { record?.isClosed == true ? $0 : nil }),
      Self.closing("final head", record?.verdict.finalHead),
      Self.closing("SHA256SUMS", record?.sums),
    ]
    maker = "tuf-ceremony \(ProgramVersion.current)"
  }

  /// Who must sign a root for the one before it.
  private static func oldSide(_ script: Script) -> [String] {
    guard let old = script.baseline?.root else { return [] }
    let people = script.oldSigners.map(script.name(of:)).joined(separator: ", ")
    return [
      "root \(old.version), from which this one goes on: \(old[.root].threshold) of its \(old[.root].keyIDs.count) keys "
        + "sign this one and the transcript, too: \(people)"
    ]
  }

  private static func closing(_ label: String, _ digest: SHA256Digest?) -> Closing {
    Closing(
      closingLabel: label, known: digest.map { Page.DigestRow(label, $0) },
      cells: digest == nil ? PaperDigest.cells : [])
  }
}

extension Int64 {
  /// Of nanoseconds, to the nearest.
  fileprivate var minutes: Int { Int(self / 60_000_000_000 + (self % 60_000_000_000 >= 30_000_000_000 ? 1 : 0)) }
}
