/// What is possible at every prompt: a way aside, and back to the question that was interrupted.
package enum SideRequest: String, Sendable, CaseIterable {
  /// Something that did not go to plan is put on record in words.
  case exception
  case pause
  /// Somebody leaves the room.
  case leaves
  case returns
  /// Administrator and witness give the ceremony up.
  case abort
}
