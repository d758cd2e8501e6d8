import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products
import Transcript

/// What a products folder says for the form, once it was replayed.
struct PaperRecord {
  let verdict: ReplayVerdict
  /// By the id of the planned step. Never iterated.
  let steps: [String: FilledStep]
  let departures: [DepartureRow]
  /// Whether nothing can be added before the head any more.
  let isClosed: Bool
  /// Whether the engine that made it had each new key sign a proof.
  let provesKeys: Bool
  /// Whether stand-ins for the keys of a real root were made first.
  var playsOnTwin: Bool { steps.keys.contains { $0.hasPrefix("twin/") } }
  /// Which bag holds whose card; empty where it was not held again.
  var bags: [RoomFacts.Bag] { verdict.facts?.room.bags ?? [] }
  /// Of `SHA256SUMS`; nil where there is none.
  let sums: SHA256Digest?

  /// Throws `SCRIPT-CHANGED` where the folder is not of this script, and the first error of the replay where what was
  /// recorded does not come out again; that the ceremony did not end, or was never sealed, is none.
  init(_ source: any ProductsSource, _ script: Script, _ digest: SHA256Digest) throws(Finding) {
    guard try source.digest(of: "script.yaml") == digest else {
      throw Finding(
        .scriptChanged, "The folder is of another ceremony: its script.yaml is not this script.",
        hint: "Name the script that ran: script.yaml in the folder has its bytes.", place: "script.yaml")
    }
    verdict = Replay(source, report: Report.page).verdict()
    if let wrong = verdict.disagreement { throw wrong }
    let shown = ShownRecords(source, verdict)
    if let finding = shown.content.finding, finding.code != .transcriptEmpty { throw finding }
    guard !shown.isCut else {
      throw Finding(
        .fileRefused, "The transcript is too long for a form.", hint: "Use the report.",
        place: RecordFile.transcript.name)
    }
    let records = shown.content.records
    steps = FilledStep.steps(shown.content, verdict.outcome, script)
    departures = records.compactMap(DepartureRow.init)
    provesKeys = records.first.flatMap { BeginHeading($0.body) }.map { $0.engine >= EngineVersion.withProofs } ?? true
    isClosed = records.contains { $0.kind == .close }
    sums = try? source.digest(of: SumsFile.path)
  }
}
