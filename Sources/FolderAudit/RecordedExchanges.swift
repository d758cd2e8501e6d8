import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Keys
import PIVTypes
import SmartCard
import Transcript

/// The keys that cards made and the messages that they signed, read off the recorded APDUs.
///
/// Blocks of a chained command are joined, and answers that came in parts (ISO 7816-4 §5.3.3, §5.3.4).
struct RecordedExchanges {
  struct Key: Hashable {
    /// PIV's number of the algorithm.
    let algorithm: UInt8
    /// As the card wrote it: 32 bytes of Ed25519, or an uncompressed point.
    let bytes: [UInt8]
  }

  struct Signing: Hashable {
    let algorithm: UInt8
    /// SHA-256 of what the card was given: the message itself, or for ECDSA its digest.
    let given: SHA256Digest
    let signature: [UInt8]
  }

  /// What a card answered when it was told to make a key.
  struct Generation {
    /// Class, instruction, parameters: the last byte is the slot.
    let header: [UInt8]
    /// Algorithm and policies, as they were asked for.
    let asked: [UInt8]
    /// As the card wrote it.
    let key: [UInt8]
  }

  /// An ECDSA signature, and the digest that the card was given for it.
  struct Answer: Hashable {
    let algorithm: UInt8
    let digest: [UInt8]
    let signature: [UInt8]
  }

  /// The keys, each with the number of the record that asked for it first.
  private(set) var made: [Key: Int64] = [:]
  /// The steps of the records in which a card made each of them.
  private(set) var makers: [Key: Set<String>] = [:]
  /// What cards answered when they were asked for their serial, by the script's step. Never iterated.
  private(set) var serials: [String: Set<UInt32>] = [:]
  private(set) var signings: Set<Signing> = []
  /// What firmware the card had that made a signature, where it had said so since it was inserted. Never iterated.
  private(set) var firmware: [Signing: FirmwareVersion] = [:]
  /// What the card in the reader is called, and what was done to it since it came.
  private(set) var present = PresentCard()
  private(set) var deleted = DeletedKeys()
  /// What the card had called itself that made a signature. Never iterated.
  private(set) var signers: [[UInt8]: Set<String>] = [:]
  /// The last key that was made in each step, by the step of its records.
  private(set) var generations: [String: Generation] = [:]
  /// In the order of the records, each once.
  private(set) var answers: [Answer] = []
  private var sent: ArraySlice<UInt8> = []
  private var header: [UInt8] = []
  private var data: [UInt8] = []
  private var answer: [UInt8] = []
  private var status: [UInt8] = []
  private var isBlock = false
  private var record: Int64 = 0
  private var step = ""
  /// Of the card that is in the reader.
  private var version: FirmwareVersion?

  // No card takes or gives more.
  private static let longest = 1 << 16

  /// False for a command or an answer that is not in the form in which they are recorded.
  mutating func note(_ record: Record) -> Bool {
    switch record.kind {
    case .command: return command(record)
    case .response: return response(record)
    case .card:
      forget()
      version = nil
      present = PresentCard()
    case .release, .interruption: forget()
    default: break
    }
    return true
  }

  init() {}

  private mutating func forget() {
    (sent, header, data, answer, status, isBlock) = ([], [], [], [], [], false)
  }

  private mutating func command(_ record: Record) -> Bool {
    guard let recorded = CommandRecord(fields: record.body) else { return false }
    let raw = recorded.bytes
    deleted.forget(raw, in: PlannedStep.scriptID(of: record.step))
    // One that carried a secret neither makes nor signs anything.
    guard !recorded.isRedacted else {
      forget()
      return true
    }
    // Lc is one byte, or 00 and two bytes (ISO 7816-3 §12.1.3).
    let start = raw.count > 7 && raw[4] == 0 ? 7 : 5
    let length = raw.count > start ? raw[4..<start].reduce(0) { $0 << 8 | Int($1) } : 0
    let sent = raw.count > start ? raw.prefix(start + length) : raw.prefix(4)
    let isAgain = status.first == 0x6c && sent == self.sent
    self.sent = sent
    // GET RESPONSE goes on with the answer before, and so does the same command with another length.
    guard raw[1] != Instruction.getResponse, !isAgain else { return true }
    let header = [raw[0] & 0xef, raw[1], raw[2], raw[3]]
    answer = []
    data = (isBlock && header == self.header ? data : []) + sent.dropFirst(start)
    self.header = header
    isBlock = raw[0] & 0x10 != 0
    self.record = record.seq
    step = record.step
    if !isBlock { deleted.tell(header, in: PlannedStep.scriptID(of: step), present.names) }
    if data.count > Self.longest { forget() }
    return true
  }

  private mutating func response(_ record: Record) -> Bool {
    guard let recorded = ResponseRecord(fields: record.body) else { return false }
    guard case .answer(let part, let status) = recorded, answer.count + part.count <= Self.longest else {
      forget()
      return true
    }
    self.status = status
    answer += part
    let isDone = status == [0x90, 0x00]
    if isDone, !isBlock { done() }
    let goesOn = isDone ? isBlock : status[0] == 0x61 || status[0] == 0x6c
    if !goesOn {
      present.note(header, data, answer, status)
      deleted.note(header, answer, status, in: PlannedStep.scriptID(of: step), present.names)
      forget()
    }
    return true
  }

  private mutating func done() {
    guard header.count == 4 else { return }
    if header[1] == Instruction.getSerial, answer.count == 4 {
      let serial = answer.reduce(0) { $0 << 8 | UInt32($1) }
      serials[PlannedStep.scriptID(of: step), default: []].insert(serial)
    } else if header[1] == Instruction.getVersion, answer.count == 3 {
      version = FirmwareVersion(answer[0], answer[1], answer[2])
    } else if header[1] == Instruction.generateKeyPair, header[2] == 0 {
      // AC {80 algorithm} -> 7F49 {86 public key}
      guard let algorithm = Self.value(data, 0xac, 0x80), algorithm.count == 1,
        let key = Self.value(answer, 0x7f49, 0x86), !key.isEmpty
      else { return }
      let made = Key(algorithm: algorithm[0], bytes: key)
      if self.made[made] == nil { self.made[made] = record }
      makers[made, default: []].insert(step)
      generations[step] = Generation(header: header, asked: data, key: key)
    } else if header[1] == Instruction.generalAuthenticate {
      // 7C {82, 81 input} -> 7C {82 signature}
      guard let given = Self.value(data, 0x7c, 0x81), let signature = Self.value(answer, 0x7c, 0x82) else { return }
      let signing = Signing(algorithm: header[2], given: SHA256Digest(of: given), signature: signature)
      let isNew = signings.insert(signing).inserted
      firmware[signing] = version
      signers[signature] = present.names
      let isDigest = header[2] == KeyAlgorithm.ecdsaP256.rawValue || header[2] == KeyAlgorithm.ecdsaP384.rawValue
      if isNew, isDigest { answers.append(Answer(algorithm: header[2], digest: given, signature: signature)) }
    }
  }

  private static func value(_ bytes: [UInt8], _ outer: UInt32, _ inner: UInt32) -> [UInt8]? {
    guard let objects = try? TLV.parse(bytes), let value = objects.value(of: outer),
      let children = try? TLV.parse(value)
    else { return nil }
    return children.value(of: inner)
  }
}
