import CeremonyRecords
import Findings

/// The machine is looked at. What is wrong and fatal by the script stops a real ceremony; with everything else the room
/// decides, and goes on with a numbered exception. A rehearsal says what there is, and stops at nothing.
struct PreflightStep: StepMachine {
  let fatal: [Finding.Code]
  /// Whether it is the look right before the first signature: where nothing new is wrong, nobody is asked.
  let isAgain: Bool
  private var found: HostRecord?

  private static let look = "again"
  private static let goOn = "go-on"

  init(fatal: [Finding.Code], isAgain: Bool) {
    self.fatal = fatal
    self.isAgain = isAgain
  }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    // A card that is held here would look as if another program held it.
    let released: [Effect] = ceremony.present == nil ? [] : [.releaseCard]
    ceremony.present = nil
    return .wait(released, for: .host)
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .host(let record):
      found = record
      let open = ceremony.unaccepted(of: record)
      let recorded: [Effect] = open.map { .record(FindingRecord($0)) }
      guard isAgain, open.isEmpty, stopping(record, ceremony).isEmpty else {
        return .wait(recorded, for: .ask(question(record, open, ceremony)))
      }
      return .done(.show(shown(record, ceremony.screen(), [Self.same(record)])))
    case .answer(Self.look): return .wait(for: .host)
    case .answer:
      guard let found else { return .unexpected }
      let open = ceremony.unaccepted(of: found)
      guard stopping(found, ceremony).isEmpty else { return .unexpected }
      ceremony.accept(found)
      guard !ceremony.configuration.isRehearsal else { return .done() }
      return .done(open.map { ceremony.exception($0.code, "The room went on. \($0.what) \($0.place ?? "")") })
    default: return .unexpected
    }
  }

  /// Where the ceremony does not go on, whatever the room accepted before; nothing stops a rehearsal.
  private func stopping(_ record: HostRecord, _ ceremony: Ceremony) -> [Finding] {
    ceremony.configuration.isRehearsal ? [] : record.stopping(fatal)
  }

  /// What is shown and asked where people decide.
  private func question(_ record: HostRecord, _ open: [Finding], _ ceremony: Ceremony) -> Screen {
    let fatalNow = record.stopping(fatal)
    let stopping = stopping(record, ceremony)
    let told = open + stopping.filter { !open.contains($0) }
    var text = told.flatMap { ["\($0.code): \($0.what)", "→ \($0.hint)"] }
    let goOn: Prompt.Answer?
    if told.isEmpty {
      goOn = Prompt.Answer(token: "confirm", meaning: "everybody saw it; go on")
    } else if ceremony.configuration.isRehearsal {
      text.append(
        fatalNow.isEmpty
          ? "This is a rehearsal. In the real ceremony each of these would be an exception."
          : "This is a rehearsal. The real ceremony would stop here: \(Self.list(fatalNow)).")
      goOn = Prompt.Answer(token: Self.goOn, meaning: "go on: it is a rehearsal")
    } else if stopping.isEmpty {
      goOn = Prompt.Answer(
        token: Self.goOn,
        meaning: open.count == 1
          ? "go on; it is put on record as an exception" : "go on; each is put on record as an exception"
      )
    } else {
      text.append("The ceremony does not go on with \(Self.list(stopping)): so the script says.")
      text.append("Where it has to be so: Ctrl-C, then 'resume' with --allow for each, and look again.")
      goOn = nil
    }
    let answers = [goOn].compactMap(\.self) + [Prompt.Answer(token: Self.look, meaning: "it was mended: look again")]
    let prompt = Prompt(
      told.isEmpty ? "Is this the machine as it should be?" : "What now?", answers,
      unattended: goOn?.token ?? Prompt.abort)
    return shown(record, ceremony.asking(prompt), text)
  }

  private func shown(_ record: HostRecord, _ screen: Screen, _ text: [String]) -> Screen {
    var screen = screen
    screen.text = text
    screen.facts = record.points.map { Screen.Fact(name: $0.subject.rawValue, value: $0.says) }
    if !record.allowed.isEmpty {
      screen.facts.append(Screen.Fact(name: "allowed", value: record.allowed.joined(separator: ", ")))
    }
    return screen
  }

  private static func same(_ record: HostRecord) -> String {
    record.findings.isEmpty ? "Nothing is wrong with the machine." : "Nothing is wrong that was not accepted before."
  }

  private static func list(_ findings: [Finding]) -> String {
    findings.map(\.code.description).joined(separator: ", ")
  }
}

extension Ceremony {
  /// What is wrong, but for codes with which the room went on at the same point before. What the point says does not count: a
  /// disk has a little less room later.
  fileprivate func unaccepted(of record: HostRecord) -> [Finding] {
    record.points.flatMap { point in
      point.findings.filter { acceptedOfHost[point.subject]?.contains($0.code) != true }
    }
  }

  fileprivate mutating func accept(_ record: HostRecord) {
    for point in record.points { acceptedOfHost[point.subject, default: []].formUnion(point.codes) }
  }
}
