import CeremonyScript
import Findings
import Foundation
import Keys

/// Administrator and witness as they stand in a draft.
struct DraftedOfficials {
  let administrator: String
  let witness: String
  /// What they type.
  let initials: (administrator: String, witness: String)

  /// - Parameter initials: where they are known; else they are made of the names.
  init(_ administrator: String?, _ witness: String?, initials: Initials? = nil) {
    self.administrator = administrator ?? ScriptText.open("administrator")
    self.witness = witness ?? ScriptText.open("witness")
    if let own = initials?.administrator, let other = initials?.witness {
      self.initials = (own, other)
      return
    }
    let (first, second) = (Self.letters(of: self.administrator) ?? "AD", Self.letters(of: self.witness) ?? "WI")
    self.initials = first == second ? ("AD", "WI") : (first, second)
  }

  var content: [String: Any] {
    [
      "administrator": YAMLText.of(administrator), "witness": YAMLText.of(witness),
      "administratorInitials": initials.administrator, "witnessInitials": initials.witness,
    ]
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

/// A name for a script.
enum DraftedID {
  /// Of the first ASCII letters and digits in somebody's name, accents aside.
  static func of(_ name: String, number: Int, beside others: [String]) -> String {
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

/// At which findings about the machine a real ceremony stops.
enum DraftedPreflight {
  /// The script's lines, of the codes that are fatal by themselves.
  ///
  /// - Parameter needsReaders: whether a card is to be in the room.
  static func lines(needsReaders: Bool = true) -> [String] {
    let cards: [Finding.Code] = [.pcscdGone, .pcscdRefused, .hostReaders]
    let codes = Finding.OfHost.all.filter { $0.isFatal && (needsReaders || !cards.contains($0.code)) }
      .map(\.code.description)
    var lines = ["fatal: ["]
    for (place, code) in codes.enumerated() {
      let word = code + (place == codes.count - 1 ? "]" : ", ")
      if lines[lines.count - 1].count + word.count > 116 { lines.append("  ") }
      lines[lines.count - 1] += word
    }
    return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
  }
}

/// What somebody says in the steps.
enum DraftedWords {
  /// - Parameter card: as they call it.
  static func of(_ name: String, id: String, speaking speaker: String? = nil, card: String = "card") -> [String: Any] {
    let speaker = speaker ?? name
    return [
      "id": id, "name": YAMLText.of(name),
      "opened": YAMLText.of("I am \(speaker). This is the bag that my \(card) came in."),
      "signs": YAMLText.of("I am \(speaker), and I sign the root whose digest was read aloud."),
      "signsTargets": YAMLText.of("I am \(speaker), and I sign the targets metadata whose digest was read aloud."),
      "wiping": YAMLText.of("I am \(speaker). My \(card) is not needed any more, and everybody sees it wiped."),
      "closed": YAMLText.of("I am \(speaker). My \(card) is in this bag."),
    ]
  }
}

extension PinnedFile {
  var content: [String: Any] { ["file": name, "sha256": digest.hex] }
}
