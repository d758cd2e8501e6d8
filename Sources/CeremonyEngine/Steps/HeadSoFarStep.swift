import CeremonyRecords

/// The head of the transcript so far is read aloud: from then on viewers hold every record before it.
struct HeadSoFarStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition { .wait(for: .head) }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .head(let number, let digest):
      let prompt = Prompt.compare(
        "Read the words aloud. Do they agree with what the viewers see?", "confirm", "the head so far was read aloud")
      let line = number < .max ? number + 1 : number
      var screen = ceremony.asking(
        prompt, nil,
        [
          "Records are counted from 0, so record \(number) is line \(line).",
          "sed -n \(line)p transcript.jsonl | tr -d '\\n' | sha256sum prints its digest again, any time.",
        ])
      screen.digests = [Screen.Labelled(label: "head after record \(number)", digest: digest)]
      return .wait(for: .ask(screen))
    case .answer(Prompt.differs.token): return .fail(ceremony.comparisonDiffers())
    case .answer: return .done()
    default: return .unexpected
    }
  }
}
