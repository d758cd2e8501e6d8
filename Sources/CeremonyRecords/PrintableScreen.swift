import Findings

extension Screen {
  /// The same screen with everything made visible that could move a cursor or turn the direction of writing.
  package var printable: Screen {
    var screen = self
    screen.title = Findings.printable(title)
    screen.who = Findings.printable(who)
    screen.text = text.map { Findings.printable($0) }
    screen.say = say.map { Findings.printable($0) }
    screen.tally = tally.map { Findings.printable($0) }
    screen.banners = banners.map { Findings.printable($0) }
    screen.facts = facts.map { Fact(name: Findings.printable($0.name), value: Findings.printable($0.value)) }
    screen.digests = digests.map { Labelled(label: Findings.printable($0.label), digest: $0.digest) }
    screen.standing = standing?.printable
    screen.prompt = prompt?.printable
    return screen
  }
}

extension Standing {
  fileprivate var printable: Standing {
    Standing(
      ceremony: Findings.printable(ceremony), section: Findings.printable(section), minutes: minutes,
      exceptions: exceptions, boards: boards.map(\.printable), away: away.map { Findings.printable($0) },
      skipped: skipped.map { Findings.printable($0) })
  }
}

extension Board {
  fileprivate var printable: Board {
    Board(
      role: Findings.printable(role), version: version,
      sides: sides.map { Side(Findings.printable($0.side), signed: $0.signed, threshold: $0.threshold) },
      people: people.map { person in
        Person(
          id: Findings.printable(person.id), name: Findings.printable(person.name),
          sides: person.sides.map { Findings.printable($0) }, state: person.state, isUnproven: person.isUnproven)
      })
  }
}
