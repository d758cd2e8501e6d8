import CanonicalJSON
import Findings
import Keys
import PIVTypes
import Requests
import TUFMetadata
import UTC

/// Everything that was decided before the ceremony. One strict YAML document says it all.
package struct Script: Hashable, Sendable {
  /// The versions of scripts that this program reads.
  package static let versions = 1...2
  /// Who may act in a step, beside the keyholders.
  static let parts = Keyholder.officials + ["everyone"]

  /// Which names may stand in it: `ceremony`.
  package let version: Int
  package let title: String
  /// The repository whose root this is, as people name it.
  package let repository: String
  package let administrator: String
  package let witness: String
  package let initials: Initials
  /// In the order of the script, which is the order in the room.
  package let keyholders: [Keyholder]
  /// Administrator and witness, where they have cards of their own. Their keys stand in no metadata.
  package let officials: [Keyholder]
  /// The ceremony before this one, whose root this one does not go on from; nil where the script names none.
  package let previous: PreviousCeremony?
  /// The files of the root that this one follows; nil where the ceremony founds version 1.
  package let goesOn: BaselineFiles?
  /// The ceremony that ended pending and is finished here, by the head and the payload that the script names.
  package let pending: PendingCeremony?
  /// The file of the request that this ceremony answers; nil for every ceremony that answers none.
  package let request: PinnedFile?
  /// That request, once it was read: ``answering(_:)``.
  package internal(set) var answered: AnsweredRequest?
  /// The root that waits, once it was read: ``finishing(_:)``.
  package internal(set) var pendingRoot: AskedRoot?
  /// How the witness watches.
  package let witnessing: Witnessing
  /// Payloads for this version that will not be finished, by the SHA-256 of their canonical bytes.
  package let withdrawn: [SHA256Digest]
  /// What of them waited in the ceremony before this one, once it was read: ``withdrawing(_:)``.
  package internal(set) var withdrawnRoot: WithdrawnRoot?
  /// That root, once it was read: ``going(on:metadata:)``.
  package internal(set) var baseline: Baseline?
  /// The keys of a real root that have stand-ins in a rehearsal; empty for every other ceremony.
  package internal(set) var standIns: [StandIn] = []
  /// Whose cards have the stand-ins of keys that nobody keeps.
  package internal(set) var nobodies: [Keyholder] = []
  /// Whether virtual cards play it, which sign a rehearsal's mark beside what real ones sign.
  package var isOnVirtualCards = false
  /// The target files that a role lists, once they were read. Never iterated: the script's order is the order.
  package internal(set) var listed: [String: [TargetFile]] = [:]
  /// Whose keys leave with this root, and why.
  package let leaving: [Leaver]
  package let cards: CardRules
  /// `root` always; `targets` and delegated roles where their keys are on cards.
  package let offlineRoles: [OfflineRole]
  package let onlineRoles: [OnlineRole]
  package let onlineKeys: [OnlineKey]
  package let steps: [Step]
  package let absent: AbsentRule
  /// How many root keys sign the transcript seal, at least: `seal`; the root's threshold where the script does not say.
  package let sealCount: Int
  /// Custom fields of the root's signed part.
  package let fields: JSONObject
  /// The services that take over what is made.
  package let handOver: [HandOver]
  /// What was noticed while it was read, and does not keep it from being read. ``lint(_:online:at:)`` begins with it.
  let remarks: [Finding]
  /// `script.yaml:line:column` of each key, by the names that lead to it: `roles.root.expires`.
  let places: [String: String]

  /// Where a key stands; nil where the script leaves it out.
  package func place(of path: String) -> String? { places[path] }

  /// Everybody with a card.
  package var cardholders: [Keyholder] { keyholders + officials }
  /// Somebody with a card.
  package func cardholder(_ id: String) -> Keyholder? { (cardholders + nobodies).first { $0.id == id } }
  package func keyholder(_ id: String) -> Keyholder? { (keyholders + nobodies).first { $0.id == id } }
  package func official(_ id: String) -> Keyholder? { officials.first { $0.id == id } }
  /// Whose card or spare card the script says this is.
  package func owner(of serial: UInt32) -> Keyholder? {
    cardholders.first { $0.card == .serial(serial) || $0.spares.contains(serial) }
  }
  package func offlineRole(_ name: String) -> OfflineRole? { offlineRoles.first { $0.name == name } }
  /// What somebody's key on a card is for: a role, or the part of an official. The algorithm is that of their key.
  package func cardRole(_ name: String, of cardholder: String) -> OfflineRole? {
    guard let role = offlineRole(name) else { return official(name).flatMap(part(of:)) }
    return self.role(role, of: cardholder)
  }
  package func onlineKey(_ id: String) -> OnlineKey? { onlineKeys.first { $0.id == id } }
  /// What a person's card gets keys for, in the script's order.
  package func roles(of cardholder: String) -> [OfflineRole] {
    if let official = official(cardholder) { return part(of: official).map { [$0] } ?? [] }
    return offlineRoles.filter { $0.keyholders.contains(cardholder) }.map { role($0, of: cardholder) }
  }

  private func role(_ role: OfflineRole, of cardholder: String) -> OfflineRole {
    var own = role
    if let kept = keptKey(of: cardholder, role.name) {
      own.algorithm = kept.cardAlgorithm ?? role.algorithm
      own.slot = keptSlot(of: cardholder, role)
    } else if let algorithm = keyholder(cardholder)?.algorithm {
      own.algorithm = algorithm
    }
    return own
  }

  /// An official's key is made as the root's keys are, and is for initials and the transcript seal alone.
  private func part(of official: Keyholder) -> OfflineRole? {
    offlineRole("root").map { root in
      OfflineRole(
        name: official.id, threshold: 1, keyholders: [official.id], expires: nil, slot: root.slot,
        algorithm: root.algorithm, pinPolicy: root.pinPolicy, touchPolicy: root.touchPolicy, fields: [:],
        place: official.place)
    }
  }
}

