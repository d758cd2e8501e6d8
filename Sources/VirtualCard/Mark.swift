import PIVTypes

/// By what everybody can tell one of our virtual cards, so that a real ceremony refuses it.
extension VirtualCard {
  /// A readable object that cannot be overwritten and survives a reset. Bare cards do not have it.
  package static let markObject = DataObject.virtualCardMark
  package static let markContent: [UInt8] = Array("tuf-ceremony virtual card: proves nothing".utf8)
}
