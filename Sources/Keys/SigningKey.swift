import Crypto
import CryptoExtras

/// The private half of an online key, as a service keeps it: one unencrypted `PRIVATE KEY` block (PKCS #8, RFC 5958) in PEM.
///
/// It is for keys that lie in a file anyway. What a ceremony makes or asks for is a ``Secret``.
package struct SigningKey: Sendable, CustomReflectable {
  private enum Half: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)
  }

  package let publicKey: PublicKey
  private let half: Half

  /// Throws ``KeyError/pem(_:)``, ``KeyError/label(_:)`` for another block, `ENCRYPTED PRIVATE KEY` among them, and
  /// ``KeyError/encoding`` for a key of a kind that TUF clients do not verify.
  package init(pem: String) throws(KeyError) {
    let blocks: [PEM.Block]
    do { blocks = try PEM.decode(pem) } catch { throw .pem(error) }
    guard blocks.count == 1, let block = blocks.first else { throw .label(nil) }
    guard block.label == "PRIVATE KEY" else { throw .label(block.label) }
    let der = block.bytes
    if der.starts(with: Self.ed25519Prefix), der.count == Self.ed25519Prefix.count + 32,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: der.dropFirst(Self.ed25519Prefix.count))
    {
      half = .ed25519(key)
      publicKey = try PublicKey(ed25519: Array(key.publicKey.rawRepresentation))
    } else if let key = try? P256.Signing.PrivateKey(derRepresentation: der) {
      half = .p256(key)
      publicKey = try PublicKey(x963: Array(key.publicKey.x963Representation), .ecdsaP256)
    } else if let key = try? P384.Signing.PrivateKey(derRepresentation: der) {
      half = .p384(key)
      publicKey = try PublicKey(x963: Array(key.publicKey.x963Representation), .ecdsaP384)
    } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) {
      half = .rsa(key)
      publicKey = try PublicKey(spki: Array(key.publicKey.derRepresentation))
    } else {
      throw .encoding
    }
  }

  /// Everything before the seed (RFC 8410 §7), without a public half behind it.
  private static let ed25519Prefix: [UInt8] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]

  /// A signature over the whole message that ``PublicKey/isValid(_:over:_:by:)`` accepts; nil for a scheme that is not of
  /// this key.
  package func sign(_ message: [UInt8], _ scheme: SignatureScheme) -> [UInt8]? {
    let signature: [UInt8]? =
      switch (half, scheme) {
      case (.ed25519(let key), .ed25519): (try? key.signature(for: message)).map { Array($0) }
      case (.p256(let key), .ecdsaSHA256): (try? key.signature(for: message)).map { Array($0.derRepresentation) }
      case (.p384(let key), .ecdsaSHA384): (try? key.signature(for: message)).map { Array($0.derRepresentation) }
      case (.rsa(let key), .rsaPSSSHA256):
        (try? key.signature(for: SHA256.hash(data: message), padding: .PSS)).map { Array($0.rawRepresentation) }
      case (.rsa(let key), .rsaPKCS1SHA256):
        (try? key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5))
          .map { Array($0.rawRepresentation) }
      default: nil
      }
    return signature.flatMap { publicKey.isValid($0, over: message, scheme) ? $0 : nil }
  }

  /// A mirror without children: `dump` and debuggers' printers show nothing.
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
