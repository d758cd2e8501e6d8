import CanonicalJSON
import Keys
import UTC

/// What a record tells. The raw value stands in the transcript.
package enum RecordKind: String, Sendable, CaseIterable {
  /// The first record: versions, script digest, rehearsal or not, host facts.
  case begin
  /// A file was read: its name, size and SHA-256.
  case read
  /// The target files of a role: path, length and digests of each.
  case listed
  /// What everybody saw: a structure, not rows.
  case screen
  /// What the administrator answered: the accepted token, or that an answer was refused.
  case answer
  /// What the machine's clock said when it was asked.
  case clock
  /// What was found of the machine.
  case host
  /// Somebody is here, absent, stood in for, leaves or returns.
  case attendance
  /// The number of a bag that was opened or closed, as two people read it.
  case bag
  /// A card whose key left was wiped, and what it said of its slots then.
  case wipe
  /// Somebody typed their initials under a step.
  case initials
  /// What an official's card signs next: initials and the head so far.
  case statement
  /// Which stand-in key takes the place of which key of the real root, in a rehearsal.
  case twin
  /// What a new key signs next, to prove that its card signs with it.
  case proof
  /// A card appeared in a reader, or did not.
  case card
  /// The card was let go.
  case release
  /// What the ceremony is about to ask of a card.
  case operation
  /// One physical APDU, before it is sent.
  case command
  /// The answer to the command before it, or why there is none.
  case response
  /// Randomness for a public value.
  case random
  /// A secret was made, entered, compared or forgotten; never the secret.
  case secret
  /// A one-time key was made, signed, or was wiped; never its private half.
  case oneTime = "one-time"
  /// A payload was built and reviewed.
  case payload
  /// A payload was given up with its signatures, before it reached its threshold.
  case dropped
  /// Somebody elsewhere was heard reading the head of their own ceremony.
  case heard
  /// A key came from elsewhere, in a file.
  case enrolment
  /// Signatures came from elsewhere, in files.
  case delivery
  /// A signature was verified and accepted.
  case signature
  /// Something is not as it must be.
  case finding
  /// Something did not go to plan; numbered from 1.
  case exception
  /// A product was created: its path, size and SHA-256.
  case write
  /// The ceremony stopped without ending.
  case interruption
  /// It went on, with this program.
  case resume
  /// The second copy of the folder was lost here; the ceremony went on with the first.
  case mirror
  /// The last record of a transcript.
  case close
  /// The last record of what follows it.
  case end
}

/// One line of a transcript.
package struct Record: Hashable, Sendable {
  /// From 0, without gaps.
  package let seq: Int64
  /// The SHA-256 of the previous line without its newline; ``SHA256Digest/zero`` for the first.
  package let prev: SHA256Digest
  package let at: UTCTime
  /// Nanoseconds since the first record.
  package let mono: Int64
  /// The script's step, or "" before the first and after the last.
  package let step: String
  package let kind: RecordKind
  package let body: JSONObject

  package init(
    seq: Int64, prev: SHA256Digest, at: UTCTime, mono: Int64, step: String, kind: RecordKind, body: JSONObject
  ) {
    self.seq = seq
    self.prev = prev
    self.at = at
    self.mono = mono
    self.step = step
    self.kind = kind
    self.body = body
  }

  /// The line in canonical JSON, without its newline.
  ///
  /// Throws ``RecordError`` for a line over 1 MiB, and for a control character: it would stand raw in
  /// canonical JSON, and a newline would break the line.
  package func line() throws(RecordError) -> [UInt8] {
    let line = JSONValue.object([
      "at": .string(at.description), "body": .object(body), "kind": .string(kind.rawValue), "mono": .integer(mono),
      "prev": .string(prev.hex), "seq": .integer(seq), "step": .string(step),
    ]).canonical()
    guard line.count <= Self.longestLine else { throw .tooLong(bytes: line.count) }
    guard !line.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { throw .controlCharacter }
    return line
  }

  /// 1 MiB, without the newline.
  package static let longestLine = 1 << 20
}

/// Why something cannot be written as a record.
package enum RecordError: Error, Hashable {
  case tooLong(bytes: Int)
  case controlCharacter
}

/// The growing end of a transcript: gives each record its number and its link to the line before.
package struct TranscriptChain: Sendable {
  package private(set) var count: Int64
  /// The SHA-256 of the last line; once the transcript is closed, its head.
  package private(set) var head: SHA256Digest
  package private(set) var lastMono: Int64

  package init() { self.init(after: .zero) }

  /// A chain whose first `prev` is a digest from elsewhere, as in `sealing.jsonl`.
  package init(after head: SHA256Digest) {
    count = 0
    self.head = head
    lastMono = 0
  }

  /// The next line, without its newline. Nothing changes where it throws.
  package mutating func append(
    at: UTCTime, mono: Int64, step: String, kind: RecordKind, body: JSONObject
  ) throws(RecordError) -> [UInt8] {
    let record = Record(
      seq: count, prev: head, at: at, mono: max(mono, lastMono), step: step, kind: kind, body: body)
    let line = try record.line()
    count += 1
    head = SHA256Digest(of: line)
    lastMono = record.mono
    return line
  }

  /// Where an interrupted transcript goes on.
  package init(after count: Int64, head: SHA256Digest, mono: Int64) {
    self.count = count
    self.head = head
    lastMono = mono
  }

  /// Takes over a line that was read and checked.
  mutating func adopt(_ record: Record, line: [UInt8]) {
    count = record.seq + 1
    head = SHA256Digest(of: line)
    lastMono = record.mono
  }
}
