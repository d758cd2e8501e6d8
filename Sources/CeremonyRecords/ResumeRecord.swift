import CanonicalJSON
import Transcript

/// The ceremony went on after an interruption, with this program.
package struct ResumeRecord: ReadableRecordBody {
  package static let kind = RecordKind.resume

  package let engine: Int64
  package let program: ProgramFacts
  package let isUnattended: Bool

  package init(engine: Int64 = Int64(EngineVersion.current), program: ProgramFacts, isUnattended: Bool) {
    self.engine = engine
    self.program = program
    self.isUnattended = isUnattended
  }

  package var json: JSONObject {
    ["engine": .integer(engine), "program": .object(program.json), "unattended": .bool(isUnattended)]
  }

  package init?(fields body: JSONObject) {
    guard let engine = body["engine"]?.integer, let program = body["program"]?.object.flatMap(ProgramFacts.init),
      let isUnattended = body["unattended"]?.bool
    else { return nil }
    self.init(engine: engine, program: program, isUnattended: isUnattended)
  }

  /// Whether the release that it names has the engine version that it names.
  package var isOfItsRelease: Bool { EngineVersion.isMade(engine, by: program.version) }
}
