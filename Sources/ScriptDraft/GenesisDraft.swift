import CeremonyScript
import Findings
import Foundation
import Keys
import Mustache
import UTC

/// A script for a first root, from what is known of it: whole and commented. What is not known is marked, or takes a form
/// that only a rehearsal takes; nothing is made up.
package struct GenesisDraft {
  /// The key with which the service signs.
  package enum ServiceKey: Sendable {
    /// 32 bytes.
    case ed25519([UInt8])
    /// A PEM file beside the script.
    case file(PinnedFile)
  }

  /// The repository, as people name it.
  package var repository: String?
  package var title: String?
  package var administrator: String?
  package var witness: String?
  /// In the order in which they act.
  package var keyholders: [String] = []
  package var threshold: Int?
  package var expires: UTCTime?
  package var serviceKey: ServiceKey?
  /// Where RSTUF's worker finds the private half of the service's key.
  package var serviceKeyURI: String?
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

  /// The script in UTF-8, read back. Throws what the reader has against a name or a value that was given.
  package func bytes() throws(Finding) -> [UInt8] {
    let text: String
    do {
      let template = try MustacheTemplate(string: String(decoding: PackageResources.genesis_mustache, as: UTF8.self))
      text = template.render(content)
    } catch {
      throw Finding(
        .internalError, "The template of a genesis is broken: \(error).",
        hint: "Report this to the project; nothing that you gave is at fault.")
    }
    let bytes = Array(text.utf8)
    _ = try Script(bytes)
    return bytes
  }

  private var content: [String: Any] {
    let name = administrator ?? ScriptText.open("administrator")
    let witnessName = witness ?? ScriptText.open("witness")
    let own = DraftedInitials.drafted(name, witnessName)
    var ids: [String] = []
    for (index, person) in people.enumerated() { ids.append(Self.id(of: person, number: index + 1, beside: ids)) }
    var content: [String: Any] = [
      "open": open, "title": YAMLText.of(title ?? "Genesis ceremony\(repository.map { " of \($0)" } ?? "")"),
      "repository": YAMLText.of(repository ?? ScriptText.open("repository")),
      "administrator": YAMLText.of(name), "witness": YAMLText.of(witnessName),
      "administratorInitials": own.administrator, "witnessInitials": own.witness,
      "threshold": signers, "count": people.count, "ids": ids.joined(separator: ", "),
      "hasVendors": !vendors.isEmpty, "vendors": vendors.map { ["file": $0.name, "sha256": $0.digest.hex] },
      "hasKey": serviceKey != nil,
      "keyholders": zip(people, ids).map { person, id in
        [
          "id": id, "name": YAMLText.of(person),
          "opened": YAMLText.of("I am \(person). This is the bag that my card came in."),
          "signs": YAMLText.of("I am \(person), and I sign the root whose digest was read aloud."),
          "closed": YAMLText.of("I am \(person). My card is in this bag."),
        ]
      },
    ]
    content["expires"] = expires?.description
    switch serviceKey {
    case .ed25519(let bytes)?: content["hex"] = Hex.encode(bytes)
    case .file(let file)?: content["file"] = ["file": file.name, "sha256": file.digest.hex]
    case nil: content["hex"] = Script.standInKey
    }
    content["uri"] = serviceKeyURI.map(YAMLText.of)
    return content
  }

  /// A name for a script: of the first ASCII letters and digits in somebody's name, accents aside.
  private static func id(of name: String, number: Int, beside others: [String]) -> String {
    let plain = name.decomposedStringWithCanonicalMapping.unicodeScalars.filter {
      $0.properties.generalCategory != .nonspacingMark
    }
    let parts = String(String.UnicodeScalarView(plain)).lowercased()
      .split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let first = ScriptText.isOpen(name) ? "" : String(parts.first?.prefix(30) ?? "")
    let own =
      first.isEmpty || Keyholder.isReserved(first) || YAMLText.of(first) != first ? "keyholder-\(number)" : first
    return others.contains(own) ? "\(own)-\(number)" : own
  }
}

/// What administrator and witness type, made of their names.
private struct DraftedInitials {
  let administrator: String
  let witness: String

  static func drafted(_ administrator: String, _ witness: String) -> DraftedInitials {
    let (first, second) = (letters(of: administrator) ?? "AD", letters(of: witness) ?? "WI")
    return first == second
      ? DraftedInitials(administrator: "AD", witness: "WI") : DraftedInitials(administrator: first, witness: second)
  }

  private static func letters(of name: String) -> String? {
    guard !ScriptText.isOpen(name) else { return nil }
    let words = name.split(separator: " ").filter { $0.first.map { $0.isASCII && $0.isLetter } ?? false }
    let letters =
      words.count > 1 ? String(words.prefix(4).compactMap(\.first)) : String(words.first?.prefix(2) ?? "")
    let capitals = letters.uppercased()
    return (2...4).contains(capitals.count) && capitals.allSatisfy { $0.isASCII && $0.isLetter } ? capitals : nil
  }
}
