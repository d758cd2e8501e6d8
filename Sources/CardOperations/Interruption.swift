/// The ceremony stopped without ending: a signal, the end of input, or a record of it.
package struct Interruption: Error, Hashable {
  /// `SIGINT`, `SIGTERM`, `SIGHUP`, `SIGQUIT`, or `end of input`.
  package let reason: String
  package init(reason: String) { self.reason = reason }
}
