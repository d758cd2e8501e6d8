import Glibc

/// One property of the code under test: says of any bytes whether it holds, by ``require(_:_:)``.
typealias Property = @Sendable ([UInt8]) -> Void

/// Every target by the name that `Tests/Fuzz/run` gives in the variable FUZZ_TARGET.
private let properties: [String: Property] = [
  "json": judgeJSON,
  "tlv": judgeTLV,
  "card-answers": judgeCardAnswers,
  "attestation": judgeAttestation,
  "transcript": judgeTranscript,
  "script": judgeScript,
  "metadata": judgeMetadata,
  "replay": judgeReplay,
]

private let chosen: Property = {
  guard let name = getenv("FUZZ_TARGET"), let property = properties[String(cString: name)] else {
    print("FUZZ_TARGET is one of: \(properties.keys.sorted().joined(separator: " "))")
    exit(64)
  }
  return property
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  chosen(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// Ends the program where a property does not hold; libFuzzer then keeps the input.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
  guard !holds else { return }
  print("PROPERTY VIOLATED: \(what())")
  fflush(nil)
  abort()
}
