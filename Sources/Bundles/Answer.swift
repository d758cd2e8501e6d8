import Findings
import Keys
import Products
import Transcript
import UTC

/// What goes back to whoever asked: the folder of the ceremony that answered, as one file in the form of ``Bundle``.
package enum Answer {
  /// The most bytes of one.
  package static let limit = 4 << 20

  /// Packs a folder into a new file and returns its SHA-256. Throws `CANNOT-CREATE`, and what ``Bundle`` throws.
  package static func pack(_ folder: ProductsFolder, into path: String) throws(Finding) -> SHA256Digest {
    var transcript = try folder.open(RecordFile.transcript.name)
    guard let time = FirstRecord.time(try transcript.read(upTo: FirstRecord.length)) else {
      throw Finding(.recordMalformed, "The transcript has no record.", hint: "Answer again.", place: "transcript.jsonl")
    }
    let file = try NewFile(path)
    _ = try Bundle(folder, time: time).write { bytes throws(Finding) in try file.append(bytes) }
    return try file.finish()
  }
}
