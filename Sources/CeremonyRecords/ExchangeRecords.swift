import CanonicalJSON
import Keys
import SmartCard
import Transcript

/// One physical APDU, before it is sent. One that carries a secret is recorded by its first five bytes alone.
package struct CommandRecord: ReadableRecordBody {
  package static let kind = RecordKind.command
  private static let redacted = " redacted"

  /// Hex, and whether it was cut short.
  package let text: String
  /// What is recorded of the command: at least four bytes.
  package let bytes: [UInt8]
  package let isRedacted: Bool

  private init?(_ text: String) {
    isRedacted = text.utf8.count == 10 + Self.redacted.utf8.count && text.hasSuffix(Self.redacted)
    let hex = String(decoding: isRedacted ? Array(text.utf8.prefix(10)) : Array(text.utf8), as: UTF8.self)
    guard let bytes = Hex.decode(hex), bytes.count >= 4, Hex.encode(bytes) == hex else { return nil }
    self.text = text
    self.bytes = bytes
  }

  /// Of a command that is about to be sent.
  package init(_ command: CommandAPDU) {
    let (hex, isRedacted) = command.recorded
    text = isRedacted ? hex + Self.redacted : hex
    bytes = Hex.decode(hex) ?? []
    self.isRedacted = isRedacted
  }

  package var json: JSONObject { ["apdu": .string(text)] }

  package init?(fields body: JSONObject) {
    guard let text = body["apdu"]?.string else { return nil }
    self.init(text)
  }
}

/// The answer to the command before it, or why there is none. It has no other fields, whoever reads it.
package enum ResponseRecord: ReadableRecordBody {
  case answer(data: [UInt8], status: [UInt8])
  case failure(CardFailure)

  package static let kind = RecordKind.response

  /// Data in lower case, status in upper case.
  package var json: JSONObject {
    switch self {
    case .answer(let data, let status):
      ["data": .string(Hex.encode(data)), "sw": .string(Hex.encode(status).uppercased())]
    case .failure(let failure): ["failure": .string(failure.word)]
    }
  }

  package init?(fields body: JSONObject) {
    if let failure = body["failure"]?.string.flatMap(CardFailure.init(word:)) {
      self = .failure(failure)
    } else if let data = body["data"]?.string.flatMap({ Hex.decode($0) }),
      let status = body["sw"]?.string.flatMap({ Hex.decode($0) }), status.count == 2
    {
      self = .answer(data: data, status: status)
    } else {
      return nil
    }
    guard json == body else { return nil }
  }

  /// The status word, or why nothing came back.
  package var outcome: String {
    switch self {
    case .answer(_, let status): Hex.encode(status).uppercased()
    case .failure(let failure): failure.word
    }
  }
}
