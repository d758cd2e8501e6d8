import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// Files that nothing delegates to: roots under other names, metadata of nobody, and JSON that is no metadata.
struct StrayFiles: Sendable {
  let judge: RepositoryVerifier
  /// Of the signed bytes of every root in the chain.
  let roots: Set<SHA256Digest>

  /// `hasTargets` says whether the delegations are known, so that what they do not name is read by nobody.
  func verdict(on file: MetadataFile, hasTargets: Bool) -> FileVerdict {
    var verdict = FileVerdict(path: file.path, role: file.name.role, status: .ignored)
    do throws(Finding) {
      let bytes = try file.read().get()
      guard let json = try json(bytes, file, hasTargets, &verdict), Self.isMetadata(json) else { return verdict }
      let envelope = try Envelope(json, isTolerant: true)
      let header = try Header.read(envelope.signed)
      verdict.version = header.version
      verdict.expires = header.expires
      verdict.isRehearsal = header.isRehearsal
      if roots.contains(SHA256Digest(of: envelope.signedBytes)) {
        verdict.status = .duplicate
      } else if header.type == TopLevelRole.root.rawValue {
        verdict.findings.append(
          Finding(
            .rootName,
            .warning,
            "This is root metadata under a name by which no client fetches it; it was not judged.",
            hint: "Name it alone to judge it, or call it N.root.json if it belongs here.",
            place: file.path
          )
        )
      } else if hasTargets {
        verdict.findings.append(notDelegated(file))
      } else {
        verdict.status = .invalid
        verdict.findings.append(
          Finding(
            .noDelegator,
            "There is no valid metadata that delegates to \(shown(file.name.role)).",
            hint: "Add the delegator's file, so that the signatures can be verified.",
            place: file.path
          )
        )
      }
    } catch {
      verdict.status = .invalid
      verdict.findings.append(error.place == nil ? error.at(file.path) : error)
    }
    judge.refuseRehearsal(&verdict)
    return verdict
  }

  /// nil for what is no JSON and does not look like metadata either. What looks like it and cannot be read is an error
  /// where something unknown may delegate to it.
  private func json(
    _ bytes: [UInt8],
    _ file: MetadataFile,
    _ hasTargets: Bool,
    _ verdict: inout FileVerdict
  ) throws(Finding) -> JSONValue? {
    do { return try JSONValue(parsing: bytes) } catch {
      guard Self.looksLikeMetadata(bytes) else { return nil }
      let finding = error.finding(in: file.path)
      guard hasTargets else { throw finding }
      verdict.findings.append(
        Finding(finding.code, .warning, finding.what, hint: finding.hint, place: finding.place)
      )
      return nil
    }
  }

  private static func isMetadata(_ json: JSONValue) -> Bool {
    json["signed"]?["_type"]?.string != nil && json["signatures"]?.array != nil
  }

  /// Damaged metadata still holds its names.
  private static func looksLikeMetadata(_ bytes: [UInt8]) -> Bool {
    bytes.contains(Array("\"signed\"".utf8)) || bytes.contains(Array("\"signatures\"".utf8))
  }

  private func notDelegated(_ file: MetadataFile) -> Finding {
    Finding(
      .notDelegated,
      .warning,
      "Nothing valid delegates to \(shown(file.name.role)), so no client reads this file.",
      hint: "Remove the file, or add its delegator.",
      place: file.path
    )
  }
}
