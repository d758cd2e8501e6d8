import CardOperations
import CeremonyRecords
import Findings
import Keys
import PIV
import TUFMetadata
import UTC

/// What came of a ``Question``.
package enum Event: Sendable {
  /// The transcript has its first record.
  case begun
  /// The ceremony stopped and went on before what was asked came to anything: it is asked again.
  case wentOn
  /// One of the tokens that the prompt takes.
  case answer(String)
  /// A line that the prompt's rule accepts.
  case text(String)
  case input([UInt8])
  case listed([TargetFile])
  case delivered(DeliveryRecord)
  case enrolled(EnrolmentRecord)
  case cardPresent
  /// No card can be had, and why.
  case noCard(Finding)
  case card(Result<CardOutcome, PIVError>)
  case random([UInt8])
  case clock(UTCTime)
  case host(HostRecord)
  /// The number of the last record, and the SHA-256 of its line.
  case head(number: Int64, digest: SHA256Digest)
  case secret(isDone: Bool)
  case oneTime(OneTimeRecord)
  /// - Parameter transcript: the SHA-256 of the whole file.
  case closed(head: SHA256Digest, transcript: SHA256Digest)
}
