import Keys
import PIVTypes
import SmartCard

/// PIN and PUK (SP 800-73-4 part 2 §3.2). Every block that carries one is sent by handle and recorded as its header.
extension PIVSession {
  /// The tries left for the PIN, by an empty VERIFY; 0 when blocked, nil when it is verified already.
  public func pinTriesLeft() throws(PIVError) -> Int? {
    let answer = try send(CommandAPDU(Instruction.verify, 0, 0x80))
    if let left = answer.status.triesLeft { return left }
    switch answer.status {
    case .success: return nil
    case .blocked: return 0
    default: throw refusal(.verify, answer.status)
    }
  }

  /// Verifies the PIN. Throws ``PIVError/wrongPIN(triesLeft:)`` and ``PIVError/pinBlocked``.
  public func verifyPIN(_ pin: SecretHandle) throws(PIVError) {
    pinIsFresh = false
    let answer = try send(CommandAPDU(Instruction.verify, 0, 0x80, data: block(pin), le: nil))
    try checkPIN(.verify, answer.status)
    pinIsFresh = true
  }

  /// Changes the PIN (CHANGE REFERENCE DATA). The new one is not verified by that.
  ///
  /// Throws as ``verifyPIN(_:)``, and ``PIVError/newValueRefused(_:)`` where the card refuses the new one.
  public func changePIN(from old: SecretHandle, to new: SecretHandle) throws(PIVError) {
    pinIsFresh = false
    let answer = try send(CommandAPDU(Instruction.changeReferenceData, 0, 0x80, data: block(old, new), le: nil))
    try checkNewValue(answer.status)
    try checkPIN(.changePIN, answer.status)
  }

  /// Changes the PUK. Throws ``PIVError/wrongPUK(triesLeft:)``, ``PIVError/pukBlocked``
  /// and ``PIVError/newValueRefused(_:)``.
  public func changePUK(from old: SecretHandle, to new: SecretHandle) throws(PIVError) {
    let answer = try send(CommandAPDU(Instruction.changeReferenceData, 0, 0x81, data: block(old, new), le: nil))
    try checkNewValue(answer.status)
    try checkPUK(.changePUK, answer.status)
  }

  /// Sets a new PIN with the PUK (RESET RETRY COUNTER). Throws as ``changePUK(from:to:)``.
  public func unblockPIN(puk: SecretHandle, newPIN: SecretHandle) throws(PIVError) {
    pinIsFresh = false
    let answer = try send(CommandAPDU(Instruction.resetRetryCounter, 0, 0x80, data: block(puk, newPIN), le: nil))
    try checkNewValue(answer.status)
    try checkPUK(.unblockPIN, answer.status)
  }

  /// Sets how many tries PIN and PUK have (Yubico FA), and **puts both back to their factory values**.
  ///
  /// Needs management authentication and a verified PIN; a card that misses either answers alike,
  /// thrown as ``PIVError/managementNotAuthenticated`` when the PIN was verified just before.
  public func setTries(pin: UInt8, puk: UInt8) throws(PIVError) {
    let answer = try send(CommandAPDU(Instruction.setRetries, pin, puk))
    switch answer.status {
    case .success: pinIsFresh = false
    case .securityNotSatisfied: throw pinIsFresh ? .managementNotAuthenticated : .pinNotVerified
    default: throw refusal(.setTries, answer.status)
    }
  }

  /// One or two values, each padded with FF to eight bytes (SP 800-73-4 part 1 §2.4.3).
  private func block(_ handles: SecretHandle...) -> CommandAPDU.Data {
    .secret(count: handles.count * 8) { [vault] in
      let values = try handles.map { try vault.reveal($0) }
      guard values.allSatisfy({ (1...8).contains($0.count) }) else { throw PIVError.secretUnavailable }
      return try Secret(count: values.count * 8) { whole in
        whole.initializeMemory(as: UInt8.self, repeating: 0xff)
        for (position, value) in values.enumerated() {
          value.withBytes {
            UnsafeMutableRawBufferPointer(rebasing: whole[(position * 8)...]).copyBytes(from: $0)
          }
        }
      }
    }
  }

  private func checkPIN(_ command: PIVCommand, _ status: StatusWord) throws(PIVError) {
    if status == .success { return }
    if status == .blocked || status.triesLeft == 0 { throw .pinBlocked }
    if let left = status.triesLeft { throw .wrongPIN(triesLeft: left) }
    throw refusal(command, status)
  }

  private func checkPUK(_ command: PIVCommand, _ status: StatusWord) throws(PIVError) {
    if status == .success { return }
    if status == .blocked || status.triesLeft == 0 { throw .pukBlocked }
    if let left = status.triesLeft { throw .wrongPUK(triesLeft: left) }
    throw refusal(command, status)
  }

  private func checkNewValue(_ status: StatusWord) throws(PIVError) {
    switch status {
    case .conditionsNotSatisfied, .wrongData, .wrongLength: throw .newValueRefused(status)
    default: return
    }
  }
}
