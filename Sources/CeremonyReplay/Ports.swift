import CardOperations
import CeremonyEngine
import CeremonyRecords
import FolderAudit
import Keys
import PIV
import SmartCard
import TUFMetadata
import Transcript
import UTC

/// The world outside the engine. Live ports reach it; a replay's hold the products folder and nothing else.
/// A result that must be the same in a replay passes through the ``Journal``, and these are called for it live only.
package protocol Ports: AnyObject {
  func show(_ screen: Screen)

  /// One answer to the screen's prompt. The text of what is refused goes nowhere. Throws ``Interruption``.
  func answer(to screen: Screen) throws -> Reply

  /// The content of a file of the products folder, live and in a replay alike.
  func stored(_ path: String) throws -> [UInt8]

  /// The SHA-256 of such a file, of any size.
  func digest(of path: String) throws -> SHA256Digest

  /// The target files that lie in the folder that the script names for a role. Called live only.
  func targetFiles(of role: String) throws -> [TargetFile]

  /// What lies in the folder for answers and was not taken in before: each file is put into the products folder. Throws a
  /// `Finding` where there is no such folder.
  func deliveries(_ wanted: DeliveryWanted) throws -> [Delivered]

  /// The same for keys that were made elsewhere.
  func enrolments(_ wanted: EnrolmentWanted) throws -> [Enrolment]

  /// Creates a product; a replay compares it with what is there.
  func create(_ product: Product) throws

  /// Creates a file of `verify/` as this program has it; a replay compares the digest of what is there.
  func supply(_ file: VerifierFile) throws

  /// Creates `report.html` from the folder and the ceremony's own account; a replay compares it with what is there.
  func report(_ account: ReplayVerdict) throws

  /// Waits for a card that may be the keyholder's. Returns what is known of its reader.
  /// Throws ``Interruption``, `Aside` for a word that was typed meanwhile, and a `Finding` where no card can be had.
  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader
  /// What ``awaitCard(keyholder:serial:)`` returned is on the record; called for a recorded card, too.
  func cardCame(_ card: CardInReader, keyholder: String, serial: UInt32?)

  /// The card that ``awaitCard(keyholder:serial:)`` brought; nil in a replay.
  var cardChannel: (any CardChannel)? { get }

  func releaseCard() throws

  func random(count: Int) throws -> [UInt8]

  /// What the clock says.
  func now() throws -> UTCTime

  /// What is found of the machine.
  func host() throws -> HostRecord

  /// What came of an operation with one-time keys, whose private halves never leave the port. Called live only.
  func oneTime(_ operation: OneTimeOperation) throws -> OneTimeRecord

  /// Whether the operation was done.
  func perform(_ operation: SecretOperation) throws -> Bool

  /// The vault that a card session draws secrets from; in a replay one that has none.
  var vault: any SecretVault { get }
}
