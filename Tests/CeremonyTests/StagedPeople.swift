import CeremonyRecords
import CeremonyRuntime
import Findings
import Keys
import Products
import Testing
import Transcript

/// People who do as the unattended rehearsal does, except where a scene says otherwise.
final class StagedPeople {
  /// What is typed the next time that a screen with such a title asks.
  struct Scene {
    let title: String
    let typed: String
  }

  private var scenes: [Scene]

  /// - Parameter scenes: in their order; the title's beginning is enough.
  init(_ room: Room, _ scenes: [(String, String)]) {
    self.scenes = scenes.map { Scene(title: $0.0, typed: $0.1) }
    room.console.answer = { [self] screen in
      guard let next = self.scenes.first, screen.title.hasPrefix(next.title) else { return screen.prompt?.unattended }
      self.scenes.removeFirst()
      return next.typed
    }
  }

  var isOver: Bool { scenes.isEmpty }
}

extension Room {
  /// A rehearsal in which these scenes are played, all of them.
  @discardableResult
  func play(_ script: String, _ scenes: [(String, String)]) throws -> LiveCeremony.Result {
    let cast = StagedPeople(self, scenes)
    let result = try rehearse(Array(script.utf8))
    #expect(cast.isOver, "not every scene was played")
    return result
  }

  /// Records of a kind, in both files.
  func records(_ kind: RecordKind) throws -> [Record] {
    try ["transcript.jsonl", "sealing.jsonl"].flatMap { name in
      guard let bytes = try? folder.read(name) else { return [Record]() }
      let head = name == "sealing.jsonl" ? try transcript().last.map { SHA256Digest(of: try $0.line()) } : nil
      var reader = TranscriptReader(MemorySource(bytes), name: name, after: head ?? .zero)
      var found: [Record] = []
      while let record = try reader.next() { if record.kind == kind { found.append(record) } }
      return found
    }
  }
}
