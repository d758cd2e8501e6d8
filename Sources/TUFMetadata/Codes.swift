import Findings

/// What can be wrong with metadata. Errors unless the comment says otherwise.
extension Finding.Code {
  // The document.

  /// A field is missing, or holds a value of another kind than TUF §4 says.
  public static let metadataShape = Finding.Code("METADATA-SHAPE")
  /// `_type` is not the role that was expected here.
  public static let metadataType = Finding.Code("METADATA-TYPE")
  /// `spec_version` is not 1.x (TUF §4.3); in what we sign, not exactly the version we write.
  public static let specVersion = Finding.Code("SPEC-VERSION")
  /// `version` is not a whole number from 1.
  public static let metadataVersion = Finding.Code("METADATA-VERSION")
  /// `expires` is not exactly `YYYY-MM-DDTHH:MM:SSZ`. A warning where the moment is still clear and the root superseded.
  public static let expiresForm = Finding.Code("EXPIRES-FORM")

  // Roles and keys.

  /// One of the four top-level roles is missing.
  public static let roleMissing = Finding.Code("ROLE-MISSING")
  /// A warning: a role besides the four top-level ones, which several clients refuse.
  public static let roleUnknown = Finding.Code("ROLE-UNKNOWN")
  /// A threshold below 1.
  public static let roleThreshold = Finding.Code("ROLE-THRESHOLD")
  /// A threshold above the number of different keys of the role.
  public static let thresholdUnreachable = Finding.Code("THRESHOLD-UNREACHABLE")
  /// A role that names no key.
  public static let roleWithoutKey = Finding.Code("ROLE-WITHOUT-KEY")
  /// A role that names a key id under which no key stands.
  public static let roleKeyMissing = Finding.Code("ROLE-KEY-MISSING")
  /// A role that names one key id twice.
  public static let roleKeyRepeated = Finding.Code("ROLE-KEY-REPEATED")
  /// A key that no role uses; a finding only in what we sign.
  public static let keyUnused = Finding.Code("KEY-UNUSED")
  /// One key under two key ids; a warning in what others signed: it counts once.
  public static let keyDuplicate = Finding.Code("KEY-DUPLICATE")
  /// A key of a type or scheme that cannot be verified here; a warning in what others signed.
  public static let keyUnknown = Finding.Code("KEY-UNKNOWN")
  /// An Ed25519 key for which anybody can make signatures, or of which two spellings exist; a warning in what others
  /// signed.
  public static let keyWeak = Finding.Code("KEY-WEAK")
  /// A key whose value is that of another kind than its type and scheme say; a warning in what others signed.
  public static let keyOtherKind = Finding.Code("KEY-OTHER-KIND")
  /// An ECDSA key as a point in hexadecimal, by which python-tuf counts nothing. A warning in a superseded root.
  public static let keyHexPoint = Finding.Code("KEY-HEX-POINT")
  /// A key id that is no digest of its key. A warning in a superseded root.
  public static let keyIDMismatch = Finding.Code("KEYID-MISMATCH")
  /// A warning: a key id that is the digest of a part of the key object, as some tools compute it.
  public static let keyIDOtherRule = Finding.Code("KEYID-OTHER-RULE")

  // Signatures.

  /// A signature that is not hexadecimal; a warning where the threshold is met without it.
  public static let signatureForm = Finding.Code("SIGNATURE-FORM")
  /// Two signatures with one key id.
  public static let signatureRepeated = Finding.Code("SIGNATURE-REPEATED")
  /// A warning: a signature by a key id that the role does not name. It is ignored.
  public static let signatureUnknownKey = Finding.Code("SIGNATURE-UNKNOWN-KEY")
  /// A warning where the threshold is met without it: a signature that does not match.
  public static let signatureInvalid = Finding.Code("SIGNATURE-INVALID")

  /// A warning: a signature by a key that cannot be used here, so that nothing is known of it. It does not count.
  public static let signatureNotChecked = Finding.Code("SIGNATURE-NOT-CHECKED")

  // Chains of roots and delegations (TUF §5.3, §5.6).

  /// The version is not exactly one more than the version before.
  public static let rootVersionStep = Finding.Code("ROOT-VERSION-STEP")
  /// Too few signatures by the keys of the root before.
  public static let rootThresholdOld = Finding.Code("ROOT-THRESHOLD-OLD")
  /// Too few signatures by the root's own keys.
  public static let rootThresholdNew = Finding.Code("ROOT-THRESHOLD-NEW")
  /// The newest root has expired.
  public static let rootExpired = Finding.Code("ROOT-EXPIRED")
  /// Larger than clients download.
  public static let rootTooLarge = Finding.Code("ROOT-TOO-LARGE")
  /// A warning: more new roots than clients follow in one refresh.
  public static let rootRotations = Finding.Code("ROOT-ROTATIONS")
  /// Too few signatures by the keys that the delegator names.
  public static let roleThresholdUnmet = Finding.Code("ROLE-SIGNATURES-MISSING")
  /// Made in a rehearsal: never to be trusted.
  public static let rehearsal = Finding.Code("REHEARSAL")
  /// There was nothing to verify, which proves nothing.
  public static let nothingToVerify = Finding.Code("NOTHING-TO-VERIFY")

  // What we sign.

  /// Expired, or further away than two years.
  public static let expiryWindow = Finding.Code("EXPIRY-WINDOW")
  /// Text beyond printable ASCII, which implementations write in different ways.
  public static let textNotASCII = Finding.Code("TEXT-NOT-ASCII")
  /// A name with a character that implementations sort in different ways.
  public static let nameCharacters = Finding.Code("NAME-CHARACTERS")
  /// More bytes than the card signs.
  public static let payloadTooLarge = Finding.Code("PAYLOAD-TOO-LARGE")
  /// The rehearsal mark stands where it must not, or is missing where it must be.
  public static let rehearsalMark = Finding.Code("REHEARSAL-MARK")
  /// The targets version does not follow the one before.
  public static let targetsVersionStep = Finding.Code("TARGETS-VERSION-STEP")
  /// Targets metadata for a ceremony lists a target file.
  public static let targetsNotEmpty = Finding.Code("TARGETS-NOT-EMPTY")
  /// What would be written reads back as something else.
  public static let metadataRoundTrip = Finding.Code("METADATA-ROUND-TRIP")
}
