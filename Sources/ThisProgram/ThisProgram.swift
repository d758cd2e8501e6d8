import CBuild
import Findings
import Keys
import Products

/// What the running program is, as it says of itself. Its digest alone can be compared with a release's.
package enum ThisProgram {
  package static let version = ProgramVersion.current

  /// The commit that a release build was told (`TUF_CEREMONY_COMMIT`), in hex; nil in any other build.
  package static let commit: String? = build_commit().map { String(cString: $0) }

  /// The compilers that made it: Swift's version as far as a program can know it, and the toolchain's Clang in full.
  package static let toolchain = "Swift \(swift), \(String(cString: build_compiler()))"

  private static var swift: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// The SHA-256 of the executable's file. Throws `FILE-REFUSED` where it cannot be read.
  package static func digest() throws(Finding) -> SHA256Digest {
    guard let file = try OpenFile.at("/proc/self/exe", place: "the program's own file", followsLinks: true)
    else {
      throw Finding(
        .fileRefused, "The program cannot read its own file, so nobody could say which program ran.",
        hint: "Run it on Linux with /proc mounted.")
    }
    return try file.stream.digest()
  }
}
