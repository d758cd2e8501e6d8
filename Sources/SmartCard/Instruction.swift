/// The instruction bytes of the commands that PIV cards know: those of ISO 7816-4 and SP 800-73-4 part 2 §3, and Yubico's
/// own from F6 on.
package enum Instruction {
  package static let verify: UInt8 = 0x20
  package static let changeReferenceData: UInt8 = 0x24
  package static let resetRetryCounter: UInt8 = 0x2c
  package static let generateKeyPair: UInt8 = 0x47
  /// Signs, or authenticates with the management key (slot 9b).
  package static let generalAuthenticate: UInt8 = 0x87
  package static let select: UInt8 = 0xa4
  package static let getResponse: UInt8 = 0xc0
  package static let getData: UInt8 = 0xcb
  package static let putData: UInt8 = 0xdb

  /// Moves a key, or deletes it.
  package static let moveKey: UInt8 = 0xf6
  package static let getMetadata: UInt8 = 0xf7
  package static let getSerial: UInt8 = 0xf8
  package static let attest: UInt8 = 0xf9
  package static let setRetries: UInt8 = 0xfa
  package static let reset: UInt8 = 0xfb
  package static let getVersion: UInt8 = 0xfd
  /// Brings a key from outside.
  package static let importKey: UInt8 = 0xfe
  package static let setManagementKey: UInt8 = 0xff
}
