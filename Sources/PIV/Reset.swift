import SmartCard

extension PIVSession {
  /// Blocks PIN and PUK and resets the PIV application (Yubico FB): keys, certificates, PIN, PUK and management key
  /// are gone or back at their factory values. The attestation key of F9 stays.
  ///
  /// RESET is sent first: a card that does not know it is never blocked for it, since nothing would unblock it.
  /// Then wrong values are sent until both are blocked. First eight bytes FF, which is no PIN; a card that refuses
  /// those without counting them gets numbers. None of them is anybody's secret, so they are recorded as they are.
  /// Throws ``PIVError/notSupported(_:)`` before anything is changed, ``PIVError/cannotBlock`` and
  /// ``PIVError/resetNotAllowed``.
  package func reset() throws(PIVError) {
    pinIsFresh = false
    // Both were blocked already.
    if try requireReset() { return }
    try block(.verify) { CommandAPDU(Instruction.verify, 0, 0x80, data: .plain($0), le: nil) }
    try block(.changePUK) {
      CommandAPDU(Instruction.changeReferenceData, 0, 0x81, data: .plain($0 + Self.unused), le: nil)
    }
    try resetApplication()
  }

  /// Sends RESET to a card that may be reset, and where PIN or PUK has tries left must refuse. Whether it did reset.
  ///
  /// Throws ``PIVError/notSupported(_:)`` for a card that does not know it.
  @discardableResult package func requireReset() throws(PIVError) -> Bool {
    let status = try send(CommandAPDU(Instruction.reset, 0, 0)).status
    guard status != .success else { return true }
    guard Self.resetRefusals.contains(status) else { throw refusal(.reset, status) }
    return false
  }

  /// The reset alone, for a card whose PIN and PUK are blocked.
  func resetApplication() throws(PIVError) {
    let answer = try send(CommandAPDU(Instruction.reset, 0, 0))
    switch answer.status {
    case .success: return
    case .securityNotSatisfied, .wrongData, .conditionsNotSatisfied: throw .resetNotAllowed
    default: throw refusal(.reset, answer.status)
    }
  }

  /// Stands where a new PUK would; the old one is wrong, so it is never set.
  private static let unused: [UInt8] = Array("73920561".utf8)

  private static let wrongValues: [[UInt8]] = [
    [UInt8](repeating: 0xff, count: 8), Array("40718253".utf8), Array("95163827".utf8),
  ]

  private func block(_ name: PIVCommand, _ command: ([UInt8]) -> CommandAPDU) throws(PIVError) {
    for value in Self.wrongValues {
      // A counter has at most 255 tries, and 63Cx says 15 for all above.
      for _ in 0..<256 {
        let status = try send(command(value)).status
        if status == .blocked || status.triesLeft == 0 { return }
        if status == .instructionNotSupported { throw .notSupported(name) }
        guard status.triesLeft != nil else { break }
      }
    }
    throw .cannotBlock
  }
}
