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

  static let names = ["administrator", "witness"]

  /// Throws what keeps a public key from being read.
  init(_ records: FolderRecords, _ source: any ProductsSource) throws(Finding) {
    for path in records.files.keys.sorted() {
      guard let name = Self.names.first(where: { path.hasPrefix("cards/") && path.hasSuffix("/\($0)_pubkey.pem") })
      else {
        continue
      }
      let text = String(decoding: try records.content(of: path, in: source), as: UTF8.self)
      guard let publicKey = try? PublicKey(pem: text), publicKey.pem == text, publicKey.weakness == nil,
        keys[name] == nil
      else {
        add(.cardFiles, "\(path) holds no sound public key, or the \(name) has two.", path)
        continue
      }
      keys[name] = MetadataKey(publicKey)
      if records.generation(of: publicKey) == nil {
        add(.evidenceMissing, "The key of the \(name) was made by no card in the transcript.", path)
      }
    }
    judgeInitials(records)
  }

  func key(_ keyID: String) -> MetadataKey? { keys.values.first { $0.keyID == keyID } }

  private mutating func judgeInitials(_ records: FolderRecords) {
    let place = "transcript.jsonl"
    for (digest, signatures) in (records.accepted["initials"] ?? [:]).sorted(by: { $0.key.hex < $1.key.hex }) {
      for signature in signatures {
        guard let statement = records.statements[digest], let key = keys[statement.person],
          key.keyID == signature.keyID, key.isValid(signature.signature, over: statement.preAuthenticationEncoding)
        else {
          add(.signatureInvalid, "A signature under initials does not hold over what was stated.", place)
          continue
        }
        if !records.isFromCard(signature.signature, by: key, over: statement.preAuthenticationEncoding) {
          add(
            .evidenceMissing,
            "The signature of the \(statement.person) under \(statement.step) is what no card answered in the transcript.",
            place)
        }
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
