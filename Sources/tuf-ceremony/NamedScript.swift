import ArgumentParser
import CeremonyRuntime
import CeremonyScript
import Findings
import Keys
import UTC

/// A script that stands on the command line. What is wrong with it is said all at once, and where it was named.
struct NamedScript {
  let bytes: [UInt8]
  /// The folder in which it stands; "" for the working folder.
  let scriptFolder: String
  /// Rehearsed on virtual cards, unless somebody says otherwise.
  var script: Script
  private let name: String

  /// Throws `UNREADABLE`; and exit 1 for what is no script, after all findings were said.
  init(_ path: String) throws {
    try self.init(named(path, atMost: 1 << 20), named: path, in: folder(of: path))
  }

  /// A script that comes with the program.
  init(_ bytes: [UInt8], named name: String, in scriptFolder: String = "") throws {
    let read = Script.read(bytes)
    for finding in read.findings { say("\(finding.inScript(name))") }
    guard let script = read.script else { throw ExitCode(ExitStatus.violation.rawValue) }
    self.bytes = bytes
    self.scriptFolder = scriptFolder
    do throws(Finding) { self.script = try script.going(onFilesIn: scriptFolder) } catch { throw error.inScript(name) }
    self.script.isOnVirtualCards = true
    self.name = name
  }

  /// The online keys, from the script and the files beside it. Throws what keeps one from being read.
  func onlineKeys() throws(Finding) -> [String: PublicKey] {
    do throws(Finding) { return try script.onlineKeys(in: scriptFolder) } catch { throw error.inScript(name) }
  }

  /// What the lint finds in any of these forms, each thing once.
  func findings(_ modes: [Mode], at now: UTCTime) throws(Finding) -> [Finding] {
    let online = try onlineKeys()
    var findings: [Finding] = []
    let all = modes.flatMap { script.lint($0, online: online, at: now) }
    for finding in all.inOrder.map({ $0.inScript(name) }) where !findings.contains(finding) {
      findings.append(finding)
    }
    return findings
  }

  /// Says what is to be said before a ceremony, and ends with exit 1 where it cannot be held.
  func judge(for mode: Mode, at now: UTCTime) throws {
    let findings = try findings([mode], at: now)
    let own = findings.filter(\.isForRehearsalsOnly)
    for finding in findings where !finding.isForRehearsalsOnly { say("\(finding)") }
    sayForRehearsalsOnly(own)
    if findings.contains(where: { $0.severity == .error }) { throw ExitCode(ExitStatus.violation.rawValue) }
  }

  /// A line for each thing that only a rehearsal takes.
  func sayForRehearsalsOnly(_ findings: [Finding]) {
    guard !findings.isEmpty else { return }
    say("FOR REHEARSALS ONLY: a real ceremony is refused.")
    for finding in findings { say("\(finding)") }
  }
}
