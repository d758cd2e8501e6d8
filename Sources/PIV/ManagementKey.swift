import Keys
import PIVTypes
import SmartCard
import Synchronization

/// The management key in reference 9B.
extension PIVSession {
  /// Mutual authentication with the management key (SP 800-73-4 part 2, appendix A.1).
  ///
  /// The card sends a witness, which is decrypted and returned with a challenge of ours; the card's answer to it
  /// is judged by the vault, so that neither key nor challenge leaves the secret port.
  /// Throws ``PIVError/managementAlgorithmWrong(_:)``, ``PIVError/managementKeyWrong`` and
  /// ``PIVError/managementProofWrong``.
  public func authenticateManagement(_ key: SecretHandle, algorithm: ManagementAlgorithm) throws(PIVError) {
    switch try attemptManagement(key, algorithm: algorithm) {
    case .proven: return
    case .unproven: throw .managementProofWrong
    case .refused: throw .managementKeyWrong
    }
  }

  /// The same, telling what the card made of it.
  package func attemptManagement(
    _ key: SecretHandle, algorithm: ManagementAlgorithm
  ) throws(PIVError) -> ManagementAttempt {
    let first = try send(authenticate(algorithm, .plain(TLV(0x7c, [TLV(0x80)]).encoded)))
    switch first.status {
    case .success: break
    case .wrongParameters, .wrongData, .referenceNotFound: throw .managementAlgorithmWrong(algorithm)
    default: throw refusal(.authenticate, first.status)
    }
    let witness = try block(0x80, in: first, algorithm)

    let exchange = MutualAuthentication(vault: vault, key: key, algorithm: algorithm)
    let second = try send(authenticate(algorithm, exchange.reply(to: witness)))
    switch second.status {
    case .success: break
    case .securityNotSatisfied, .wrongData, .conditionsNotSatisfied, .blocked: return .refused(second.status)
    case let status where status.sw1 == 0x63: return .refused(status)
    default: throw refusal(.authenticate, second.status)
    }
    let proof = try block(0x82, in: second, algorithm)
    guard let proven = try? exchange.isProven(by: proof) else { throw .secretUnavailable }
    return proven ? .proven : .unproven
  }

  /// Whether the factory's management key opens the card: tried once, by its own algorithm where that is known, otherwise
  /// by each that has a key of that length. A card that counts wrong ones is asked no second time.
  ///
  /// Throws what the card answers where no attempt was judged by it.
  public func factoryKeyOpens(algorithm: ManagementAlgorithm?) throws(PIVError) -> Bool {
    var obstacle: PIVError?
    var isJudged = false
    let known = ManagementAlgorithm.ofFactoryKey.filter { $0 == algorithm }
    for algorithm in known.isEmpty ? ManagementAlgorithm.ofFactoryKey : known {
      do throws(PIVError) {
        guard
          case .refused(let status) = try attemptManagement(FactorySecret.managementKey.handle, algorithm: algorithm)
        else { return true }
        isJudged = true
        if status.sw1 == 0x63 || status == .blocked { break }
      } catch {
        switch error {
        case .managementAlgorithmWrong, .refused: obstacle = error
        default: throw error
        }
      }
    }
    if let obstacle, !isJudged { throw obstacle }
    return false
  }

  /// Sets the management key, without a touch policy (Yubico FF FF FF). Needs management authentication.
  ///
  /// Throws ``PIVError/managementNotAuthenticated``, and ``PIVError/newValueRefused(_:)`` for a key or an
  /// algorithm that the card does not take.
  public func setManagementKey(_ key: SecretHandle, algorithm: ManagementAlgorithm) throws(PIVError) {
    let header: [UInt8] = [algorithm.rawValue, 0x9b, UInt8(algorithm.keyCount)]
    let count = header.count + algorithm.keyCount
    let data = CommandAPDU.Data.secret(count: count) { [vault] in
      let value = try vault.reveal(key)
      guard value.count == algorithm.keyCount else { throw PIVError.secretUnavailable }
      return try Secret(count: count) { whole in
        whole.copyBytes(from: header)
        value.withBytes {
          UnsafeMutableRawBufferPointer(rebasing: whole[header.count...]).copyBytes(from: $0)
        }
      }
    }
    let answer = try send(CommandAPDU(Instruction.setManagementKey, 0xff, 0xff, data: data, le: nil))
    switch answer.status {
    case .success: return
    case .securityNotSatisfied: throw .managementNotAuthenticated
    case .wrongData, .wrongLength, .conditionsNotSatisfied: throw .newValueRefused(answer.status)
    default: throw refusal(.setManagementKey, answer.status)
    }
  }

