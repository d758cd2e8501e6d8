import CanonicalJSON
import Findings
import TUFMetadata

/// What is sent to the API of the Repository Service for TUF: of version 1 the payload that bootstraps it, of a later
/// root the payload that updates it.
package struct RSTUFPayload {
  /// How the service signs what it signs itself.
  package struct Settings: Hashable, Sendable {
    /// Days until what it signs expires, by role. `root` is told as well, though cards sign it.
    package var expirations: [String: Int] = ["root": 365, "targets": 365, "snapshot": 1, "timestamp": 1, "bins": 1]
    /// Hash bins that targets delegate to.
    package var bins = 16_384

    package static let roles = ["root", "targets", "snapshot", "timestamp", "bins"]
    /// Its API takes no more bins, and of a number that is no power of two the worker makes another one.
    package static let mostBins = 16_384

    package init() {}
  }

  /// Printed JSON.
  package let bytes: [UInt8]

  /// - Parameter content: of the file `metadata/N.root.json`.
  ///
  /// Throws the first thing that the service could not take, `HAND-OVER`, and what keeps the root from being read.
  package init(_ content: [UInt8], path: String, _ settings: Settings) throws(Finding) {
    let envelope = try Envelope(parsing: content, place: path)
    let root = try Root.read(envelope.signed).root
    if let breach = RSTUFContract(root).breaches.first {
      throw Finding(.handOver, breach.what, hint: breach.hint, place: path)
    }
    var payload: JSONObject = ["metadata": ["root": envelope.json]]
    if root.version == 1 {
      var roles = JSONObject()
      for role in Settings.roles {
        var own: JSONObject = ["expiration": .integer(Int64(settings.expirations[role] ?? 1))]
        if role == "bins" { own["number_of_delegated_bins"] = .integer(Int64(settings.bins)) }
        roles[role] = .object(own)
      }
      payload["settings"] = ["roles": .object(roles)]
      // Seconds in which the worker has to be done.
      payload["timeout"] = 300
    }
    bytes = JSONValue.object(payload).pretty()
  }
}
