import Keys

extension TrustAnchors {
  /// The certificate of the authority that vouches for this program's virtual cards, DER. Its private key is
  /// public knowledge: a rehearsal trusts it, a real ceremony refuses whatever it signed.
  ///
  /// It stands here as bytes because an auditor's program holds no virtual card.
  package static let virtualCardAuthority: [UInt8] =
    Base64.decode(
      """
      MIIBOjCB7aADAgECAhABMBzib9MFOwrBQ9FChDA+MAUGAytlcDA0MTIwMAYDVQQDDCl0dWYtY2VyZW1vbnkgUmVoZWFyc2Fs\
      IENBLCBwcm92ZXMgbm90aGluZzAgFw0yNDEyMDEwMDAwMDBaGA85OTk5MTIzMTIzNTk1OVowNDEyMDAGA1UEAwwpdHVmLWNl\
      cmVtb255IFJlaGVhcnNhbCBDQSwgcHJvdmVzIG5vdGhpbmcwKjAFBgMrZXADIQAl/AnXeaC9Hio9ptjB1oWD3JnbRkgBJrFr\
      K/0JqdL2PaMTMBEwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQAZffgqSHVPf/UKSpsbZrmoyNhAcIuz0whnzJa/8enXWY7v\
      oroSnXpT07xtNLfA11b98sigSCRM7bLivlnl4VgG
      """
    ) ?? []
}
