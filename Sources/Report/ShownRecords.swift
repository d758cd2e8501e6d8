import CeremonyReplay
import Products
import Transcript

/// The records that a page shows: all of them, or of a very long ceremony those at the beginning.
struct ShownRecords {
  let content: TranscriptContent
  /// Whether records were left out.
  let isCut: Bool

  /// Bytes of each file for a page of its own, which is written in the room and again in every replay.
  static let ownLimit = 4 << 20

  init(_ source: any ProductsSource, _ verdict: ReplayVerdict) {
    let limit = verdict.isOwnAccount ? Self.ownLimit : FileContent.largest
    let transcript = Self.beginning(of: RecordFile.transcript.name, in: source, limit)
    let sealing = Self.beginning(of: RecordFile.sealing.name, in: source, limit)
    content = TranscriptContent(
      transcript: transcript?.lines ?? [], sealing: sealing?.lines,
      head: transcript?.isCut == true ? verdict.head : nil)
    isCut = transcript?.isCut == true || sealing?.isCut == true
  }

  /// Whole lines where something is left out; nil where there is no such file.
  private static func beginning(of name: String, in source: any ProductsSource, _ limit: Int)
    -> (lines: [UInt8], isCut: Bool)?
  {
    guard var stream = try? source.open(name) else { return nil }
    var bytes: [UInt8] = []
    while bytes.count < limit, let piece = try? stream.read(upTo: min(1 << 16, limit - bytes.count)), !piece.isEmpty {
      bytes += piece
    }
    guard stream.size > bytes.count else { return (bytes, false) }
    let end = bytes.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    return (Array(bytes[..<end]), true)
  }
}
