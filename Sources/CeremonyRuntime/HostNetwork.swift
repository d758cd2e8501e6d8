import CeremonyRecords
import Findings

/// Network, routes, radios and their drivers, as the kernel says without a socket.
struct HostNetwork {
  let files: HostFiles

  var points: [HostPoint] { [interfaces, route, radios, drivers] }

  /// `/proc/net` is of this process's network, `/sys/class/net` of whoever mounted it: an interface in either counts.
  private var names: [String]? {
    guard let table = try? files.text(.proc("net/dev")), let listed = try? files.names(.sys("class/net")) else {
      return nil
    }
    // proc(5): two heading lines, then “  eth0: …”.
    let own = table.split(separator: "\n").dropFirst(2).compactMap { row in
      row.split(separator: ":").first.map { String($0.filter { $0 != " " }) }
    }
    return Set(own + listed).subtracting(["lo", "bonding_masters"]).sorted()
  }

  private var interfaces: HostPoint {
    var codes: [Finding.Code] = []
    guard let names, let addresses else {
      codes.append(.hostNetworkUnknown)
      return HostPoint(.network, "unknown", codes)
    }
    var (up, on, unknown) = (0, 0, 0)
    for name in names {
      // Documentation/ABI/testing/sysfs-class-net; IFF_UP is 1.
      guard let state = files.word(.sys("class/net/\(name)/operstate")),
        let flags = files.word(.sys("class/net/\(name)/flags")), flags.hasPrefix("0x"),
        let bits = UInt32(flags.dropFirst(2), radix: 16)
      else {
        unknown += 1
        continue
      }
      // Tunnels and old drivers never say “up”.
      if state == "up" || state == "unknown" && bits & 1 == 1 {
        up += 1
      } else if bits & 1 == 1 {
        on += 1
      }
    }
    if up > 0 || addresses > 0 { codes.append(.hostNetwork) }
    if on > 0 { codes.append(.hostInterface) }
    if unknown > 0 { codes.append(.hostNetworkUnknown) }
    let counts = [
      "\(up) up", "\(on) on, no link", "\(names.count - up - on - unknown) off", "\(unknown) unknown",
    ]
    let some = counts.filter { !$0.hasPrefix("0 ") }
    return HostPoint(
      .network,
      (some.isEmpty ? "no interface" : "interfaces: \(some.joined(separator: ", "))")
        + (addresses > 0 ? "; addresses: \(addresses)" : ""), codes)
  }

  /// How many addresses there are, but for the loopback's; nil where that cannot be read.
  private var addresses: Int? {
    // Address, then what it is: “|-- 10.0.2.15” above “/32 host LOCAL”, in two tables.
    guard let trie = optional({ () throws(HostFiles.Lack) in try files.text(.proc("net/fib_trie")) }),
      let table = optional({ () throws(HostFiles.Lack) in try files.text(.proc("net/if_inet6")) })
    else { return nil }
    var four: Set<Substring> = []
    var address: Substring = ""
    for row in trie.split(separator: "\n") {
      let words = row.split(separator: " ")
      if words.first == "|--" || words.first == "+--", let last = words.dropFirst().first { address = last }
      if words.suffix(2) == ["host", "LOCAL"], !address.hasPrefix("127.") { four.insert(address) }
    }
    let six = table.split(separator: "\n").filter { $0.split(separator: " ").last != "lo" }
    return four.count + six.count
  }

