import Findings

extension Script {
  /// Roles whose keys are deleted on their cards once they have signed, in the order of the script.
  package var discardedRoles: [OfflineRole] { offlineRoles.filter(\.isDiscarded) }

  /// Whose keys a card deletes here: those of discarded roles, in the script's order.
  package func discardedRoles(of keyholder: String) -> [OfflineRole] {
    official(keyholder) == nil ? roles(of: keyholder).filter(\.isDiscarded) : []
  }

  /// Whether somebody's card deletes a key.
  package func discards(_ keyholder: String) -> Bool { !discardedRoles(of: keyholder).isEmpty }

  /// The keys that are deleted before a card signs this role: for the root all that are discarded, else those that the
  /// role delegates to. One that its card deletes together with its key of this role comes later.
  package func discarded(before role: String) -> [(role: OfflineRole, keyholder: String)] {
    discardedRoles.filter { role == "root" || delegator(of: $0.name) == role }.flatMap { discarded in
      discarded.keyholders.filter { id in !discardedRoles(of: id).contains { $0.name == role } }.map { (discarded, $0) }
    }
  }

  /// The step that deletes the keys of somebody's card; nil where there is none.
  package func discarding(by keyholder: String) -> String? {
    steps.first { $0.action == .discard(keyholder: keyholder) }?.id
  }

  /// What keeps a role's keys from being discarded: each is made here, and its keyholder is there to delete it.
  var discardFindings: [Finding] {
    discardedRoles.flatMap { role in
      role.keyholders.compactMap(keyholder).compactMap { keyholder in
        let place = place(of: "roles.\(role.name).discarded") ?? role.place
        if keyholder.key != nil || keyholder.enrol != nil {
          return Finding(
            .discardElsewhere,
            "The \(role.name) key of “\(keyholder.id)” is to be discarded, and was not made here.",
            hint: "Leave “discarded” out, or name keyholders whose cards are provisioned here.", place: place)
        }
        guard absentRule(of: keyholder.id) != .stop else { return nil }
        return Finding(
          .discardElsewhere,
          "“\(keyholder.id)” may be absent, and then the \(role.name) key stays on that card.",
          hint: "Write “absent: stop” for that keyholder, or leave “discarded” out.", place: place)
      }
    }
  }
}
