import CanonicalJSON
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products
import Transcript

/// What an auditor learns from a products folder by holding the ceremony again from its transcript.
package struct ReplayVerdict: Sendable {
  /// Everything that is wrong; empty for a ceremony that came out again byte for byte.
  package var findings: [Finding] = []
  /// nil where the first record could not be read.
  package var configuration: CeremonyConfiguration?
  /// How the ceremony ended; nil where it did not.
  package var outcome: Outcome?
  package var records: Int64 = 0
  /// Files that came out again byte for byte.
  package var products = 0
  /// The SHA-256 of the last line of the transcript.
  package var head: SHA256Digest?
  /// Whether ``head`` is that of a closed transcript; else it is the last line that was read.
  package internal(set) var isClosed = false
  /// The SHA-256 of the record of the end; nil where there is none: before it, and for engine version 1.
  package internal(set) var finalHead: SHA256Digest?
  /// Which of the two was named beside the folder, from elsewhere.
  package private(set) var namedHead: NamedHead?
  package var incidents = Incidents()
  /// As the script names them; empty where it could not be read.
  package internal(set) var people: [Person] = []
  /// The root files that the records name.
  package internal(set) var roots: [RootFile] = []
  package var cards = CardLog()
  /// Whether the engine of this program made the transcript, so that re-execution means something.
  package var isReexecuted = true
  /// Whether a key was accepted without proof that it is on hardware.
  package var isUnproven = false

  /// Who sealed the transcript; nil where it was not closed as complete.
  package var seal: SealCount?

  /// What the re-execution knows of cards, payloads and signatures; nil where it did not begin.
  package var facts: CeremonyFacts?

  /// How many initials were typed, and signed by a card of whoever gave them.
  package var initials = (typed: 0, signed: 0)

  /// What binds a ceremony to what people heard of it.
  package enum NamedHead: String, Sendable {
    case head
    case finalHead = "final-head"
  }

  package struct RootFile: Hashable, Sendable {
    package let path: String
    package let digest: SHA256Digest
  }

  package init() {}

  static func isRoot(_ path: String) -> Bool { path.hasPrefix("metadata/") && path.hasSuffix(".root.json") }

  /// Whether this is what the ceremony said of itself, before anybody replayed it.
  package internal(set) var isOwnAccount = false
  /// In such an account the files that the ceremony read and wrote: whatever else is in the folder is no part of it.
  package internal(set) var ownFiles: Set<String> = []

  /// What was held elsewhere for this one; nil where nobody looked at any.
  package private(set) var sites: Sites?
  /// The ceremonies before this one; nil where nobody looked at any.
  package private(set) var chain: CeremonyChain?
  /// Whether the ceremony before this one was at hand, holds, and is the one that this one names.
  package var isEarlierVerified: Bool { chain?.links.isEmpty == false }
  var isEarlierReexecuted: Bool { chain?.links.allSatisfy { $0.ceremony.otherEngine == nil } ?? true }

  /// Whether it names a ceremony before it.
  var namesEarlier: Bool { configuration?.after != nil || facts?.rotation != nil }
  package var isRehearsal: Bool { configuration?.isRehearsal ?? false }
  /// Whether the ceremony completed and nothing is wrong, by re-execution or, for another engine's, by its files.
  package var isSound: Bool { !findings.contains { $0.severity == .error } && outcome?.ending.isHeld == true }
  /// Whether a root waits for signatures from elsewhere.
  package var isPending: Bool { outcome?.ending == .pending }
  /// Whether the ceremony completed and came out again byte for byte.
  package var holds: Bool { isReexecuted && isSound }
  /// Whether this release knows an engine that made what was judged, and did not run it: less than a replay is asked for.
  package var isByFilesAlone: Bool { !isReexecuted || !isEarlierReexecuted }

  /// A warning for each vendor whom the script alone names.
  package var vendorFindings: [Finding] {
    guard let facts else { return [] }
    return facts.vendors.filter { $0.kind == .script }.map { .vendorUnknown($0, keys: facts.keyCount($0)) }
  }

  /// The cards that were to be wiped, and of which nothing shows that they were.
  var unwiped: [CeremonyFacts.Wipe] {
    outcome?.ending.isHeld == true ? facts?.wipes.filter { !$0.isWiped } ?? [] : []
  }

  /// Compares with what people heard: adds `HEAD-DIFFERS` where neither head is that.
  mutating func compare(_ heard: SHA256Digest) {
    if heard == finalHead {
      namedHead = .finalHead
    } else if isClosed, heard == head {
      namedHead = .head
    } else {
      let last = finalHead == nil ? "" : ", nor its final head"
      findings.append(
        Finding(
          .headDiffers,
          isClosed
            ? "The head that was named is not the head of this transcript\(last): this is another ceremony, or it was changed."
            : "This transcript was not read to a close, so it has no head that could be the one that was named.",
          hint: "Compare the words with the stream and the paper. If they are right, ask for the right folder.",
          place: RecordFile.transcript.name))
    }
  }

  /// Takes over what the folders of others come to.
  mutating func note(_ sites: Sites) {
    self.sites = sites
    findings += sites.findings
  }

  /// Walks back through the ceremonies before this one, by what each names.
  mutating func compare(_ earlier: [CeremonyChain.Folder], named name: String, _ source: any ProductsSource) {
    let named = NamedCeremony(by: self, in: source)
    let own = roots.last.flatMap { root in head.map { PreviousCeremony(root: root.digest, head: $0) } }
    let chain = CeremonyChain(
      from: named, newest: (name, own),
      elsewhere: (configuration?.after?.requests ?? [], configuration?.after?.open), through: earlier)
    findings += chain.findings
    if let path = roots.last?.path, let root = try? source.read(path),
      !findings.contains(where: { $0.code == .nonceRepeated })
    {
      let linked = chain.links.compactMap { link in earlier.first { $0.name == link.name }?.source }
      findings += RepeatedNonces.findings(of: root, path, in: [source] + linked)
    }
    self.chain = chain
  }

  /// Takes over what the files of a folder say that another engine version made.
  package mutating func judge(_ source: any ProductsSource) {
    let judge = FolderVerifier(source)
    isReexecuted = false
    findings += judge.findings
    configuration = judge.records.configuration
    outcome = judge.records.ending.map {
      Outcome(ending: $0.ending, status: $0.ending.status, finding: nil)
    }
    records = judge.records.count
    products = judge.files
    head = judge.records.count > 0 ? judge.records.head : nil
    finalHead = judge.records.finalHead
    isClosed = judge.records.ending != nil
    incidents = judge.records.incidents
    roots = judge.records.metadata.filter(Self.isRoot).compactMap { path in
      judge.records.files[path].map { RootFile(path: path, digest: $0) }
    }
    people = judge.script?.people ?? []
    cards = judge.records.cards
    seal = judge.seal
    facts = judge.facts
    initials = (judge.records.initialsCount, judge.records.signedInitialsCount)
    isUnproven = judge.isUnproven
  }
}
