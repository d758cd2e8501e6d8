import Findings

extension Finding {
  /// A key whose signatures give its private half away.
  package static func exposed(_ whose: String, _ hint: String, place: String? = nil) -> Finding {
    Finding(
      .nonceRepeated,
      "Signatures of \(whose) share their random number: whoever has them can compute the private key.",
      hint: hint, place: place)
  }
}
