import CanonicalJSON

/// What is compared of a screen's record where nothing is executed again: the rest of it is for people, and the chain
/// binds it.
package struct ComparedScreen: Sendable {
  /// In hex, as the record has them; nil for one that is none.
  package let digests: [String?]
  /// Whether the step is the last one of the ceremony.
  package let isOfLastStep: Bool

  package init(_ body: JSONObject) {
    digests = (body["digests"]?.array ?? []).map { $0["sha256"]?.string }
    isOfLastStep = body["step"] != nil && body["step"] == body["steps"]
  }
}
