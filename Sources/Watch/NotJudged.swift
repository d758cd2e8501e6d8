/// What was not at hand, so that nothing is said of it. It is no finding: it may be just as it should be.
public struct NotJudged: Hashable, Sendable {
  /// The role whose file it is.
  public let role: String
  /// The version that clients are sent to, where something says so.
  public let version: Int64?
  /// In words, without a period.
  public let why: String
  /// The name under which clients ask for it, where they get that far. nil for delegated roles that are signed online,
  /// whose files are too many and too young to be watched.
  public let file: String?

  init(_ role: String, version: Int64? = nil, _ why: String, file: String? = nil) {
    self.file = file
    self.role = role
    self.version = version
    self.why = why
  }
}
