import Findings
import Products

/// `SHA256SUMS` as it must be.
package struct SumsFile {
  package static let path = "SHA256SUMS"
  private let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What is wrong with the file that is there; names the first path in whose line the two differ.
  package func finding(against there: [UInt8]) -> Finding? {
    guard there != bytes else { return nil }
    let lines = Set(there.split(separator: 0x0a))
    let differing = bytes.split(separator: 0x0a).first { !lines.contains($0) }
      .map { String(decoding: $0.dropFirst(66), as: UTF8.self) }
    return Finding(
      .productChanged,
      differing.map { "SHA256SUMS does not agree with \($0)." }
        ?? "SHA256SUMS has other lines than the ceremony wrote.",
      hint: "One of the two was changed later. Compare the folder with another copy.", place: differing ?? Self.path)
  }
}

extension ProductsSource {
  /// A finding for each file that the ceremony does not account for, links and devices among them.
  package func unknownFiles(besides known: Set<String>, isRehearsal: Bool) throws(Finding) -> [Finding] {
    let exempt = ProductsFolder.exempt(isRehearsal: isRehearsal)
    // All are listed, for there is a limit to how many there may be.
    let others = try list().filter { entry in !exempt.contains(where: entry.isBelow) }
    return others.filter { !($0.isRegular && known.contains($0.path)) }.map {
      Finding(
        .fileUnknown, "\($0.path) is no file of this ceremony.",
        hint: "It was added later. Photographs and scans belong into annex/.", place: $0.path)
    }
  }
}
