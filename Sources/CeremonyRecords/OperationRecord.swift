import CardOperations
import Transcript

/// What is asked of the card next: the operation's name and its public parameters. Nobody reads it but who executes the
/// ceremony again, and they compare it.
extension CardOperation: RecordBody {
  package static let kind = RecordKind.operation
}
