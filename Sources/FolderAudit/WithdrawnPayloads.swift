import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Products
import Transcript

/// What a ceremony says of payloads for its version that others signed and that will not be finished, judged anew: from engine
/// version 8 on each that the ceremony before left open is named, and the exceptions say who signed it.
struct WithdrawnPayloads {
  private(set) var findings: [Finding] = []
  /// Whether the ceremony before this one waited with what is withdrawn here, after the same root.
  private(set) var isAfterWaiting = false

  /// Throws what keeps the root from being judged that waited.
  ///
  /// - Parameter script: as it was read, without the root that it goes on from.
  init(_ script: Script, _ records: FolderRecords, _ source: any ProductsSource) throws(Finding) {
    guard records.knows(EngineVersion.withBoards) else { return }
    let after = records.configuration?.after
    guard after == nil || after?.open != nil else {
      throw Finding(
        .recordMalformed, "The first record does not say what the ceremony before this one left open.",
        hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl record 0")
    }
    var script = script
    if script.pending == nil, let after, after.waited(before: script) {
      if let files = script.goesOn {
        isAfterWaiting = true
        script = script.going(
          on: try Baseline(
            try records.pinned(files.root, in: source), named: "inputs/\(files.root.name)"))
      }
      script = try script.withdrawing(records.content(of: "inputs/\(CeremonyConfiguration.After.fileName)", in: source))
    }
    if let waited = script.withdrawnRoot?.digest ?? script.pending?.payload, after?.open?.contains(waited) != true {
      findings.append(
        Finding(
          .previousDiffers, "The first record does not say that the root which waited was left open.",
          hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl record 0"))
    }
    if let finding = script.openFinding(after?.open ?? []) { findings.append(finding.at("script.yaml")) }
    var said: [String] = []
    for incident in records.incidents.all {
      guard case .exception(_, Finding.Code.payloadWithdrawn.rawValue, let what) = incident.kind else { continue }
      said.append(what)
      guard !incident.step.isEmpty || incident.isSealing else { continue }
      let file = incident.isSealing ? RecordFile.sealing : RecordFile.transcript
      findings.append(
        Finding(
          .recordMalformed, "A root is withdrawn where the room did not hear it: after the first step began.",
          hint: "Treat the folder as changed; compare it with another copy.",
          place: "\(file.name) record \(incident.record)"))
    }
    // So much of an exception is kept.
    let expected = script.withdrawnWords.map { Array(String($0.unicodeScalars.prefix(1000)).utf8) }
    if said.map({ Array($0.utf8) }) != expected {
      findings.append(
        Finding(
          .recordMalformed, "The records say otherwise what is withdrawn, or who signed it.",
          hint: "Treat the folder as changed; compare it with another copy.", place: RecordFile.transcript.name))
    }
  }
}
