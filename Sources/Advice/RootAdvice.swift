import CanonicalJSON
import Findings
import TUFMetadata
import UTC

/// What advice depends on besides the roots.
package struct AdviceTerms: Hashable, Sendable {
  /// The time judged.
  package let time: UTCTime
  /// Days before the expiry when signing begins; nil to take the root's own or the normal ones.
  package let signingDays: Int64?
  /// The most bytes that an Ed25519 key on a card of this quorum signs.
  package let messageLimit: Int

  package init(time: UTCTime, signingDays: Int64? = nil, messageLimit: Int) {
    self.time = time
    self.signingDays = signingDays
    self.messageLimit = messageLimit
  }
}

/// What can no longer be done with a root, and until when the next one must be made. Signatures are not looked at: the
/// root may be one that nobody has signed yet.
package struct RootAdvice: Sendable {
  package let document: RootDocument
  package let losses: [Losses]
  package let shared: [SharedKeys]
  package let repeated: [KeyUnderSeveralIDs]
  package let signing: SigningTime
  package let changes: [OnlineKeyChange]
  package let clients: [ClientAdvice]
  package let horizon: Horizon
  /// What should be mended: warnings.
  package let findings: [Finding]

  /// - Parameters:
  ///   - earlier: the roots before it that are at hand, in their order.
  ///   - names: what people call its keys; nil to take the root's own fields.
  ///   - gone: roles whose keys nobody has any more, so that none can be lost.
  package init(
    on document: RootDocument, after earlier: [Root] = [], names: KeyNames? = nil, without gone: Set<TopLevelRole> = [],
    _ terms: AdviceTerms
  ) {
    let root = document.root
    let names = names ?? KeyNames(root)
    self.document = document
    losses = Losses.all(in: root, names).filter { !gone.isSuperset(of: $0.roles) }
    shared = SharedKeys.all(in: root, names)
    repeated = KeyUnderSeveralIDs.all(in: root)
    signing = SigningTime(root, asked: terms.signingDays, at: terms.time)
    changes = OnlineKeyChange.all(earlier + [root])
    clients = TUFClient.allCases.map { ClientAdvice($0, on: document) }
    horizon = Horizon(root, limit: terms.messageLimit)
    findings = PostQuantum.findings(root, place: document.place)
  }

  /// Sentences under their titles.
  package struct Section: Sendable {
    package let title: String
    package let sentences: [String]
  }

  package var sections: [Section] {
    let known = clients.filter { $0.verdict != .nothingKnown }
    let others = clients.filter { $0.verdict == .nothingKnown }.map(\.client.rawValue)
    return [
      Section(
        title: "Lost keys",
        sentences: losses.flatMap(\.sentences) + shared.map(\.sentence) + repeated.map(\.sentence)),
      Section(title: "The next root", sentences: signing.sentences + changes.map(\.sentence)),
      Section(
        title: "Clients",
        sentences: known.map(\.sentence)
          + (others.isEmpty ? [] : ["Nothing is known here that \(others.inWords) would refuse."]) + [Self.basis]),
      Section(title: "How far it can grow", sentences: horizon.sentences),
    ]
  }

  /// The same without what needs no thought before the day.
  package var short: [String] {
    losses.flatMap(\.sentences) + shared.map(\.sentence) + signing.sentences.prefix(1)
      + clients.filter { $0.verdict != .nothingKnown }.map(\.sentence) + horizon.sentences + findings.map(\.what)
  }

  /// What the clients' part rests on.
  private static let basis =
    "Tests of this project run python-tuf. The rules of the others were read in their sources, and none was run."
}
