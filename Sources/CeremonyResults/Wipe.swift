import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings

extension CeremonyFacts {
  /// A card that the script has wiped because its key left.
  package struct Wipe: Hashable, Sendable {
    /// A name.
    package let keyholder: String
    /// What the card called itself; nil where it was not wiped.
    package let card: String?
    /// What it said of its slots then; nil where it was not wiped.
    package let words: String?

    /// In the order of the script.
    package static func all(_ script: Script, _ records: [WipeRecord]) -> [Wipe] {
      script.steps.compactMap { step in
        guard case .destroy(let id) = step.action else { return nil }
        let record = records.first { isIdentical($0.keyholder, id) }
        return Wipe(keyholder: script.name(of: id), card: record?.card, words: record?.words)
      }
    }

    package var isWiped: Bool { card != nil }

    /// A warning where the card was not wiped.
    package var finding: Finding? {
      isWiped
        ? nil
        : Finding(
          .cardNotWiped, .warning,
          "The card of \(keyholder) was to be wiped, and nothing shows that it was. Its key left.",
          hint: "It belongs into its bag. The exceptions say why.")
    }
  }
}
