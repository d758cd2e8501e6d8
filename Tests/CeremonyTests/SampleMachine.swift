import CeremonyRecords
import Foundation

@testable import CeremonyRuntime

/// A machine in order, as files that a kernel would show; tests change one of them.
final class SampleMachine {
  let path = FileManager.default.temporaryDirectory.appending(path: "machine-\(UUID().uuidString)").path()

  static let routes = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
  static let defaultRoute = "eth0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
  static let headings = "Inter-|   Receive\n face |bytes    packets\n"
  static let local = """
    Local:
      +-- 127.0.0.0/8 2 0 2
         |-- 127.0.0.1
            /32 host LOCAL

    """

  init() throws {
    let files = [
      "proc/net/dev": Self.headings + "    lo: 0 0\n  eth0: 0 0\n",
      "proc/net/fib_trie": Self.local, "proc/net/route": Self.routes,
      "proc/net/if_inet6": "00000000000000000000000000000001 01 80 10 80       lo\n",
      "proc/net/ipv6_route":
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 "
        + "ffffffff 00000001 00000000 00200200       lo\n",
      "proc/modules": "ext4 1 0 - Live 0x0\n", "proc/swaps": "Filename\tType\n",
      "proc/self/status": "CapEff:\t0000000000000000\n",
      "sys/class/net/eth0/operstate": "down\n", "sys/class/net/eth0/flags": "0x1002\n",
      "sys/class/net/lo/operstate": "unknown\n", "sys/class/net/lo/flags": "0x9\n",
      "sys/class/rtc/rtc0/since_epoch": "\(Self.now)\n",
      "packages": "Package: pcscd\nStatus: install ok installed\nVersion: 1.9.9-2\n\nPackage: other\n",
    ]
    for (name, text) in files { try write(name, text) }
  }

  /// Seconds since 1970 at which a seeded ceremony begins.
  static let now: Int64 = 1_767_225_600

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  var files: HostFiles { HostFiles(proc: "\(path)/proc", sys: "\(path)/sys", packages: "\(path)/packages") }

  var process: HostProcess {
    var process = HostProcess()
    process.isSynchronised = false
    process.lockLimit = 8 << 20
    process.language = "C.UTF-8"
    process.terminal = (80, 24)
    return process
  }

  var look: HostLook {
    var look = HostLook()
    look.files = files
    look.process = process
    return look
  }
}
