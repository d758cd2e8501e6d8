import CeremonyRecords
import Findings
import Keys
import ThisProgram

extension ProgramFacts {
  /// This program. What differs from build to build is left out where a rehearsal is seeded.
  init(running version: String, isSeeded: Bool) throws(Finding) {
    if isSeeded {
      self.init(version: version, executable: .zero)
    } else {
      self.init(
        version: version, executable: try ThisProgram.digest(), commit: ThisProgram.commit,
        toolchain: ThisProgram.toolchain)
    }
  }
}

extension ShippedVerifier {
  /// What this release puts into `verify/`, in this order.
  static var files: [VerifierFile] { contents.map { VerifierFile($0.name, $0.bytes) } }

  /// The content of such a file; nil where this release has another one.
  static func content(of file: VerifierFile) -> [UInt8]? {
    contents.first { VerifierFile($0.name, $0.bytes) == file }?.bytes
  }
}
