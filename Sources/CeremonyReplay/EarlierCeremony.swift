import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products
import TUFMetadata

/// The ceremony before this one, as its products folder has it: replayed, or verified where another engine made it.
package struct EarlierCeremony: Sendable {
  /// Digests of its newest root and of its transcript's last line.
  package let names: PreviousCeremony
  /// The bytes of its newest `metadata/N.root.json`.
  package let root: [UInt8]
  /// That root's version.
  package let version: Int
  /// The SHA-256 of its `end` record; nil for engine version 1, which wrote none.
  package let finalHead: SHA256Digest?
  package let isRehearsal: Bool
  /// SHA-256 of the requests whose answers its root waits for, where it ended pending; else none: those that it wrote, and
  /// those of the one that it was to finish.
  package let requests: [SHA256Digest]
  /// Whether its root waits for signatures from elsewhere.
  package let isPending: Bool
  /// SHA-256 of the payloads of the next version that somebody may have signed, sorted: where it ended pending, the one that
  /// waits, those that it gave up, and those that it withdrew.
  package let open: [SHA256Digest]
  /// What it names of the ceremony before it.
  let named: (requests: [SHA256Digest], open: [SHA256Digest]?)
  /// The ceremony that it names itself; nil for the first.
  package let before: NamedCeremony?
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
    guard verdict.seal?.isAwaited != true else {
      throw Finding(
        .previousUnsound, "The ceremony before this one is UNSEALED: anybody could have written its folder.",
        hint: "Have it sealed first: tuf-ceremony request FOLDER --seal --for ID --out FILE.", place: SealCount.path)
    }
    isPending = verdict.isPending
    let folder = verdict.isPending ? "pending/" : "metadata/"
    let roots = try source.list(besides: ["annex"]).compactMap { entry -> (version: Int, path: String)? in
      let parts = entry.path.split(separator: ".", omittingEmptySubsequences: false)
      guard entry.path.hasPrefix(folder), parts.count == 3, parts[1] == "root", parts[2] == "json" else {
        return nil
      }
      return Int(parts[0].dropFirst(folder.count)).map { ($0, entry.path) }
    }
    guard let newest = roots.max(by: { $0.version < $1.version }) else {
      throw Finding(
        .previousUnsound, "The ceremony before this one made no root.",
        hint: "Name the products folder of the ceremony that made the newest root.", place: "metadata")
    }
    root = try source.read(newest.path)
    version = newest.version
    names = PreviousCeremony(root: SHA256Digest(of: root), head: head)
    finalHead = verdict.finalHead
    isRehearsal = verdict.isRehearsal
    var requests: Set<SHA256Digest> = []
    if verdict.isPending {
      requests.formUnion(verdict.configuration?.after?.requests ?? [])
      for entry in try source.list(besides: ["annex"]) where entry.isBelow("requests") {
        requests.insert(SHA256Digest(of: try source.read(entry.path)))
      }
    }
    self.requests = requests.sorted { $0.hex < $1.hex }
    var open: Set<SHA256Digest> = []
    if verdict.isPending {
      open.insert(SHA256Digest(of: try Envelope(parsing: root, place: newest.path).signedBytes))
      open.formUnion(verdict.facts?.dropped.filter { $0.role == "root" && !$0.signers.isEmpty }.map(\.digest) ?? [])
      open.formUnion(try Script(source.read("script.yaml")).withdrawn)
    }
    self.open = open.sorted { $0.hex < $1.hex }
    named = (verdict.configuration?.after?.requests ?? [], verdict.configuration?.after?.open)
    before = NamedCeremony(by: verdict, in: source)
    otherEngine = verdict.findings.first { $0.code == .engineVersion }
  }

  /// Throws `PREVIOUS-DIFFERS` where this is not the ceremony that is named.
  package func check(against named: PreviousCeremony, by what: String) throws(Finding) {
    try NamedCeremony(root: named.root, head: named.head, version: nil).check(names, by: what)
  }
}

/// The ceremony before another one, as that one names it.
package struct NamedCeremony: Hashable, Sendable {
  let root: SHA256Digest
  /// nil where a script goes on from a root and does not say from which ceremony.
  let head: SHA256Digest?
  /// Of its root; nil where that is not said.
  let version: Int?
  /// Whether its root waited, and will not be finished.
  let isWithdrawn: Bool

  init(root: SHA256Digest, head: SHA256Digest?, version: Int?, isWithdrawn: Bool = false) {
    self.isWithdrawn = isWithdrawn
    self.root = root
    self.head = head
    self.version = version
  }

  /// By the first record, or by the script where that goes on from a root; nil where a ceremony names none before it.
  init?(by verdict: ReplayVerdict, in source: any ProductsSource) {
    let after = verdict.configuration?.after?.previous
    let bytes = try? source.read("script.yaml")
    let isRecorded = bytes.map { SHA256Digest(of: $0) } == verdict.configuration?.script
    let script = isRecorded ? bytes.flatMap { try? Script($0) } : nil
    // What finishes a pending ceremony goes on from the same root as that one.
    let goesOn = script?.pending == nil ? script?.goesOn : nil
    // What withdraws a root goes on from the one before that, or founds version 1 as well.
    let isWithdrawn =
      script.map { script in
        script.pending == nil && verdict.configuration?.after?.waited(before: script) == true
      } ?? false
    let files = isWithdrawn ? nil : goesOn
    guard let root = after?.root ?? files?.root.digest else { return nil }
    let own = verdict.roots.compactMap { Int($0.path.dropFirst("metadata/".count).prefix { $0 != "." }) }.max()
    self.init(
      root: root, head: after?.head ?? files?.head, version: files == nil ? nil : own.map { $0 - 1 },
      isWithdrawn: isWithdrawn)
  }

  func isMade(by ceremony: PreviousCeremony) -> Bool {
    ceremony.root == root && head.map { $0 == ceremony.head } ?? true
  }

  /// Throws `PREVIOUS-DIFFERS` where it is another ceremony.
  func check(_ names: PreviousCeremony, by what: String) throws(Finding) {
    guard !isMade(by: names) else { return }
    let isOtherHead = head.map { $0 != names.head } ?? false
    throw Finding(
      .previousDiffers,
      "The folder of the ceremony before this one has another \(isOtherHead ? "head" : "newest root") than \(what) names.",
      hint: "Name the folder of the right ceremony, and compare its head with the one that was read aloud.")
  }
}
