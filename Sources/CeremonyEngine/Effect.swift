import CanonicalJSON
import CardOperations
import Findings
import Keys
import PIV
import Transcript
import UTC

/// What the engine wants done. In what ``CeremonyEngine/handle(_:)`` returns, every effect but the last is told:
/// it is done and nothing comes back. The last one is asked: it brings exactly one ``Event``, or ends the ceremony.
public enum Effect: Sendable {
  // Told.
  /// A fact that the engine decided, as a record.
  case record(RecordKind, JSONObject)
  case show(Screen)
  /// A product file: created exclusively, read back, compared and fsynced.
  case create(Product)
  /// A file of `verify/`, from the program itself, with the content that the first record names.
  case supply(VerifierFile)
  case releaseCard
  /// `report.html`: the page about the ceremony, from everything that the folder holds by now.
  case report(Outcome.Ending)
  /// The final head, to be read aloud: the SHA-256 of the record of the end, which stands last. Not recorded, for nothing
  /// follows that record; the screen comes without the digest.
  case showFinalHead(Screen)
  /// `SHA256SUMS` over these files, the transcript and what was sealed after it.
  case sum([Sum])

  // Asked.
  /// A screen with a prompt; brings ``Event/answer(_:)``, or ``Event/text(_:)`` where it asks for a line.
  case ask(Screen)
  /// A file beside the script, kept in `inputs/`; brings ``Event/input(_:)``.
  case read(name: String)
  /// A card in a reader; brings ``Event/cardPresent`` or ``Event/noCard(_:)``.
  case awaitCard(keyholder: String, serial: UInt32?)
  /// A PIV operation on the present card; brings ``Event/card(_:)``.
  case card(CardOperation)
  /// Randomness for a public value; brings ``Event/random(_:)``.
  case random(count: Int, purpose: String)
  /// What the machine's clock says; brings ``Event/clock(_:)``.
  case clock
  /// How far the transcript has come; brings ``Event/head(number:digest:)``.
  case head
  /// Work inside the secret port; brings ``Event/secret(isDone:)``.
  case secret(SecretOperation)
  /// The last record of the transcript; brings ``Event/closed(head:transcript:)``.
  case close(JSONObject)
  case end(Outcome)

  /// A file of the products folder and its digest.
  public struct Sum: Hashable, Sendable {
    public let path: String
    public let digest: SHA256Digest

    package init(path: String, digest: SHA256Digest) {
      self.path = path
      self.digest = digest
    }
  }
}

/// What came of an asked effect.
public enum Event: Sendable {
  /// The transcript has its first record.
  case begun
  /// The ceremony stopped and went on before what was asked came to anything: it is asked again.
  case wentOn
  /// One of the tokens that the prompt takes.
  case answer(String)
  /// A line that the prompt's rule accepts.
  case text(String)
  case input([UInt8])
  case cardPresent
  /// No card can be had, and why.
  case noCard(Finding)
  case card(Result<CardOutcome, PIVError>)
  case random([UInt8])
  case clock(UTCTime)
  /// The number of the last record, and the SHA-256 of its line.
  case head(number: Int64, digest: SHA256Digest)
  case secret(isDone: Bool)
  /// - Parameter transcript: the SHA-256 of the whole file.
  case closed(head: SHA256Digest, transcript: SHA256Digest)
}

/// A file of the products folder.
public struct Product: Hashable, Sendable {
  /// Relative to the folder, `/` between its parts.
  public let path: String
  public let bytes: [UInt8]
  /// False for what is written after the transcript's last record, where no record can bind it.
  public let isRecorded: Bool

  public init(_ path: String, _ bytes: [UInt8], isRecorded: Bool = true) {
    self.path = path
    self.bytes = bytes
    self.isRecorded = isRecorded
  }
}

/// What the secret port is asked to do with a secret that the engine knows by name only.
public struct SecretOperation: Hashable, Sendable {
  public enum Work: String, Sendable {
    /// A new one is made, or typed twice.
    case make
    /// Its keeper enters it for use.
    case enter
    /// It is wiped.
    case forget
  }

  public enum Kind: String, Sendable {
    case pin
    case puk
    case managementKey = "management-key"
  }

  public let work: Work
  public let kind: Kind
  public let handle: SecretHandle

  public init(work: Work, kind: Kind, handle: SecretHandle) {
    self.work = work
    self.kind = kind
    self.handle = handle
  }
}

/// How a ceremony ended.
public struct Outcome: Hashable, Sendable {
  public enum Ending: String, Sendable {
    case complete
    case aborted
  }

  public let ending: Ending
  public let status: ExitStatus
  /// Why, where it did not complete.
  public let finding: Finding?

  public init(ending: Ending, status: ExitStatus, finding: Finding?) {
    self.ending = ending
    self.status = status
    self.finding = finding
  }
}
