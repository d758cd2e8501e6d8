import CeremonyScript
import Findings
import Keys
import UTC

/// A script for a first root, from what is known of it: whole and commented. What is not known is marked, or takes a form
/// that only a rehearsal takes; nothing is made up.
package struct GenesisDraft {
  /// The repository, as people name it.
  package var repository: String?
  package var title: String?
  package var administrator: String?
  package var witness: String?
  /// In the order in which they act.
  package var keyholders: [String] = []
  /// Names of those of them who make their key and sign at their own place.
  package var elsewhere: [String] = []
  /// 16 random bytes for each of them, in their order.
  package var nonces: [[UInt8]] = []
  package var threshold: Int?
  package var expires: UTCTime?
  package var serviceKey: ServiceKey?
  /// Where RSTUF's worker finds the private half of the service's key.
  package var serviceKeyURI: String?
  /// Payloads for version 1 that somebody may have signed, and that will not be finished.
  package var withdrawn: [SHA256Digest] = []
  /// Makers' certificates beside the script.
  package var vendors: [PinnedFile] = []

  /// As many keyholders as are drafted where nobody is named.
  private static let fewest = 3

  package init() {}

  /// What people have to fill in before it is held for real, a line each.
  package var open: [String] {
    var open: [String] = []
    if repository == nil { open.append("the repository, as people name it") }
    if administrator == nil { open.append("the administrator's name and initials") }
    if witness == nil { open.append("the witness's name and initials") }
    if keyholders.isEmpty { open.append("the keyholders' names; how many they are is undecided as well") }
    if threshold == nil { open.append("the threshold: \(signers) of \(people.count), a majority, was taken for you") }
    if expires == nil { open.append("when the root expires") }
    if serviceKey == nil { open.append("the service's public key") }
    if vendors.isEmpty { open.append("the makers' certificates of the cards") }
    return open
  }

  private var people: [String] {
    keyholders.isEmpty ? (1...Self.fewest).map { ScriptText.open("keyholder \($0)") } : keyholders
  }
  private var signers: Int { threshold ?? max(2, people.count / 2 + 1) }

  /// The script, read back. Throws what the reader has against a name or a value that was given.
  package func drafted() throws(Finding) -> DraftedScript {
    let bytes = try ScriptTemplate.genesis.filled(with: content)
    let script = try Script(bytes)
    let key = serviceKey ?? ServiceKey.standIn()
    return DraftedScript(
      bytes: bytes, script: script, online: script.onlineKeys.reduce(into: [:]) { $0[$1.id] = key?.key }, files: [],
      open: open)
  }

  private var content: [String: Any] {
    var ids: [String] = []
    for (index, person) in people.enumerated() { ids.append(DraftedID.of(person, number: index + 1, beside: ids)) }
    var here: [[String: Any]] = []
    var enrolling: [[String: Any]] = []
    let keyholders = zip(people, ids).map { person, id in
      var words = DraftedWords.of(person, id: id)
      if let place = elsewhere.firstIndex(of: person), nonces.indices.contains(place) {
        words["enrol"] = YAMLText.quoted(Hex.encode(nonces[place]))
        enrolling.append(words)
      } else {
        here.append(words)
      }
      return words
    }
    var content: [String: Any] = DraftedOfficials(administrator, witness).content
    content.merge([
      "open": open, "title": YAMLText.of(title ?? "Genesis ceremony\(repository.map { " of \($0)" } ?? "")"),
      "repository": YAMLText.of(repository ?? ScriptText.open("repository")),
      "fatal": DraftedPreflight.lines(), "threshold": signers, "count": people.count,
      "ids": ids.joined(separator: ", "),
      "hasVendors": !vendors.isEmpty, "vendors": vendors.map(\.content),
      "hasKey": serviceKey != nil, "keyholders": keyholders, "present": here,
      "hasWithdrawn": !withdrawn.isEmpty, "withdrawn": withdrawn.map(\.hex), "enrolling": enrolling,
      "isCollected": !enrolling.isEmpty,
    ]) { own, _ in own }
    content["expires"] = expires?.description
    content.merge((serviceKey ?? ServiceKey.standIn())?.content ?? [:]) { own, _ in own }
    content["uri"] = serviceKeyURI.map(YAMLText.of)
    return content
  }
}
