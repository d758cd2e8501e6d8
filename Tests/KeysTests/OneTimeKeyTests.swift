import Testing

@testable import Keys

/// A one-time key signs as any Ed25519 key does.
@Suite struct OneTimeKeyTests {
  @Test func itSignsWhatTwoLibrariesVerify() throws {
    let key = try OneTimeKey(seed: Secret.random(count: 32))
    let message = Array("what is signed".utf8)
    let signature = try key.signature(over: message)
    let publicKey = try PublicKey(ed25519: key.publicKey)
    #expect(publicKey.isValid(signature, over: message, .ed25519))
    #expect(!publicKey.isValid(signature, over: message + [0], .ed25519))
  }
}
