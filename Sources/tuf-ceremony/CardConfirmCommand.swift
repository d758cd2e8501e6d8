import ArgumentParser
import CardOperations
import CeremonyReplay
import CeremonyRuntime
import Findings
import Keys
import PCSC
import PIV
import PIVTypes
import Products
import Readers
import TUFMetadata

struct CardConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "At home: does this card hold a key of the newest root in a products folder? No PIN is used.",
    discussion: """
      The card says which keys it holds, or attests them, or shows a certificate for them, in this order; which of the \
      three it was is said. Only a signature would prove it, and none is asked for.

      Example: tuf-ceremony card confirm ceremony-1
      """)

  @Argument(help: "The products folder of a ceremony.")
  var dir: String

  @OptionGroup var choice: CardOptions

  func run() throws {
    try endingCard {
      let (place, root) = try newestRoot()
      let (card, channel) = try choice.hold()
      defer { channel.release() }
      let session = PIVSession(channel: channel, vault: NoSecrets())
      guard case .holdings(let held) = try CardOperation.inspect(Slot.all).perform(on: session) else {
        return .internalError
      }
      if root.isRehearsal { put("REHEARSAL: this root is to be trusted by nobody.\n") }
      var isThere = false
      for holding in held {
        guard let key = holding.publicKey else { continue }
        for role in TopLevelRole.allCases {
          for found in root.keys(of: role) where found.publicKey?.bytes == key {
            isThere = true
            put(
              printable(
                "slot \(holding.slot): a key of role \(role.rawValue) in \(place), key id \(found.keyID)\(holding.evidence.origin)"
              )
                + "\n")
          }
        }
      }
      guard isThere else {
        // A certificate is somebody else's word, and so is what is missing where the card says nothing.
        guard held.allSatisfy({ $0.metadata != nil }) else {
          throw Finding(
            .cardCannotSay,
            "The card \(card.typed) does not say which keys it holds, and shows no certificate for a key of \(place).",
            hint: "It may hold one all the same: only a signature would tell. Ask the administrator.")
        }
        throw Finding(
          .cardNotInRoot, "The card \(card.typed) holds no key of \(place).",
          hint: "Check that this is the right card and the right folder. If both are right, tell the administrator.")
      }
      put("The card \(card.typed) is a card of this root.\n")
      return .fine
    }
  }

  private func newestRoot() throws -> (place: String, root: Root) {
    let folder = try namedFolder(dir)
    let versions = try folder.list(besides: ["annex"]).compactMap { entry -> Int? in
      guard entry.path.hasPrefix("metadata/"), entry.path.hasSuffix(".root.json") else { return nil }
      return Int(entry.path.dropFirst("metadata/".count).dropLast(".root.json".count))
    }
    guard let newest = versions.max() else {
      throw Finding(
        .rootMissing, "The folder has no metadata/N.root.json.", hint: "Name a products folder that was finished.",
        place: dir)
    }
    let place = "metadata/\(newest).root.json"
    let envelope = try Envelope(parsing: try folder.read(place), place: place)
    return (place, try Root.read(envelope.signed).root)
  }
}

extension Holding.Evidence {
  /// By what the key is known, after "slot 9c: a key of role root". None of it is proof; only a signature would be.
  fileprivate var origin: String {
    switch self {
    case .metadata, .unknown: ""
    case .attestation: ", by its attestation"
    case .certificate: ", by the certificate in the slot; the card itself does not say what it holds"
    }
  }
}
