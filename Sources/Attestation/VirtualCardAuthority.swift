import Keys

extension TrustAnchors {
  /// The certificate of the authority that vouches for this program's virtual cards, DER. Its private key is public
  /// knowledge: a rehearsal trusts it, a real ceremony refuses whatever it signed.
  public static let virtualCardAuthority: [UInt8] = Base64.decode("") ?? []
}
