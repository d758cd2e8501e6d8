import CanonicalJSON
import Findings
import TUFMetadata

/// What was signed for a repository: its roots, one after the other, and metadata of targets roles.
package struct SignedMetadata {
  /// A file of targets metadata.
  package struct File {
    /// As clients ask for it: `1.targets.json`.
    package let name: String
    package let bytes: [UInt8]
    package let version: Int64
    package let envelope: Envelope
    package let content: Targets
  }

  /// The newest root, and where it was found.
  package let root: Root
  package let rootPath: String
  /// Every root, oldest first.
  package let roots: [(name: String, bytes: [UInt8])]
  /// By role. The signatures are not judged yet, for their keys stand in other files.
  package let targets: [String: File]
  /// What clients have now; nil where it was not named.
  package let snapshot: PublishedSnapshot?

  /// - Parameters:
  ///   - ceremony: what a ceremony wrote under `metadata/`, one root among it.
  ///   - others: older roots, metadata that was signed elsewhere, and the snapshot that clients have.
  ///
  /// Throws what keeps a file from being read, and `HAND-OVER` for roots that do not follow each other, for two files of one
  /// role and for a snapshot that no root's keys signed.
  package init(_ ceremony: [ReturnedMetadata.File], with others: [ReturnedMetadata.File] = []) throws(Finding) {
    var roots: [(root: Root, envelope: Envelope, file: ReturnedMetadata.File)] = []
    var targets: [String: File] = [:]
    var snapshot: (envelope: Envelope, path: String)?
    for file in ceremony + others {
      let envelope = try Envelope(parsing: file.bytes, place: file.path)
      let type = try Self.located(file.path) { () throws(Finding) in try Header.read(envelope.signed).type }
      switch TopLevelRole(rawValue: type) {
      case .root:
        let root = try Self.located(file.path) { () throws(Finding) in try Root.read(envelope.signed).root }
        roots.append((root, envelope, file))
      case .targets:
        let own = try Self.located(file.path) { () throws(Finding) in try Targets.read(envelope.signed).targets }
        let role = Self.role(file.path, own.version)
        guard targets[role] == nil else {
          throw ClientRepository.refusal(
            "two files are of the role \(shown(role)).", "Name the newest alone.", file.path)
        }
        targets[role] = File(
          name: "\(own.version).\(role).json", bytes: file.bytes, version: own.version, envelope: envelope, content: own
        )
      case .snapshot:
        guard snapshot == nil else {
          throw ClientRepository.refusal("two files are of the role snapshot.", "Name the newest alone.", file.path)
        }
        snapshot = (envelope, file.path)
      case .timestamp, nil:
        throw ClientRepository.refusal(
          "\(shown(type)) metadata is made anew.", "Leave the file out.", file.path)
      }
    }
    roots.sort { $0.root.version < $1.root.version }
    guard let newest = roots.last else {
      throw ClientRepository.refusal("there is no root.", "Name the folder of a ceremony that wrote one.", "metadata")
    }
    for (old, new) in zip(roots, roots.dropFirst()) {
      guard new.root.version == old.root.version + 1, new.envelope.count(old.root[.root], old.root.keys).isMet else {
        throw ClientRepository.refusal(
          "version \(new.root.version) of the root does not follow version \(old.root.version), or too few of its keys signed it.",
          "Name every root in between, and each once.", new.file.path)
      }
    }
    guard newest.envelope.count(newest.root[.root], newest.root.keys).isMet else {
      throw ClientRepository.refusal(
        "too few keys signed the root.", "Name the root that was signed by its threshold.", newest.file.path)
    }
    root = newest.root
    rootPath = newest.file.path
    self.roots = roots.map { ("\($0.root.version).root.json", $0.file.bytes) }
    self.targets = targets
    let all = roots.map(\.root)
    self.snapshot = try snapshot.map { own throws(Finding) in try PublishedSnapshot(own.envelope, own.path, of: all) }
  }

  /// Of `metadata/1.bins.json`: `bins`.
  static func role(_ path: String, _ version: Int64) -> String {
    let prefix = "\(ClientRepository.metadata)/"
    var name = path.hasPrefix(prefix) ? Substring(path.dropFirst(prefix.count)) : path.split(separator: "/").last ?? ""
    if name.hasPrefix("\(version).") { name = name.dropFirst("\(version).".count) }
    return String(name.hasSuffix(".json") ? name.dropLast(5) : name)
  }

  private static func located<Value>(
    _ path: String, _ read: () throws(Finding) -> Value
  ) throws(Finding) -> Value {
    do throws(Finding) { return try read() } catch { throw error.at(path) }
  }
}
