/// The ceremony stopped without ending: a signal, the end of input, or a record of it.
public struct Interruption: Error, Hashable {
  /// `SIGINT`, `SIGTERM`, `SIGHUP`, `SIGQUIT`, or `end of input`.
  public let reason: String
  public init(reason: String) { self.reason = reason }
}
