import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings
import TUFMetadata
import Transcript

/// The cards that were wiped, held against the script, the root that was finished, and the seal: that the card was reset
/// after it came was seen where its record was read.
struct WipedCards {
  private(set) var findings: [Finding] = []

  init(_ script: Script, _ records: FolderRecords) {
    var wiped: Set<String> = []
    for (wipe, step, place) in records.wipes {
      func add(_ what: String) { findings.append(Self.refused(what, place)) }
      let id = wipe.keyholder
      guard let planned = script.steps.first(where: { isIdentical($0.id, step) }),
        planned.action == .destroy(keyholder: id), script.leaver(id) != nil, script.roles(of: id).isEmpty,
        wiped.insert(id).inserted
      else {
        add("The script has no card of that person wiped in this step, or it was wiped before.")
        continue
      }
      let keys = script.keptRoles(of: id).compactMap { script.keptKey(of: id, $0)?.keyID }
      if wipe.keys != keys { add("These are not the keys of \(script.name(of: id)) that leave.") }
      let key = script.keptKey(of: id, "root")?.keyID
      let seals = (records.accepted["seal"] ?? [:]).values.flatMap(\.self).filter { $0.keyID == key }
      if !seals.contains(where: { records.exchanges[.sealing]?.signers[$0.signature]?.contains(wipe.card) == true }) {
        add("The card \(wipe.card) did not seal the transcript with the key that leaves before it was wiped.")
      }
      if records.ending?.ending != .complete {
        add("The new root was not finished, and a card that may have to sign it was wiped.")
      }
    }
  }

  static func notShown(_ place: String) -> Finding {
    refused("A card is said to have been wiped, and its answers before this record do not show that.", place)
  }

  private static func refused(_ what: String, _ place: String) -> Finding {
    Finding(
      .wipeNotShown, what,
      hint: "Treat the folder as changed; compare it with another copy. Ask where that card is.", place: place)
  }
}
