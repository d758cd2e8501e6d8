/// A file of records in a products folder.
package enum RecordFile: CaseIterable, Sendable {
  /// Up to the close.
  case transcript
  /// What follows the close.
  case sealing

  /// In the folder.
  package var name: String {
    switch self {
    case .transcript: "transcript.jsonl"
    case .sealing: "sealing.jsonl"
    }
  }
}
