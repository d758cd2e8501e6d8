import CanonicalJSON
import CeremonyEngine
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Transcript

extension CeremonyLoop {
  /// The first record, and the engine that it starts.
  ///
  /// - Parameters:
  ///   - script: the exact bytes of the script.
  ///   - setting: what a live ceremony begins with; not called in a replay.
  public func begin(script: [UInt8], _ configuration: () throws -> CeremonyConfiguration) throws -> CeremonyEngine {
    let body = try journal.obtain(.begin, step: "") { try configuration().json }
    let configuration = try CeremonyConfiguration(recorded: body)
    guard let time = journal.beginning?.at else { throw Unexpected(what: "a first record") }
    guard SHA256Digest(of: script) == configuration.script else {
      throw Finding(
        .scriptChanged, "script.yaml is not the script that the first record names.",
        hint: "Compare the folder with another copy.", place: "script.yaml")
    }
    return CeremonyEngine(script: try Script(script), configuration: configuration, time: time)
  }
}
