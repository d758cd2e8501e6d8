/// What was not at hand, so that nothing is said of it. It is no finding: it may be just as it should be.
package struct NotJudged: Hashable, Sendable {
  /// The role whose file it is.
  package let role: String
  /// The version that clients are sent to, where something says so.
  package let version: Int64?
  /// In words, without a period.
  package let why: String
  /// The name under which clients ask for it, where they get that far. nil for delegated roles that are signed online,
  /// whose files are too many and too young to be watched.
  package let file: String?

  init(_ role: String, version: Int64? = nil, _ why: String, file: String? = nil) {
    self.file = file
    self.role = role
    self.version = version
    self.why = why
  }
}
