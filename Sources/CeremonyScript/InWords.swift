import Findings
import UTC

/// What the script decided, as plans, screens and paper say it.
extension Script {
  /// Who acts: the name of a person, `Everyone`, or `part` itself where it names nobody.
  package func name(of part: String) -> String {
    switch part {
    case "administrator": administrator
    case "witness": witness
    case "everyone": "Everyone"
    default: cardholder(part)?.name ?? part
    }
  }

  /// The findings about the machine at which a real ceremony stops; nil where no step looks at it.
  package var fatalOfHost: [Finding.Code]? {
    steps.lazy.compactMap { step in if case .preflight(let fatal) = step.action { fatal } else { nil } }.first
  }

  /// What the cards of the officials are for.
  package var officialRoles: [OfflineRole] { officials.flatMap { roles(of: $0.id) } }
}

extension OfflineRole {
  package var words: String {
    if let oneTime { return "\(name): \(threshold) of \(oneTime) one-time keys, made, used and wiped here" }
    let isOfficial = Keyholder.officials.contains(name)
    let purpose =
      isOfficial
      ? "a card for initials and the transcript seal" : "\(threshold) of \(keyholders.count) on cards"
    return "\(name): \(purpose), slot \(slot), \(algorithm), PIN \(pinPolicy), "
      + "touch \(touchPolicy)" + (isDiscarded ? "; deleted there once they have signed" : "")
  }
}

extension OnlineRole {
  package var words: String { "\(name): \(threshold) of \(keys.count) online" }
}

extension Expiry {
  package var words: String {
    switch self {
    case .at(let time): "expires \(time)"
    case .days(let days): "expires \(days) days after the recorded clock"
    }
  }
}
