import CanonicalJSON
import PIVTypes

/// A role whose keys are made on cards and whose metadata the ceremony signs.
package struct OfflineRole: Hashable, Sendable {
  /// `root`, `targets` or a delegated role; `administrator` or `witness` where it is the key of an official.
  package let name: String
  package let threshold: Int
  /// Keyholder ids, in the script's order.
  package let keyholders: [String]
  package let expires: Expiry?
  package internal(set) var slot: Slot
  package internal(set) var algorithm: KeyAlgorithm
  package let pinPolicy: PINPolicy
  package let touchPolicy: TouchPolicy
  /// Custom fields of the role's entry in the metadata that names its keys.
  package let fields: JSONObject
  /// `script.yaml:line:column`.
  package let place: String
  /// How many keys are made, used and wiped here; nil where they are on cards.
  package internal(set) var oneTime: Int?
  /// Whether its keys are deleted on their cards once they have signed.
  package internal(set) var isDiscarded = false
  /// What it delegates, in order of priority.
  package internal(set) var delegations: [Delegation] = []
  /// The folder beside the script whose files it lists; nil where it lists none.
  package internal(set) var files: String?
  /// Custom fields of the signed part of its metadata; none for root, whose fields are the script's.
  package internal(set) var signedFields: JSONObject = [:]
}
