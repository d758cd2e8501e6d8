import CardOperations
import CeremonyRecords
import Findings

/// pcscd, the readers, and the cards in them.
struct HostCards {
  let files: HostFiles
  /// Looks at the readers; nil where the cards are software.
  let look: (() throws -> CardsAtHand?)?

  /// Throws ``Interruption``.
  func points() throws -> [HostPoint] {
    guard let look else { return leftOut }
    do {
      guard let found = try look() else { return leftOut }
      return [daemon([]), readers(found)]
    } catch let finding as Finding {
      guard [.pcscdGone, .pcscdRefused].contains(finding.code) else {
        return [daemon([]), HostPoint(.readers, "pcscd does not say what there is", [.hostCard])]
      }
      return [daemon([finding.code]), HostPoint(.readers, "not looked at: pcscd cannot be reached")]
    }
  }

  private var leftOut: [HostPoint] {
    [HostPoint.Subject.pcscd, .readers].map { HostPoint($0, "left out: the cards are virtual") }
  }

  private func daemon(_ before: [Finding.Code]) -> HostPoint {
    var codes = before
    let version = version
    if version == nil { codes.append(.hostPCSCDUnknown) }
    let state = before.isEmpty ? "running" : "not reached"
    return HostPoint(.pcscd, "\(version.map { "release \($0)" } ?? "release unknown"), \(state)", codes)
  }

  /// As Debian's package manager has it (deb822(5)): pcscd itself says its release to nobody.
  private var version: String? {
    guard let status = try? files.text(.packages) else { return nil }
    for entry in status.split(separator: "\n\n") where entry.hasPrefix("Package: pcscd\n") {
      let rows = entry.split(separator: "\n")
      guard rows.contains("Status: install ok installed") else { return nil }
      let version = rows.first { $0.hasPrefix("Version: ") }?.dropFirst(9)
      return version.flatMap { text in
        text.utf8.count <= 60 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } ? String(text) : nil
      }
    }
    return nil
  }

  private func readers(_ found: CardsAtHand) -> HostPoint {
    var codes: [Finding.Code] = []
    if found.readers == 0 { codes.append(.hostReaders) }
    if found.typing > 0 { codes.append(.hostReaderOTP) }
    if found.held > 0 { codes.append(.cardShared) }
    if found.unusable > 0 { codes.append(.hostCard) }
    let holders = found.held > 0 ? self.holders : []
    let counts = [
      counted(found.readers, "reader"), counted(found.cards, "card"), "\(found.typing) that type one-time passwords",
      "\(counted(found.held, "card")) held by another program"
        + (holders.isEmpty ? "" : ", perhaps \(holders.joined(separator: ", "))"),
      "\(counted(found.unusable, "card")) that cannot be used",
    ]
    return HostPoint(
      .readers,
      counts.enumerated().filter { $0.offset == 0 || !$0.element.hasPrefix("0 ") }.map(\.element)
        .joined(separator: ", "), codes)
  }

  /// Programs that are known to hold cards (proc(5), `comm`, 15 letters).
  private static let suspects = [
    "scdaemon", "pcsc_scan", "opensc-tool", "pkcs11-tool", "ssh-pkcs11-help", "p11-kit-server", "ykman", "yubioath",
    "yubico-piv-tool", "tuf-ceremony",
  ].map { String($0.prefix(15)) }

  /// Those of them that run, each once. The kernel does not say which program has which card.
  private var holders: [String] {
    let numbers = ((try? files.names(.proc(""))) ?? []).filter { $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
    let own = files.target(.proc("self")).flatMap { $0.split(separator: "/").last.map(String.init) }
    let running = Set(numbers.filter { $0 != own }.compactMap { files.word(.proc("\($0)/comm")) })
    return Self.suspects.filter(running.contains)
  }
}
