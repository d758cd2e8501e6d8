import CeremonyRecords
import Glibc
import Products
import Screens
import Transcript

/// Draws every screen of a folder as a terminal of 200 columns and 50 rows has it, whole, as nothing stood there before.
/// Prints the median and the longest milliseconds of the processor, and how many frames that were.
enum Frames {
  static func draw(_ folder: String) throws {
    var reader = TranscriptReader(
      try ProductsFolder(opening: folder).open("transcript.jsonl"), name: "transcript.jsonl")
    let layout = StageLayout(columns: 200, rows: 50, isStyled: true)
    var took: [Double] = []
    var length = 0
    while let record = try reader.next() {
      guard record.kind == .screen, let screen = Screen(record.body) else { continue }
      var view = StageView(screen.printable)
      (view.clock, view.seconds, view.head, view.line) = ("12:34:56 UTC", 3600, "0a1b2c3d", "> ")
      let before = milliseconds
      length += layout.frame(view).drawn(over: nil).utf8.count
      took.append(milliseconds - before)
    }
    took.sort()
    print(took.isEmpty ? 0 : took[took.count / 2], took.last ?? 0, took.count, length)
  }

  private static var milliseconds: Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) * 1000 + Double(now.tv_nsec) / 1_000_000
  }
}
