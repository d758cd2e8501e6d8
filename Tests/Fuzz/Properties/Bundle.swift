import Bundles
import Findings
import Products
import UTC

/// An archive that is read is packed again as the same bytes, and every file that it lists can be read. The same for one
/// whose headers have the right sums, so that what comes after the first is reached.
func judgeBundle(_ bytes: [UInt8]) {
  judgeArchive(bytes)
  judgeArchive(summed(bytes))
}

private func judgeArchive(_ bytes: [UInt8]) {
  let source: BundleSource
  do throws(Finding) {
    source = try BundleSource(bytes: bytes, atMost: 1 << 16)
  } catch {
    return require([.bundleMalformed, .fileRefused].contains(error.code), "refused as \(error.code)")
  }
  let paths = source.list().map(\.path)
  require(paths == Set(paths).sorted(), "files that are repeated or out of order")
  for path in paths { require((try? source.read(path)) != nil, "\(path) is listed and cannot be read") }
  let seconds = Int64(String(decoding: bytes.dropFirst(136).prefix(11), as: UTF8.self), radix: 8)
  let time = seconds.flatMap { UTCTime(seconds: $0) } ?? .epoch
  var packed: [UInt8] = []
  _ = try? Bundle(source, time: time).write { packed += $0 }
  require(packed == bytes, "an archive is packed otherwise than it was read")
}

/// With the right sum in each header (POSIX.1-1988 ustar: of all bytes, those of the sum taken for spaces).
func summed(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  var offset = 0
  while offset + 512 <= bytes.count, bytes[offset] != 0 {
    for place in 148..<156 { bytes[offset + place] = 0x20 }
    let sum = String(bytes[offset..<offset + 512].reduce(0) { $0 + Int($1) }, radix: 8)
    let field = Array((String(repeating: "0", count: max(0, 6 - sum.count)) + sum).utf8) + [0, 0x20]
    bytes.replaceSubrange(offset + 148..<offset + 156, with: field.prefix(8))
    let size = Int(String(decoding: bytes[offset + 124..<offset + 135], as: UTF8.self), radix: 8) ?? 0
    guard (0..<1 << 20).contains(size) else { break }
    offset += 512 + (size + 511) / 512 * 512
  }
  return bytes
}
