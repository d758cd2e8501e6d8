import FuzzProperties
import Glibc

/// What is tested, by the name that `Tests/Fuzz/run` gives in the variable FUZZ_TARGET.
private let property: FuzzProperty = {
  guard let name = getenv("FUZZ_TARGET"), let property = FuzzProperty(rawValue: String(cString: name)) else {
    print("FUZZ_TARGET is one of: \(FuzzProperty.allCases.map(\.rawValue).sorted().joined(separator: " "))")
    exit(64)
  }
  return property
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  property.judge(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
