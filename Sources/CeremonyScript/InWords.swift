import UTC

/// What the script decided, as plans, screens and paper say it.
extension Script {
  /// Who acts: the name of a person, `Everyone`, or `part` itself where it names nobody.
  public func name(of part: String) -> String {
    switch part {
    case "administrator": administrator
    case "witness": witness
    case "everyone": "Everyone"
    default: keyholder(part)?.name ?? part
    }
  }
}

extension OfflineRole {
  public var words: String {
    "\(name): \(threshold) of \(keyholders.count) on cards, slot \(slot), \(algorithm), PIN \(pinPolicy), "
      + "touch \(touchPolicy)"
  }
}

extension OnlineRole {
  public var words: String { "\(name): \(threshold) of \(keys.count) online" }
}

extension Expiry {
  public var words: String {
    switch self {
    case .at(let time): "expires \(time)"
    case .days(let days): "expires \(days) days after the recorded clock"
    }
  }
}
