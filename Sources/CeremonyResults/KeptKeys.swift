import CeremonyScript
import Findings

extension Finding {
  /// A kept key stays although nothing showed that its card still signs, as the script lets it.
  package static func keptUnproven(_ keyholder: Keyholder, place: String? = nil) -> Finding {
    Finding(
      .keptKeyUnproven, .warning,
      "\(keyholder.name) keeps a key, and nothing showed in this ceremony that its card still signs.",
      hint: "The script accepts that. Do not count this key among those that can sign the next root.", place: place)
  }
}
