import Keys

/// One command to a card (ISO 7816-4 §5.1): header, data, and whether an answer is expected.
///
/// A command that carries a secret holds no bytes, only a closure that yields them at the moment of sending,
/// so that a replay compares the header and never needs the secret.
package struct CommandAPDU: Sendable {
  package enum Data: Sendable {
    case plain([UInt8])
    /// `count` bytes, 1 to 255, the same for every value of the secret.
    case secret(count: Int, @Sendable () throws -> Secret)
  }

  package let cla: UInt8
  package let ins: UInt8
  package let p1: UInt8
  package let p2: UInt8
  package let data: Data
  /// The most bytes wanted in the answer, 256 written as a final 00; nil for none.
  package let le: Int?

  package init(cla: UInt8 = 0, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, data: Data = .plain([]), le: Int? = 256) {
    self.cla = cla
    self.ins = ins
    self.p1 = p1
    self.p2 = p2
    self.data = data
    self.le = le
  }

  /// Bytes of data, known without the secret.
  package var dataCount: Int {
    switch data {
    case .plain(let bytes): bytes.count
    case .secret(let count, _): count
    }
  }

  /// The same command asking for another number of bytes (ISO 7816-4 §5.3.4, status 6Cxx).
  func asking(for le: Int) -> CommandAPDU { CommandAPDU(cla: cla, ins, p1, p2, data: data, le: le) }
}

extension CommandAPDU {
  /// The bytes of a command without a secret; nil for one that carries a secret or cannot be written
  /// in one APDU (more than 65,535 bytes of data).
  ///
  /// Short form where data and answer allow it, otherwise extended (ISO 7816-4 §5.1).
  package var encoded: [UInt8]? {
    guard case .plain(let bytes) = data, bytes.count <= 65_535 else { return nil }
    return prefix + bytes + suffix
  }

  /// What a transcript holds of this command, in lower-case hexadecimal: all of it, or of a command that carries
  /// a secret the five bytes CLA INS P1 P2 Lc, which are the same for every value of the secret.
  package var recorded: (hex: String, redacted: Bool) {
    if let encoded { return (Hex.encode(encoded), false) }
    let lc = UInt8(truncatingIfNeeded: dataCount)
    return (Hex.encode([cla, ins, p1, p2, lc]), true)
  }

  /// Lends the bytes to be sent; those of a secret stand in locked memory for just as long.
  ///
  /// Throws ``CardFailure/secretUnavailable`` where the secret cannot be had or has another length than announced,
  /// ``CardFailure/tooLong`` where the command cannot be written in one APDU, and what `body` throws.
  package func withEncoded<Answer>(
    _ body: (UnsafeRawBufferPointer) throws(CardFailure) -> Answer
  ) throws(CardFailure) -> Answer {
    let outcome = try sendable().withBytes { bytes in attempt { () throws(CardFailure) in try body(bytes) } }
    return try outcome.get()
  }

  /// The bytes to be sent, for a channel that cannot say when it is done with them.
  /// Throws ``CardFailure/secretUnavailable`` and ``CardFailure/tooLong`` as ``withEncoded(_:)`` does.
  package func sendable() throws(CardFailure) -> SendableCommand {
    switch data {
    case .plain:
      guard let encoded else { throw .tooLong }
      return SendableCommand(content: .plain(encoded))
    case .secret(let count, let reveal):
      guard let whole = try? reveal().framed(by: prefix, suffix, count: count) else { throw .secretUnavailable }
      return SendableCommand(content: .secret(whole))
    }
  }

  private var isExtended: Bool { dataCount > 255 || (le ?? 0) > 256 }

  /// Header and Lc.
  private var prefix: [UInt8] {
    let header = [cla, ins, p1, p2]
    let count = dataCount
    if count == 0 { return isExtended ? header + [0] : header }
    return header
      + (isExtended
        ? [0, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] : [UInt8(count)])
  }

  private var suffix: [UInt8] {
    guard let le else { return [] }
    let low = UInt8(truncatingIfNeeded: le)
    return isExtended ? [UInt8(truncatingIfNeeded: le >> 8), low] : [low]
  }
}

/// The bytes of one command, on their way to a card. Those of a secret stand in locked memory until this goes.
package struct SendableCommand: Sendable {
  fileprivate enum Content {
    case plain([UInt8])
    case secret(Secret)
  }

  fileprivate let content: Content

  /// Lends the bytes for the length of `body`.
  package func withBytes<Answer>(_ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
    switch content {
    case .plain(let bytes): bytes.withUnsafeBytes(body)
    case .secret(let secret): secret.withBytes(body)
    }
  }
}

extension Secret {
  /// A secret of exactly `count` bytes between two public parts; throws where it has another length.
  fileprivate func framed(by prefix: [UInt8], _ suffix: [UInt8], count: Int) throws -> Secret {
    guard self.count == count, (1...255).contains(count) else { throw CardFailure.secretUnavailable }
    return try Secret(count: prefix.count + count + suffix.count) { whole in
      whole.copyBytes(from: prefix)
      withBytes { UnsafeMutableRawBufferPointer(rebasing: whole[prefix.count...]).copyBytes(from: $0) }
      UnsafeMutableRawBufferPointer(rebasing: whole[(prefix.count + count)...]).copyBytes(from: suffix)
    }
  }
}

private func attempt<Answer>(_ body: () throws(CardFailure) -> Answer) -> Result<Answer, CardFailure> {
  do throws(CardFailure) { return .success(try body()) } catch { return .failure(error) }
}
