import Keys

/// A vault without secrets: where only public things are asked of a card, and in a replay, nobody asks it.
public final class NoSecrets: SecretVault {
  public init() {}
  public func reveal(_ handle: SecretHandle) throws -> Secret { throw PIVError.secretUnavailable }
  public func draw(count: Int) throws -> Secret { throw PIVError.secretUnavailable }
  public func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    throw PIVError.secretUnavailable
  }
}
