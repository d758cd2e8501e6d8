extension CardServer {
  /// What is done to a card while it is served; each is one line.
  package enum Control {
    case unplug
    case plug
    case touch(isAllowed: Bool)
    /// Something goes wrong at an exchange with the card; `after` that many good ones.
    case fault(Fault, after: Int)
    /// No fault is to come any more, and a dead card lives.
    case mend
    /// From now on the card does not know these instructions.
    case lack([UInt8])
    /// From now on every answer takes so long, in milliseconds.
    case slow(Int)
    /// How many exchanges there were, and how many faults are to come.
    case count
    case quit

    /// The lines that are obeyed.
    package static let forms =
      ["unplug", "plug", "touch allow", "touch refuse", "lack INS…", "slow MS", "mend", "count", "quit"]
      + Fault.written.map { "fault N \($0)" }

    /// nil for a line that is none of ``forms``.
    package init?(_ line: String) {
      let words = line.split(separator: " ")
      switch (words.first, words.count) {
      case ("unplug", 1): self = .unplug
      case ("plug", 1): self = .plug
      case ("touch", 2) where words[1] == "allow" || words[1] == "refuse":
        self = .touch(isAllowed: words[1] == "allow")
      case ("fault", 3...):
        guard let after = Int(words[1]), (0..<1_000_000).contains(after), let fault = Fault(Array(words[2...])) else {
          return nil
        }
        self = .fault(fault, after: after)
      case ("lack", 2...):
        let instructions = words[1...].compactMap { UInt8($0, radix: 16) }
        guard instructions.count == words.count - 1 else { return nil }
        self = .lack(instructions)
      case ("slow", 2):
        guard let pause = Int(words[1]), (0...60_000).contains(pause) else { return nil }
        self = .slow(pause)
      case ("mend", 1): self = .mend
      case ("count", 1): self = .count
      case ("quit", 1): self = .quit
      default: return nil
      }
    }
  }
}
