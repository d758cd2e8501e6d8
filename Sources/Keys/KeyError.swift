import Findings

/// Why bytes or text are not a public key that this program knows.
package enum KeyError: Error, Hashable, Sendable {
  /// The text is not PEM.
  case pem(PEMError)
  /// The text is PEM, but not one single `PUBLIC KEY` block; the label found, or nil where there are several
  /// blocks.
  case label(String?)
  /// The DER is no SubjectPublicKeyInfo of a known algorithm in its one canonical encoding (RFC 5480, 8410,
  /// 3279).
  case encoding
  /// A point or key of so many bytes does not exist for this algorithm.
  case length(Int, expected: Int)
  /// The bytes name no point of the curve.
  case point
  /// The modulus has fewer than 2048 or more than 8192 bits.
  case modulus(bits: Int)

  package var finding: Finding {
    switch self {
    case .pem(let error):
      Finding(
        .keyPEM,
        "A public key is not PEM: \(error.reason.rawValue) (line \(error.line) of it).",
        hint: "Export the public key again as SubjectPublicKeyInfo PEM."
      )
    case .label(let found):
      Finding(
        .keyPEM,
        found.map { "A PUBLIC KEY was expected, and the PEM holds a \($0)." }
          ?? "The PEM holds more than one key.",
        hint: "Give exactly one block, from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----."
      )
    case .encoding:
      Finding(
        .keyEncoding,
        "A public key is no canonical SubjectPublicKeyInfo of Ed25519, P-256, P-384 or RSA.",
        hint: "Use an Ed25519, P-256, P-384 or RSA key, with a named curve and an uncompressed point."
      )
    case .length(let found, let expected):
      Finding(
        .keyLength,
        "A public key has \(found) bytes and needs \(expected).",
        hint: "Compare the key with its source: bytes were lost or added on the way."
      )
    case .point:
      Finding(
        .keyPoint,
        "A public key names no point of its curve, so no signature can ever match it.",
        hint: "Compare the key with its source: it was damaged on the way or made by faulty software."
      )
    case .modulus(let bits):
      Finding(
        .keyRSASize,
        "An RSA key has a modulus of \(bits) bits; 2048 to 8192 are accepted.",
        hint: "Use an RSA key of 2048 to 8192 bits, or an Ed25519 key."
      )
    }
  }
}
