import Attestation
import CeremonyRecords
import Findings
import Keys
import PIVTypes

/// Who vouches for the device that made a key. Anybody can give a certificate any name: the digest alone says which it is.
package struct Vendor: Hashable, Sendable {
  package enum Kind: String, Sendable {
    /// A published root whose SHA-256 is built into this program.
    case builtIn = "built-in"
    /// A root that nobody but the script names.
    case script
    /// The authority of virtual cards, whose key everybody has.
    case virtual
  }

  /// The subject of the root certificate.
  package let name: String
  /// Of the root certificate.
  package let digest: SHA256Digest
  package let kind: Kind

  /// How much the root says, in words.
  package var meaning: String {
    switch kind {
    case .builtIn: "built into this program"
    case .script: "named by the script alone"
    case .virtual: "the authority of virtual cards, a stand-in for a vendor"
    }
  }
}

extension AttestationFacts {
  /// Whose root the chain ends in.
  package var vendor: Vendor {
    let isBuiltIn = TrustAnchors.yubicoRoots.contains(rootFingerprint)
    return Vendor(name: root, digest: rootFingerprint, kind: isTestCA ? .virtual : isBuiltIn ? .builtIn : .script)
  }
}

extension AttestationFacts {
  package var shown: [Screen.Fact] {
    [
      Screen.Fact(
        name: "made on", value: "a device with serial \(serial.map { String($0) } ?? "unknown"), firmware \(firmware)"),
      Screen.Fact(name: "slot", value: slot.description),
      Screen.Fact(name: "PIN policy", value: pinPolicy?.description ?? "unknown"),
      Screen.Fact(name: "touch policy", value: touchPolicy?.description ?? "unknown"),
      Screen.Fact(name: "vouched for by", value: root),
      Screen.Fact(name: "SHA-256 of that root", value: rootFingerprint.hex),
      Screen.Fact(name: "that root is", value: vendor.meaning),
    ]
  }
}

extension CeremonyFacts {
  private var keys: [Key] { cards.flatMap(\.keys) }

  /// Each vendor of a key once, in the order of the cards.
  package var vendors: [Vendor] {
    var vendors: [Vendor] = []
    for vendor in keys.compactMap(\.vendor) where !vendors.contains(vendor) { vendors.append(vendor) }
    return vendors
  }

  /// For how many keys such a vendor vouches.
  package func keyCount(_ kind: Vendor.Kind) -> Int { keys.count { $0.vendor?.kind == kind } }
  package func keyCount(_ vendor: Vendor) -> Int { keys.count { $0.vendor == vendor } }
}

extension Finding {
  /// What is said of a vendor whom the script alone names.
  package static func vendorUnknown(_ vendor: Vendor, keys: Int) -> Finding {
    Finding(
      .vendorUnknown, .warning,
      "\(counted(keys, "key")) vouched for by \(vendor.name), SHA-256 \(vendor.digest.hex): a vendor that the script "
        + "alone names. Anybody can make such a root, under any name.",
      hint:
        "Ask the vendor for this SHA-256, by another way than the script came. Else these keys are not on hardware.",
      place: "script.yaml")
  }
}
