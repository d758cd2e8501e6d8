import CPCSC
import SmartCard

/// A card in a reader, held exclusively and in one transaction until it is let go.
public final class PCSCChannel: CardChannel {
  public let reader: String
  private let context: PCSCContext
  private let card: SCARDHANDLE
  private let activeProtocol: DWORD
  private var isOpen = true

  /// Connects to the card. Throws ``PCSCError/shared(reader:)`` where another program holds it.
  public init(_ context: PCSCContext, reader: String) throws(PCSCError) {
    self.context = context
    self.reader = reader
    var card = SCARDHANDLE()
    var activeProtocol: DWORD = 0
    let wanted = DWORD(SCARD_PROTOCOL_T0) | DWORD(SCARD_PROTOCOL_T1)
    var status = SCardConnect(
      context.handle, reader, DWORD(SCARD_SHARE_EXCLUSIVE), wanted, &card, &activeProtocol)
    guard PCSCStatus(status) == .success else { throw PCSCError(status, reader: reader) }
    status = SCardBeginTransaction(card)
    guard PCSCStatus(status) == .success else {
      SCardDisconnect(card, DWORD(SCARD_RESET_CARD))
      throw PCSCError(status, reader: reader)
    }
    self.card = card
    self.activeProtocol = activeProtocol
  }

  deinit { release() }

  /// Lets the card go and resets it, so that no PIN stays verified. Nothing can be sent afterwards.
  public func release() {
    guard isOpen else { return }
    isOpen = false
    SCardEndTransaction(card, DWORD(SCARD_LEAVE_CARD))
    SCardDisconnect(card, DWORD(SCARD_RESET_CARD))
  }

  public func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    guard isOpen else { throw .removed }
    return try command.withEncoded { bytes throws(CardFailure) in try exchange(bytes) }
  }

  private func exchange(_ command: UnsafeRawBufferPointer) throws(CardFailure) -> ResponseAPDU {
    var sending = SCARD_IO_REQUEST(
      dwProtocol: activeProtocol, cbPciLength: UInt(MemoryLayout<SCARD_IO_REQUEST>.size))
    // The longest extended answer and its status word.
    var answer = [UInt8](repeating: 0, count: 65_538)
    var count = DWORD(answer.count)
    let status = SCardTransmit(
      card, &sending, command.bindMemory(to: UInt8.self).baseAddress, DWORD(command.count), nil, &answer, &count)
    switch PCSCStatus(status) {
    case .success:
      // Some drivers call a card that said nothing, or went, a success.
      guard count > 0 else { throw isGone() ? .removed : .timeout }
      guard let answer = ResponseAPDU(Array(answer.prefix(Int(clamping: count)))) else { throw .garbled }
      return answer
    case .notTransacted: throw isGone() ? .removed : .timeout
    default: throw PCSCError(status, reader: reader).failure
    }
  }

  /// Whether the card is gone: readers notice that later than the exchange that failed for it.
  private func isGone() -> Bool {
    for _ in 0..<4 {
      guard let state = try? context.states().first(where: { $0.reader == reader }), state.isPresent else {
        return true
      }
      guard let wake = try? context.wait(beyond: [state], milliseconds: 500), wake != .timeout else { return false }
    }
    return false
  }
}
