/// One thing that a service, or clients, could not take of what is handed over, or would lose of it.
package struct ContractBreach: Hashable, Sendable {
  package enum Subject: Hashable, Sendable {
    case top
    case role(TopLevelRole)
    /// By its id.
    case key(String)
  }

  package let subject: Subject
  /// The custom field that it is about.
  package let field: String?
  package let what: String
  package let hint: String
}
