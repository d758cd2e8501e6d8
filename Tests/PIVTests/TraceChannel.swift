import Foundation
import Keys
import SmartCard

/// A file of `## label`, `C-APDU hex` and `R-APDU data status` lines.
struct Trace {
  struct Exchange {
    /// The labels since the exchange before.
    let labels: [String]
    let command: [UInt8]
    let answer: [UInt8]
  }

  let exchanges: [Exchange]

  init(_ file: URL) throws {
    var exchanges: [Exchange] = []
    var labels: [String] = []
    var command: [UInt8] = []
    for line in String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix("## ") { labels.append(String(line.dropFirst(3))) }
      if line.hasPrefix("C-APDU ") { command = Hex.decode(line.dropFirst(7)) ?? [] }
      if line.hasPrefix("R-APDU ") {
        exchanges.append(
          Exchange(
            labels: labels,
            command: command,
            answer: Hex.decode(line.dropFirst(7).filter { $0 != " " }) ?? []
          )
        )
        labels = []
      }
    }
    self.exchanges = exchanges
  }

  /// The exchanges from the first one under a label.
  func from(_ label: String) -> ArraySlice<Exchange>? {
    exchanges.firstIndex { $0.labels.contains(label) }.map { exchanges[$0...] }
  }

  /// The host challenges of the management authentications from a label on.
  func challenges(from label: String) -> [[UInt8]] {
    (from(label) ?? []).compactMap { exchange in
      guard exchange.command.count > 6, exchange.command[1] == 0x87, exchange.command[3] == 0x9b,
        let template = try? TLV.parseOne(exchange.command[5..<(5 + Int(exchange.command[4]))]),
        let fields = try? template.children(), fields.value(of: 0x80)?.isEmpty == false
      else { return nil }
      return fields.value(of: 0x81)
    }
  }
}

/// Answers as the real card did, in its order, from a label on.
final class TraceChannel: CardChannel {
  private var rest: ArraySlice<Trace.Exchange>
  /// Commands that are byte for byte the trace's, but for a final 00 that asks for an answer.
  private(set) var exact = 0
  /// Commands whose header is not the trace's.
  private(set) var strays: [String] = []

  init?(_ trace: Trace, at label: String) {
    guard let found = trace.from(label) else { return nil }
    rest = found
  }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    let sent = try command.withEncoded { Array($0) }
    guard let next = rest.popFirst(), let answer = ResponseAPDU(next.answer) else { throw .removed }
    if sent == next.command || sent == next.command + [0] { exact += 1 }
    if sent.prefix(4) != next.command.prefix(4) { strays.append(Hex.encode(sent)) }
    return answer
  }
}
