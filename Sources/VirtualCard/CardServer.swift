import Glibc
import SmartCard

/// Puts a virtual card into a virtual reader and answers for it until it is told to stop.
public final class CardServer {
  /// How serving ended.
  public enum Ending: Sendable {
    case quit
    /// The bell rang.
    case called
    /// No reader listens on the port.
    case noReader(VPCDClient.Failure)
  }

  private let card: VirtualCard
  private let port: UInt16
  private let note: (String) -> Void
  private let keep: ([UInt8]) throws -> Void
  private var kept: [UInt8]
  private var reader: VPCDClient?
  private var isPlugged = true
  private var isTouched = true
  /// Before each answer.
  private var milliseconds: UInt32 = 0

  /// - Parameters:
  ///   - port: of the reader, on 127.0.0.1.
  ///   - keep: puts the card's state away; called before an answer that goes with a change of it.
  ///   - note: takes a line for people.
  public init(
    _ card: VirtualCard, port: UInt16, keep: @escaping ([UInt8]) throws -> Void, note: @escaping (String) -> Void
  ) {
    self.card = card
    self.port = port
    self.keep = keep
    self.note = note
    kept = card.state
    card.isTouched = { [weak self] in self?.isTouched ?? false }
  }

  /// Serves until `quit`, the bell, or until the reader is away for longer than ten seconds.
  ///
  /// - Parameters:
  ///   - controls: a descriptor of ``Control`` lines; its end leaves the card served.
  ///   - bell: a descriptor that ends serving when it becomes readable; -1 for none.
  /// Throws what `keep` throws.
  public func serve(controls: Int32, bell: Int32) throws -> Ending {
    try keep(kept)
    var attempts = 0
    var lines = ControlLines(controls)
    while true {
      if isPlugged, reader == nil {
        do throws(VPCDClient.Failure) {
          reader = try VPCDClient(port: port)
          card.insert()
          attempts = 0
          note("plugged")
        } catch {
          attempts += 1
          guard attempts < 100 else { return .noReader(error) }
        }
      }
      var watched = [bell, lines.descriptor, reader?.descriptor ?? -1].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      // A tenth of a second until the next attempt to reach the reader.
      let count = poll(&watched, 3, isPlugged && reader == nil ? 100 : -1)
      if watched[0].revents != 0 { return .called }
      guard count > 0 else { continue }
      if watched[1].revents != 0 {
        for line in lines.read() {
          switch Control(line) {
          case .quit: return .quit
          case .unplug: leaveReader(because: "unplugged")
          case .plug: isPlugged = true
          case .some(let control): obey(control, line)
          case nil: note("unknown: \(line); known: \(Control.forms.joined(separator: ", "))")
          }
        }
      }
      if watched[2].revents != 0, let reader { try answer(reader) }
    }
  }

  /// What is done to the card itself; answered with the line that asked for it, so that whoever wrote it can go on.
  private func obey(_ control: Control, _ line: String) {
    switch control {
    case .touch(let isAllowed):
      isTouched = isAllowed
      note(isAllowed ? "touch allowed" : "touch refused")
    case .fault(let fault, let after):
      card.inject(fault, at: card.exchanges + after)
      note(line)
    case .mend:
      card.mend()
      note(line)
    case .lack(let instructions):
      card.unknown.formUnion(instructions)
      note(line)
    case .slow(let pause):
      milliseconds = UInt32(clamping: pause)
      note(line)
    case .count: note("\(card.exchanges) exchanges, \(card.pendingFaults) faults to come")
    case .unplug, .plug, .quit: break
    }
  }

  /// The card is out of its reader until it is plugged in again.
  private func leaveReader(because reason: String) {
    isPlugged = false
    reader = nil
    card.pull()
    note(reason)
  }

  private func answer(_ reader: VPCDClient) throws {
    do {
      switch try reader.receive() {
      case .powerOff, .powerOn, .reset: card.powerCycle()
      case .atr: try reader.send(VirtualCard.atr)
      case .command(let command):
        let answer = card.process(command)
        if milliseconds > 0 { usleep(milliseconds * 1000) }
        let state = card.state
        if state != kept {
          try keep(state)
          kept = state
        }
        guard card.isPresent else { return leaveReader(because: "unplugged") }
        if card.isSilent { return note("silent") }
        // A virtual reader waits for ever. It gives up, as a real one does in time, when the connection goes.
        if answer.isEmpty { self.reader = nil } else { try reader.send(answer) }
      }
    } catch is VPCDClient.Failure {
      // It is plugged in again as soon as there is a reader.
      self.reader = nil
      card.pull()
      note("the reader is gone")
    }
  }
}

/// Lines from a descriptor, as they become complete.
private struct ControlLines {
  /// -1 after its end.
  private(set) var descriptor: Int32
  private var rest: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  mutating func read() -> [String] {
    var chunk = [UInt8](repeating: 0, count: 1024)
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return [] }
    guard count > 0 else {
      descriptor = -1
      return []
    }
    rest += chunk.prefix(count)
    var lines = rest.split(separator: 0x0a, omittingEmptySubsequences: false)
    rest = Array(lines.removeLast().prefix(1024))
    return lines.map { String(decoding: $0, as: UTF8.self) }.filter { !$0.isEmpty }
  }
}