  private var route: HostPoint {
    guard let four = optional({ () throws(HostFiles.Lack) in try files.text(.proc("net/route")) }),
      let six = optional({ () throws(HostFiles.Lack) in try files.text(.proc("net/ipv6_route")) })
    else { return HostPoint(.route, "unknown", [.hostNetworkUnknown]) }
    // Iface Destination Gateway Flags RefCnt Use Metric Mask …; RTF_UP is 1, RTF_REJECT 0x200.
    func leads(_ flags: Substring) -> Bool {
      UInt32(flags, radix: 16).map { $0 & 1 == 1 && $0 & 0x200 == 0 } ?? true
    }
    var count = 0
    for row in four.split(separator: "\n").dropFirst() {
      let words = row.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if words.count > 7, words[1] == "00000000", words[7] == "00000000", leads(words[3]) { count += 1 }
    }
    for row in six.split(separator: "\n") {
      let words = row.split(separator: " ")
      if words.count > 9, words[0].allSatisfy({ $0 == "0" }), words[1] == "00", words[9] != "lo", leads(words[8]) {
        count += 1
      }
    }
    var codes: [Finding.Code] = []
    if count > 0 { codes.append(.hostRoute) }
    return HostPoint(.route, count == 0 ? "no default route" : "default routes: \(count)", codes)
  }

  private var radios: HostPoint {
    guard let switches = optionalNames("class/rfkill"), let wireless = optionalNames("class/ieee80211"),
      let bluetooth = optionalNames("class/bluetooth")
    else { return HostPoint(.radios, "unknown", [.hostRadioUnknown]) }
    var codes: [Finding.Code] = []
    var (on, unknown) = (0, 0)
    for name in switches {
      // Documentation/ABI/stable/sysfs-class-rfkill: 1 is blocked.
      let blocks = ["soft", "hard"].map { files.word(.sys("class/rfkill/\(name)/\($0)")) }
      if blocks.contains("1") { continue }
      if blocks == ["0", "0"] { on += 1 } else { unknown += 1 }
    }
    // Without the switches of rfkill nobody can say that they are off.
    if switches.isEmpty { unknown += wireless.count + bluetooth.count }
    if on > 0 { codes.append(.hostRadio) }
    if unknown > 0 { codes.append(.hostRadioUnknown) }
    let off = switches.count - on - unknown
    let counts = ["\(on) on", "\(max(off, 0)) off", "\(unknown) unknown"].filter { !$0.hasPrefix("0 ") }
    return HostPoint(.radios, counts.isEmpty ? "none" : counts.joined(separator: ", "), codes)
  }

  /// Modules without which no driver of that kind is of use, by what they are for.
  private static let modules = [
    "cfg80211", "mac80211", "bluetooth", "btusb", "usbnet", "wwan", "cdc_ether", "cdc_ncm", "rndis_host", "virtio_net",
  ]

  private var drivers: HostPoint {
    let table = try? files.text(.proc("modules"))
    let names = optionalNames("class/net")
    let loaded = Set(
      (table ?? "").split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
    // A driver that is not a module, or not in the list, has its device below the interface.
    let bound = (names ?? []).filter { files.target(.sys("class/net/\($0)/device/driver")) != nil }.count
    let known = Self.modules.filter(loaded.contains)
    var codes: [Finding.Code] = []
    if bound > 0 || !known.isEmpty { codes.append(.hostDrivers) }
    if table == nil || names == nil { codes.append(.hostDriversUnknown) }
    let parts =
      (bound > 0 ? ["network adapters with a driver: \(bound)"] : []) + known
      + (codes.contains(.hostDriversUnknown) ? ["others unknown"] : [])
    return HostPoint(.drivers, parts.isEmpty ? "none" : parts.joined(separator: ", "), codes)
  }

  /// None where there is no such folder; nil where nobody can say.
  private func optionalNames(_ folder: String) -> [String]? {
    guard (try? files.names(.sys("class"))) != nil else { return nil }
    do throws(HostFiles.Lack) { return try files.namesIfAny(.sys(folder)) } catch { return nil }
  }

  /// What a kernel without IPv4 or IPv6 has not: then it is empty; nil where it is there and cannot be read.
  private func optional(_ read: () throws(HostFiles.Lack) -> String) -> String? {
    do throws(HostFiles.Lack) { return try read() } catch {
      guard case .absent = error, (try? files.text(.proc("net/dev"))) != nil else { return nil }
      return ""
    }
  }
}
