import Crypto
import CryptoExtras

/// A public key that verifies signatures: well-formed, and a point of its curve.
///
/// Two keys are equal when they are the same key, whatever key ids or encodings they came by.
package struct PublicKey: Hashable, Sendable {
  package enum Algorithm: String, Sendable, CaseIterable {
    case ed25519 = "ed25519"
    case ecdsaP256 = "ecdsa-p256"
    case ecdsaP384 = "ecdsa-p384"
    case rsa = "rsa"
    /// Read and sized alone: nothing here verifies its signatures.
    case mlDSA44 = "ml-dsa-44"
    case mlDSA65 = "ml-dsa-65"
    case mlDSA87 = "ml-dsa-87"
  }

  package let algorithm: Algorithm

  /// Ed25519: 32 bytes (RFC 8032 §5.1.5). ECDSA: the uncompressed point, 04 and both coordinates (X9.62; SEC
  /// 1 §2.3.3). RSA: SubjectPublicKeyInfo in DER (RFC 3279 §2.3.1). ML-DSA: FIPS 204 §7.2's encoding.
  package let bytes: [UInt8]

  /// The 32 bytes of an Ed25519 key.
  ///
  /// Throws ``KeyError/length(_:expected:)`` or ``KeyError/point``. A weak key is accepted: see ``weakness``.
  package init(ed25519 bytes: [UInt8]) throws(KeyError) {
    guard bytes.count == 32 else { throw .length(bytes.count, expected: 32) }
    guard Ed25519Point(bytes) != nil else { throw .point }
    self.init(.ed25519, bytes)
  }

  /// The uncompressed point of a P-256 (65 bytes) or P-384 (97 bytes) key.
  ///
  /// Throws ``KeyError/encoding`` for another algorithm, ``KeyError/length(_:expected:)`` or
  /// ``KeyError/point``.
  package init(x963 bytes: [UInt8], _ algorithm: Algorithm) throws(KeyError) {
    let count: Int
    switch algorithm {
    case .ecdsaP256: count = 65
    case .ecdsaP384: count = 97
    case .ed25519, .rsa, .mlDSA44, .mlDSA65, .mlDSA87: throw .encoding
    }
    guard bytes.count == count else { throw .length(bytes.count, expected: count) }
    let isPoint =
      algorithm == .ecdsaP256
      ? (try? P256.Signing.PublicKey(x963Representation: bytes)) != nil
      : (try? P384.Signing.PublicKey(x963Representation: bytes)) != nil
    guard isPoint else { throw .point }
    self.init(algorithm, bytes)
  }

  /// A text with exactly one `PUBLIC KEY` block (RFC 7468 §13).
  ///
  /// Throws ``KeyError/pem(_:)``, ``KeyError/label(_:)`` and what ``init(spki:)`` throws.
  package init(pem: String) throws(KeyError) {
    try self.init(spki: try Self.block(pem))
  }

  /// A text with exactly one `PUBLIC KEY` block that holds an ML-DSA key (RFC 9881 §4). Such keys are read by this name
  /// alone, since most programs know none.
  ///
  /// Throws as ``init(pem:)`` does.
  package init(mlDSA pem: String) throws(KeyError) {
    let spki = try Self.block(pem)
    for (algorithm, count) in [(Algorithm.mlDSA44, 1312), (.mlDSA65, 1952), (.mlDSA87, 2592)] {
      let prefix = Self.spkiPrefix(of: algorithm)
      guard spki.starts(with: prefix) else { continue }
      let bytes = Array(spki.dropFirst(prefix.count))
      guard bytes.count == count else { throw .length(bytes.count, expected: count) }
      self.init(algorithm, bytes)
      return
    }
    throw .encoding
  }

  private static func block(_ pem: String) throws(KeyError) -> [UInt8] {
    let blocks: [PEM.Block]
    do { blocks = try PEM.decode(pem) } catch { throw .pem(error) }
    guard blocks.count == 1, let block = blocks.first else { throw .label(nil) }
    guard block.label == "PUBLIC KEY" else { throw .label(block.label) }
    return block.bytes
  }

  /// A SubjectPublicKeyInfo in DER, canonical to the last byte: a key has one encoding, so that it has one
  /// key id.
  ///
  /// Throws ``KeyError/encoding``, ``KeyError/point`` or ``KeyError/modulus(bits:)``.
  package init(spki: [UInt8]) throws(KeyError) {
    for algorithm in [Algorithm.ed25519, .ecdsaP256, .ecdsaP384] {
      let prefix = Self.spkiPrefix(of: algorithm)
      guard spki.starts(with: prefix) else { continue }
      let bytes = Array(spki.dropFirst(prefix.count))
      if algorithm == .ed25519 {
        try self.init(ed25519: bytes)
      } else {
        try self.init(x963: bytes, algorithm)
      }
      return
    }
    guard let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: spki),
      Array(key.derRepresentation) == spki
    else { throw .encoding }
    guard (2048...8192).contains(key.keySizeInBits) else { throw .modulus(bits: key.keySizeInBits) }
    self.init(.rsa, spki)
  }

  /// SubjectPublicKeyInfo in DER (RFC 5480 §2, RFC 8410 §4, RFC 3279 §2.3.1).
  package var spki: [UInt8] { Self.spkiPrefix(of: algorithm) + bytes }

  /// ``spki`` as PEM, with a final newline: byte for byte what `openssl pkey -pubout` writes.
  package var pem: String { PEM.encode("PUBLIC KEY", spki) }

  /// Whether signatures by such a key can be verified here. swift-crypto has no ML-DSA-44.
  package var isVerifiable: Bool { algorithm != .mlDSA44 }

  /// Why nobody should trust signatures by this key, or nil. Only Ed25519 keys can be weak: for the other
  /// curves every point has the full order.
  package var weakness: Ed25519Weakness? { algorithm == .ed25519 ? Ed25519Point(bytes)?.weakness : nil }

  /// The bytes at once: what an array does by itself, one by one, costs as much as reading the key.
  package func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

  // Everything before the key's own bytes; those bytes have a fixed length, so the lengths in the prefix are
  // fixed too.
  private static func spkiPrefix(of algorithm: Algorithm) -> [UInt8] {
    switch algorithm {
    case .ed25519: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
    case .ecdsaP256:
      [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
      ]
    case .ecdsaP384:
      [
        0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
      ]
    case .rsa: []
    case .mlDSA44:
      [
        0x30, 0x82, 0x05, 0x32, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11,
        0x03, 0x82, 0x05, 0x21, 0x00,
      ]
    case .mlDSA65:
      [
        0x30, 0x82, 0x07, 0xb2, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12,
        0x03, 0x82, 0x07, 0xa1, 0x00,
      ]
    case .mlDSA87:
      [
        0x30, 0x82, 0x0a, 0x32, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13,
        0x03, 0x82, 0x0a, 0x21, 0x00,
      ]
    }
  }

  /// Bytes that are known to be such a key.
  init(_ algorithm: Algorithm, _ bytes: [UInt8]) {
    self.algorithm = algorithm
    self.bytes = bytes
  }
}
