import Keys
import PIVTypes
import SmartCard

/// The PIV application of one card, selected and talked to over a channel (SP 800-73-4 part 2, Yubico's extensions).
///
/// A session is deterministic: which commands it sends depends on its calls and on the answers alone. It holds
/// no secret; secrets come from the vault by handle at the moment of sending, and never in a replay.
/// Every call throws ``PIVError`` alone.
public final class PIVSession {
  let transport: CardTransport
  let vault: any SecretVault

  /// Whether the last VERIFY succeeded and no private key was used since. Tells a missing touch from a missing PIN.
  var pinIsFresh = false

  public init(channel: any CardChannel, vault: any SecretVault) {
    transport = CardTransport(channel)
    self.vault = vault
  }

  /// Selects the PIV application; PIN and management state of the card are gone afterwards.
  ///
  /// Throws ``PIVError/notPIV(_:)`` where the card says that it has no such application, and
  /// ``PIVError/refused(_:_:)`` for anything else that it says.
  public func select() throws(PIVError) {
    pinIsFresh = false
    let answer = try send(CommandAPDU(Instruction.select, 0x04, 0, data: .plain([0xa0, 0x00, 0x00, 0x03, 0x08])))
    switch answer.status {
    case .success: break
    case .notFound, .referenceNotFound, .functionNotSupported, .instructionNotSupported, .classNotSupported:
      throw .notPIV(answer.status)
    default: throw .refused(.select, answer.status)
    }
    // No more is asked of the template: one real card writes 00 for its length.
    guard answer.data.first == 0x61 else { throw .malformed(.select) }
  }

  /// Selects another application and then PIV again: a YubiKey keeps what was verified while PIV alone is selected.
  ///
  /// The other one is the issuer's security domain (GlobalPlatform); a card that has none ends its state at any SELECT, as
  /// SP 800-73-4 part 2 §3.1.1 has it. Throws as ``select()`` does.
  public func selectAnew() throws(PIVError) {
    _ = try send(
      CommandAPDU(Instruction.select, 0x04, 0, data: .plain([0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00])))
    try select()
  }

  /// The firmware version (Yubico FD); nil where the card does not know the command.
  public func firmwareVersion() throws(PIVError) -> FirmwareVersion? {
    guard let data = try query(.version, CommandAPDU(Instruction.getVersion, 0, 0)) else { return nil }
    guard data.count == 3 else { throw .malformed(.version) }
    return FirmwareVersion(data[0], data[1], data[2])
  }

  /// The serial number (Yubico F8); nil where the card does not know the command. Zero is no identity.
  public func serial() throws(PIVError) -> UInt32? {
    guard let data = try query(.serial, CommandAPDU(Instruction.getSerial, 0, 0)) else { return nil }
    guard data.count == 4 else { throw .malformed(.serial) }
    return data.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// A command that a card may not know: its data, or nil for 6D00, 6E00 and 6A81.
  private func query(_ name: PIVCommand, _ command: CommandAPDU) throws(PIVError) -> [UInt8]? {
    let answer = try send(command)
    switch answer.status {
    case .success: return answer.data
    case .instructionNotSupported, .classNotSupported, .functionNotSupported: return nil
    default: throw .refused(name, answer.status)
    }
  }

  func send(_ command: CommandAPDU) throws(PIVError) -> ResponseAPDU {
    do throws(CardFailure) {
      return try transport.send(command)
    } catch {
      pinIsFresh = false
      throw error == .secretUnavailable ? .secretUnavailable : .noAnswer(error)
    }
  }

  /// The error for a status word that means the same to every command.
  func refusal(_ name: PIVCommand, _ status: StatusWord) -> PIVError {
    switch status {
    case .instructionNotSupported, .classNotSupported, .functionNotSupported: .notSupported(name)
    case .notEnoughMemory: .full
    default: .refused(name, status)
    }
  }
}
