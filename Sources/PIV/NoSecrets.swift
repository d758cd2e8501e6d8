import Keys

/// A vault without secrets: where only public things are asked of a card, and in a replay, nobody asks it.
package final class NoSecrets: SecretVault {
  package init() {}
  package func reveal(_ handle: SecretHandle) throws -> Secret { throw PIVError.secretUnavailable }
  package func draw(count: Int) throws -> Secret { throw PIVError.secretUnavailable }
  package func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    throw PIVError.secretUnavailable
  }
}
