import CeremonyRecords
import CeremonyScript
import Keys

/// What a ceremony came to, for reports: known by re-executing it, or from the files of a complete one that another
/// engine version made, once they were judged.
package struct CeremonyFacts: Hashable, Sendable {
  package let title: String
  /// The repository whose root this is.
  package let repository: String
  package let administrator: String
  package let witness: String
  /// In the script's order; only cards that came into a reader.
  package let cards: [Card]
  /// In the script's order; only payloads that were built.
  package let payloads: [Payload]
  /// In the order in which they were given up.
  package let dropped: [Dropped]
  /// Cards that left the ceremony: `71 of Ada`; in that order where it was re-executed, else in that of their names.
  package let retired: [String]
  /// Names of the keyholders of the root who signed the transcript seal.
  package var sealers: [String]
  /// Names of the officials who signed it.
  package let officialSealers: [String]
  /// How many exceptions were recorded.
  package let exceptions: Int
  /// The keys of the root that was built; empty before it was.
  package let rootKeys: [RootKeyOrigin]
  /// nil for a first root.
  package let rotation: Rotation?
  /// Cards that were to be wiped, in the script's order.
  package let wipes: [Wipe]
  /// nil for a ceremony that answers no request.
  package let answer: AnsweredFacts?
  package let room: RoomFacts

  package struct Card: Hashable, Sendable {
    package let keyholder: String
    /// The serial, or `guid-` and the GUID.
    package let name: String
    package let firmware: String?
    /// The number on its case as somebody read it aloud, and what confirms it, where the card does not say its serial.
    /// nil, too, where the ceremony was not held again.
    package let caseNumber: String?
    package let keys: [Key]

    package init(keyholder: String, name: String, firmware: String?, caseNumber: String?, keys: [Key]) {
      self.keyholder = keyholder
      self.name = name
      self.firmware = firmware
      self.caseNumber = caseNumber
      self.keys = keys
    }
  }

  package struct Key: Hashable, Sendable {
    package let role: String
    package let keyID: String
    package let slot: String
    package let algorithm: String
    package let pinPolicy: String
    package let touchPolicy: String
    /// What the device says of the key; empty where it was not attested.
    package let attestation: [Screen.Fact]
    /// nil where it was not attested.
    package let vendor: Vendor?

    package init(
      role: String, keyID: String, slot: String, algorithm: String, pinPolicy: String, touchPolicy: String,
      attestation: [Screen.Fact], vendor: Vendor?
    ) {
      self.role = role
      self.keyID = keyID
      self.slot = slot
      self.algorithm = algorithm
      self.pinPolicy = pinPolicy
      self.touchPolicy = touchPolicy
      self.attestation = attestation
      self.vendor = vendor
    }
  }

  /// A payload that was built and given up before it reached its threshold.
  package struct Dropped: Hashable, Sendable {
    package let role: String
    /// SHA-256 of the signed part.
    package let digest: SHA256Digest
    /// Names of those who had signed it.
    package let signers: [String]
    package let why: String

    package init(role: String, digest: SHA256Digest, signers: [String], why: String) {
      self.role = role
      self.digest = digest
      self.signers = signers
      self.why = why
    }
  }

  package struct Payload: Hashable, Sendable {
    package let role: String
    package let version: Int64
    /// Of the signed part, in canonical form.
    package let bytes: Int
    /// SHA-256 of the signed part.
    package let digest: SHA256Digest
    /// Names, in the order of signing where it was re-executed, else in that of the key ids.
    package let signers: [String]
    /// Names of those who may sign it and did not, in the order of the script.
    package let waiting: [String]
    package let keyholders: Int
    package let threshold: Int

    package init(
      role: String, version: Int64, bytes: Int, digest: SHA256Digest, signers: [String], waiting: [String],
      keyholders: Int, threshold: Int
    ) {
      self.role = role
      self.version = version
      self.bytes = bytes
      self.digest = digest
      self.signers = signers
      self.waiting = waiting
      self.keyholders = keyholders
      self.threshold = threshold
    }
  }

  package init(
    title: String, repository: String, administrator: String, witness: String, cards: [Card], payloads: [Payload],
    dropped: [Dropped], retired: [String], sealers: [String], officialSealers: [String], exceptions: Int,
    rootKeys: [RootKeyOrigin], rotation: Rotation?, wipes: [Wipe], answer: AnsweredFacts?, room: RoomFacts
  ) {
    self.title = title
    self.repository = repository
    self.administrator = administrator
    self.witness = witness
    self.cards = cards
    self.payloads = payloads
    self.dropped = dropped
    self.retired = retired
    self.sealers = sealers
    self.officialSealers = officialSealers
    self.exceptions = exceptions
    self.rootKeys = rootKeys
    self.rotation = rotation
    self.wipes = wipes
    self.answer = answer
    self.room = room
  }
}
