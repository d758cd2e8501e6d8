import Keys
import PIV
import Synchronization

/// Secrets that a person typed for one command, and those of the factory.
package final class EnteredVault: SecretVault {
  private let secrets = Mutex<[SecretHandle: Secret]>([:])
  package init() {}

  /// Keeps a secret under a name until the vault goes.
  package func keep(_ secret: Secret, as handle: SecretHandle) { secrets.withLock { $0[handle] = secret } }

  /// Wipes it as soon as nobody uses it any more.
  package func forget(_ handle: SecretHandle) { secrets.withLock { $0[handle] = nil } }

  /// Whether what was typed is one of the secrets here, or has one in it.
  package func holds(in typed: Secret) -> Bool { typed.holds(any: secrets.withLock { Array($0.values) }) }

  /// nil where nobody made or typed it here.
  func secret(_ handle: SecretHandle) -> Secret? { secrets.withLock { $0[handle] } }

  package func reveal(_ handle: SecretHandle) throws -> Secret {
    if let factory = FactorySecret(handle) { return try Secret(copying: factory.value) }
    guard let secret = secret(handle) else { throw PIVError.secretUnavailable }
    return secret
  }

  package func draw(count: Int) throws -> Secret { try Secret.random(count: count) }

  package func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    try compute()
  }
}
