import CanonicalJSON

/// The version of the engine: raised by any change to an effect, because a transcript of another version
/// cannot be re-executed by this one.
package enum EngineVersion {
  package static let current = 9
  /// Those whose records this release knows how to judge.
  package static let known = 1...Int64(current)
  /// From this version on each new key signs a proof, nobody acts from outside the room, an earlier root is always kept, and
  /// scripts may be of version 2.
  package static let withProofs: Int64 = 4
  /// From this version on the proofs of officials' keys are as long as the seal, and required like everybody's.
  package static let withOfficialProofs: Int64 = 5
  /// From this version on it is asked after an interruption who is still here.
  package static let withRollCall: Int64 = 5
  /// From this version on a folder holds `verify/`, and the first record names its files.
  package static let withVerifiers: Int64 = 5

  /// From this version on a root may follow another, and its transcript is sealed by both.
  package static let withRotations: Int64 = 6
  /// From this version on a ceremony may answer a request, take in what was made elsewhere, and end pending.
  package static let withRequests: Int64 = 7
  /// From this version on a card may be wiped at the end, a screen has boards, and who withdraws a payload says what is out.
  package static let withBoards: Int64 = 8

  /// From this version on metadata of delegated roles is built.
  package static let withDelegations: Int64 = 8
  /// From this version on a role may have keys that are made, used and wiped, or deleted on cards, in one ceremony.
  package static let withOneTimeKeys: Int64 = 9
  /// From this version on a script that goes on from a root may say anew what is delegated, and what is listed.
  package static let withRenewedDelegations: Int64 = 9

  /// From this version on a root that founds version 1 may wait, and be finished or withdrawn.
  package static let withPendingFirstRoots: Int64 = 9
  /// From this version on keyholders elsewhere are asked to sign a root, and nothing else: no answer has another role.
  package static let withRequestsForRootsAlone: Int64 = 9

  /// Whether this is the version of a release that has this engine version: 0.N.x has version N, and no other has.
  package static func isMade(_ engine: Int64, by version: String) -> Bool {
    let parts = version.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && isIdentical(parts.prefix(2).joined(separator: "."), "0.\(engine)")
      && (1...6).contains(parts[2].utf8.count) && parts[2].utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}

/// The format of the transcript's lines.
package enum TranscriptFormat {
  package static let current = 1
}
