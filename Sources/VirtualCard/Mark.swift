import PIVTypes

/// By what everybody can tell one of our virtual cards, so that a real ceremony refuses it.
extension VirtualCard {
  /// A readable object that cannot be overwritten and survives a reset. Bare cards do not have it.
  public static let markObject = DataObject.virtualCardMark
  public static let markContent: [UInt8] = Array("tuf-ceremony virtual card: proves nothing".utf8)
}
