import CeremonyRecords
import Keys

/// What the engine tells: it is done, and nothing comes back.
package enum Effect: Sendable {
  /// A fact that the engine decided, as a record.
  case record(any RecordBody)
  case show(Screen)
  /// A product file: created exclusively, read back, compared and fsynced.
  case create(Product)
  /// A file of `verify/`, from the program itself, with the content that the first record names.
  case supply(VerifierFile)
  case releaseCard
  /// `report.html`: the page about the ceremony, from its account of itself and everything that the folder holds by now.
  case report(CeremonyAccount, CeremonyEnding)
  /// The final head, to be read aloud: the SHA-256 of the record of the end, which stands last. Not recorded, for nothing
  /// follows that record; the screen comes without the digest.
  case showFinalHead(Screen)
  /// `SHA256SUMS` over these files, the transcript and what was sealed after it.
  case sum([Sum])

  /// A file of the products folder and its digest.
  package struct Sum: Hashable, Sendable {
    package let path: String
    package let digest: SHA256Digest

    package init(path: String, digest: SHA256Digest) {
      self.path = path
      self.digest = digest
    }
  }
}

/// An effect and the id of the step that it belongs to; "" before the first step and after the last.
package struct StepEffect: Sendable {
  package let step: String
  package let effect: Effect
}
