import Testing

@testable import Readers

@Suite struct ReaderNameTests {
  @Test(arguments: [
    ("Yubico YubiKey OTP+FIDO+CCID 00 00", true), ("Yubico YubiKey OTP+CCID 01 00", true), ("OTP", true),
    ("Yubico YubiKey FIDO+CCID 00 00", false), ("Virtual reader 0 00 00", false), ("ROTPUNKT Reader 00", false),
    ("OTPlus 00", false), ("", false),
  ]) func whichTypeOneTimePasswords(name: String, types: Bool) { #expect(name.typesOneTimePasswords == types) }
}
