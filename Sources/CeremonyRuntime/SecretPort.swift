import CeremonyRecords
import CeremonyReplay
import Keys
import PIV
import Synchronization

/// Where secrets are made, entered, used and forgotten. Nothing else holds one.
package protocol SecretPort: SecretVault {
  /// Whether the operation was done. Throws ``Interruption`` where a person was asked and stopped.
  func perform(_ operation: SecretOperation) throws -> Bool

  /// Learns what people are called on the screens, by their ids.
  func introduce(_ name: @escaping @Sendable (String) -> String)

  /// Where new PINs and PUKs come from.
  var origin: CeremonyConfiguration.Secrets { get }

  /// Whether they are typed and read on a second terminal.
  var isElsewhere: Bool { get }

  /// Whether what was typed at an open prompt is a secret that is kept here, or has one in it.
  func holds(in typed: Secret) -> Bool
}

extension SecretPort {
  package var isElsewhere: Bool { false }

  /// Where nobody is asked.
  package func introduce(_ name: @escaping @Sendable (String) -> String) {}

  /// The same, also where spaces or hyphens were typed between the digits.
  func holdsAny(in typed: Secret) throws -> Bool {
    let joined = try typed.withoutSeparators()
    let isHeld = holds(in: typed)
    return holds(in: joined) || isHeld
  }
}

extension Secret {
  /// Whether one of these is in it. What is shorter than any PIN counts only as the whole: it would be in everything.
  func holds(any secrets: some Sequence<Secret>) -> Bool {
    var found = false
    for secret in secrets where secret.count < 4 ? matches(secret) : contains(secret) { found = true }
    return found
  }
}

extension RehearsalVault: SecretPort {}

/// The secrets of a real ceremony. Keyholders type PIN and PUK; new ones they type twice, or the program makes them and
/// shows them where they are typed. Management keys are made and seen by nobody.
package final class TypedVault: SecretPort {
  // One person types at a time, and the loop asks from one thread.
  nonisolated(unsafe) private let entry: HiddenEntry
  private let kept = EnteredVault()
  private let name = Mutex<@Sendable (String) -> String>({ $0 })
  /// Codes that were made here, and that somebody wrote down.
  private let written = Mutex<Set<SecretHandle>>([])
  /// Whether others may have been made before this program began.
  private let isResumed: Bool

  package let origin: CeremonyConfiguration.Secrets
  /// Nobody shows a secret where everybody sees it.
  package var isElsewhere: Bool { origin == .made }

  /// The second terminal; nil where there is none.
  package var apart: HiddenEntry? { origin == .made ? entry : nil }

  /// - Parameters:
  ///   - origin: `made` only where `entry` is a terminal that nobody but the keyholder sees.
  ///   - isResumed: whether the ceremony had begun before: then nobody knows here which codes were written down.
  package init(
    _ entry: HiddenEntry, origin: CeremonyConfiguration.Secrets = .typed, isResumed: Bool = false
  ) {
    self.entry = entry
    self.origin = origin
    self.isResumed = isResumed
  }

  package func introduce(_ name: @escaping @Sendable (String) -> String) { self.name.withLock { $0 = name } }

  package func perform(_ operation: SecretOperation) throws -> Bool {
    let owner = operation.handle.description.prefix { $0 != "/" }
    let words = "\(operation.kind.rawValue.uppercased()) of \(name.withLock { $0 }(String(owner)))"
    let other = operation.kind == .pin ? "puk" : "pin"
    let unlike = kept.secret(SecretHandle("\(owner)/\(other)"))
    let secret: Secret
    switch (operation.action, operation.kind) {
    case (.forget, _):
      kept.forget(operation.handle)
      return true
    case (.make, .managementKey): secret = try Secret.random(count: 24)
    case (.make, _) where origin == .made:
      secret = try Secret.digits(8, from: Secret.random(count:), unlike: unlike)
      try entry.handOut(secret, as: "The new \(words)", remark: replaced(operation))
    case (.make, _):
      if let remark = replaced(operation) { entry.put("\n\(remark)\n") }
      secret = try entry.newCode(words, unlike: unlike)
    case (.enter, _): secret = try entry.presentCode(words)
    }
    kept.keep(secret, as: operation.handle)
    return true
  }

  /// What to do with a code that this one takes the place of; nil where there is none. Notes the new one.
  private func replaced(_ operation: SecretOperation) -> String? {
    let isThere = written.withLock { !$0.insert(operation.handle).inserted }
    let kind = operation.kind.rawValue.uppercased()
    if isThere {
      return "Strike out what you wrote once the card has taken this one: the \(kind) before it is no more then."
    }
    return isResumed ? "If you wrote down a \(kind) before, strike it out: the card gets this one." : nil
  }

  package func holds(in typed: Secret) -> Bool { kept.holds(in: typed) }
  package func reveal(_ handle: SecretHandle) throws -> Secret { try kept.reveal(handle) }
  package func draw(count: Int) throws -> Secret { try kept.draw(count: count) }

  package func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    try kept.verdict(on: handle, question, compute)
  }
}
