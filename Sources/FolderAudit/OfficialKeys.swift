import CeremonyResults
import CeremonyScript
import Findings
import Keys
import Products
import TUFMetadata
import Transcript

/// The keys of administrator and witness, where they had cards of their own, and the initials that those cards signed.
struct OfficialKeys {
  private(set) var findings: [Finding] = []
  // By `administrator` or `witness`.
  private var keys: [String: MetadataKey] = [:]

  /// Throws what keeps a public key from being read.
  init(_ records: FolderRecords, _ root: Root, after before: Root?, _ source: any ProductsSource) throws(Finding) {
    let named = root.keys.keys + (before?.keys.keys ?? [])
    for path in records.files.keys.sorted() {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "cards",
        let name = Keyholder.officials.first(where: { parts[2] == "\($0)_pubkey.pem" })
      else { continue }
      let text = String(decoding: try records.content(of: path, in: source), as: UTF8.self)
      guard let publicKey = try? PublicKey(pem: text), publicKey.pem == text, publicKey.weakness == nil,
        !named.contains(where: { $0.publicKey == publicKey }),
        !keys.values.contains(where: { $0.publicKey == publicKey }), keys[name] == nil
      else {
        add(.cardFiles, "\(path) holds no sound key of the \(name)'s own, or is the second one.", path)
        continue
      }
      keys[name] = MetadataKey(publicKey)
      if records.expose(publicKey) {
        findings.append(
          .exposed("the key of the \(name)", "Do not believe its signatures; hold the ceremony again.", place: path))
      }
      if records.generation(of: publicKey) == nil {
        add(.evidenceMissing, "The key of the \(name) was made by no card in the transcript.", path)
      }
    }
    judgeInitials(records)
  }

  /// Of `administrator` or `witness`; nil where they had no card.
  func keyID(of official: String) -> String? { keys[official]?.keyID }

  func key(_ keyID: String) -> MetadataKey? { keys.values.first { $0.keyID == keyID } }

  /// Who has a key that is not among these.
  func missing(among sealers: [String]) -> [String] {
    Keyholder.officials.filter { name in keys[name].map { !sealers.contains($0.keyID) } ?? false }
  }

  private mutating func judgeInitials(_ records: FolderRecords) {
    for (statement, signature, file, place) in records.signedInitials {
      let what = "The signature of the \(statement.person) under \(statement.step)"
      let message = statement.preAuthenticationEncoding
      guard let key = keys[statement.person], key.keyID == signature.keyID,
        key.isValid(signature.signature, over: message)
      else {
        add(.signatureInvalid, "\(what) does not hold over what was stated, or is by another key.", place)
        continue
      }
      if !records.isFromCard(signature.signature, by: key, over: message, in: file) {
        add(.evidenceMissing, "\(what) is what no card answered in the records.", place)
      }
    }
  }

  private mutating func add(_ code: Finding.Code, _ what: String, _ place: String) {
    findings.append(
      Finding(code, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }
}

extension MetadataKey {
  /// Whether a signature of this key holds over a message; false for a key of an unknown kind.
  func isValid(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    guard let publicKey, let scheme else { return false }
    return publicKey.isValid(signature, over: message, scheme)
  }
}
