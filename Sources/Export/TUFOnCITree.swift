import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// What tuf-on-ci (0.21) keeps in its git repository: `metadata/` by role, the roots before in `metadata/root_history/`, and
/// `targets/`. Snapshot and timestamp are made by its online signer.
package struct TUFOnCITree {
  package static let importFile = "import.json"

  /// By name in the tree.
  package private(set) var files: [(name: String, bytes: [UInt8])] = []
  package let targets: [(file: TargetFile, name: String)]
  /// Whether its fields are missing, so that it has to be imported: its program then makes root 2, with other key ids.
  package let isImport: Bool
  /// What it can do without, `HAND-OVER` as warnings.
  package private(set) var remarks: [Finding] = []

  /// Throws `HAND-OVER` for what tuf-on-ci could not go on from, for files that no metadata lists, and for a snapshot.
  package init(_ signed: SignedMetadata, targets: [TargetFile]) throws(Finding) {
    if let snapshot = signed.snapshot {
      throw ClientRepository.refusal("tuf-on-ci makes the snapshot.", "Leave the file out.", snapshot.path)
    }
    let top = signed.targets[TopLevelRole.targets.rawValue]
    let contract = TUFOnCIContract(signed.root, targets: top?.content)
    for breach in contract.breaches where !contract.missing.contains(breach) {
      let isRemark = contract.elsewhere.contains(breach)
      let finding = Finding(
        .handOver, isRemark ? .warning : .error, breach.what, hint: breach.hint, place: signed.rootPath)
      guard isRemark else { throw finding }
      remarks.append(finding)
    }
    let listed = signed.targets.values.map(\.content.targets)
    for file in targets {
      guard listed.contains(where: { $0[file.path]?["hashes"]?["sha256"]?.string == file.sha256.hex }) else {
        throw Finding(
          .handOver, "No metadata that is handed over lists this file.",
          hint: "Leave it out. tuf-on-ci lists new files itself, in a signing event.", place: file.path)
      }
    }
    self.targets = targets.map { ($0, "targets/\($0.path)") }
    isImport = !contract.missing.isEmpty
    let metadata = ClientRepository.metadata
    if let newest = signed.roots.last { files.append(("\(metadata)/root.json", newest.bytes)) }
    for name in signed.targets.keys.sorted() {
      guard let file = signed.targets[name] else { continue }
      files.append(("\(metadata)/\(name).json", file.bytes))
    }
    if isImport {
      files.append((Self.importFile, Self.questions(signed.root, top?.content).pretty()))
    } else {
      for root in signed.roots { files.append(("\(metadata)/root_history/\(root.name)", root.bytes)) }
    }
  }

  /// What its import asks, in the form in which it prints that itself: it goes on once every value is filled in.
  private static func questions(_ root: Root, _ targets: Targets?) -> JSONValue {
    func periods(_ fields: JSONObject) -> JSONObject {
      JSONObject(TUFOnCIContract.periods.map { ($0, fields[$0] ?? -1) })
    }
    var own = periods(root.fields)
    for key in root.keys.keys {
      let known = key.extensions[TUFOnCIContract.keyOwner] ?? key.extensions[TUFOnCIContract.onlineURI]
      own[key.keyID] = known ?? "UNDEFINED ONLINE_URI OR KEYOWNER"
    }
    return ["root": .object(own), "targets": .object(periods(targets?.fields ?? [:]))]
  }
}
