import Findings
import Keys
import Products

/// `report.html` of a products folder: written at the ceremony's end, before anybody replayed it.
public enum ReportFile {
  public static let path = "report.html"

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
    account.ownFiles = Set(ceremony.products.map(\.path) + ceremony.inputs.keys.map { "inputs/\($0)" })
    account.isReexecuted = false
    account.configuration = ceremony.configuration
    account.outcome = Outcome(ending: ending, status: ending == .complete ? .fine : .aborted, finding: nil)
    account.head = ceremony.head
    account.finalHead = finalHead
    account.isClosed = true
    account.people = ceremony.script.people
    account.roots = ceremony.products.filter { ReplayVerdict.isRoot($0.path) }.map {
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
