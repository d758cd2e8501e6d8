import PIVTypes
import SmartCard

/// Why a PIV operation did not do what was asked.
///
/// Cards differ in the status words that they use for one situation; a session maps them to one case here.
package enum PIVError: Error, Hashable, Sendable {
  /// No answer came.
  case noAnswer(CardFailure)
  /// SELECT was refused: no PIV application, or another kind of card.
  case notPIV(StatusWord)

  case wrongPIN(triesLeft: Int)
  case pinBlocked
  case wrongPUK(triesLeft: Int)
  case pukBlocked
  /// The card wants a verified PIN first; under the policy `always` once for each use of the key.
  case pinNotVerified
  /// The card refuses a new PIN or PUK: too short, too simple, or all equal.
  case newValueRefused(StatusWord)

  /// Nobody touched the card in time. Never a wrong PIN: verify again and repeat.
  case notTouched

  /// The card does not accept our management key.
  case managementKeyWrong
  /// The card accepted our management key and then could not prove that it holds it.
  case managementProofWrong
  /// The card's management key has another algorithm.
  case managementAlgorithmWrong(ManagementAlgorithm)
  /// The command needs management authentication first.
  case managementNotAuthenticated

  /// The slot holds no key.
  case noKey(Slot)
  /// The key in the slot is of another algorithm.
  case otherAlgorithm(Slot, KeyAlgorithm)
  /// The card cannot make such a key in such a slot.
  case algorithmNotSupported(KeyAlgorithm, Slot)
  /// The card has no such PIN or touch policy for a key in such a slot.
  case policyNotSupported(PINPolicy, TouchPolicy, Slot)
  /// The message does not fit the card; `bytes` is its size.
  case messageTooLong(bytes: Int)

  /// Reset wants PIN and PUK blocked first.
  case resetNotAllowed
  /// PIN or PUK could not be blocked: the card answers wrong values without counting them.
  case cannotBlock
  /// Deleting the attestation key of F9 cannot be undone by anybody; it is never sent.
  case attestationKeyKept
  /// The card shows an object without the PIN that should protect it.
  case objectNotProtected(DataObject)
  /// The card does not keep a management key behind its PIN.
  case managementKeyNotKept
  /// The card has no room.
  case full

  /// The card does not know the command.
  case notSupported(PIVCommand)
  /// The card says success and its data are not what the command returns.
  case malformed(PIVCommand)
  /// Any other refusal.
  case refused(PIVCommand, StatusWord)

  /// A handle has no secret, or it has the wrong length.
  case secretUnavailable
}

/// The commands of a session by name, for errors.
package enum PIVCommand: String, Sendable {
  case select = "SELECT"
  case version = "GET VERSION"
  case serial = "GET SERIAL"
  case metadata = "GET METADATA"
  case verify = "VERIFY"
  case changePIN = "CHANGE PIN"
  case changePUK = "CHANGE PUK"
  case unblockPIN = "RESET RETRY COUNTER"
  case setTries = "SET PIN RETRIES"
  case authenticate = "MANAGEMENT AUTHENTICATION"
  case setManagementKey = "SET MANAGEMENT KEY"
  case generate = "GENERATE"
  case sign = "SIGN"
  case attest = "ATTEST"
  case deleteKey = "DELETE KEY"
  case reset = "RESET"
  case getData = "GET DATA"
  case putData = "PUT DATA"
}
