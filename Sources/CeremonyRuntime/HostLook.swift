import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import ThisProgram
import UTC

/// A look at the machine, for `preflight` and for a step of a ceremony.
package struct HostLook: Sendable {
  var files = HostFiles()
  /// nil for this process as it is then.
  var process: HostProcess?

  package init() {}

  /// All points of a ceremony that goes on.
  ///
  /// - Parameters:
  ///   - isAtTerminal: whether people see the ceremony at a terminal.
  ///   - readers: looks at the readers; nil where the cards are software.
  func points(
    _ script: Script, _ media: HostMedia, at now: UTCTime, isAtTerminal: Bool, readers: (() throws -> CardsAtHand?)?
  ) throws -> [HostPoint] {
    let machine = machine(at: now, script)
    let last = isAtTerminal ? machine.last : machine.last.map { HostPoint($0.subject, "left out: nobody is asked") }
    return try HostNetwork(files: files).points + machine.points + media.points
      + HostCards(files: files, look: readers).points() + last
  }

  private func machine(at now: UTCTime, _ script: Script?) -> HostMachine {
    HostMachine(
      files: files, process: process ?? .own, now: now,
      expires: script?.offlineRoles.compactMap { role in
        if case .at(let moment)? = role.expires { moment } else { nil }
      }.min())
  }

  /// What a seeded rehearsal says, which is the same everywhere.
  static let seeded = HostPoint.Subject.allCases.filter { $0 != .program }.map {
    HostPoint($0, "left out: the rehearsal is seeded")
  }

  /// All points before a ceremony.
  ///
  /// - Parameters:
  ///   - output, mirror: folders that are there already, on the media.
  ///   - expected: SHA-256 of this program's file; nil where nobody says.
  ///   - readers: looks at the readers.
  package func points(
    _ script: Script?, output: String?, mirror: String?, expected: SHA256Digest?,
    readers: @escaping () throws -> CardsAtHand?
  ) throws -> [HostPoint] {
    let machine = machine(at: SystemClock().read().at, script)
    let media = HostMedia(
      output: output, mirror: mirror, outputFault: output.flatMap(HostMedia.trial(in:)),
      mirrorFault: mirror.flatMap(HostMedia.trial(in:)))
    return try HostNetwork(files: files).points + machine.points + media.points
      + HostCards(files: files, look: readers).points() + [program(expected)] + machine.last
  }

  private func program(_ expected: SHA256Digest?) -> HostPoint {
    var codes: [Finding.Code] = []
    guard let digest = try? ThisProgram.digest() else {
      codes.append(.hostProgramUnknown)
      return HostPoint(.program, "unknown", codes)
    }
    if let expected, expected != digest { codes.append(.hostProgram) }
    return HostPoint(
      .program, "SHA-256 \(digest.hex)" + (expected == nil ? ", compared with nothing" : ""), codes)
  }
}
