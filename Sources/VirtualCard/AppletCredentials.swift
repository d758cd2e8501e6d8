import PIV
import PIVTypes
import SmartCard

/// PIN, PUK and management key of the applet.
extension VirtualCard {
  func verify(_ request: Request) -> ResponseAPDU {
    guard request.p2 == 0x80 else { return ResponseAPDU(status: .referenceNotFound) }
    if request.p1 == 0xff, request.data.isEmpty {
      session.forgetPIN()
      return ResponseAPDU(status: .success)
    }
    guard request.p1 == 0 else { return ResponseAPDU(status: .wrongParameters) }
    if request.data.isEmpty {
      if session.pinIsVerified { return ResponseAPDU(status: .success) }
      guard memory.pin.triesLeft > 0 else { return ResponseAPDU(status: profile.blockedAtQuestion) }
      return ResponseAPDU(status: StatusWord(0x63c0 | UInt16(min(15, memory.pin.triesLeft))))
    }
    guard request.data.count == 8 else { return ResponseAPDU(status: .wrongLength) }
    let status = memory.pin.judge(request.data, profile)
    session.pinIsVerified = status == .success
    session.pinIsFresh = session.pinIsVerified
    return ResponseAPDU(status: status)
  }

  func changeReference(_ request: Request) -> ResponseAPDU {
    guard request.p1 == 0, request.p2 == 0x80 || request.p2 == 0x81 else {
      return ResponseAPDU(status: .referenceNotFound)
    }
    guard request.data.count == 16 else { return ResponseAPDU(status: .wrongLength) }
    let isPIN = request.p2 == 0x80
    return change(isPIN ? \.pin : \.puk, isPIN ? \.pin : \.puk, request.data)
  }

  func resetRetryCounter(_ request: Request) -> ResponseAPDU {
    guard request.p1 == 0, request.p2 == 0x80 else { return ResponseAPDU(status: .referenceNotFound) }
    guard request.data.count == 16 else { return ResponseAPDU(status: .wrongLength) }
    return change(\.pin, \.puk, request.data)
  }

  /// Judges the first eight bytes against one reference and puts the last eight into another.
  private func change(
    _ target: WritableKeyPath<CardState, CardState.Reference>,
    _ judge: WritableKeyPath<CardState, CardState.Reference>,
    _ data: [UInt8]
  ) -> ResponseAPDU {
    let status = memory[keyPath: judge].judge(Array(data.prefix(8)), profile)
    guard status == .success else { return ResponseAPDU(status: status) }
    let new = Array(data.suffix(8))
    guard new.isPadded(atLeast: profile.shortestCode) else { return ResponseAPDU(status: .wrongData) }
    memory[keyPath: target].value = new
    memory[keyPath: target].triesLeft = memory[keyPath: target].triesTotal
    if target == \CardState.pin { session.forgetPIN() }
    return ResponseAPDU(status: .success)
  }

  /// Puts PIN and PUK back to their factory values, as real cards do.
  func setTries(_ request: Request) -> ResponseAPDU {
    guard session.isManagementAuthenticated, session.pinIsVerified else {
      return ResponseAPDU(status: .securityNotSatisfied)
    }
    guard request.p1 > 0, request.p2 > 0 else { return ResponseAPDU(status: .wrongData) }
    memory.pin = CardState.Reference(value: FactorySecret.pin.padded, tries: request.p1)
    memory.puk = CardState.Reference(value: FactorySecret.puk.padded, tries: request.p2)
    session.forgetPIN()
    return ResponseAPDU(status: .success)
  }

  func reset() -> ResponseAPDU {
    guard memory.pin.triesLeft == 0, memory.puk.triesLeft == 0 else {
      return ResponseAPDU(status: profile.resetRefused)
    }
    memory.reset()
    session.forgetPIN()
    session.isManagementAuthenticated = false
    return ResponseAPDU(status: .success)
  }

  func setManagementKey(_ request: Request) -> ResponseAPDU {
    guard request.p1 == 0xff, request.p2 == 0xff || request.p2 == 0xfe else {
      return ResponseAPDU(status: .wrongParameters)
    }
    guard session.isManagementAuthenticated else { return ResponseAPDU(status: .securityNotSatisfied) }
    guard request.data.count > 3, request.data[1] == 0x9b,
      let algorithm = profile.managementAlgorithms.first(where: { $0.rawValue == request.data[0] }),
      Int(request.data[2]) == algorithm.keyCount, request.data.count == 3 + algorithm.keyCount
    else { return ResponseAPDU(status: .wrongData) }
    memory.managementAlgorithm = algorithm
    memory.managementKey = Array(request.data.dropFirst(3))
    return ResponseAPDU(status: .success)
  }
}

extension CardState.Reference {
  /// Counts a wrong value; a right one restores the tries.
  mutating func judge(_ given: [UInt8], _ profile: CardProfile) -> StatusWord {
    guard triesLeft > 0 else { return profile.blocked }
    if given == value {
      triesLeft = triesTotal
      return .success
    }
    triesLeft -= 1
    return triesLeft == 0 ? profile.blocked : StatusWord(0x63c0 | UInt16(min(15, triesLeft)))
  }
}

extension [UInt8] {
  /// So many to eight bytes and padding of FF behind them.
  fileprivate func isPadded(atLeast count: Int) -> Bool {
    guard let end = lastIndex(where: { $0 != 0xff }) else { return false }
    return end + 1 >= count && !self[...end].contains(0xff)
  }
}
