import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Requests
import TUFMetadata
import Transcript

extension Ceremony {
  /// How much is asked for.
  func taken(up asked: AskedSeal) -> Screen {
    screen(nil, ["\(asked.seal.preAuthenticationEncoding.count) bytes to sign: the seal of another ceremony."])
  }

  /// What is sealed, in words, and the digests to compare by voice before anything is signed.
  func asking(_ asked: AskedSeal) -> Screen {
    var screen = asking(
      .compare(
        "Did you read the head to whoever asks, and is it theirs?", "confirm",
        "it is the same head, and this is the ceremony that is meant"))
    let root = asked.root.root
    screen.text = [
      "The seal says that this transcript led to this root. Your card signs it after the ceremony has ended.",
      asked.seal.ending == .pending
        ? "Root \(root.version) still waits for signatures there." : "Root \(root.version) is finished there.",
    ]
    screen.facts = [
      Screen.Fact(name: "ceremony", value: script.answered?.request.title ?? ""),
      Screen.Fact(name: "root", value: "version \(root.version), expires \(root.expires)"),
      Screen.Fact(name: "its keys", value: "\(root[.root].threshold) of \(root[.root].keyIDs.count) sign for it"),
    ]
    screen.say += script.answered?.request.say ?? []
    screen.digests = [
      Screen.Labelled(label: "head of what is sealed", digest: asked.seal.head),
      Screen.Labelled(label: asked.file.path, digest: asked.file.digest),
      Screen.Labelled(label: "the statement that is signed", digest: asked.digest),
    ]
    return screen
  }

  /// Everybody who answers has signed; whether that is enough is for whoever adds it to the folder.
  func verifyAskedSeal() -> Transition {
    guard isAskedSealWhole else {
      return .refuse(
        Finding(
          .thresholdNotReached, "Not everybody who answers has signed.", hint: "Nothing was written. Answer again."))
    }
    let count = askedSealSignatures.count
    return .done(
      .show(
        screen(
          nil, ["\(count == 1 ? "One signature" : "\(count) signatures"), each verified over the whole statement."])))
  }

  private var isAskedSealWhole: Bool {
    Set(askedSealSignatures.map(\.keyholder)) == Set(script.keyholders.map(\.id))
  }

  /// The envelope with these signatures, for whoever asks.
  mutating func write(_ asked: AskedSeal) -> Transition {
    guard isAskedSealWhole else { return .unexpected }
    let bytes = asked.seal.envelope(
      askedSealSignatures.map { TranscriptSeal.Signature(keyID: $0.keyID, bytes: $0.bytes) })
    let product = Product(Script.askedSealPath, bytes)
    products.append(product)
    var screen = screen(
      "Written: \(product.path)", ["It goes back to whoever asks, with the record of how it was made."])
    screen.digests = [Screen.Labelled(label: product.path, digest: SHA256Digest(of: bytes))]
    screen.prompt = .written
    return .wait(.create(product), for: .ask(screen))
  }
}
