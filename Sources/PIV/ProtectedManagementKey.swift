import Keys
import PIVTypes
import SmartCard

/// A management key that its card keeps behind the PIN, where Yubico's tools look for it: the printed information
/// object (SP 800-73-4 part 1 §3.3.2, PIN to read) holds `88 {89 key}`, and the object 5FFF00 says so, `80 {81 02}`.
extension PIVSession {
  /// Puts the key there. Needs management authentication, and a card that was just selected.
  ///
  /// A card that shows the object without its PIN would hand the key to anybody: that is tried with an empty object
  /// first, and thrown as ``PIVError/objectNotProtected(_:)``. The key is sent by handle and recorded as its header.
  /// It cannot be read back without putting it on record.
  public func storeManagementKey(_ key: SecretHandle, algorithm: ManagementAlgorithm) throws(PIVError) {
    try writeObject(.printedInformation, TLV(0x88).encoded)
    do throws(PIVError) {
      _ = try readObject(.printedInformation)
      throw .objectNotProtected(.printedInformation)
    } catch .pinNotVerified {}

    let count = algorithm.keyCount
    let header =
      DataObject.printedInformation.tagList
      + [0x53, UInt8(count + 4), 0x88, UInt8(count + 2), 0x89, UInt8(count)]
    let data = CommandAPDU.Data.secret(count: header.count + count) { [vault] in
      let value = try vault.reveal(key)
      guard value.count == count else { throw PIVError.secretUnavailable }
      return try Secret(count: header.count + count) { whole in
        whole.copyBytes(from: header)
        value.withBytes { UnsafeMutableRawBufferPointer(rebasing: whole[header.count...]).copyBytes(from: $0) }
      }
    }
    let answer = try send(CommandAPDU(Instruction.putData, 0x3f, 0xff, data: data, le: nil))
    switch answer.status {
    case .success: break
    case .securityNotSatisfied: throw .managementNotAuthenticated
    default: throw refusal(.putData, answer.status)
    }
    try writeObject(.managementData, TLV(0x80, [TLV(0x81, [0x02])]).encoded)
  }
}
