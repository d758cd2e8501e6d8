import Findings

extension Script {
  /// Where what is said about cards and bags contradicts itself: a card is used that is in its bag, a bag is opened or
  /// closed twice, or is left open. Whoever has no step about a bag is not judged. One finding for each person.
  var bagFindings: [Finding] {
    var findings: [Finding] = []
    // Whether the card is in its bag, by person; nil once that is unclear. Looked up, never iterated.
    var isInBag: [String: Bool] = [:]
    for step in steps {
      if case .bag(let person, let move) = step.action, isInBag[person] == nil { isInBag[person] = move == .opened }
    }
    for step in steps {
      for person in step.cardsUsed where isInBag[person] == true {
        isInBag[person] = nil
        findings.append(
          contradiction(
            "The card of \(name(of: person)) is used while it is in its bag.",
            "Open the bag before this step, and close it after the last one.", step))
      }
      guard case .bag(let person, let move) = step.action, let before = isInBag[person] else { continue }
      let isClosed = move == .closed
      guard before != isClosed else {
        isInBag[person] = nil
        findings.append(
          contradiction(
            "The bag of \(name(of: person)) is \(move.rawValue), and it is \(isClosed ? "closed" : "open") already.",
            "Keep one of the two steps.", step))
        continue
      }
      isInBag[person] = isClosed
    }
    for step in steps.reversed() {
      guard case .bag(let person, .opened) = step.action, isInBag[person] == false else { continue }
      isInBag[person] = nil
      findings.append(
        contradiction(
          "The bag of \(name(of: person)) is opened and never closed: nobody says where the card is afterwards.",
          "Add a step “do: bag” with “bag: closed”, after “close” at best.", step))
    }
    return findings
  }

  private func contradiction(_ what: String, _ hint: String, _ step: Step) -> Finding {
    Finding(.bagState, .warning, what, hint: hint, place: step.place)
  }
}

extension Step {
  /// Whose cards are put into a reader in it.
  fileprivate var cardsUsed: [String] {
    switch action {
    case .provision(let person), .identify(let person), .prove(let person), .sign(_, let person): [person]
    case .close(let sealers): sealers
    default: []
    }
  }
}
