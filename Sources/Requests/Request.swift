import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

/// What a keyholder elsewhere is asked for: a signature over exact bytes, a key of their card, or the seal of a transcript
/// that is closed. One file, canonical JSON
/// with exactly these fields, unsigned: what it asks for is shown to the keyholder, and compared by voice.
package struct Request: Hashable, Sendable {
  /// The most bytes of a request.
  package static let limit = 1 << 20
  /// The name of its file among the inputs of the ceremony that answers it.
  package static let fileName = "request.json"
  /// The path of the request that a ceremony writes for somebody who signs a role's metadata elsewhere.
  package static func path(of person: String, _ role: String) -> String { "requests/\(role).\(person).json" }
  /// What whoever answers a ceremony says aloud.
  package static let words = ["I read you the digest of what I sign, in words."]
  /// The same of whoever seals.
  package static let sealWords = ["I read you the head of what I seal, in words."]
  /// For what its nonce is drawn.
  package static func purpose(of person: String) -> String { "request for \(person)" }
  /// Bytes of the nonce.
  package static let nonceCount = 16
  private static let form: Int64 = 1

  package enum Kind: Hashable, Sendable {
    case sign(SignatureWanted)
    case enrol(KeyWanted)
    case seal(SealWanted)

    package var name: String {
      switch self {
      case .sign: "sign"
      case .enrol: "enrol"
      case .seal: "seal"
      }
    }
  }

  package let kind: Kind
  /// Which engine answers it: another may ask and record otherwise.
  package let engine: Int64
  /// The release that asks, such as `0.7.0`.
  package let release: String
  package let isRehearsal: Bool
  package let repository: String
  /// What the ceremony that asks is called.
  package let title: String
  /// Public and new, so that no answer to another request fits this one.
  package let nonce: [UInt8]
  /// Until when an answer is of use; nil where nobody said.
  package let deadline: UTCTime?
  /// The head of the asking ceremony's transcript when it asked; of one whose seal is asked for its final head; nil where
  /// no ceremony asks.
  package let head: SHA256Digest?
  /// What the keyholder should see and say: a line each.
  package let say: [String]
  /// Whether a machine with a network is refused.
  package let isOfflineOnly: Bool

  package init(
    _ kind: Kind, engine: Int64, release: String, isRehearsal: Bool, repository: String, title: String,
    nonce: [UInt8], deadline: UTCTime? = nil, head: SHA256Digest? = nil, say: [String] = [],
    isOfflineOnly: Bool = false
  ) {
    self.kind = kind
    self.engine = engine
    self.release = release
    self.isRehearsal = isRehearsal
    self.repository = repository
    self.title = title
    self.nonce = nonce
    self.deadline = deadline
    self.head = head
    self.say = say
    self.isOfflineOnly = isOfflineOnly
  }

  /// Reads a request. Throws `REQUEST-MALFORMED` for anything that ``bytes`` would not write, and for more than
  /// ``limit`` bytes.
  package init(_ bytes: [UInt8], place: String) throws(Finding) {
    guard bytes.count <= Self.limit else {
      throw .malformed("has \(bytes.count) bytes; a request has at most \(Self.limit)", place)
    }
    let json: JSONValue
    do { json = try JSONValue(canonical: bytes) } catch {
      throw .malformed("is not canonical JSON: \(error.finding(in: place).what)", place)
    }
    guard let object = json.object, let request = Self.read(object) else {
      throw .malformed("does not have exactly the fields of a request", place)
    }
    self = request
  }

  private static func read(_ object: JSONObject) -> Request? {
    guard object["form"]?.integer == form, let engine = object["engine"]?.integer,
      let release = object["release"]?.string, let isRehearsal = object["rehearsal"]?.bool,
      let repository = object["repository"]?.string, let title = object["title"]?.string,
      let nonce = object["nonce"]?.string.flatMap({ Hex.decode($0) }), nonce.count == nonceCount,
      let say = object["say"]?.array?.compactMap(\.string), let isOfflineOnly = object["offline"]?.bool,
      let kind = kind(object)
    else { return nil }
    let request = Request(
      kind, engine: engine, release: release, isRehearsal: isRehearsal, repository: repository, title: title,
      nonce: nonce, deadline: object["deadline"]?.string.flatMap(UTCTime.init),
      head: object["head"]?.string.flatMap(SHA256Digest.init(hex:)), say: say, isOfflineOnly: isOfflineOnly)
    // Whatever else stands there, or stands there in another form, is not what was read.
    return request.json == object ? request : nil
  }

  private static func kind(_ object: JSONObject) -> Kind? {
    switch object["kind"]?.string {
    case "sign": SignatureWanted(object).map(Kind.sign)
    case "enrol": KeyWanted(object).map(Kind.enrol)
    case "seal": SealWanted(object).map(Kind.seal)
    default: nil
    }
  }

  /// A request for the seal of a ceremony that has ended. Nothing is drawn any more then, so the nonce is the digest of
  /// everything else: the final head makes it new.
  package init(
    sealing wanted: SealWanted, engine: Int64, release: String, isRehearsal: Bool, repository: String, title: String,
    deadline: UTCTime?, finalHead: SHA256Digest
  ) {
    func request(_ nonce: [UInt8]) -> Request {
      Request(
        .seal(wanted), engine: engine, release: release, isRehearsal: isRehearsal, repository: repository,
        title: title, nonce: nonce, deadline: deadline, head: finalHead, say: Self.sealWords)
    }
    let digest = request([UInt8](repeating: 0, count: Self.nonceCount)).digest
    self = request(Array(digest.bytes.prefix(Self.nonceCount)))
  }

  package var json: JSONObject {
    var object =
      switch kind {
      case .sign(let wanted): wanted.json
      case .enrol(let wanted): wanted.json
      case .seal(let wanted): wanted.json
      }
    object["deadline"] = deadline.map { .string($0.description) } ?? .null
    object["engine"] = .integer(engine)
    object["form"] = .integer(Self.form)
    object["head"] = head.map { .string($0.hex) } ?? .null
    object["kind"] = .string(kind.name)
    object["nonce"] = .string(Hex.encode(nonce))
    object["offline"] = .bool(isOfflineOnly)
    object["rehearsal"] = .bool(isRehearsal)
    object["release"] = .string(release)
    object["repository"] = .string(repository)
    object["say"] = .array(say.map { .string($0) })
    object["title"] = .string(title)
    return object
  }

  /// The file.
  package var bytes: [UInt8] { JSONValue.object(json).canonical() }
  /// SHA-256 of the file: what an answer names.
  package var digest: SHA256Digest { SHA256Digest(of: bytes) }

  /// The files that the ceremony which answers it reads, by name: itself, and those that its rules for cards name.
  package var supplied: [String: [UInt8]] {
    var files = [Self.fileName: bytes]
    if case .enrol(let wanted) = kind { for file in wanted.contents { files[file.name] = file.bytes } }
    return files
  }

  /// Who may answer it.
  package var people: [Asked] {
    switch kind {
    case .sign(let wanted): wanted.signers
    case .enrol(let wanted): [wanted.person]
    case .seal(let wanted): wanted.signers
    }
  }
}

/// Somebody who is asked.
package struct Asked: Hashable, Sendable {
  /// As the script of the asking ceremony names them.
  package let id: String
  package let name: String
  /// Of the key with which they sign; empty for a key that is to be made.
  package let keyID: String
  /// Of the card: two hexadecimal digits.
  package let slot: String

  package init(id: String, name: String, keyID: String, slot: String) {
    self.id = id
    self.name = name
    self.keyID = keyID
    self.slot = slot
  }

  init?(_ json: JSONValue) {
    guard let object = json.object, let id = object["id"]?.string, let name = object["name"]?.string,
      let keyID = object["keyid"]?.string, let slot = object["slot"]?.string
    else { return nil }
    self.init(id: id, name: name, keyID: keyID, slot: slot)
  }

  var json: JSONValue {
    ["id": .string(id), "keyid": .string(keyID), "name": .string(name), "slot": .string(slot)]
  }
}

extension Finding {
  static func malformed(_ what: String, _ place: String) -> Finding {
    Finding(
      .requestMalformed, "The request \(what).",
      hint: "Sign nothing. Ask for the file again, and compare its sha256sum over the phone.", place: place)
  }
}
