import CeremonyEngine
import Findings
import FolderAudit
import Keys
import Products

extension ReportFile {
  /// Writes the page from the ceremony's own account and the folder: the same bytes for the same folder.
  public typealias Writer = (_ account: ReplayVerdict, _ folder: any ProductsSource) throws -> [UInt8]
}

extension CeremonyEngine {
  /// What the ceremony says of itself at its end. Nothing in it was replayed.
  ///
  /// - Parameter finalHead: the SHA-256 of the record of the end.
  func account(of ending: Outcome.Ending, finalHead: SHA256Digest) -> ReplayVerdict {
    var account = ReplayVerdict()
    account.isOwnAccount = true
    account.ownFiles = Set(products.map(\.path) + inputPaths)
    account.isReexecuted = false
    account.configuration = configuration
    account.outcome = Outcome(ending: ending, status: ending == .complete ? .fine : .aborted, finding: nil)
    account.head = head
    account.finalHead = finalHead
    account.isClosed = true
    account.people = people
    account.roots = products.filter { ReplayVerdict.isRoot($0.path) }.map {
      ReplayVerdict.RootFile(path: $0.path, digest: SHA256Digest(of: $0.bytes))
    }
    account.isUnproven = isUnproven
    account.facts = facts
    account.seal = seal
    account.findings = (account.seal?.findings ?? []) + account.vendorFindings
    if ending == .aborted { account.findings.append(FolderVerifier.aborted("Its folder was closed.")) }
    return account
  }
}
