import Findings
import TUFMetadata

/// How many days before its expiry a role is reported: one number for all, others by role.
package struct ExpiryThresholds: Hashable, Sendable {
  /// What `--warn` or `--critical` says: `DAYS`, `ROLE=DAYS` or several with commas; a role may end in `*`.
  package struct Days: Hashable, Sendable {
    /// For every offline role that is not named; nil where the option does not say.
    package let general: Int64?
    private let byRole: [(role: String, days: Int64)]

    package static let none = Days(general: nil, byRole: [])

    /// nil for anything else than that: an empty part, a role twice, a number of days beyond a century.
    package init?(_ text: String) {
      var general: Int64?
      var byRole: [(role: String, days: Int64)] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let last = sides.last, let days = Self.number(last) else { return nil }
        if sides.count == 1 {
          guard general == nil else { return nil }
          general = days
        } else {
          let role = String(sides[0])
          guard !role.isEmpty, !byRole.contains(where: { $0.role == role }) else { return nil }
          byRole.append((role, days))
        }
      }
      self.init(general: general, byRole: byRole)
    }

    fileprivate init(general: Int64?, byRole: [(role: String, days: Int64)]) {
      self.general = general
      self.byRole = byRole
    }

    private static func number(_ text: Substring) -> Int64? {
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let days = Int64(text),
        days <= 36_525
      else { return nil }
      return days
    }

    /// The roles named, as they were written.
    fileprivate var roles: [String] { byRole.map(\.role) }

    /// The days named for a role; an exact name goes before the longest `PREFIX*`.
    func named(_ role: String) -> Int64? {
      if let exact = byRole.first(where: { $0.role == role }) { return exact.days }
      let matching = byRole.filter { $0.role.hasSuffix("*") && role.hasPrefix($0.role.dropLast()) }
      return matching.max { $0.role.utf8.count < $1.role.utf8.count }?.days
    }

    package static func == (a: Days, b: Days) -> Bool {
      a.general == b.general && a.byRole.elementsEqual(b.byRole) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(general)
      for (role, days) in byRole {
        hasher.combine(role)
        hasher.combine(days)
      }
    }
  }

  package static let defaultWarn: Int64 = 90
  package static let defaultCritical: Int64 = 30

  /// No windows: only what has expired is reported.
  package static let expiredOnly = ExpiryThresholds(warn: Days(general: 0, byRole: []))

  private let warn: Days
  private let critical: Days

  package init(warn: Days = .none, critical: Days = .none) {
    self.warn = warn
    self.critical = critical
  }

  /// A warning for each role that is named and was not judged: its metadata may be missing, or the name mistyped.
  package func findings(judged roles: [String]) -> [Finding] {
    var names: [String] = []
    for name in warn.roles + critical.roles where !names.contains(name) { names.append(name) }
    let unjudged = names.filter { name in
      name.hasSuffix("*")
        ? !roles.contains { $0.utf8.starts(with: name.utf8.dropLast()) }
        : !roles.contains { $0.utf8.elementsEqual(name.utf8) }
    }
    return unjudged.map { name in
      Finding(
        .roleNotJudged,
        .warning,
        "No role \(shown(name)) was judged, so its days before expiry count for nothing.",
        hint: "Look at the spelling in --warn and --critical, and whether its metadata is at hand."
      )
    }
  }

  /// Days before expiry from which on a role is reported: offline roles by the numbers given or 90 and 30, online
  /// roles only where the role is named. A default critical never goes before the warning.
  package func days(for role: String, isOnline: Bool) -> (warn: Int64, critical: Int64) {
    let warn = warn.named(role) ?? (isOnline ? 0 : warn.general ?? Self.defaultWarn)
    let named = critical.named(role) ?? (isOnline ? nil : critical.general)
    return (warn, named ?? (isOnline ? 0 : min(Self.defaultCritical, warn)))
  }
}
