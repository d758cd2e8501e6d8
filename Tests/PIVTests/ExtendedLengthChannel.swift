import SmartCard

/// Sends what comes in blocks as one extended APDU, as programs do that know that a card takes it.
final class ExtendedLengthChannel: CardChannel {
  private let card: any CardChannel
  private var data: [UInt8] = []

  init(_ card: any CardChannel) { self.card = card }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    guard case .plain(let block) = command.data else { return try card.transmit(command) }
    data += block
    guard command.cla & 0x10 == 0 else { return ResponseAPDU(data: [], status: .success) }
    defer { data = [] }
    guard data.count > 255 else { return try card.transmit(command) }
    return try card.transmit(
      CommandAPDU(
        cla: command.cla, command.ins, command.p1, command.p2, data: .plain(data),
        le: command.le == nil ? nil : 65_536))
  }
}
