import CanonicalJSON
import Transcript
import UTC

/// What the machine's clock said when it was asked.
package struct ClockRecord: ReadableRecordBody {
  package static let kind = RecordKind.clock
  package let time: UTCTime

  package init(_ time: UTCTime) { self.time = time }

  package var json: JSONObject { ["at": .string(time.description)] }

  package init?(fields body: JSONObject) {
    guard let time = body["at"]?.string.flatMap(UTCTime.init(_:)) else { return nil }
    self.init(time)
  }
}
