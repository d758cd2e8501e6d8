import Findings
import Products
import Transcript
import UTC

/// A bundle to read from as if it were the folder.
///
/// Only an archive in the very form that ``Bundle`` writes is read: regular files in the order of their paths, below
/// `ceremony/`, all with the time of the transcript's first record, nothing between them and nothing after them.
package final class BundleSource: ProductsSource {
  private let archive: Archive
  private var places: [String: (offset: Int, size: Int)] = [:]
  private var paths: [String] = []

  private static let mostFiles = 100_000

  /// Where the bytes are.
  private enum Archive {
    case file(OpenFile)
    case memory([UInt8])
  }

  /// nil where the file cannot be opened. Throws `FILE-REFUSED` for what is no regular file and `BUNDLE-MALFORMED` with
  /// the place of the first byte that ``Bundle`` would not have written.
  package init?(_ path: String) throws(Finding) {
    guard let file = try OpenFile.at(path, place: path, followsLinks: true) else { return nil }
    archive = .file(file)
    try index(length: file.size)
  }

  /// An archive that was read already, and is never unpacked. Throws `FILE-REFUSED` for more than `limit` bytes and
  /// `BUNDLE-MALFORMED` as ``init(_:)`` does.
  package init(bytes: [UInt8], atMost limit: Int) throws(Finding) {
    guard bytes.count <= limit else {
      throw Finding(
        .fileRefused, "The archive has \(bytes.count) bytes; at most \(limit) are read.",
        hint: "Only files of a sensible size are read.")
    }
    archive = .memory(bytes)
    try index(length: bytes.count)
  }

  /// Whether this is an archive at all, by its magic: nothing is said of what is in it.
  package static func begins(_ bytes: [UInt8]) -> Bool {
    bytes.count >= UstarHeader.length && bytes[257..<262].elementsEqual("ustar".utf8)
  }

  package func list() -> [ProductsFolder.Entry] { paths.map { ProductsFolder.Entry(path: $0, isRegular: true) } }

  package func read(_ name: String) throws(Finding) -> [UInt8] {
    let place = try place(of: name)
    guard place.size <= FileContent.largest else {
      throw Finding(
        .fileRefused, "\(name) has \(place.size) bytes; at most \(FileContent.largest) are read.",
        hint: "Only files of a sensible size are read.", place: name)
    }
    return try bytes(at: place.offset, place.size)
  }

  package func open(_ name: String) throws(Finding) -> FileStream {
    let place = try place(of: name)
    return FileStream(size: place.size) { [self] offset, count throws(Finding) in
      try bytes(at: place.offset + offset, count)
    }
  }

  private func place(of name: String) throws(Finding) -> (offset: Int, size: Int) {
    guard let place = places[name] else {
      throw Finding(.fileRefused, "\(name) is not there.", hint: "Compare the bundle with another copy.", place: name)
    }
    return place
  }

  private func index(length: Int) throws(Finding) {
    var offset = 0
    var time: UTCTime?
    while true {
      let block = try bytes(at: offset, UstarHeader.length)
      if block.allSatisfy({ $0 == 0 }) { break }
      guard let header = UstarHeader(block) else {
        throw malformed(offset, "is no header of a regular file in our form")
      }
      guard header.time == time ?? header.time else {
        throw malformed(offset, "has another time than the first header")
      }
      time = header.time
      guard header.name.hasPrefix(Bundle.top), paths.count < Self.mostFiles else {
        throw malformed(offset, "is the header of a file that does not belong into a bundle")
      }
      let path = String(header.name.dropFirst(Bundle.top.count))
      guard ProductsFolder.isSafe(path), !path.hasPrefix(Bundle.leftOut + "/"), paths.last.map({ $0 < path }) ?? true
      else {
        throw malformed(offset, "names a path that is unsafe, repeated or out of order")
      }
      let padding = UstarHeader.padding(after: header.size)
      let content = offset + UstarHeader.length
      guard content + header.size + padding <= length else { throw malformed(offset, "is a file that is cut off") }
      guard try bytes(at: content + header.size, padding).allSatisfy({ $0 == 0 }) else {
        throw malformed(content + header.size, "is no padding")
      }
      places[path] = (content, header.size)
      paths.append(path)
      offset = content + header.size + padding
    }
    guard offset + 2 * UstarHeader.length == length,
      try bytes(at: offset, 2 * UstarHeader.length).allSatisfy({ $0 == 0 })
    else { throw malformed(offset, "is not the end of the archive") }
    if let begun = try beginning(), begun != time {
      throw malformed(0, "has another time than the first record, and so have all headers")
    }
  }

  /// The time of the first record; nil where there is none, of which a replay says more.
  private func beginning() throws(Finding) -> UTCTime? {
    guard let place = places[RecordFile.transcript.name] else { return nil }
    return FirstRecord.time(try bytes(at: place.offset, min(place.size, FirstRecord.length)))
  }

  private func bytes(at offset: Int, _ count: Int) throws(Finding) -> [UInt8] {
    let bytes: [UInt8]
    switch archive {
    case .file(let file): bytes = try file.bytes(at: offset, count)
    case .memory(let whole): bytes = Array(whole.dropFirst(offset).prefix(count))
    }
    guard bytes.count == count else { throw malformed(offset, "is the end, where more has to follow") }
    return bytes
  }

  private func malformed(_ offset: Int, _ why: String) -> Finding {
    Finding(
      .bundleMalformed, "Byte \(offset) of the archive \(why).",
      hint: offset == 0
        ? "This is no bundle. Name the products folder itself, or a bundle of it."
        : "Get the bundle again, or unpack it and name the folder.", place: "byte \(offset)")
  }
}

/// The time of a transcript's first record, whose line begins with it: the names in canonical JSON are sorted.
enum FirstRecord {
  private static let start = Array("{\"at\":\"".utf8)
  /// Bytes up to the end of the time.
  static let length = start.count + 20

  static func time(_ bytes: [UInt8]) -> UTCTime? {
    guard bytes.count >= length, bytes.starts(with: start) else { return nil }
    return UTCTime(String(decoding: bytes[start.count..<length], as: UTF8.self))
  }
}
