import CeremonyRecords
import CeremonyScript
import Findings

/// Takes in a key that was made elsewhere.
struct EnrolStep: StepMachine {
  let keyholder: String

  mutating func begin(_ ceremony: inout Ceremony) -> Transition { .done() }
  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition { .unexpected }
}
