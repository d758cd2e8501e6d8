import CeremonyRecords
import Findings
import Glibc
import Products

/// Where the ceremony writes: which medium it is, how much room there is, and whether it takes what is written.
struct HostMedia {
  /// A folder that exists, on the medium.
  let output: String?
  let mirror: String?
  /// Why it does not take what is written; nil where it does.
  let outputFault: String?
  let mirrorFault: String?

  /// Bytes.
  private static let leastSpace: UInt64 = 64 << 20
  /// What lies below these, and whether that is a disk, nobody can say.
  private static let layered = ["overlay", "aufs"]

  var points: [HostPoint] {
    [
      output.map { path in
        var codes: [Finding.Code] = []
        if outputFault != nil { codes.append(.hostOutput) }
        return point(.output, path, outputFault, codes)
      } ?? HostPoint(.output, "not named"),
      mirror.map { path in
        var codes: [Finding.Code] = []
        if mirrorFault != nil { codes.append(.hostMirror) }
        if let output, MountedDisk.isSame(output, path) { codes.append(.hostSameMedium) }
        return point(.mirror, path, mirrorFault, codes)
      } ?? HostPoint(.mirror, "not named"),
    ]
  }

  private func point(
    _ subject: HostPoint.Subject, _ path: String, _ fault: String?, _ before: [Finding.Code]
  ) -> HostPoint {
    var codes = before
    let kind = MountedDisk.fileSystem(path)
    let space = MountedDisk.space(path)
    if MountedDisk.isInMemory(path) {
      codes.append(.hostMedium)
    } else if space == nil || kind.map(Self.layered.contains) ?? true {
      codes.append(.hostMediumUnknown)
    }
    if let space, space < Self.leastSpace { codes.append(.hostSpace) }
    let room = space.map { "\($0 >> 20) MiB left" } ?? "room unknown"
    return HostPoint(
      subject, ["\(kind ?? "unknown medium"), \(room)", fault].compactMap(\.self).joined(separator: "; "), codes)
  }
}

extension HostMedia {
  /// Tries a medium as a ceremony uses it: a folder is made there, a file written, read back, and taken away again. Returns
  /// why that failed.
  static func trial(in folder: String) -> String? {
    // A disk that is not mounted: whatever has its place is another one.
    guard access(folder, F_OK) == 0 else { return "the folder in which it is made is not there: mount its disk first" }
    let name = "\(folder)/.tuf-ceremony-preflight-\(getpid())"
    do throws(Finding) {
      let trial = try ProductsFolder(creating: name)
      defer { trial.removeIfEmpty() }
      do throws(Finding) {
        try trial.create("trial", Array(repeating: 0x55, count: 1 << 16))
      } catch {
        for left in ["trial", "trial\(ProductsFolder.partialSuffix)"] { try? trial.remove(left) }
        throw error
      }
      try trial.remove("trial")
      return nil
    } catch {
      return "a trial file could not be written and read back"
    }
  }
}
