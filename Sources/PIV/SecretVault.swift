import Keys

/// Names a secret without holding it: `card-1/pin`, `card-1/management-key`.
package struct SecretHandle: Hashable, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ name: String) { description = name }
}

/// The secret port as a PIV session sees it.
package protocol SecretVault: AnyObject, Sendable {
  /// The secret behind a handle. Called only while a command is being sent to a live card, never in a replay.
  func reveal(_ handle: SecretHandle) throws -> Secret

  /// Bytes that must not be recorded, such as a host challenge. Called only while a command is being sent to a live card.
  func draw(count: Int) throws -> Secret

  /// A yes or no that is computed from secrets. Live, the answer of `compute` is recorded;
  /// in a replay `compute` is not called and the recorded answer returned.
  func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool
}
