import CanonicalJSON
import Findings
import TUFMetadata
import UTC

/// When people must begin to sign the next root at the latest.
package struct SigningTime: Hashable, Sendable {
  /// Where nobody says otherwise: when `expiry` begins to warn.
  package static let normalDays: Int64 = 90
  /// A century: more is no period.
  package static let mostDays: Int64 = 36_525
  /// The field in which tuf-on-ci says how many days before the expiry signing begins.
  package static let field = "x-tuf-on-ci-signing-period"

  package enum Source: String, Sendable {
    case asked, root, normal
  }

  package let days: Int64
  package let source: Source
  package let expires: UTCTime
  package let time: UTCTime
  /// The last moment.
  package let latest: UTCTime
  private let version: Int64
  private let threshold: Int
  /// What the root's own field says, where that is not what counts here.
  private let other: String?

  /// - Parameter asked: days that the caller gives; they go before the root's own.
  init(_ root: Root, asked: Int64?, at time: UTCTime) {
    let said = root.fields[Self.field]
    let own = said?.integer.flatMap { (0...Self.mostDays).contains($0) ? $0 : nil }
    if let asked {
      (days, source) = (asked, .asked)
    } else if let own {
      (days, source) = (own, .root)
    } else {
      (days, source) = (Self.normalDays, .normal)
    }
    other =
      switch (said, own) {
      case (nil, _): nil
      case (_, let own?): asked == nil ? nil : "The root itself says \(counted(own, "day")) (\(Self.field))."
      case (_, nil): "The root's \(Self.field) is no number of days."
      }
    expires = root.expires
    self.time = time
    latest = root.expires.adding(days: -days)
    version = root.version
    threshold = root[.root].threshold
  }

  /// Whether the moment has come.
  package var isDue: Bool { latest <= time }

  package var sentences: [String] {
    let next = version.addingReportingOverflow(1).partialValue
    let what =
      "Version \(next) needs \(counted(threshold, "signature")) by keys of this root and its own threshold, and must be "
      + "published before \(expires)."
    let begin: String
    if expires <= time {
      begin =
        "This root expired at \(expires), and clients refuse to update. Sign the next one now; its keys are still good."
    } else if isDue {
      begin = "Signing should have begun at \(latest). The root expires in \(counted(daysUntil(expires), "whole day"))."
    } else {
      begin = "Begin to sign at \(latest) at the latest, which is in \(counted(daysUntil(latest), "whole day"))."
    }
    return [begin, what, why] + (other.map { [$0] } ?? [])
  }

  private var why: String {
    let period = "The signing period is \(counted(days, "day"))"
    return switch source {
    case .asked: "\(period), as asked."
    case .root: "\(period), from the root (\(Self.field))."
    case .normal: "\(period), since nobody says another; that is when expiry begins to warn."
    }
  }

  private func daysUntil(_ moment: UTCTime) -> Int64 { (moment.seconds - time.seconds) / 86_400 }
}

/// That keys of timestamp or snapshot changed from one root to the next (TUF §5.3.11).
package struct OnlineKeyChange: Hashable, Sendable {
  package let from: Int64
  package let to: Int64
  package let roles: [TopLevelRole]

  /// In the order of the roots.
  static func all(_ roots: [Root]) -> [OnlineKeyChange] {
    zip(roots, roots.dropFirst()).compactMap { old, new in
      let roles = old.rotatedOnlineRoles(in: new)
      return roles.isEmpty ? nil : OnlineKeyChange(from: old.version, to: new.version, roles: roles)
    }
  }

  package var sentence: String {
    "From version \(from) to \(to) the keys of \(roles.map(\.rawValue).inWords) changed. Clients that go on drop the "
      + "timestamp and snapshot metadata that they have (TUF §5.3.11), and take what is served then."
  }
}
