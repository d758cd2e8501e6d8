import CanonicalJSON
import Findings
import TUFMetadata

/// What a service publishes, held against what a ceremony signed: the signed bytes and each signature are to be the same.
/// The form in which a file is written is the service's own.
package struct ReturnedMetadata {
  /// A metadata file: where it was found, and its bytes.
  package struct File: Sendable {
    package let path: String
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// One file of the service beside the one of the same role and version.
  package struct Comparison: Sendable {
    package let made: String
    package let served: String
    package let isSameFile: Bool
    /// Whether the signed bytes are the same and no signature of ours is missing or another one.
    package let isReturned: Bool
  }

  package private(set) var comparisons: [Comparison] = []
  package private(set) var findings: [Finding] = []

  /// - Parameters:
  ///   - made: the ceremony's metadata files.
  ///   - served: files that a service publishes; what is of another role or version is left alone.
  package init(made: [File], served: [File]) {
    var ours: [(name: Name, file: File, envelope: Envelope)] = []
    for file in made {
      if let (name, envelope) = read(file) { ours.append((name, file, envelope)) }
    }
    roles = Set(ours.map(\.name.role))
    for file in served {
      guard let (name, envelope) = read(file), let own = ours.first(where: { $0.name == name }) else { continue }
      compare(own.file, own.envelope, file, envelope)
    }
    for own in ours where !comparisons.contains(where: { $0.made == own.file.path }) {
      findings.append(
        Finding(
          .returnedMissing, "Nothing that was named is \(own.name.words), which this ceremony signed.",
          hint: "Name the folder that the service publishes, or the file itself.", place: own.file.path))
    }
  }

  /// Roles that the ceremony signed.
  private var roles: Set<String> = []

  private struct Name: Hashable {
    let role: String
    let version: Int64

    var words: String { "version \(version) of \(role)" }
  }

  /// `1.targets.json` and `targets.json` are of one role; a file of targets metadata under a name that says nothing is of
  /// the top-level role.
  private func role(_ path: String, _ header: Header) -> String {
    guard header.type == TopLevelRole.targets.rawValue else { return header.type }
    let name = SignedMetadata.role(path, header.version)
    return roles.isEmpty || roles.contains(name) ? name : header.type
  }

  private mutating func read(_ file: File) -> (Name, Envelope)? {
    do throws(Finding) {
      let envelope = try Envelope(parsing: file.bytes, place: file.path)
      let header = try Header.read(envelope.signed)
      return (Name(role: role(file.path, header), version: header.version), envelope)
    } catch {
      findings.append(error.place == nil ? error.at(file.path) : error)
      return nil
    }
  }

  private mutating func compare(_ made: File, _ own: Envelope, _ served: File, _ other: Envelope) {
    let errors = findings.count
    func differs(_ what: String, _ severity: Finding.Severity = .error) -> Finding {
      Finding(
        .returnedDiffers, severity, what,
        hint: severity == .error
          ? "Ask the service what it did with the file. Clients that trust what was signed refuse another one."
          : "Ask whose signatures these are. They count for nothing unless the root names their keys.",
        place: served.path)
    }
    if own.signedBytes != other.signedBytes {
      let changes = try? MetadataDifference(
        old: (bytes: made.bytes, path: made.path), new: (bytes: served.bytes, path: served.path)
      ).changes.map(\.words)
      let words = changes.map { $0.isEmpty ? "" : ": " + $0.joined(separator: "; ") } ?? ""
      findings.append(differs("This is not what was signed\(words)."))
    }
    let theirs = Dictionary(other.signatures.map { ($0.keyID, $0.bytes) }) { first, _ in first }
    for signature in own.signatures where theirs[signature.keyID] != signature.bytes {
      let what = theirs[signature.keyID].map { $0.isEmpty ? "is left empty" : "is another one" } ?? "is missing"
      findings.append(differs("The signature by key \(shortened(signature.keyID)) \(what)."))
    }
    let isReturned = findings.count == errors
    let known = Set(own.signatures.map(\.keyID))
    let more = other.signatures.filter { !known.contains($0.keyID) }
    if !more.isEmpty {
      let names = more.map { shortened($0.keyID) }.joined(separator: ", ")
      findings.append(differs("It carries signatures that were not made in this ceremony, by key \(names).", .warning))
    }
    comparisons.append(
      Comparison(
        made: made.path, served: served.path, isSameFile: made.bytes == served.bytes, isReturned: isReturned))
  }
}

extension ReturnedMetadata.Comparison {
  /// In one line.
  package var words: String {
    if isSameFile { return "\(served): the same bytes as \(made)" }
    return isReturned
      ? "\(served): what was signed and every signature are those of \(made); the file is written in another form"
      : "\(served): DIFFERS from \(made)"
  }

  package var json: JSONValue {
    [
      "made": .string(made), "served": .string(served), "same_file": .bool(isSameFile), "returned": .bool(isReturned),
    ]
  }
}
