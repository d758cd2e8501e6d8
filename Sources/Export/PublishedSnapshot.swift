import CanonicalJSON
import Findings
import TUFMetadata

/// The snapshot that clients have now. They refuse the next one where it lists less, or an older version of anything
/// (TUF §5.5.5).
package struct PublishedSnapshot {
  /// As it was named.
  let path: String
  let version: Int64
  /// What it says of each file, under the name that stands there: `targets.json`.
  private let meta: JSONObject

  /// - Parameter roots: whose snapshot keys may have signed it.
  ///
  /// Throws what keeps it from being read, and `HAND-OVER` where no root's threshold is known to have signed it.
  init(_ envelope: Envelope, _ path: String, of roots: [Root]) throws(Finding) {
    let signed = envelope.signed
    do throws(Finding) {
      version = try Header.read(signed, type: TopLevelRole.snapshot.rawValue).version
      _ = try MetaFiles.read(signed, of: .snapshot)
    } catch { throw error.at(path) }
    meta = signed["meta"]?.object ?? [:]
    self.path = path
    let counts = roots.map { envelope.count($0[.snapshot], $0.keys) }
    guard counts.contains(where: \.isMet) else {
      let hint = "Name the file that clients have, and the root of its time: --with N.root.json."
      throw ClientRepository.refusal(
        "nothing shows that the snapshot keys of a root that is here signed this snapshot.",
        counts.first(where: \.mayBeMet)?.hint(hint) ?? hint, path)
    }
  }

  /// Throws `HAND-OVER` where clients would get an older version of anything, or another file under a version that they have.
  ///
  /// - Parameters:
  ///   - roles: each that the next snapshot lists, with the version of what was signed; nil for what is made now.
  ///   - next: the version of that snapshot, and of what is made now.
  func refuseOlder(_ roles: [(name: String, signed: Int64?)], _ next: Int64) throws(Finding) {
    func known(_ role: String) -> Int64 { meta["\(role).json"]?["version"]?.integer ?? 0 }
    let highest = roles.filter { $0.signed == nil }.map { known($0.name) }.reduce(version, max)
    func refused(_ name: String, _ known: Int64, _ new: Int64, _ hint: String) -> Finding {
      ClientRepository.refusal(
        "clients have version \(known) of \(shown(name)), and this is version \(new).", hint, path)
    }
    let higher = "Give a version above \(highest): --online-version."
    guard next > version else { throw refused(TopLevelRole.snapshot.rawValue, version, next, higher) }
    for (name, signed) in roles {
      if let signed, signed < known(name) {
        throw refused(
          name, known(name), signed,
          "Name the newest file. Where this is the newest, sign it again under a higher version.")
      }
      if signed == nil, next <= known(name) { throw refused(name, known(name), next, higher) }
    }
  }

  /// What it lists and `next` does not: it has to stay listed, with the version that it had.
  func left(by next: JSONObject) -> [(name: String, version: Int64)] {
    meta.members.filter { next[$0.name] == nil }.compactMap { member in
      member.value["version"]?.integer.map { (member.name, $0) }
    }
  }
}
