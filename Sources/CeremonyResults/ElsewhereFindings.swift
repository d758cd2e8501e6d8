import Findings

extension Finding {
  /// A warning.
  ///
  /// - Parameter whose: “The signature of Fred”.
  package static func unwitnessed(_ whose: String, _ place: String) -> Finding {
    Finding(
      .signatureUnwitnessed, .warning, "\(whose) came without a record of how it was made.",
      hint: "It counts. Ask whoever signed for the answer as one file, if there is one.", place: place)
  }
}
