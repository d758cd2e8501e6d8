import CanonicalJSON
import Transcript

/// The second copy of the folder was lost here; the ceremony went on with the first.
package struct MirrorRecord: ReadableRecordBody {
  package static let kind = RecordKind.mirror

  /// Why, as it was told on the console.
  package let loss: String

  package init(loss: String) { self.loss = loss }

  package var json: JSONObject { ["lost": .string(loss)] }

  package init?(fields body: JSONObject) {
    guard let loss = body["lost"]?.string else { return nil }
    self.init(loss: loss)
  }
}
