import CeremonyRecords
import CeremonyResults
import Glibc

/// What may be said in public of the machine: no name, no address, no user, no path.
enum Host {
  static func facts() -> [CeremonyConfiguration.Fact] {
    var names = utsname()
    guard uname(&names) == 0 else { return [] }
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return [
      CeremonyConfiguration.Fact(name: "system", value: text(names.sysname)),
      CeremonyConfiguration.Fact(name: "release", value: text(names.release)),
      CeremonyConfiguration.Fact(name: "machine", value: text(names.machine)),
    ]
  }
}
