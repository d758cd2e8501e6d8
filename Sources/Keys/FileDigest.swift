import Crypto

/// Digests of whole files by the names that TUF metadata gives the algorithms (TUF §4.4, HASHES).
package enum FileDigest {
  /// Lower-case hexadecimal; nil for an algorithm that is not known here.
  package static func hex(of content: [UInt8], _ algorithm: String) -> String? {
    switch algorithm {
    case "sha256": Hex.encode(SHA256.hash(data: content))
    case "sha384": Hex.encode(SHA384.hash(data: content))
    case "sha512": Hex.encode(SHA512.hash(data: content))
    default: nil
    }
  }
}
