import Findings

extension Area {
  static let keys = Area(
    "Public keys", saidBy: .keys,
    [
      Entry(
        .keyPEM, "A public key is not PEM, or the PEM holds something else than one public key.",
        next: "Export the key again as one block, from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----."),
      Entry(
        .keyEncoding, "The bytes of a public key are no Ed25519, P-256, P-384 or RSA key in its one right encoding.",
        next: "Export the key again, with a named curve and an uncompressed point. Use no other kind of key."),
      Entry(
        .keyLength,
        "A public key is longer or shorter than keys of its kind are. Bytes were lost or added on the way.",
        next: "Compare the key with its source, and take it from there again."),
      Entry(
        .keyPoint, "The bytes of a public key are no point of its curve. No signature can ever match it.",
        next: """
          Compare the key with its source. If they agree, the software that made it is faulty: make a new key \
          elsewhere.
          """),
      Entry(
        .keyRSASize, "An RSA key has fewer than 2048 or more than 8192 bits.",
        next: "Use an RSA key between these, or better an Ed25519 key."),
    ])
}
