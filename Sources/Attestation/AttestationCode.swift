import Findings

/// The names of everything that an attestation can be refused for.
public enum AttestationCode {
  /// A vendor file is not made of certificates.
  public static let anchor = Finding.Code("ATTESTATION-ANCHOR")
  /// A certificate is not one, or not in the vendor's form.
  public static let malformed = Finding.Code("ATTESTATION-MALFORMED")
  /// A certificate names another issuer than the one above it.
  public static let issuer = Finding.Code("ATTESTATION-ISSUER")
  /// The certificate above did not sign the one below.
  public static let signature = Finding.Code("ATTESTATION-SIGNATURE")
  /// A certificate may not issue what it issued.
  public static let authority = Finding.Code("ATTESTATION-AUTHORITY")
  /// The chain leaves the pinned certificates, or ends in a root that nobody trusts.
  public static let rootUnknown = Finding.Code("ATTESTATION-ROOT-UNKNOWN")
  public static let notYetValid = Finding.Code("ATTESTATION-NOT-YET-VALID")
  public static let expired = Finding.Code("ATTESTATION-EXPIRED")
  /// The device is a virtual card of this program, outside a rehearsal.
  public static let testCA = Finding.Code("ATTESTATION-TEST-CA")
  /// Another key is attested than the one asked about.
  public static let key = Finding.Code("ATTESTATION-KEY-MISMATCH")
  public static let serial = Finding.Code("ATTESTATION-SERIAL-MISMATCH")
  public static let slot = Finding.Code("ATTESTATION-SLOT")
  /// A PIN or touch policy is below the one asked for.
  public static let policy = Finding.Code("ATTESTATION-POLICY")
  /// The firmware is older than the key's algorithm or the script needs.
  public static let firmware = Finding.Code("ATTESTATION-FIRMWARE")
}
