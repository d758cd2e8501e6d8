import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

/// A root that somebody else's program made, and that waits for signatures: tuf-on-ci's, RSTUF's.
package struct ForeignRoot {
  private let envelope: Envelope
  private let root: Root
  private let place: String
  package var repository = "not said"
  package var deadline: UTCTime?
  package var isOfflineOnly = false

  /// Throws what keeps it from being read as a root.
  package init(_ bytes: [UInt8], place: String) throws(Finding) {
    envelope = try Envelope(asClientsRead: bytes, place: place)
    do throws(Finding) { root = try Root.read(envelope.signed).root } catch { throw error.at(place) }
    self.place = place
  }

  /// A request for signatures by these keys. No ceremony asks, so that the nonce is that of what is asked: the digest of
  /// everything else.
  ///
  /// - Parameter engine: that of this program.
  ///
  /// Throws `REQUEST-KEY` for what names no one key of either root, and what ``AskedRoot`` throws.
  package func request(
    trusted: [UInt8]?, signers: [(key: String, name: String?)], slot: String, engine: Int64
  ) throws(Finding) -> Request {
    let payload = SignatureWanted(payload: envelope.signedBytes, trusted: trusted, signers: [])
    let asked: AskedRoot
    do throws(Finding) { asked = try AskedRoot(payload, isRehearsal: root.isRehearsal) } catch {
      throw Finding(error.code, error.what, hint: error.hint, place: place)
    }
    var people: [Asked] = []
    for signer in signers {
      guard let key = asked.key(signer.key), isHexadecimal(key.keyID) else {
        throw Finding(
          .requestKey,
          "No single key of this root, or of the one before, has an id that begins with \(shown(signer.key)).",
          hint: "Write the id of your key in hexadecimal, at least its first eight digits.", place: place)
      }
      let name = signer.name ?? "the owner of key \(shortened(key.keyID))"
      people.append(Asked(id: "key-\(key.keyID.prefix(8))", name: name, keyID: key.keyID, slot: slot))
    }
    let wanted = SignatureWanted(payload: envelope.signedBytes, trusted: trusted, signers: people)
    func request(_ nonce: [UInt8]) -> Request {
      Request(
        .sign(wanted), engine: engine, release: ProgramVersion.current, isRehearsal: root.isRehearsal,
        repository: repository, title: "root \(root.version) of \(repository)", nonce: nonce, deadline: deadline,
        isOfflineOnly: isOfflineOnly)
    }
    let digest = request([UInt8](repeating: 0, count: Request.nonceCount)).digest
    return request(Array(digest.bytes.prefix(Request.nonceCount)))
  }

  private func isHexadecimal(_ text: String) -> Bool { (8...64).contains(text.utf8.count) && Hex.decode(text) != nil }
}
