import CanonicalJSON
import Transcript

/// Somebody typed their initials under a step.
package struct InitialsRecord: ReadableRecordBody {
  package static let kind = RecordKind.initials

  /// `administrator` or `witness`.
  package let person: String
  package let initials: String

  package init(person: String, initials: String) {
    self.person = person
    self.initials = initials
  }

  package var json: JSONObject { ["person": .string(person), "initials": .string(initials)] }

  package init?(fields body: JSONObject) {
    guard let person = body["person"]?.string, let initials = body["initials"]?.string else { return nil }
    self.init(person: person, initials: initials)
  }
}

/// What is signed under initials has no field more, whoever reads it.
extension InitialsStatement: RecordBody {
  package static let kind = RecordKind.statement
}

/// Nor has a proof.
extension KeyProof: RecordBody {
  package static let kind = RecordKind.proof
}