/// How a witness watches.
package enum Witnessing: String, Sendable {
  case room
  /// Far away, over a stream: what they say is typed for them. In answers alone.
  case stream
  /// Nobody does. In answers alone.
  case none

  /// What every screen of such a ceremony begins with.
  package var banner: String? {
    switch self {
    case .room: nil
    case .stream: "THE WITNESS IS NOT IN THE ROOM"
    case .none: "NO WITNESS"
    }
  }
}

/// A ceremony that ended pending.
package struct PendingCeremony: Hashable, Sendable {
  /// SHA-256 of the last line of its transcript.
  package let head: SHA256Digest
  /// SHA-256 of the canonical bytes of the root that waits for signatures.
  package let payload: SHA256Digest
}

/// An earlier ceremony, by what it left behind.
package struct PreviousCeremony: Hashable, Sendable {
  /// SHA-256 of its newest root's file.
  package let root: SHA256Digest
  /// SHA-256 of the last line of its transcript.
  package let head: SHA256Digest

  package init(root: SHA256Digest, head: SHA256Digest) {
    self.root = root
    self.head = head
  }
}

/// A person who owns a card: a keyholder of a role, or an official.
package struct Keyholder: Hashable, Sendable {
  /// The ids of those who are no keyholders and may have cards.
  package static let officials = ["administrator", "witness"]
  /// What no keyholder's id may be: it means something else in a script, or to the program.
  static let reserved = Script.parts + ["back"]
  package static func isReserved(_ id: String) -> Bool {
    reserved.contains(id) || id.hasPrefix(OfflineRole.oneTimePrefix)
  }
  /// What a card's serial may be.
  static let serials = 1...Int(UInt32.max)

  /// The script's name for a keyholder; `administrator` or `witness` for an official.
  package let id: String
  package let name: String
  package let card: CardPin
  /// Serials of cards that may take the place of the first, in this order.
  package let spares: [UInt32]
  /// Custom fields of each of their key objects; an official's keys have none.
  package let fields: JSONObject
  /// The key of the root before that they keep; nil where theirs are made here.
  package let key: KeptKeyName?
  /// The nonce of a key that is made elsewhere; nil where theirs is made here, or kept.
  package let enrol: [UInt8]?
  /// Of the keys that are made here, where it is not the role's.
  package let algorithm: KeyAlgorithm?
  /// Of their card, where it is not that of all cards.
  package let model: CardRules.Model?
  /// What happens where they are absent, where it is not what holds for everybody.
  package let absent: AbsentRule?
  /// Whether a kept key stays although its card's firmware lets such keys be copied.
  package let acceptsFirmware: Bool
  /// `script.yaml:line:column`.
  package let place: String

  /// How a keyholder's card is known.
  package enum CardPin: Hashable, Sendable {
    /// By the serial that the script pins.
    case serial(UInt32)
    /// By the serial that is read aloud from the case in the room, and is pinned from then on.
    case record
  }
}

/// What happens where a keyholder is not there to sign.
package enum AbsentRule: String, Sendable {
  /// The ceremony waits, or is given up.
  case stop
  /// The others sign, where they reach the threshold: the absent one's key stays enrolled.
  case enrolled
  /// The same, and a kept key stays although nobody showed that its card still signs.
  case keep
  /// A request is written for them, and the ceremony may end without their signature: pending.
  case pending
}

