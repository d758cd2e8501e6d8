import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products
import Transcript

/// Plays a ceremony from its products folder.
package struct Replay {
  private let source: any ProductsSource

  private let earlier: [CeremonyChain.Folder]
  private let sites: [CeremonyChain.Folder]
  private let name: String
  private let heard: SHA256Digest?
  private let writer: ReportFile.Writer?

  /// - Parameters:
  ///   - name: what the folder is called in findings of others.
  ///   - earlier: the products of the ceremonies before this one, in any order; empty where nobody has them at hand.
  ///   - sites: what answered requests of this ceremony elsewhere.
  ///   - heard: the head or the final head, as people heard or read it elsewhere.
  ///   - writer: writes `report.html` again, to be compared; without it that file is held against its sum alone.
  package init(
    _ source: any ProductsSource, named name: String = "this ceremony", after earlier: [CeremonyChain.Folder] = [],
    with sites: [CeremonyChain.Folder] = [], heard: SHA256Digest? = nil, report writer: ReportFile.Writer? = nil
  ) {
    self.source = source
    self.name = name
    self.earlier = earlier
    self.sites = sites
    self.heard = heard
    self.writer = writer
  }

  /// - Parameter earlier: the products of the one ceremony before this one; nil where nobody has them at hand.
  package init(_ source: any ProductsSource, after earlier: (any ProductsSource)?) {
    self.init(
      source, after: earlier.map { [CeremonyChain.Folder(name: "the ceremony before this one", source: $0)] } ?? [])
  }

  /// Never throws: what is wrong is in the verdict, the first thing first.
  package func verdict() -> ReplayVerdict {
    var verdict = ownVerdict()
    verdict.findings += verdict.vendorFindings + verdict.unwiped.compactMap(\.finding)
    if let heard { verdict.compare(heard) }
    if !sites.isEmpty { verdict.note(Sites(of: source, with: sites)) }
    if !earlier.isEmpty { verdict.compare(earlier, named: name, source) }
    return verdict
  }

  private func ownVerdict() -> ReplayVerdict {
    var verdict = ReplayVerdict()
    let ports = ReplayPorts(source, writer: writer)
    var places = (read: RecordFile.transcript.name, handedOut: RecordFile.transcript.name)
    do {
      let log = Log()
      let journal = ReplayJournal(
        try ports.stream(RecordFile.transcript.name), sealing: { try ports.stream(RecordFile.sealing.name) },
        observe: { log.note($0) })
      defer {
        places = journal.places
        verdict.records = journal.count
        verdict.head = journal.count > 0 ? journal.head : nil
        verdict.finalHead = journal.finalHead
        verdict.isClosed = journal.isClosed
        verdict.incidents = log.incidents
        verdict.roots = log.roots
        verdict.configuration = journal.beginning.flatMap { CeremonyConfiguration(fields: $0.body) }
        verdict.cards = log.cards
        verdict.findings += log.losses
        verdict.products = ports.compared
      }
      ports.release = { [weak journal] in journal?.release }
      ports.stop = { [weak journal] in journal?.stop(before: $0) }
      let loop = CeremonyLoop(journal: journal, ports: ports)
      var engine = try loop.begin(script: try source.read("script.yaml")) {
        throw Unexpected(what: "a first record")
      }
      var late: FolderVerifier?
      defer {
        let account = engine.account
        verdict.isUnproven = account.isUnproven
        verdict.facts = account.facts
        verdict.people = account.people
        let initials = account.facts.room.initials
        verdict.initials = (initials.count, initials.count { $0.card != nil })
        verdict.seal = account.seal
        if let late {
          verdict.seal = late.seal
          verdict.facts?.sealers = late.facts?.sealers ?? []
        }
      }
      verdict.outcome = try loop.run(&engine)
      try journal.end()
      let account = engine.account
      if account.seal?.isAwaited == true {
        late = try FolderVerifier.lateSeal(source)
        verdict.findings += late?.lateFindings ?? []
        ports.know(late?.lateFiles ?? [])
      }
      verdict.findings += try ports.unknownFiles(isRehearsal: account.configuration.isRehearsal)
      verdict.findings += [ports.reportFinding].compactMap(\.self)
      if verdict.outcome?.ending.isHeld == true { verdict.findings += account.unproven + account.exposures }
      verdict.findings += late?.seal?.findings ?? account.seal?.findings ?? []
      if log.hasDeliveries || account.configuration.after?.requests.isEmpty == false {
        verdict.findings += try FolderVerifier.elsewhere(source)
      }
      if verdict.outcome?.ending == .aborted {
        verdict.findings.append(FolderVerifier.aborted("Everything that was recorded came out again."))
      }
    } catch let finding as Finding {
      verdict.findings.append(finding)
      if finding.code == .engineVersion {
        verdict.isReexecuted = false
        if finding.severity == .warning { verdict.judge(source) }
      }
    } catch let interruption as Interruption {
      verdict.findings.append(
        Finding(
          .incomplete,
          "The ceremony was interrupted (\(interruption.reason)) and did not end. "
            + "Everything up to there was re-executed and agrees.",
          hint: "It can be resumed, or must be held again.", place: places.read))
    } catch {
      verdict.findings.append(.malformedRecord(error, at: places.handedOut))
    }
    return verdict
  }

  /// Collects what the journal shows it.
  private final class Log {
    private(set) var cards = CardLog()
    private(set) var incidents = Incidents()
    private(set) var roots: [ReplayVerdict.RootFile] = []
    private(set) var losses: [Finding] = []
    private(set) var hasDeliveries = false
    private var file = RecordFile.transcript.name

    func note(_ record: Record) {
      cards.note(record)
      incidents.note(record)
      if [.delivery, .enrolment].contains(record.kind) { hasDeliveries = true }
      if let file = WriteRecord(fieldsOf: record)?.file, ReplayVerdict.isRoot(file.path) {
        roots.append(ReplayVerdict.RootFile(path: file.path, digest: file.digest))
      }
      if record.kind == .mirror {
        let loss = MirrorRecord(fields: record.body)?.loss ?? "unknown"
        losses.append(.copyLost(record.seq, loss, "\(file) record \(record.seq)"))
      }
      if record.kind == .close { file = RecordFile.sealing.name }
    }
  }
}
