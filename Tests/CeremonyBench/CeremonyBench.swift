import CeremonyRuntime
import Glibc
import Products
import Transcript

/// What Tests/benchmark cannot have from the programs themselves.
@main enum CeremonyBench {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch (arguments.first, arguments.count) {
    case ("long", 4): try LongCeremony.hold(arguments[1], out: arguments[2], records: Int(arguments[3]) ?? 0)
    case ("record", 3): try record(from: arguments[1], to: arguments[2])
    case ("frames", 2): try Frames.draw(arguments[1])
    default:
      print("usage: ceremony-bench long SCRIPT OUT RECORDS | record FOLDER OUT | frames FOLDER")
      exit(64)
    }
  }

  /// Records everything that a transcript holds once more, as a ceremony does, and beside it, record by record,
  /// does what anybody must: append the line and have it on the disk. Prints the median microseconds of both.
  private static func record(from folder: String, to out: String) throws {
    var reader = TranscriptReader(
      try ProductsFolder(opening: folder).open("transcript.jsonl"), name: "transcript.jsonl")
    let folder = try ProductsFolder(creating: out)
    let journal = try LiveJournal(folder, SystemClock())
    let file = try folder.appending("lines.jsonl")
    let clock = ContinuousClock()
    var ours: [Duration] = []
    var floor: [Duration] = []
    while let record = try reader.next() {
      let line = try record.line() + [0x0a]
      var isWritten = false
      func append() { floor.append(clock.measure { isWritten = writeAll(file, line) && fsync(file) == 0 }) }
      // In turn, so that neither profits from being the second.
      if record.seq % 2 == 0 { append() }
      ours.append(try clock.measure { try journal.state(record.kind, step: record.step, record.body) })
      if record.seq % 2 != 0 { append() }
      guard isWritten else { exit(73) }
    }
    print(median(ours), median(floor))
  }

  private static func median(_ durations: [Duration]) -> Double {
    durations.sorted()[durations.count / 2] / .microseconds(1)
  }
}
