/// What was not at hand, so that nothing is said of it. It is no finding: it may be just as it should be.
public struct NotJudged: Hashable, Sendable {
  /// The role whose file it is.
  public let role: String
  /// The version that clients are sent to, where something says so.
  public let version: Int64?
  /// In words, without a period.
  public let why: String

  init(_ role: String, version: Int64? = nil, _ why: String) {
    self.role = role
    self.version = version
    self.why = why
  }
}
