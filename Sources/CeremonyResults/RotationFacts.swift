import Keys

extension CeremonyFacts {
  /// What a ceremony came to that goes on from a root.
  package struct Rotation: Hashable, Sendable {
    /// Of the root before, and SHA-256 of its file.
    package let version: Int64
    package let digest: SHA256Digest
    /// Of the ceremony that made it, where the script says it.
    package let head: SHA256Digest?
    /// From the root before to the one that was built, in words; empty before it was built.
    package let changes: [String]
    /// Signatures under the new root by keys of the root before, and by its own.
    package let old: Side
    package let new: Side
    /// Names of keyholders whose kept keys stay although nothing showed that their cards still sign.
    package let unproven: [String]

    package struct Side: Hashable, Sendable {
      package let count: Int
      package let threshold: Int

      package init(count: Int, threshold: Int) {
        self.count = count
        self.threshold = threshold
      }

      /// `2, threshold 2`.
      package var words: String { "\(count), threshold \(threshold)" }
    }

    package init(
      version: Int64, digest: SHA256Digest, head: SHA256Digest?, changes: [String], old: Side, new: Side,
      unproven: [String]
    ) {
      self.version = version
      self.digest = digest
      self.head = head
      self.changes = changes
      self.old = old
      self.new = new
      self.unproven = unproven
    }
  }
}
