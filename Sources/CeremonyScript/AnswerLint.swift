import Findings

extension Script {
  /// What is wrong with a script that answers a request: it is as small as what is asked.
  package var answerFindings: [Finding] {
    var findings: [Finding] = []
    func refuse(_ what: String, _ hint: String, at path: String) {
      findings.append(Finding(.scriptValue, what, hint: hint, place: place(of: path) ?? "script.yaml"))
    }
    if offlineRoles.contains(where: { $0.name != "root" }) || !onlineRoles.isEmpty {
      refuse("An answer has no role but root.", "Leave the other roles out.", at: "roles")
    }
    if let root = offlineRole("root"), root.keyholders.count != keyholders.count || root.threshold != keyholders.count {
      refuse(
        "Everybody who answers has a key of root here, and all of them sign.",
        "Name every keyholder, and ask for all of them.", at: "roles.root")
    }
    if goesOn != nil || previous != nil || !leaving.isEmpty || !withdrawn.isEmpty || !handOver.isEmpty {
      refuse(
        "The request says which root came before; the script of an answer does not.", "Leave it out.", at: "request")
    }
    if let keyholder = keyholders.first(where: { $0.enrol != nil || $0.absent != nil || !$0.spares.isEmpty }) {
      refuse(
        "In an answer nobody is elsewhere, and no card takes the place of another.",
        "Leave “enrol”, “absent” and “spares” out.", at: "keyholders.\(keyholder.id)")
    }
    if absent != .stop || !officials.isEmpty {
      refuse(
        "In an answer nobody is left out, and nobody but those who are asked has a card.",
        "Leave “absent”, and the cards of administrator and witness, out.",
        at: absent != .stop ? "absent" : "administrator")
    }
    if sealCount != offlineRole("root")?.threshold {
      refuse("Everybody who answers also seals.", "Leave “seal” out.", at: "seal")
    }
    return findings
  }

  /// Whether it answers with a key, and not with a signature: nothing is built then.
  var answersWithKey: Bool { isAnswer && keyholders.allSatisfy { $0.key == nil } }

  /// Whether somebody's signature may come later, from elsewhere.
  package var mayEndPending: Bool { keyholders.contains { absentRule(of: $0.id) == .pending } }

  /// Keyholders of a role whose part comes from elsewhere: a request is written for each who is to sign a root.
  package func elsewhere(_ role: String) -> [Keyholder] {
    signers(of: role).compactMap(keyholder).filter { absentRule(of: $0.id) == .pending }
  }
}
