import CeremonyRecords
import Findings

extension CeremonyEnding {
  /// How a program ends that comes to such an end.
  package var status: ExitStatus {
    switch self {
    case .complete: .fine
    case .pending: .warning
    case .aborted: .aborted
    }
  }
}

/// How a ceremony ended.
package struct Outcome: Hashable, Sendable {
  package typealias Ending = CeremonyEnding

  package let ending: Ending
  package let status: ExitStatus
  /// Why, where it did not complete.
  package let finding: Finding?

  package init(ending: Ending, status: ExitStatus, finding: Finding?) {
    self.ending = ending
    self.status = status
    self.finding = finding
  }
}
