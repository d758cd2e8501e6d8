/// A file of the products folder.
package struct Product: Hashable, Sendable {
  /// Relative to the folder, `/` between its parts.
  package let path: String
  package let bytes: [UInt8]
  /// False for what is written after the transcript's last record, where no record can bind it.
  package let isRecorded: Bool

  package init(_ path: String, _ bytes: [UInt8], isRecorded: Bool = true) {
    self.path = path
    self.bytes = bytes
    self.isRecorded = isRecorded
  }
}
