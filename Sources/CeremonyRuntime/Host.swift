import CeremonyRecords
import CeremonyResults
import Glibc
import UntrustedFiles

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
    ] + [isNetworked.map(CeremonyConfiguration.network)].compactMap(\.self)
  }

  /// Whether any interface but the loopback carries traffic, as the kernel says without a socket
  /// (Documentation/ABI/testing/sysfs-class-net); nil where it does not say.
  static var isNetworked: Bool? {
    guard let interfaces = try? UntrustedFolder("/sys/class/net") else { return nil }
    while let name = interfaces.next() {
      guard let text = name.text, text != "lo" else { continue }
      let state = try? UntrustedFile("/sys/class/net/\(text)/operstate", followsLinks: true).bytes(at: 0, 32)
      let word = state.map { String(decoding: $0.filter { $0 > 0x20 }, as: UTF8.self) } ?? ""
      // Tunnels and old drivers never say “up”.
      if word == "up" || word == "unknown" { return true }
    }
    return false
  }
}
