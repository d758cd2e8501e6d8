import PIVTypes
import SmartCard

/// How one kind of card answers, as data: what it knows, what it holds when it leaves its factory, and the status words
/// in which cards differ. Each but the first two is in the image of a card that somebody else made, as it was measured.
package struct CardProfile: Hashable, Sendable {
  /// As it is asked for and stored.
  package let name: String
  /// In a word or two, for people.
  package let summary: String
  /// Whether a card of this kind says that it is one of ours, where nobody asks for another.
  var isMarked = true

  /// Instructions that it answers with 6D00.
  var lacks: Set<UInt8> = []
  var algorithms: [KeyAlgorithm] = KeyAlgorithm.allCases
  /// How many of the retired slots 82 to 95 it has.
  var retiredSlots: UInt8 = 20
  var touchPolicies: [TouchPolicy] = TouchPolicy.allCases
  /// Those that its management key can have; the first is its factory's.
  var managementAlgorithms: [ManagementAlgorithm] = [.aes192, .tdea, .aes128, .aes256]
  /// Objects that it has no room for.
  var lacksObjects: [DataObject] = []
  /// The most bytes that Ed25519 signs.
  var messageLimit = 3043
  /// The same where they come in one extended APDU.
  var extendedMessageLimit: Int?
  var version = FirmwareVersion(5, 7, 4)
  /// Whether it has a CHUID from the factory on.
  var hasFactoryCHUID = false
  var pinTries: UInt8 = 3
  var pukTries: UInt8 = 3
  /// The fewest digits that a new PIN or PUK may have.
  var shortestCode = 6
  /// Whether PIN and management authentication outlast another SELECT of the application.
  var keepsStateAtSelect = false
  /// Whether PIN policy `always` asks for a VERIFY directly before, and not only for one that no use of a key used up.
  var wantsPINDirectly = false

  /// Who vouches for its attestations; nil for none.
  var authority: Authority?
  /// Whether an attestation has a length in more bytes than it needs.
  var writesLongLengths = false

  /// What it says of PIN, PUK and management key, whether it is so or not; nil for the truth.
  var saysFactory: Bool?
  /// What it says of a slot that is empty.
  var emptySlot = EmptySlot.referenceNotFound
  /// How it says that it made a key by itself.
  var origin = KeyOrigin.generated.rawValue

  /// No try is left: to a value, and to an empty VERIFY.
  var blocked = StatusWord.blocked
  var blockedAtQuestion = StatusWord.blocked
  /// RESET before PIN and PUK are blocked.
  var resetRefused = StatusWord.conditionsNotSatisfied
  var noKey = StatusWord.referenceNotFound
  /// What a slot holds that the card does not have.
  var noSlot = StatusWord.referenceNotFound
  /// Another algorithm than that of the key, or of the management key.
  var otherAlgorithm = StatusWord.wrongParameters
  var cannotMake = StatusWord.wrongData
  var cannotTouch = StatusWord.wrongData
  var notTouched = StatusWord.securityNotSatisfied

  enum Authority: Hashable {
    /// The test CA of this program.
    case rehearsal
    /// The card itself, with a P-384 key that every reset makes anew.
    case itself
  }

  enum EmptySlot: Hashable {
    case referenceNotFound
    /// The policies that a key would have, without a key.
    case policies
  }

  /// The kind of this name; nil for none.
  package init?(_ name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  private init(_ name: String, _ summary: String, _ change: (inout CardProfile) -> Void) {
    self.name = name
    self.summary = summary
    change(&self)
  }
}

extension CardProfile {
  /// In the order in which they are listed.
  package static let all = [yubikey, bare, minimal, token, attesting, applet]

  /// A YubiKey of firmware 5.7, attested by the test CA.
  package static let yubikey = CardProfile("yubikey", "a YubiKey 5.7, attested by our test CA") {
    $0.authority = .rehearsal
    $0.keepsStateAtSelect = true
    $0.wantsPINDirectly = true
    $0.otherAlgorithm = .wrongData
  }

  /// The same without attestation and without our mark: for trying how a ceremony treats a card that nobody can attest.
  package static let bare = CardProfile("bare", "a YubiKey 5.7 without attestation and without our mark") {
    $0.isMarked = false
    $0.lacks = [0xf9]
    $0.blockedAtQuestion = StatusWord(0x63c0)
    $0.resetRefused = .securityNotSatisfied
    $0.noKey = .conditionsNotSatisfied
    $0.notTouched = .executionError
  }

  /// A card that knows the standard's commands alone (SP 800-73-4): no serial, no metadata, no reset; its GUID tells it
  /// from others.
  package static let minimal = CardProfile(
    "minimal", "the standard's commands alone: no F6 to FF, TDES, known by its GUID"
  ) {
    $0.lacks = Set(0xf6...0xff)
    $0.algorithms = [.ecdsaP256, .ecdsaP384]
    $0.managementAlgorithms = [.tdea]
    $0.hasFactoryCHUID = true
    $0.pinTries = 6
    $0.pukTries = 10
    $0.cannotMake = .wrongParameters
  }

  /// An open-source token with Ed25519 and without attestation.
  package static let token = CardProfile("token", "Ed25519 up to 1,330 bytes, TDES, metadata and reset; no F6, F9, FA")
  {
    $0.lacks = [0xf6, 0xf9, 0xfa]
    $0.retiredSlots = 2
    $0.managementAlgorithms = [.tdea]
    $0.lacksObjects = [.printedInformation]
    $0.messageLimit = 1330
    $0.extendedMessageLimit = 1323
    $0.version = FirmwareVersion(5, 7, 0)
    $0.shortestCode = 2
    $0.blockedAtQuestion = StatusWord(0x63c0)
    $0.resetRefused = .securityNotSatisfied
    $0.noKey = .conditionsNotSatisfied
    $0.notTouched = .executionError
  }

  /// An open-source token of ECDSA alone that attests by itself, and says of no secret that it is the
  /// factory's.
  package static let attesting = CardProfile(
    "attesting", "P-256 and P-384, AES-192, attests by itself; never says “factory”"
  ) {
    $0.algorithms = [.ecdsaP256, .ecdsaP384]
    $0.managementAlgorithms = [.aes192, .aes256, .aes128]
    $0.version = FirmwareVersion(5, 7, 0)
    $0.shortestCode = 2
    $0.authority = .itself
    $0.saysFactory = false
    $0.resetRefused = .wrongData
    $0.cannotMake = StatusWord(0x6984)
  }

  /// A Java Card applet: other words for an empty slot, for where a key comes from and for lengths.
  package static let applet = CardProfile("applet", "P-256, TDES, no touch; other words for empty slots and lengths") {
    $0.lacks = [0xf6]
    $0.algorithms = [.ecdsaP256]
    $0.retiredSlots = 11
    $0.noSlot = .wrongParameters
    $0.touchPolicies = [.never]
    $0.managementAlgorithms = [.tdea]
    $0.version = FirmwareVersion(5, 4, 0)
    $0.hasFactoryCHUID = true
    $0.pinTries = 5
    $0.authority = .itself
    $0.writesLongLengths = true
    $0.emptySlot = .policies
    $0.origin = 0
    $0.blocked = StatusWord(0x63c0)
    $0.blockedAtQuestion = StatusWord(0x63c0)
    $0.cannotTouch = .functionNotSupported
  }
}
