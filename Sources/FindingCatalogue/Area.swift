import Findings

/// What a person is told who meets a code months later in CI, or on camera.
struct Entry: Sendable {
  let code: Finding.Code
  /// What it means.
  let meaning: String
  /// What to do next.
  let advice: String
  /// The commands that can say it, where these are others than its area's.
  let ownCommands: Set<ProgramCommand>?

  init(_ code: Finding.Code, _ meaning: String, next advice: String, saidBy commands: Set<ProgramCommand>? = nil) {
    self.code = code
    self.meaning = meaning
    self.advice = advice
    ownCommands = commands
  }
}

/// Codes that are about one thing.
struct Area: Sendable {
  let title: String
  /// The commands that can say its codes.
  let commands: Set<ProgramCommand>
  let entries: [Entry]

  init(_ title: String, saidBy commands: Set<ProgramCommand>, _ entries: [Entry]) {
    self.title = title
    self.commands = commands
    self.entries = entries
  }
}
