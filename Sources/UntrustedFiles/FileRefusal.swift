import Glibc

/// Why something on a disk that nobody vouches for is not read. Which code that has is for whoever reads it to say:
/// `FILE-REFUSED` in a products folder, `FILE-KIND` and its neighbours where metadata is looked for.
package enum FileRefusal: Error, Hashable, Sendable {
  /// The system's number of what went wrong when it was opened, or read: it is not there, say.
  case unopened(Int32)
  case unread(Int32)
  /// A folder, pipe, socket or device where a file was expected.
  case notRegular
  /// How many bytes it has at least.
  case tooLarge(Int)

  /// The system's words for what went wrong.
  package static func words(_ error: Int32) -> String {
    strerror(error).map { String(cString: $0) } ?? "error \(error)"
  }
}
