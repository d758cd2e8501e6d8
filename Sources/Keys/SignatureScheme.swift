import CSodium
import Crypto
import CryptoExtras

/// How a message is signed.
package enum SignatureScheme: Sendable, CaseIterable {
  /// PureEdDSA over the whole message; 64 bytes, R then S (RFC 8032 §5.1.6).
  case ed25519
  /// With P-256; Ecdsa-Sig-Value in DER (RFC 3279 §2.2.3).
  case ecdsaSHA256
  /// With P-384; Ecdsa-Sig-Value in DER.
  case ecdsaSHA384
  /// MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017 §8.1).
  case rsaPSSSHA256
  /// RFC 8017 §8.2.
  case rsaPKCS1SHA256
  /// Pure ML-DSA with an empty context over `tuf`, the byte 1 and the SHA-512 of the message (TAP 21).
  case mlDSAVersion1
}

/// Who checks an Ed25519 signature. Both libraries compare R with the same point (RFC 8032 §5.1.7, without the cofactor),
/// and libsodium refuses keys and R of small order and keys in another form than the canonical one besides: where each
/// computes what it should, both accept what libsodium accepts.
package enum Ed25519Check: Sendable {
  /// libsodium and swift-crypto, which both must accept it: whatever comes from a card or is judged in a ceremony.
  case twoLibraries
  /// libsodium, as a client has one library: long histories of roots that were published before.
  case libsodium
}

extension PublicKey {
  /// Whether `signature` is this key's over the whole `message`; false, too, for a scheme that is not of this
  /// key.
  package func isValid(
    _ signature: [UInt8], over message: [UInt8], _ scheme: SignatureScheme, by check: Ed25519Check = .twoLibraries
  ) -> Bool {
    switch (algorithm, scheme) {
    case (.ed25519, .ed25519):
      sodiumAccepts(signature, message) && (check == .libsodium || swiftCryptoAccepts(signature, message))
    case (.ecdsaP256, .ecdsaSHA256):
      if let key = try? P256.Signing.PublicKey(x963Representation: bytes),
        let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
      {
        key.isValidSignature(signature, for: message)
      } else {
        false
      }
    case (.ecdsaP384, .ecdsaSHA384):
      if let key = try? P384.Signing.PublicKey(x963Representation: bytes),
        let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature)
      {
        key.isValidSignature(signature, for: message)
      } else {
        false
      }
    case (.rsa, .rsaPSSSHA256): rsaAccepts(signature, message, .PSS)
    case (.rsa, .rsaPKCS1SHA256): rsaAccepts(signature, message, .insecurePKCS1v1_5)
    case (.mlDSA65, .mlDSAVersion1):
      (try? MLDSA65.PublicKey(rawRepresentation: bytes))?
        .isValidSignature(signature, for: Self.mlDSAInput(message)) ?? false
    case (.mlDSA87, .mlDSAVersion1):
      (try? MLDSA87.PublicKey(rawRepresentation: bytes))?
        .isValidSignature(signature, for: Self.mlDSAInput(message)) ?? false
    default: false
    }
  }

  private static func mlDSAInput(_ message: [UInt8]) -> [UInt8] {
    Array("tuf".utf8) + [1] + Array(SHA512.hash(data: message))
  }

  /// Why the R of an Ed25519 signature, its first 32 bytes, is not what an honest signer makes; nil where it
  /// is, or where the bytes are no point, so that the signature is plainly invalid.
  package static func weakness(ofEd25519Signature signature: [UInt8]) -> Ed25519Weakness? {
    signature.count == 64 ? Ed25519Point(Array(signature.prefix(32)))?.weakness : nil
  }

  private func sodiumAccepts(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
    signature.count == 64
      && crypto_sign_ed25519_verify_detached(signature, message, UInt64(message.count), bytes) == 0
  }

  private func swiftCryptoAccepts(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
    return key.isValidSignature(signature, for: message)
  }

  private func rsaAccepts(_ signature: [UInt8], _ message: [UInt8], _ padding: _RSA.Signing.Padding) -> Bool {
    guard let key = try? _RSA.Signing.PublicKey(derRepresentation: bytes) else { return false }
    let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
    return key.isValidSignature(signature, for: SHA256.hash(data: message), padding: padding)
  }
}
