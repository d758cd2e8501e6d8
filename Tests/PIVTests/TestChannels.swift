import Keys
import SmartCard

/// Answers from a list, and remembers what was sent.
final class ScriptedChannel: CardChannel {
  private var answers: [[UInt8]]
  private(set) var sent: [String] = []

  init(_ answers: [String]) { self.answers = answers.compactMap { Hex.decode($0.filter { $0 != " " }) } }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    _ = try command.withEncoded { $0.count }
    sent.append(command.recorded.hex)
    guard !answers.isEmpty else { throw .removed }
    guard let answer = ResponseAPDU(answers.removeFirst()) else { throw .garbled }
    return answer
  }
}

/// One exchange as a transcript holds it.
struct RecordedExchange: Hashable {
  let command: String
  let isRedacted: Bool
  /// nil where no answer came.
  let answer: String?
}

/// Passes everything on and records it, as the runtime does.
final class RecordingChannel: CardChannel {
  private let inner: any CardChannel
  private(set) var record: [RecordedExchange] = []

  init(_ inner: any CardChannel) { self.inner = inner }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    let (hex, redacted) = command.recorded
    do throws(CardFailure) {
      let answer = try inner.transmit(command)
      record.append(RecordedExchange(command: hex, isRedacted: redacted, answer: Hex.encode(answer.bytes)))
      return answer
    } catch {
      record.append(RecordedExchange(command: hex, isRedacted: redacted, answer: nil))
      throw error
    }
  }
}

/// Answers from a record and counts every command that differs from it.
final class ReplayChannel: CardChannel {
  private var rest: ArraySlice<RecordedExchange>
  private(set) var differences: [String] = []

  init(_ record: [RecordedExchange]) { rest = record[...] }

  var isAtEnd: Bool { rest.isEmpty }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    guard let next = rest.popFirst() else {
      differences.append("nothing is recorded, sent \(command.recorded.hex)")
      throw .removed
    }
    let (hex, redacted) = command.recorded
    if (hex, redacted) != (next.command, next.isRedacted) {
      differences.append("recorded \(next.command), sent \(hex)")
    }
    guard let answer = next.answer.flatMap({ Hex.decode($0) }).flatMap({ ResponseAPDU($0) }) else {
      throw .removed
    }
    return answer
  }
}
