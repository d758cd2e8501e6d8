import CeremonyScript
import Findings
import PIVTypes
import Transcript

/// The keys that a script has deleted, held against the records: each signed, then its card deleted it, and only then did
/// a card sign what names it.
struct DiscardedKeys {
  private(set) var findings: [Finding] = []

  /// - Parameter close: where the records say how the ceremony ended.
  init(_ script: Script, _ records: FolderRecords, close: String) {
    let due = script.discardedRoles.flatMap { role in
      role.keyholders.map { (role: role.name, keyholder: $0, key: Self.key(of: $0, role, script, records)) }
    }
    for (role, keyholder, deleted, place) in records.signings {
      let own = due.first { $0.role == role && $0.keyholder == keyholder }?.key
      if own.map(deleted.contains) == true {
        add("The \(role) key of \(script.name(of: keyholder)) signs here, and its card had deleted it.", place)
      }
      let before = script.discarded(before: role)
      let left = due.first { one in
        one.key.map(deleted.contains) != true
          && before.contains { $0.role.name == one.role && $0.keyholder == one.keyholder }
      }
      guard let left else { continue }
      add(
        "Here \(role) is signed, and nothing shows that the \(left.role) key of \(script.name(of: left.keyholder)) was deleted.",
        place)
    }
    let gone = records.exchanges[.transcript]?.deleted.gone ?? []
    guard findings.isEmpty, let left = due.first(where: { $0.key.map(gone.contains) != true }) else { return }
    add("Nothing shows that the \(left.role) key of \(script.name(of: left.keyholder)) was deleted.", close)
  }

  private mutating func add(_ what: String, _ place: String) {
    findings.append(
      Finding(
        .keyNotDiscarded, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }

  /// The key that somebody's card made for the role, in the step that deletes it; nil where there is none.
  private static func key(
    of keyholder: String, _ role: OfflineRole, _ script: Script, _ records: FolderRecords
  ) -> DeletedKeys.Key? {
    guard let step = script.discarding(by: keyholder), let provisioning = script.provisioning(of: keyholder),
      let made = records.exchanges[.transcript]?.generations["\(provisioning)/generate-\(role.name)"]
    else { return nil }
    return DeletedKeys.Key(step: step, slot: role.slot.reference, bytes: made.key)
  }
}
