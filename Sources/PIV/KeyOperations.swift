import Crypto
import PIVTypes
import SmartCard

extension PIVSession {
  /// Makes a key in a slot and returns its public key: 32 bytes of Ed25519, or an uncompressed point.
  ///
  /// Needs management authentication. Both policies are always said, because the defaults differ by vendor.
  /// Throws ``PIVError/managementNotAuthenticated``, ``PIVError/algorithmNotSupported(_:_:)``,
  /// ``PIVError/policyNotSupported(_:_:_:)``, and
  /// ``PIVError/malformed(_:)`` where what comes back is no such key.
  public func generate(
    _ slot: Slot,
    _ algorithm: KeyAlgorithm,
    pinPolicy: PINPolicy,
    touchPolicy: TouchPolicy
  ) throws(PIVError) -> [UInt8] {
    let template = TLV(
      0xac,
      [TLV(0x80, [algorithm.rawValue]), TLV(0xaa, [pinPolicy.rawValue]), TLV(0xab, [touchPolicy.rawValue])]
    )
    let answer = try send(CommandAPDU(Instruction.generateKeyPair, 0, slot.reference, data: .plain(template.encoded)))
    switch answer.status {
    case .success: break
    case .securityNotSatisfied: throw .managementNotAuthenticated
    case .wrongData, .wrongParameters, StatusWord(0x6984): throw .algorithmNotSupported(algorithm, slot)
    case .functionNotSupported: throw .policyNotSupported(pinPolicy, touchPolicy, slot)
    default: throw refusal(.generate, answer.status)
    }
    guard let outer = try? TLV.parseOne(answer.data), outer.tag == 0x7f49,
      let key = algorithm.publicKey(inTemplate: outer.value)
    else { throw .malformed(.generate) }
    return key
  }

  /// Signs a message with the key in a slot: Ed25519 over the whole message, ECDSA over its SHA-256 (P-256) or
  /// SHA-384 (P-384), computed here.
  ///
  /// Returns 64 bytes of Ed25519 or a DER `ECDSA-Sig-Value`. **Not verified**: a card may say success and be wrong.
  /// `touch` is the key's touch policy where it is known; it tells a missing touch from a missing PIN on cards
  /// that answer both with 6982. Throws ``PIVError/pinNotVerified``, ``PIVError/notTouched``,
  /// ``PIVError/noKey(_:)``, ``PIVError/otherAlgorithm(_:_:)``, ``PIVError/messageTooLong(bytes:)``
  /// and ``PIVError/malformed(_:)``.
  public func sign(
    _ message: [UInt8],
    in slot: Slot,
    _ algorithm: KeyAlgorithm,
    touch: TouchPolicy? = nil
  ) throws(PIVError) -> [UInt8] {
    let input = algorithm.signingInput(message)
    let template = TLV(0x7c, [TLV(0x82), TLV(0x81, input)])
    let wasFresh = pinIsFresh
    let answer: ResponseAPDU
    do throws(PIVError) {
      answer = try send(
        CommandAPDU(Instruction.generalAuthenticate, algorithm.rawValue, slot.reference, data: .plain(template.encoded))
      )
    } catch {
      switch error {
      // Only a time that ran out may be a touch that was not made; an exchange that broke off is none.
      case .noAnswer(.timeout) where touch != .never && wasFresh: throw .notTouched
      case .noAnswer(.tooLong): throw .messageTooLong(bytes: message.count)
      default: throw error
      }
    }
    pinIsFresh = false
    switch answer.status {
    case .success: break
    case .securityNotSatisfied: throw wasFresh && touch != .never ? .notTouched : .pinNotVerified
    case .executionError: throw .notTouched
    case .referenceNotFound, .conditionsNotSatisfied, .notFound: throw .noKey(slot)
    // A key of another algorithm, as cards differ: what is signed has the right form and length.
    case .wrongParameters, .wrongData: throw .otherAlgorithm(slot, algorithm)
    case .internalError, .wrongLength:
      // One card keeps refusing the same command after an overflow until it sees another.
      _ = try send(CommandAPDU(Instruction.getVersion, 0, 0))
      let isLong = algorithm == .ed25519 && template.encoded.count > 255
      throw isLong ? .messageTooLong(bytes: message.count) : .refused(.sign, answer.status)
    default: throw refusal(.sign, answer.status)
    }
    guard let outer = try? TLV.parseOne(answer.data), outer.tag == 0x7c,
      let inner = try? TLV.parseOne(outer.value), inner.tag == 0x82, algorithm.isSignatureShaped(inner.value)
    else { throw .malformed(.sign) }
    return inner.value
  }

  /// The attestation certificate of the key in a slot, DER (Yubico F9).
  ///
  /// Throws ``PIVError/notSupported(_:)`` for a card without attestation and ``PIVError/noKey(_:)`` for a slot
  /// without a key that was made on the card.
  public func attest(_ slot: Slot) throws(PIVError) -> [UInt8] {
    let answer = try send(CommandAPDU(Instruction.attest, slot.reference, 0))
    switch answer.status {
    case .success: break
    case .referenceNotFound, .notFound, .wrongData, .conditionsNotSatisfied: throw .noKey(slot)
    default: throw refusal(.attest, answer.status)
    }
    guard let certificate = try? TLV.parseOne(answer.data), certificate.tag == 0x30 else {
      throw .malformed(.attest)
    }
    return answer.data
  }

  /// Deletes the key in a slot (Yubico F6, since firmware 5.7). Needs management authentication.
  ///
  /// The attestation key cannot be brought back by anybody: for F9 nothing is sent and
  /// ``PIVError/attestationKeyKept`` thrown.
  public func deleteKey(_ slot: Slot) throws(PIVError) {
    guard slot != .attestation else { throw .attestationKeyKept }
    let answer = try send(CommandAPDU(Instruction.moveKey, 0xff, slot.reference))
    switch answer.status {
    case .success: return
    case .securityNotSatisfied: throw .managementNotAuthenticated
    case .referenceNotFound, .notFound: throw .noKey(slot)
    default: throw refusal(.deleteKey, answer.status)
    }
  }
}

extension KeyAlgorithm {
  /// What a card is given to sign: the message itself, or its digest.
  public func signingInput(_ message: [UInt8]) -> [UInt8] {
    switch self {
    case .ed25519: message
    case .ecdsaP256: Array(SHA256.hash(data: message))
    case .ecdsaP384: Array(SHA384.hash(data: message))
    }
  }

  /// 64 bytes, or a DER sequence of two positive integers that fit the curve (RFC 3279 §2.2.3).
  func isSignatureShaped(_ bytes: [UInt8]) -> Bool {
    if self == .ed25519 { return bytes.count == 64 }
    let width = (publicKeyCount - 1) / 2
    guard let sequence = try? TLV.parseOne(bytes), sequence.tag == 0x30, sequence.encoded == bytes,
      let integers = try? sequence.children(), integers.map(\.tag) == [0x02, 0x02],
      integers.flatMap(\.encoded) == sequence.value
    else { return false }
    return integers.allSatisfy { $0.value.isPositiveInteger(width: width) }
  }
}

extension [UInt8] {
  /// The shortest two's complement form of a positive number of at most `width` bytes (X.690 §8.3).
  fileprivate func isPositiveInteger(width: Int) -> Bool {
    guard let first, first < 0x80 else { return false }
    let digits = first == 0 ? dropFirst() : self[...]
    guard let leading = digits.first, digits.count <= width else { return false }
    return first != 0 || leading >= 0x80
  }
}
