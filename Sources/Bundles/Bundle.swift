import Findings
import Keys
import Products
import UTC

/// A products folder as one tar archive: the same folder gives the same bytes, whoever packs it, wherever.
///
/// Every file in the order of its path, below `ceremony/`, all with the time of the transcript's first record.
/// The keyholders' virtual cards and their paper stay out.
package struct Bundle {
  /// What every path begins with.
  static let top = "ceremony/"
  /// What is hardware and not product.
  static let leftOut = "virtual-cards"

  private let source: any ProductsSource
  private let time: UTCTime

  /// - Parameter time: of the transcript's first record.
  package init(_ source: any ProductsSource, time: UTCTime) {
    self.source = source
    self.time = time
  }

  /// Hands the archive out piece by piece and returns the SHA-256 of all of it.
  ///
  /// Throws `BUNDLE-NAME` and `FILE-REFUSED` for a file that cannot be packed, and what `sink` throws.
  package func write(to sink: ([UInt8]) throws(Finding) -> Void) throws(Finding) -> SHA256Digest {
    var hash = SHA256Stream()
    func put(_ bytes: [UInt8]) throws(Finding) {
      hash.append(bytes)
      try sink(bytes)
    }
    for entry in try source.list() where !entry.isBelow(Self.leftOut) {
      guard ProductsFolder.isSafe(entry.path) else {
        throw Finding(
          .bundleName,
          "A bundle cannot hold \(printable(entry.path)): only letters, digits and . _ - are in its names.",
          hint: "Give the file another name, or take it out of the folder.", place: entry.path)
      }
      guard entry.isRegular else {
        throw Finding(
          .fileRefused, "\(entry.path) is no regular file.", hint: "Take it out of the folder.", place: entry.path)
      }
      var content = try source.open(entry.path)
      try put(UstarHeader(name: Self.top + entry.path, size: content.size, time: time).encoded())
      var packed = 0
      while packed < content.size {
        let piece = try content.read(upTo: 1 << 16)
        guard !piece.isEmpty else {
          throw Finding(
            .fileRefused, "\(entry.path) became shorter while it was read.",
            hint: "Nobody may write to the folder meanwhile.", place: entry.path)
        }
        try put(piece)
        packed += piece.count
      }
      try put([UInt8](repeating: 0, count: UstarHeader.padding(after: packed)))
    }
    try put([UInt8](repeating: 0, count: 2 * UstarHeader.length))
    return hash.digest
  }
}
