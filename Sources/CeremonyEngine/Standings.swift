import CeremonyRecords
import CeremonyScript
import TUFMetadata

extension Ceremony {
  /// What every screen says of how things stand.
  var standing: Standing {
    let last = min(position, plan.steps.count - 1)
    return Standing(
      ceremony: script.title, section: step.scriptID,
      minutes: Standing.Minutes(before: plan.steps[..<last].reduce(0) { $0 + $1.minutes }, all: plan.minutes),
      exceptions: exceptions, boards: boards, away: away, skipped: skipped)
  }

  private var boards: [Board] {
    script.offlineRoles.map { role in
      let signed = script.answered?.seal == nil ? payloads[role.name]?.signatures ?? [] : askedSealSignatures
      return board(
        role.name, version: payloads[role.name].map { Int($0.reviewed.version) }, quorums(of: role.name),
        script.signers(of: role.name), signed: Set(signed.map(\.keyholder))
      ) { count(signed, for: $0) }
    } + (transcript == nil ? [] : [sealBoard])
  }

  private var sealBoard: Board {
    board(
      Board.seal, version: nil, sealQuorums, script.sealers + script.officials.map(\.id),
      signed: Set(sealSignatures.map(\.keyholder)).union(sealSignatures.isEmpty ? [] : sealedElsewhere)
    ) { sealCount(for: $0) }
  }

  private func board(
    _ role: String, version: Int?, _ quorums: [Quorum], _ people: [String], signed: Set<String>,
    count: (Quorum) -> Int
  ) -> Board {
    Board(
      role: role, version: version,
      sides: quorums.map { Board.Side($0.side.rawValue, signed: count($0), threshold: $0.threshold) },
      people: people.map { id in
        let hasSigned = signed.contains(id)
        return Board.Person(
          id: id, name: name(of: id), sides: quorums.filter { $0.signers.contains(id) }.map(\.side.rawValue),
          state: hasSigned ? .signed : state(of: id, role),
          isUnproven: !hasSigned && role == "root" && unprovenKept.contains { $0.id == id })
      })
  }

  /// How far somebody is who has not signed.
  private func state(of cardholder: String, _ role: String) -> Board.State {
    let isMade =
      role == Board.seal
      ? cards[cardholder]?.keys.isEmpty == false : cards[cardholder]?.keys[role] != nil
    if isMade || proven.contains(cardholder) { return .key }
    return cards[cardholder] == nil ? .none : .card
  }
}
