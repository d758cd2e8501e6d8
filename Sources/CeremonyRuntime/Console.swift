import CardOperations
import CeremonyRecords
import Findings
import Keys
import Screens

/// Where screens go and answers come from.
package protocol Console: AnyObject {
  func show(_ screen: Screen)
  /// One answer: a token that the prompt lists, or nil for anything else, whose text is dropped.
  /// Throws ``Interruption`` at the end of input and for a signal.
  func answer(to screen: Screen) throws -> String?
  /// The same, where a prompt may ask for a line of text.
  ///
  /// - Parameter isSecret: whether a secret of the ceremony is in what was typed; such a line is neither shown nor kept.
  func reply(to screen: Screen, isSecret: (Secret) throws -> Bool) throws -> Reply
  /// A line for people that is not part of the ceremony.
  func note(_ line: String)
  /// From now on screens go with where the records are.
  func follow(_ records: @escaping () -> RecordedSoFar)
  /// Says what is waited for, until ``endWaiting()`` or the next screen.
  func wait(for what: Waited)
  func endWaiting()
  /// What people may type while a card is awaited; nil where nobody types.
  var meanwhile: TypedMeanwhile? { get }
  /// What follows are the last words, one after the other.
  func leave()
}

/// How far the records have come.
package struct RecordedSoFar {
  /// The digest of the last one.
  package let head: SHA256Digest
  /// From the first one to the last one.
  package let nanoseconds: Int64

  package init(head: SHA256Digest, nanoseconds: Int64) {
    self.head = head
    self.nanoseconds = nanoseconds
  }
}

/// Something that takes its time.
package enum Waited {
  case card(owner: String)
  /// A card works, or waits to be touched.
  case answer(owner: String, limit: Int)
  /// Somebody does something that is not seen here.
  case person(String)
}

/// For a console where nobody waits and types.
extension Console {
  package func follow(_ records: @escaping () -> RecordedSoFar) {}
  package func wait(for what: Waited) {}
  package func endWaiting() {}
  package var meanwhile: TypedMeanwhile? { nil }
  package func leave() {}
}

extension Console {
  /// For a console where nobody types: what ``answer(to:)`` says is held against the same rules.
  package func reply(to screen: Screen, isSecret: (Secret) throws -> Bool) throws -> Reply {
    let typed = try answer(to: screen)
    guard let rule = screen.prompt?.line else { return typed.map(Reply.token) ?? .refused(nil) }
    guard let typed else { return .refused(.withdrawn) }
    if screen.prompt?.takes(typed) == true { return .token(typed) }
    if let refusal = rule.refusal(of: typed.utf8) { return .refused(refusal) }
    return try isSecret(Secret(copying: Array(typed.utf8))) ? .refused(.secret) : .text(typed)
  }
}

/// Answers by itself, in rehearsals only: what each prompt says that an unattended rehearsal answers.
package final class UnattendedConsole: Console {
  private let layout: ScreenLayout
  private let write: (String) -> Void
  private let isVerbose: Bool
  private var lastStep = 0

  /// - Parameter isVerbose: whether every screen is written out, not only a line a step.
  package init(_ layout: ScreenLayout, isVerbose: Bool, write: @escaping (String) -> Void) {
    self.layout = layout
    self.isVerbose = isVerbose
    self.write = write
  }

  package func show(_ screen: Screen) {
    if isVerbose {
      write(layout.rows(screen))
    } else if screen.step != lastStep {
      lastStep = screen.step
      write(layout.progress(screen) + "\n")
    }
  }

  package func answer(to screen: Screen) throws -> String? {
    show(screen)
    return screen.prompt?.unattended
  }

  package func note(_ line: String) { write(printableLines(line) + "\n") }
}
