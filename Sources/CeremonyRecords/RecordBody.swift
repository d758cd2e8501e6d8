import CanonicalJSON
import Transcript

/// The body of a record of one kind, as it is written.
package protocol RecordBody: Hashable, Sendable {
  static var kind: RecordKind { get }
  var json: JSONObject { get }
}

/// The body of a record of one kind, as it is written and read back.
package protocol ReadableRecordBody: RecordBody {
  /// Takes every field that such records have, whichever engine version wrote them; nil where one is missing or is of
  /// another type. What nobody knows is passed over: the chain binds it.
  init?(fields body: JSONObject)
}

extension ReadableRecordBody {
  /// Reads exactly what ``RecordBody/json`` writes; nil for anything else. So reads who executes a ceremony again.
  package init?(_ body: JSONObject) {
    self.init(fields: body)
    guard json == body else { return nil }
  }

  /// The same of a whole record's fields; nil for one of another kind.
  package init?(fieldsOf record: Record) {
    guard record.kind == Self.kind else { return nil }
    self.init(fields: record.body)
  }
}
