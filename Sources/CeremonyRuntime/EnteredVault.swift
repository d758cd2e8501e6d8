import Keys
import PIV
import Synchronization

/// Secrets that a person typed for one command, and those of the factory.
public final class EnteredVault: SecretVault {
  private let secrets = Mutex<[SecretHandle: Secret]>([:])
  public init() {}

  /// Keeps a secret under a name until the vault goes.
  public func keep(_ secret: Secret, as handle: SecretHandle) { secrets.withLock { $0[handle] = secret } }

  /// Wipes it as soon as nobody uses it any more.
  public func forget(_ handle: SecretHandle) { secrets.withLock { $0[handle] = nil } }

  /// Whether what was typed is one of the secrets here, or has one in it.
  public func holds(in typed: Secret) -> Bool { typed.holds(any: secrets.withLock { Array($0.values) }) }

  public func reveal(_ handle: SecretHandle) throws -> Secret {
    if let factory = FactorySecret(handle) { return try Secret(copying: factory.value) }
    guard let secret = secrets.withLock({ $0[handle] }) else { throw PIVError.secretUnavailable }
    return secret
  }

  public func draw(count: Int) throws -> Secret { try Secret.random(count: count) }

  public func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    try compute()
  }
}
