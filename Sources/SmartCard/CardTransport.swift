import Keys

/// Carries a command of any length over physical APDUs and collects the answer.
///
/// Command chaining in blocks of 255 bytes (ISO 7816-4 §5.3.3), 61xx by GET RESPONSE and 6Cxx by asking again
/// (§5.3.4). What is sent depends on the command and the answers alone, so that a replay over recorded answers sends
/// the same.
public struct CardTransport {
  private let channel: any CardChannel

  /// The most bytes that are collected from one answer in parts.
  static let answerLimit = 65_536
  /// The most parts of one answer: of the usual 256 bytes twice as many as the longest answer has.
  static let partLimit = 512

  public init(_ channel: any CardChannel) { self.channel = channel }

  /// Sends a command, in several blocks where its data need them, and returns the whole answer.
  ///
  /// A block that is refused ends the chain, and its answer is returned.
  /// Throws what the channel throws, and ``CardFailure/garbled`` for an answer in parts that makes no progress,
  /// exceeds 65,536 bytes or has more than 512 parts.
  public func send(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    guard case .plain(let data) = command.data, data.count > 255 else { return try complete(command) }
    var rest = data[...]
    while rest.count > 255 {
      let block = CommandAPDU(
        cla: command.cla | 0x10,
        command.ins,
        command.p1,
        command.p2,
        data: .plain(Array(rest.prefix(255))),
        le: nil
      )
      rest = rest.dropFirst(255)
      let answer = try channel.transmit(block)
      guard answer.status == .success else { return answer }
    }
    return try complete(
      CommandAPDU(
        cla: command.cla,
        command.ins,
        command.p1,
        command.p2,
        data: .plain(Array(rest)),
        le: command.le
      )
    )
  }

  private func complete(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    var part = try exact(command)
    var collected = part.data
    var count = 1
    while part.status.sw1 == 0x61 {
      let wanted = part.status.sw2 == 0 ? 256 : Int(part.status.sw2)
      part = try exact(CommandAPDU(Instruction.getResponse, 0, 0, le: wanted))
      collected += part.data
      count += 1
      let stuck = part.status.sw1 == 0x61 && part.data.isEmpty
      guard !stuck, collected.count <= Self.answerLimit, count <= Self.partLimit else { throw .garbled }
    }
    return ResponseAPDU(data: collected, status: part.status)
  }

  /// One APDU, and once more with the length that 6Cxx names.
  private func exact(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    let answer = try channel.transmit(command)
    guard answer.status.sw1 == 0x6c else { return answer }
    return try channel.transmit(command.asking(for: answer.status.sw2 == 0 ? 256 : Int(answer.status.sw2)))
  }
}
