import Findings

extension OfflineRole {
  /// The names of its one-time keys, each a number from 1; none where its keys are on cards.
  package var oneTimeNames: [String] { (0..<(oneTime ?? 0)).map { "\($0 + 1)" } }

  static let oneTimePrefix = "one-time-"

  /// As whom such a key signs, in records.
  package static func signer(_ number: Int) -> String { "\(oneTimePrefix)\(number)" }

  /// Whoever signs for it, as records name them.
  package var signerNames: [String] {
    oneTime == nil ? keyholders : (0..<(oneTime ?? 0)).map { Self.signer($0 + 1) }
  }
}

extension Script {
  /// Roles whose keys are made, used and wiped here, in the order of the script.
  package var oneTimeRoles: [OfflineRole] { offlineRoles.filter { $0.oneTime != nil } }
}
