import CanonicalJSON
import Judges
import Testing

private let script = """
  import json, sys
  from securesystemslib.formats import encode_canonical
  for line in sys.stdin.buffer:
      value = json.loads(line)
      print(encode_canonical(value).encode().hex())
      pretty = json.dumps(value, indent=1, separators=(",", ": "), sort_keys=True) + "\\n"
      print(pretty.encode().hex())
  """

/// The same bytes as securesystemslib's canonical encoder and as the serializer of python-tuf, whose arguments to
/// `json.dumps` these are.
@Test func agreesWithSecuresystemslib() throws {
  var samples = ValueSamples(seed: 77)
  let values = (0..<500).map { _ in samples.value() }
  let input: [UInt8] = values.flatMap { (value: JSONValue) -> [UInt8] in oneLine(value) + [0x0A] }
  guard
    let output = try Python.output(
      of: script,
      input: input,
      skipping: values.count,
      "values by securesystemslib"
    )
  else { return }
  let expected = values.flatMap { [hex($0.canonical()), hex($0.pretty())] }
  #expect(output.split(separator: "\n").map(String.init) == expected)
}

/// The pretty form without its line breaks, none of which is inside a string.
private func oneLine(_ value: JSONValue) -> [UInt8] { value.pretty().filter { $0 != 0x0A } }

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}
