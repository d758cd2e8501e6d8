import Glibc

/// The disk behind a path, as the kernel has it mounted.
package enum MountedDisk {
  /// Whether what is written here is in memory only, and gone when the power is.
  package static func isInMemory(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let device = UInt64(status.st_dev)
    // makedev(3), taken apart.
    let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
    let minor = device & 0xff | (device >> 12) & ~0xff
    // proc(5): "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw"
    for line in mounts().split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2, fields[2] == "\(major):\(minor)", let mark = fields.firstIndex(of: "-"),
        mark + 1 < fields.count
      else { continue }
      return ["tmpfs", "ramfs"].contains(fields[mark + 1])
    }
    return false
  }

  /// Whether two paths are on one mounted disk.
  package static func isSame(_ one: String, _ other: String) -> Bool {
    var first = stat()
    var second = stat()
    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev
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
