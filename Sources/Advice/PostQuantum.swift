import CanonicalJSON
import Findings
import Keys
import TUFMetadata

extension PublicKey.Algorithm {
  /// ML-DSA (FIPS 204).
  var isPostQuantum: Bool {
    switch self {
    case .mlDSA44, .mlDSA65, .mlDSA87: true
    case .ed25519, .ecdsaP256, .ecdsaP384, .rsa: false
    }
  }

  /// Whether a signer is given a digest, and not the whole metadata: every kind but Ed25519 (ML-DSA by TAP 21).
  var signsDigest: Bool { self != .ed25519 }

  /// As people say it.
  package var title: String {
    switch self {
    case .ed25519: "Ed25519"
    case .ecdsaP256: "P-256"
    case .ecdsaP384: "P-384"
    case .rsa: "RSA"
    case .mlDSA44: "ML-DSA-44"
    case .mlDSA65: "ML-DSA-65"
    case .mlDSA87: "ML-DSA-87"
    }
  }
}

/// Roles in which post-quantum keys protect nothing: whoever breaks the other keys signs without them.
enum PostQuantum {
  static func findings(_ root: Root, place: String?) -> [Finding] {
    TopLevelRole.inOrder.compactMap { role in
      let algorithms = root.keys.materials(of: root[role]).map { material -> PublicKey.Algorithm? in
        if case .key(let key) = material { key.algorithm } else { nil }
      }
      let strong = algorithms.count { $0?.isPostQuantum == true }
      let others = algorithms.count - strong
      guard strong > 0, others >= root[role].threshold else { return nil }
      return Finding(
        .postQuantumNotNeeded,
        .warning,
        "\(role.rawValue) has \(counted(strong, "post-quantum key")), and its \(counted(others, "other key")) reach the "
          + "threshold of \(root[role].threshold) without \(strong == 1 ? "it" : "them"). That gives no post-quantum security.",
        hint: "Have fewer other keys than the threshold, or take it for a trial of the new kind.",
        place: place
      )
    }
  }
}
