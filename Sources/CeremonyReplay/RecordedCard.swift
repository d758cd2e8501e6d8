import CanonicalJSON
import CeremonyRecords
import Findings
import FolderAudit
import Keys
import PIV
import SmartCard
import Synchronization
import Transcript

/// A card as the journal knows it: every physical command is recorded before it is sent, every answer before it is used.
/// In a replay the same code runs over the recorded answers, and there is no card behind it.
final class RecordedCard: CardChannel {
  private let journal: any Journal
  private let card: (any CardChannel)?
  private let step: String
  /// The first failure of the journal itself. It outranks whatever the session makes of it.
  private(set) var journalFailure: (any Error)?

  init(_ card: (any CardChannel)?, journal: any Journal, step: String) {
    self.card = card
    self.journal = journal
    self.step = step
  }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    guard journalFailure == nil else { throw .garbled }
    do {
      try journal.state(CommandRecord(command), step: step)
      let response = try journal.obtain(step: step) { () throws -> ResponseRecord in
        guard let card else { return .failure(.notHeld) }
        do throws(CardFailure) {
          let answer = try card.transmit(command)
          return .answer(data: answer.data, status: [answer.status.sw1, answer.status.sw2])
        } catch .interrupted {
          // The command has no answer, and the journal says why.
          throw CardFailure.interrupted
        } catch {
          return .failure(error)
        }
      }
      switch response {
      case .failure(let failure): throw failure
      case .answer(let data, let status):
        guard let answer = ResponseAPDU(data + status) else { throw CardFailure.garbled }
        return answer
      case nil: throw Unexpected(what: "a card's answer")
      }
    } catch let failure as CardFailure {
      throw failure
    } catch {
      journalFailure = error
      throw .garbled
    }
  }
}

/// A vault whose verdicts are recorded, and in a replay read from the record.
final class RecordedVault: SecretVault {
  private let vault: any SecretVault
  // The journal and the loop live on one thread, and a session calls its vault synchronously.
  nonisolated(unsafe) private let journal: any Journal
  private let step: String
  private let failure = Mutex<(any Error)?>(nil)

  init(_ vault: any SecretVault, journal: any Journal, step: String) {
    self.vault = vault
    self.journal = journal
    self.step = step
  }

  var journalFailure: (any Error)? { failure.withLock { $0 } }

  func reveal(_ handle: SecretHandle) throws -> Secret { try vault.reveal(handle) }
  func draw(count: Int) throws -> Secret { try vault.draw(count: count) }

  func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    do {
      // What the question needs may have gone with the program that asked the card.
      let record = try journal.obtain(step: step) {
        SecretRecord.verdict(handle, question: question, try? compute())
      }
      guard case .verdict(handle, question: question, let verdict) = record else {
        throw Unexpected(what: "a verdict on \(handle): \(question)")
      }
      guard let verdict else { throw PIVError.secretUnavailable }
      return verdict
    } catch let error as PIVError {
      throw error
    } catch {
      failure.withLock { if $0 == nil { $0 = error } }
      throw error
    }
  }
}

/// A recorded result that does not answer what was asked.
struct Unexpected: Error {
  let what: String
}

extension Finding {
  /// What kept a record from being handed out, or from being what was asked for.
  package static func malformedRecord(_ error: any Error, at place: String) -> Finding {
    let why =
      (error as? Unexpected).map { "A record does not hold what was asked for: \($0.what)." }
      ?? "The transcript does not say what happened here: \(error)."
    return Finding(
      .recordMalformed, why, hint: "Treat the folder as changed; compare it with another copy.", place: place)
  }
}
