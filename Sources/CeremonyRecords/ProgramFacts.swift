import CanonicalJSON
import Keys

/// The program that records, as it says of itself.
package struct ProgramFacts: Hashable, Sendable {
  package let version: String
  /// The SHA-256 of the executable; zeros in a seeded rehearsal.
  package let executable: SHA256Digest
  /// In hex; nil where the build was not told, in a seeded rehearsal, and before engine version 5.
  package let commit: String?
  /// What made it; nil in a seeded rehearsal, and before engine version 5.
  package let toolchain: String?

  package init(version: String, executable: SHA256Digest, commit: String? = nil, toolchain: String? = nil) {
    self.version = version
    self.executable = executable
    self.commit = commit
    self.toolchain = toolchain
  }

  /// As records hold it.
  package var json: JSONObject {
    var object: JSONObject = ["version": .string(version), "sha256": .string(executable.hex)]
    if let commit { object["commit"] = .string(commit) }
    if let toolchain { object["toolchain"] = .string(toolchain) }
    return object
  }

  /// nil where version or digest is missing, or anything is of another type.
  package init?(_ object: JSONObject) {
    guard let version = object["version"]?.string,
      let executable = object["sha256"]?.string.flatMap(SHA256Digest.init(hex:))
    else { return nil }
    self.init(
      version: version, executable: executable, commit: object["commit"]?.string,
      toolchain: object["toolchain"]?.string)
    guard (commit == nil) == (object["commit"] == nil), (toolchain == nil) == (object["toolchain"] == nil) else {
      return nil
    }
  }

  /// What stands beside its digest, on screens and pages.
  package var described: String {
    "tuf-ceremony \(version), commit \(commit ?? "not known")" + (toolchain.map { ", \($0)" } ?? "")
  }
}