  private func authenticate(_ algorithm: ManagementAlgorithm, _ data: CommandAPDU.Data) -> CommandAPDU {
    CommandAPDU(Instruction.generalAuthenticate, algorithm.rawValue, 0x9b, data: data)
  }

  /// One cipher block in a dynamic authentication template 7C.
  private func block(
    _ tag: UInt32,
    in answer: ResponseAPDU,
    _ algorithm: ManagementAlgorithm
  ) throws(PIVError) -> [UInt8] {
    guard let template = try? TLV.parseOne(answer.data), template.tag == 0x7c,
      let inner = try? TLV.parseOne(template.value), inner.tag == tag,
      inner.value.count == algorithm.blockCount
    else { throw .malformed(.authenticate) }
    return inner.value
  }
}

/// What a card made of an authentication with a management key.
package enum ManagementAttempt: Hashable, Sendable {
  /// It accepted the key and proved that it holds it.
  case proven
  /// It accepted the key, and could not prove that it holds it.
  case unproven
  case refused(StatusWord)
}

extension ManagementAlgorithm {
  /// Those whose keys have as many bytes as the factory's, in the order in which they are tried.
  static let ofFactoryKey: [ManagementAlgorithm] = [.tdea, .aes192]
}

/// The host's half of a mutual authentication: everything that touches the key or the challenge.
private final class MutualAuthentication: Sendable {
  private let vault: any SecretVault
  private let key: SecretHandle
  private let algorithm: ManagementAlgorithm
  /// The challenge that the card saw last.
  private let challenge = Mutex<Secret?>(nil)

  init(vault: any SecretVault, key: SecretHandle, algorithm: ManagementAlgorithm) {
    self.vault = vault
    self.key = key
    self.algorithm = algorithm
  }

  /// `7C {80 decrypted witness, 81 challenge}`.
  func reply(to witness: [UInt8]) -> CommandAPDU.Data {
    let size = algorithm.blockCount
    return .secret(count: 6 + 2 * size) { [self] in
      let key = try vault.reveal(key)
      let drawn = try vault.draw(count: size)
      guard drawn.count == size else { throw PIVError.secretUnavailable }
      challenge.withLock { $0 = drawn }
      return try Secret(count: 6 + 2 * size) { whole in
        whole.copyBytes(from: [0x7c, UInt8(4 + 2 * size), 0x80, UInt8(size)])
        var answer = UnsafeMutableRawBufferPointer(rebasing: whole[4..<(4 + size)])
        answer.copyBytes(from: witness)
        try algorithm.decrypt(&answer, key)
        whole[4 + size] = 0x81
        whole[5 + size] = UInt8(size)
        drawn.withBytes { UnsafeMutableRawBufferPointer(rebasing: whole[(6 + size)...]).copyBytes(from: $0) }
      }
    }
  }

  /// Whether the card's proof is our challenge under the key; the recorded verdict in a replay.
  func isProven(by proof: [UInt8]) throws -> Bool {
    try vault.verdict(on: key, "management authentication") {
      guard let drawn = challenge.withLock({ $0 }) else { throw PIVError.secretUnavailable }
      let expected = try Secret(count: proof.count) { block in
        drawn.withBytes { block.copyBytes(from: $0) }
        var bytes = block
        try algorithm.encrypt(&bytes, vault.reveal(key))
      }
      return expected.matches(try Secret(copying: proof))
    }
  }
}
