import CanonicalJSON
import Findings
import Keys

/// What timestamp or snapshot metadata says of one other file (TUF §4.4).
package struct MetaFile: Hashable, Sendable {
  /// From 1.
  package let version: Int64
  /// In bytes; nil where nothing is said.
  package let length: Int64?
  /// Lower-case hexadecimal digests by algorithm; nil where nothing is said.
  package let hashes: JSONObject?

  /// Why a file is not the one that is meant.
  package enum Misfit: Hashable, Sendable {
    case length(Int64)
    case hash(algorithm: String)
    /// A digest that cannot be made here, so that nothing was compared.
    case unknownAlgorithm(String)
  }

  /// Compares length and digests as clients do; what a digest of an unknown algorithm says is not known.
  package func misfits(_ content: [UInt8]) -> [Misfit] {
    var misfits: [Misfit] = []
    if let length, length != content.count { misfits.append(.length(length)) }
    for member in hashes?.members ?? [] {
      guard let digest = FileDigest.hex(of: content, member.name) else {
        misfits.append(.unknownAlgorithm(member.name))
        continue
      }
      if member.value.string != digest { misfits.append(.hash(algorithm: member.name)) }
    }
    return misfits
  }

  static func read(_ field: Field) throws(Finding) -> MetaFile {
    _ = try field.object()
    let version = try field["version"].integer()
    guard version >= 1 else { throw Field.shape("\(field.path).version must be at least 1") }
    let length = field["length"].value == nil ? nil : try field["length"].integer()
    if let length, length < 0 { throw Field.shape("\(field.path).length must not be negative") }
    let hashes = field["hashes"].value == nil ? nil : try field["hashes"].object()
    if let hashes {
      guard !hashes.isEmpty else { throw Field.shape("\(field.path).hashes must hold a digest") }
      for name in hashes.names { _ = try field["hashes"][name].string() }
    }
    return MetaFile(version: version, length: length, hashes: hashes)
  }
}

/// `meta` of timestamp and snapshot metadata (TUF §4.4 and §4.6).
package struct MetaFiles: Sendable {
  private let files: [[UInt8]: MetaFile]
  /// The roles named, in the order of the document.
  package let roles: [String]

  /// What is said of the file of a role.
  package subscript(role: String) -> MetaFile? { files[Array(role.utf8)] }

  /// Reads the signed part of a timestamp, which names `snapshot.json` and nothing else, or of a snapshot. Throws
  /// `METADATA-SHAPE`.
  package static func read(_ signed: JSONObject, of role: TopLevelRole) throws(Finding) -> MetaFiles {
    let meta = Field(.object(signed), "signed")["meta"]
    var files: [[UInt8]: MetaFile] = [:]
    var roles: [String] = []
    for name in try meta.object().names {
      let file = try MetaFile.read(meta[name])
      guard name.hasSuffix(".json") else { continue }
      let role = String(name.dropLast(5))
      files[Array(role.utf8)] = file
      roles.append(role)
    }
    if role == .timestamp, try meta.object().names != ["snapshot.json"] {
      throw Field.shape("signed.meta of a timestamp must name snapshot.json and nothing else (TUF §4.6)")
    }
    return MetaFiles(files: files, roles: roles)
  }
}
