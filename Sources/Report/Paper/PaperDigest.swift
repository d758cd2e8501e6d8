import CeremonyScript
import TUFMetadata

/// A digest that the program shows, under the name that it has on the screen: room for the pen, or what it was.
struct PaperDigest {
  let digestLabel: String
  /// Whether a number is written beside its name, which is not known before.
  let isNumbered: Bool
  /// Where the same digest is written already; nil where it is written here.
  let writtenAt: String?
  /// How it began in hex, where it is known and written elsewhere.
  let knownStart: String?
  /// nil where it is not known yet, or written elsewhere.
  let digest: Page.DigestRow?
  /// One for each word, where it is written by hand.
  let digestCells: [String]

  /// One for each word of a SHA-256 digest.
  static let cells = (1...32).map { String($0) }

  /// The names of the digests that the screens of a step show, and whether a number belongs to each.
  static func shown(in action: PlannedStep.Action, _ script: Script) -> [(label: String, isNumbered: Bool)] {
    switch action {
    case .generate(let keyholder, _):
      // An official's key stands in no metadata, so it has no key id.
      [(script.official(keyholder) == nil ? "key id" : "public key, SHA-256", false)]
    case .headSoFar, .signInitials: [("head after record", true)]
    case .show(let role), .sign(let role, _): [("\(role), the signed part", false)]
    case .write(let role): [(script.path(of: role), false)]
    case .head, .seal: [("head", false)]
    case .enrol: [("key id", false), ("the head of their ceremony", false)]
    case .collect(let role): [("\(role), the signed part", false), ("the head of their ceremony", false)]
    default: []
    }
  }
}

/// Where each digest was written first, while the rows of a form are made in their order.
struct DigestPlaces {
  private var places: [String: String] = [:]

  /// Room for the digests of a step, each once: where it is shown again, only that it is the same.
  mutating func blanks(for step: PlannedStep, _ script: Script) -> [PaperDigest] {
    PaperDigest.shown(in: step.action, script).map { label, isNumbered in
      // Of these there is one in a ceremony; of the others each is another.
      let isShared = label.hasSuffix(", the signed part")
      let earlier = label == "head" ? "on the last sheet" : isShared ? places[label] : nil
      if isShared, earlier == nil { places[label] = "as in row \(step.number)" }
      return PaperDigest(
        digestLabel: label, isNumbered: isNumbered, writtenAt: earlier, knownStart: nil, digest: nil,
        digestCells: earlier == nil ? PaperDigest.cells : [])
    }
  }

  /// What was shown in a step.
  mutating func filled(_ shown: [Page.DigestRow], in step: PlannedStep) -> [PaperDigest] {
    shown.map { row in
      let key = "\(row.label) \(row.words)"
      let earlier = places[key]
      if earlier == nil { places[key] = "as in row \(step.number)" }
      return PaperDigest(
        digestLabel: row.label, isNumbered: false, writtenAt: earlier,
        knownStart: earlier == nil ? nil : row.hex.first, digest: earlier == nil ? row : nil, digestCells: [])
    }
  }
}
