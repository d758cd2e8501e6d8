import CPCSC
import SmartCard

/// A card in a reader, held exclusively and in one transaction until it is let go.
package final class PCSCChannel: CardChannel {
  package let reader: String
  /// Tells whether the card is there; never used on another thread.
  private let context: PCSCContext
  private let line: PCSCLine
  private let connection: PCSCLine.Connection
  private var isOpen = true
  /// When the command began whose blocks or parts are being exchanged.
  private var beginning: Int?
  private var isChained = false

  /// Connects to the card. Throws ``PCSCError/shared(reader:)`` where another program holds it,
  /// ``PCSCError/silent(reader:)`` and ``PCSCError/interrupted``.
  package init(_ context: PCSCContext, _ line: PCSCLine, reader: String) throws(PCSCError) {
    self.context = context
    self.line = line
    self.reader = reader
    connection = try line.hold(reader: reader)
  }

  deinit { release() }

  /// Lets the card go and resets it, so that no PIN stays verified. Nothing can be sent afterwards.
  /// A card that was given up is let go of when it or its reader is unplugged.
  package func release() {
    guard isOpen else { return }
    isOpen = false
    line.letGoOfCard()
  }

  /// Throws ``CardFailure/timeout`` where no answer came within the line's limit, or an answer in parts goes on for longer
  /// than that, and ``CardFailure/interrupted`` where the bell rang meanwhile. The first and the last are the end of
  /// this channel.
  package func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    guard isOpen else { throw .removed }
    try keepTime(command)
    let command = try command.sendable()
    let answer: Answer
    do throws(PCSCError) {
      answer = try line.call(reader: reader) { [connection] in connection.transmit(command) }
    } catch {
      throw error.failure
    }
    switch PCSCStatus(answer.status) {
    case .success:
      // Some drivers call a card that said nothing, or went, a success.
      guard !answer.bytes.isEmpty else { throw isGone() ? .removed : .communication }
      guard let answer = ResponseAPDU(answer.bytes) else { throw .garbled }
      return answer
    case .notTransacted: throw isGone() ? .removed : .communication
    default: throw PCSCError(answer.status, reader: reader).failure
    }
  }

  /// A card that goes on to answer in parts is given no more time than one that says nothing. GET RESPONSE goes on with
  /// the command before it, and so does the next block of a chain.
  private func keepTime(_ command: CommandAPDU) throws(CardFailure) {
    let now = CallThread.milliseconds
    let goesOn = command.ins == Instruction.getResponse || isChained
    isChained = command.cla & 0x10 != 0
    guard goesOn, let beginning else {
      beginning = now
      return
    }
    guard now - beginning < line.patience.seconds * 1000 else { throw .timeout }
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

/// What came back from libpcsclite.
private struct Answer: Sendable {
  let status: LONG
  let bytes: [UInt8]
}

extension PCSCLine.Connection {
  /// One exchange, with buffers of its own: nobody knows how long a card that was given up keeps them.
  fileprivate func transmit(_ command: SendableCommand) -> Answer {
    var sending = SCARD_IO_REQUEST(
      dwProtocol: activeProtocol, cbPciLength: UInt(MemoryLayout<SCARD_IO_REQUEST>.size))
    // The longest extended answer and its status word.
    var answer = [UInt8](repeating: 0, count: 65_538)
    var count = DWORD(answer.count)
    let status = command.withBytes { bytes in
      SCardTransmit(
        card, &sending, bytes.bindMemory(to: UInt8.self).baseAddress, DWORD(bytes.count), nil, &answer, &count)
    }
    return Answer(status: status, bytes: Array(answer.prefix(Int(clamping: count))))
  }
}
