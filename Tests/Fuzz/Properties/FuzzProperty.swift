import Glibc

/// One property of the code under test: says of any bytes whether it holds, and ends the program where it does not.
/// Nothing else of this package is for another one.
public enum FuzzProperty: String, CaseIterable, Sendable {
  case json
  case tlv
  case cardAnswers = "card-answers"
  case attestation
  case transcript
  case script
  case metadata
  case replay
  case bundle
  case merge

  public func judge(_ bytes: [UInt8]) {
    switch self {
    case .json: judgeJSON(bytes)
    case .tlv: judgeTLV(bytes)
    case .cardAnswers: judgeCardAnswers(bytes)
    case .attestation: judgeAttestation(bytes)
    case .transcript: judgeTranscript(bytes)
    case .script: judgeScript(bytes)
    case .metadata: judgeMetadata(bytes)
    case .replay: judgeReplay(bytes)
    case .bundle: judgeBundle(bytes)
    case .merge: judgeMerge(bytes)
    }
  }
}

/// Ends the program where a property does not hold; libFuzzer then keeps the input.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
  guard !holds else { return }
  print("PROPERTY VIOLATED: \(what())")
  fflush(nil)
  abort()
}
