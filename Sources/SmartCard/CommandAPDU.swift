import Keys

/// One command to a card (ISO 7816-4 §5.1): header, data, and whether an answer is expected.
///
/// A command that carries a secret holds no bytes, only a closure that yields them at the moment of sending,
/// so that a replay compares the header and never needs the secret.
public struct CommandAPDU: Sendable {
  public enum Data: Sendable {
    case plain([UInt8])
    /// `count` bytes, 1 to 255, the same for every value of the secret.
    case secret(count: Int, @Sendable () throws -> Secret)
  }

  public let cla: UInt8
  public let ins: UInt8
  public let p1: UInt8
  public let p2: UInt8
  public let data: Data
  /// The most bytes wanted in the answer, 256 written as a final 00; nil for none.
  public let le: Int?

  public init(cla: UInt8 = 0, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, data: Data = .plain([]), le: Int? = 256) {
    self.cla = cla
    self.ins = ins
    self.p1 = p1
    self.p2 = p2
    self.data = data
    self.le = le
  }
}

/// A card's answer: data and two status bytes.
public struct ResponseAPDU: Hashable, Sendable {
  public let data: [UInt8]
  public let status: StatusWord

  public init(data: [UInt8], status: StatusWord) {
    self.data = data
    self.status = status
  }

  /// nil for fewer than two bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return nil }
    data = Array(bytes.dropLast(2))
    status = StatusWord(UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1]))
  }
}

/// SW1 and SW2 (ISO 7816-4 §5.6).
public struct StatusWord: Hashable, Sendable {
  public let value: UInt16
  public init(_ value: UInt16) { self.value = value }
  public static let success = StatusWord(0x9000)
}
