import Glibc

/// The disk behind a path, as the kernel has it mounted.
package enum MountedDisk {
  /// Whether what is written here is in memory only, and gone when the power is.
  package static func isInMemory(_ path: String) -> Bool { ["tmpfs", "ramfs"].contains(fileSystem(path)) }

  /// What kind of file system it is, as `mount` calls it; nil where that cannot be read.
  package static func fileSystem(_ path: String) -> String? {
    guard let device = device(path) else { return nil }
    // proc(5): "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw"
    for line in mounts().split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2, fields[2] == device, let mark = fields.firstIndex(of: "-"), mark + 1 < fields.count
      else { continue }
      return String(fields[mark + 1])
    }
    return nil
  }

  /// Bytes that may still be written there; nil where that cannot be read.
  package static func space(_ path: String) -> UInt64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let (bytes, isTooMany) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return isTooMany ? .max : bytes
  }

  /// Whether two paths are on one disk: on one that is mounted, or on two parts of one.
  package static func isSame(_ one: String, _ other: String) -> Bool {
    guard let first = device(one), let second = device(other) else { return false }
    return first == second || disk(first).map { $0 == disk(second) } ?? false
  }

  /// The whole disk of a part, by its folder in /sys; nil for what is none.
  private static func disk(_ device: String) -> String? {
    guard let found = realpath("/sys/dev/block/\(device)", nil) else { return nil }
    defer { free(found) }
    let folder = String(cString: found)
    guard access("\(folder)/partition", F_OK) == 0 else { return folder }
    return folder.split(separator: "/").dropLast().joined(separator: "/")
  }

  /// “8:1”.
  private static func device(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    let device = UInt64(status.st_dev)
    // makedev(3), taken apart.
    let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
    let minor = device & 0xff | (device >> 12) & ~0xff
    return "\(major):\(minor)"
  }

  /// What /proc says; it has no size, so it is read to its end.
  private static func mounts() -> String {
    let descriptor = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk.prefix(count)
    }
  }
}
