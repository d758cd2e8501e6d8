import CanonicalJSON
import Findings
import Keys
import TUFMetadata

extension SignatureMerge {
  /// SHA-256 of what is signed, in the canonical form.
  package var payload: SHA256Digest { SHA256Digest(of: envelope.signedBytes) }

  /// Whether more signatures are needed; nil where no threshold was judged.
  package var isPending: Bool? { sides.map { !$0.isMet } }

  /// What people are told, in rows that end. Everything of others is safe to show.
  package var text: String {
    var rows = header.isRehearsal ? ["REHEARSAL: this is to be trusted by nobody."] : []
    rows.append("\(role) version \(header.version)")
    rows.append("what is signed, SHA-256 of its canonical form:")
    rows.append("  \(payload.hex)")
    rows += stride(from: 0, to: 32, by: 8).map { "  " + payload.words[$0..<$0 + 8].joined(separator: " ") }
    rows.append("\(counted(signers.count, "signature")) from \(counted(parts.count, "file")):")
    rows += signers.map { "  \($0.words)" }
    rows += sideRows
    return rows.map { $0 + "\n" }.joined()
  }

  private var sideRows: [String] {
    guard let sides, let trusted else {
      return [
        "No trusted root was given, so no threshold was judged.",
        "  → --trusted names the root that clients have now; then each side is counted.",
      ]
    }
    let before = "root version \(trusted.root.version)"
    var rows: [String] = []
    if let old = sides.old { rows.append(old.row("old side, by the keys of \(before)")) }
    rows.append(
      sides.new.row(sides.old == nil ? "by the keys of role \(role) in \(before)" : "new side, by its own keys"))
    rows.append(
      sides.isMet
        ? "Every signature that is needed is here. It stays under pending/ until whoever asked for it takes it."
        : "PENDING: more signatures are needed.")
    return rows
  }

  /// What machines are told of a result.
  package var json: JSONObject {
    let written = envelope.serialized()
    return [
      "rehearsal": .bool(header.isRehearsal), "role": .string(role), "version": .integer(header.version),
      "payload": .string(payload.hex),
      "trusted": trusted.map {
        ["version": .integer($0.root.version), "sha256": .string($0.digest.hex)]
      } ?? .null,
      "sides": sides.map { ["old": $0.old?.json ?? .null, "new": $0.new.json] } ?? .null,
      "pending": isPending.map { .bool($0) } ?? .null,
      "signatures": .array(
        signers.map { signer in
          [
            "keyid": .string(signer.keyID), "checked": .bool(signer.unchecked == nil),
            "witnessed": .bool(signer.isWitnessed), "parts": .array(signer.parts.map { .string($0.hex) }),
          ]
        }),
      "parts": .array(
        parts.map { part in
          [
            "file": .string(part.keptAs), "kind": .string(part.kind.rawValue), "sha256": .string(part.digest.hex),
            "witnessed": .bool(part.isWitnessed),
          ]
        }),
      "file": .string(path), "sha256": .string(SHA256Digest(of: written).hex),
    ]
  }

  /// The same where nothing was joined.
  package static let nothing: JSONObject = JSONObject(
    [
      "rehearsal", "role", "version", "payload", "trusted", "sides", "pending", "signatures", "parts", "file", "sha256",
    ].map { ($0, .null) })
}

extension SignatureMerge.Signer {
  fileprivate var words: String {
    let names = (key?.names ?? []).map { " (\($0))" }.joined()
    let what = unchecked.map { "not checked: \($0)" } ?? "valid"
    return shown(keyID) + names + ": \(what)" + (isWitnessed ? ", witnessed by its ceremony" : "")
  }
}

extension SignatureCount {
  fileprivate func row(_ whose: String) -> String {
    let missing = max(0, threshold - counted.count)
    let rest = missing == 0 ? "" : ", \(missing) more needed"
    let unknown = unchecked.isEmpty ? "" : "; \(unchecked.count) could not be checked"
    return "\(whose): \(counted.count) valid of \(threshold) needed\(rest)\(unknown)"
  }

  fileprivate var json: JSONValue {
    [
      "valid": .integer(Int64(counted.count)), "threshold": .integer(Int64(threshold)),
      "unchecked": .integer(Int64(unchecked.count)),
    ]
  }
}