/// What holds for every card of the ceremony.
package struct CardRules: Hashable, Sendable {
  package let model: Model
  package let attestation: AttestationRule
  /// Vendor certificates, roots and intermediates, that stand beside the script.
  package let vendorCertificates: [PinnedFile]
  /// Whether a vendor root other than the published ones is accepted.
  package let acceptsOtherVendors: Bool
  /// Whether each key is read back from its slot: `read-back`. Where it is optional, a card that cannot say is accepted.
  package let readBack: Need
  /// Whether the numbers of tries must be set: `tries`. Where it is optional, a card that cannot set them is accepted.
  package let tries: Need
  package let pinTries: Int
  package let pukTries: Int
  package let managementKey: ManagementKeyRule
  /// `script.yaml:line:column`; nil where the script leaves all of it to the defaults.
  package let place: String?

  /// Bytes of an Ed25519 message that other cards than YubiKeys sign, where the script does not say.
  package static let otherLimit = 1323

  /// How much an Ed25519 key of this card signs.
  package enum Model: Hashable, Sendable {
    /// YubiKey with firmware 5.7 or later: 3,043 bytes.
    case yubikey57
    /// Any other card; bytes of an Ed25519 message.
    case other(limit: Int)

    /// The most bytes of an Ed25519 message.
    package var messageLimit: Int {
      switch self {
      case .yubikey57: 3043
      case .other(let limit): limit
      }
    }
  }

  package enum AttestationRule: String, Sendable { case required, optional }

  /// Whether a ceremony does without what a card cannot do.
  package enum Need: String, Sendable { case required, optional }

  package enum ManagementKeyRule: String, Sendable {
    /// Random, set, and forgotten at once: nobody can add or replace a key without a reset.
    case forget
    /// Random, set, and kept on the card behind the PIN.
    case protected
  }
}

package enum Expiry: Hashable, Sendable {
  case at(UTCTime)
  /// Days from the recorded clock; in rehearsals only.
  case days(Int)
}

/// A role that a service signs with a key that is not made here.
package struct OnlineRole: Hashable, Sendable {
  package let name: String
  package let threshold: Int
  /// Ids of ``OnlineKey``.
  package let keys: [String]
  /// Custom fields of the role's entry in the root.
  package let fields: JSONObject
  /// `script.yaml:line:column`.
  package let place: String
}

/// A public key that a service uses.
package struct OnlineKey: Hashable, Sendable {
  package let id: String
  package let source: Source
  /// Custom fields of the key object.
  package let fields: JSONObject

  package enum Source: Hashable, Sendable {
    /// 32 bytes of an Ed25519 key.
    case ed25519([UInt8])
    /// A SubjectPublicKeyInfo PEM file beside the script: Ed25519, P-256 or P-384.
    case file(PinnedFile)
  }
}

/// One step as the script has it. `provision` becomes several in the ``Plan``.
package struct Step: Hashable, Sendable {
  package let id: String
  package let action: Action
  /// Who acts: `administrator`, `witness`, `everyone`, or a keyholder's id.
  package let who: String
  /// Words to say aloud.
  package let say: [String]
  package let minutes: Int
  /// Who types their initials before the step counts as done: of `administrator` and `witness`.
  package let initials: [String]
  /// Whether it may stand after the close.
  let followsClose: Bool
  /// `script.yaml:line:column`.
  package let place: String

  package enum Action: Hashable, Sendable {
    case say
    /// What the person who acts confirms.
    case confirm(String)
    /// Who is here, and who saw that they are who they are.
    case attendance
    /// The time in UTC from two sources, compared with the machine's clock.
    case time
    /// The machine is looked at; a real ceremony stops at these codes.
    case preflight(fatal: [Finding.Code])
    /// The number of a keyholder's bag, read aloud by two.
    case bag(keyholder: String, BagMove)
    case provision(keyholder: String)
    /// A card with a key of the root before shows which key it holds.
    case identify(keyholder: String)
    /// The same, and each of its kept keys signs a challenge.
    case prove(keyholder: String)
    /// A key that was made elsewhere is taken in.
    case enrol(keyholder: String)
    /// One-time keys of a role are made in memory.
    case make(role: String)
    /// They sign.
    case use(role: String)
    /// All one-time keys are wiped.
    case wipe
    /// The keys of discarded roles are deleted on a keyholder's card.
    case discard(keyholder: String)
    case build(role: String)
    case show(role: String)
    /// Signatures that were made elsewhere are taken in.
    case collect(role: String)
    case sign(role: String, keyholder: String)
    case verify(role: String)
    case write(role: String)
    /// The head of the transcript so far is read aloud.
    case head
    /// Nothing is added to the transcript after it; then the keyholders named here sign the transcript seal.
    case close(seal: [String])
    /// The card of somebody who leaves is wiped; after the close.
    case destroy(keyholder: String)
    /// Everybody leaves; after the close.
    case departure
  }
}

/// What happens to a tamper-evident bag.
package enum BagMove: String, Sendable { case opened, closed }

/// What administrator and witness type under a step; nil where the script gives none.
package struct Initials: Hashable, Sendable {
  package let administrator: String?
  package let witness: String?

  /// Of `administrator` or `witness`.
  package func of(_ role: String) -> String? {
    switch role {
    case "administrator": administrator
    case "witness": witness
    default: nil
    }
  }
}
