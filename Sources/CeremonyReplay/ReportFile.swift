import CeremonyEngine
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products

extension ReportFile {
  /// Writes the page from the ceremony's own account and the folder: the same bytes for the same folder.
  package typealias Writer = (_ account: ReplayVerdict, _ folder: any ProductsSource) throws -> [UInt8]
}

extension ReplayVerdict {
  /// What the ceremony says of itself at its end. Nothing in it was replayed.
  ///
  /// - Parameter finalHead: the SHA-256 of the record of the end.
  init(of account: CeremonyAccount, _ ending: CeremonyEnding, finalHead: SHA256Digest) {
    self.init()
    isOwnAccount = true
    ownFiles = Set(account.products.map(\.path) + account.inputs)
    isReexecuted = false
    configuration = account.configuration
    outcome = Outcome(ending: ending, status: ending.status, finding: nil)
    head = account.head
    self.finalHead = finalHead
    isClosed = true
    people = account.people
    roots = account.products.filter { Self.isRoot($0.path) }.map {
      RootFile(path: $0.path, digest: SHA256Digest(of: $0.bytes))
    }
    isUnproven = account.isUnproven
    facts = account.facts
    seal = account.seal
    findings = (account.seal?.findings ?? []) + account.unproven + vendorFindings
    if ending == .aborted { findings.append(FolderVerifier.aborted("Its folder was closed.")) }
  }
}
