import CeremonyEngine
import Findings
import Glibc
import Keys
import Products

/// What may be said in public of the machine: no name, no address, no user, no path.
enum Host {
  static func facts() -> [Setting.Fact] {
    var names = utsname()
    guard uname(&names) == 0 else { return [] }
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return [
      Setting.Fact(name: "system", value: text(names.sysname)),
      Setting.Fact(name: "release", value: text(names.release)),
      Setting.Fact(name: "machine", value: text(names.machine)),
    ]
  }

  /// The SHA-256 of the program that is running.
  static func executableDigest() throws -> SHA256Digest {
    guard let file = try OpenFile.at("/proc/self/exe", place: "the program's own file", followsLinks: true)
    else {
      throw Finding(
        .fileRefused, "The program cannot read its own file, so nobody could say which program ran.",
        hint: "Run it on Linux with /proc mounted.")
    }
    return try file.stream.digest()
  }
}
