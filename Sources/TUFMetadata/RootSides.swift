import Findings

/// The signatures of a file that is signed here, counted for each side that has to sign it.
package struct RootSides: Sendable {
  /// By the keys of the root before; nil where only one side signs.
  package let old: SignatureCount?
  package let new: SignatureCount
  /// Key ids whose signatures count for no side.
  package let idle: [String]

  /// - Parameters:
  ///   - own: the role whose keys sign the file, and the keys that it names.
  ///   - before: the root before, for a root that follows one.
  package init(_ envelope: Envelope, _ own: (role: Role, keys: KeyRing), after before: Root?) {
    new = envelope.count(own.role, own.keys)
    old = before.map { envelope.count($0[.root], $0.keys) }
    let counted = Set(new.counted + (old?.counted ?? []))
    idle = envelope.signatures.map(\.keyID).filter { !counted.contains($0) }
  }

  package var isMet: Bool { new.isMet && old?.isMet ?? true }

  /// Whether every side is met and no signature counts for nothing.
  package var isSound: Bool { isMet && idle.isEmpty && new.repeated.isEmpty && old?.repeated.isEmpty ?? true }

  /// `2 of 2 valid signatures by the keys of the root before, and 1 of 2 by its own`.
  package var words: String {
    guard let old else { return "\(new.counted.count) valid signatures, and needs \(new.threshold)" }
    return "\(old.counted.count) valid signatures by keys of the root before, and needs \(old.threshold); "
      + "\(new.counted.count) by its own, and needs \(new.threshold)"
  }
}
