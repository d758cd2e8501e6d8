import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products

/// The ceremony before this one, as its products folder has it: replayed, or verified where another engine made it.
package struct EarlierCeremony: Sendable {
  /// Digests of its newest root and of its transcript's last line.
  package let names: PreviousCeremony
  /// The bytes of its newest `metadata/N.root.json`.
  package let root: [UInt8]
  package let isRehearsal: Bool
  /// What keeps it from being re-executed, a warning: another engine version made it. Its files hold.
  let otherEngine: Finding?

  /// Throws `PREVIOUS-UNSOUND` where the folder does not hold, and `FILE-REFUSED`.
  package init(_ source: any ProductsSource) throws(Finding) {
    let verdict = Replay(source).verdict()
    guard verdict.isSound, let head = verdict.head else {
      let first = verdict.findings.first { $0.severity == .error }
      throw Finding(
        .previousUnsound,
        "The ceremony before this one does not hold: \(first.map { "\($0.code), \($0.what)" } ?? "it did not end.")",
        hint: "Name another copy of its products folder.", place: first?.place)
    }
    let roots = try source.list(besides: ["annex"]).compactMap { entry -> (version: Int, path: String)? in
      let parts = entry.path.split(separator: ".", omittingEmptySubsequences: false)
      guard entry.path.hasPrefix("metadata/"), parts.count == 3, parts[1] == "root", parts[2] == "json" else {
        return nil
      }
      return Int(parts[0].dropFirst("metadata/".count)).map { ($0, entry.path) }
    }
    guard let newest = roots.max(by: { $0.version < $1.version }) else {
      throw Finding(
        .previousUnsound, "The ceremony before this one made no root.",
        hint: "Name the products folder of the ceremony that made the newest root.", place: "metadata")
    }
    root = try source.read(newest.path)
    names = PreviousCeremony(root: SHA256Digest(of: root), head: head)
    isRehearsal = verdict.isRehearsal
    otherEngine = verdict.findings.first { $0.code == .engineVersion }
  }

  /// Throws `PREVIOUS-DIFFERS` where this is not the ceremony that is named.
  package func check(against named: PreviousCeremony, by what: String) throws(Finding) {
    let differing = names.head != named.head ? "head" : names.root != named.root ? "newest root" : nil
    guard let differing else { return }
    throw Finding(
      .previousDiffers, "The folder of the ceremony before this one has another \(differing) than \(what) names.",
      hint: "Name the folder of the right ceremony, and compare its head with the one that was read aloud.")
  }
}
