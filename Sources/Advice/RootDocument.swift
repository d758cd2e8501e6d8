import CanonicalJSON
import Findings
import TUFMetadata

/// A root that advice is given on: what clients meet, which is more than what it means.
package struct RootDocument: Sendable {
  package let root: Root
  /// The signed part as it came.
  package let signed: JSONObject
  /// Bytes of the file; nil for a root that is not signed yet.
  package let fileBytes: Int?
  /// The name of the file, or what else the root is called.
  package let place: String

  /// A root that will be made.
  package init(_ root: Root, place: String) {
    self.root = root
    signed = root.json
    fileBytes = nil
    self.place = place
  }

  /// Reads a file as clients do. Its signatures are not looked at. Throws as ``Envelope/init(asClientsRead:place:)`` and
  /// ``Root/readAsClient(_:known:)`` do.
  package init(_ bytes: [UInt8], place: String) throws(Finding) {
    let envelope = try Envelope(asClientsRead: bytes, place: place)
    do throws(Finding) { root = try Root.readAsClient(envelope.signed).root } catch { throw error.at(place) }
    signed = envelope.signed
    fileBytes = bytes.count
    self.place = place
  }
}
