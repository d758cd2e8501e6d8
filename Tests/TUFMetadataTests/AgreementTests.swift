import Judges
import SampleMetadata
import TUFMetadata
import Testing

private let script = """
  import datetime, json, sys
  from securesystemslib.formats import encode_canonical
  from securesystemslib.signer import Key, Signature
  from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
  from tuf.ngclient.config import EnvelopeType

  NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)

  def python_tuf(files):
      "The version that python-tuf's client ends at, 0 for none, and whether that has expired."
      trusted = None
      for data in files:
          try:
              if trusted is None:
                  trusted = TrustedMetadataSet(data, EnvelopeType.METADATA)
              else:
                  trusted.update_root(data)
          except Exception:
              break
      if trusted is None:
          return "0 -"
      return f"{trusted.root.version} {trusted.root.is_expired(NOW)}"

  def plain(files):
      "The same by nothing but json and securesystemslib's key classes; a key counts once, whatever its ids."
      newest = None
      for data in files:
          try:
              document = json.loads(data)
              signed = document["signed"]
              message = encode_canonical(signed).encode()
              if newest is not None and signed["version"] != newest["version"] + 1:
                  break
              if not all(enough(root, message, document["signatures"]) for root in (newest or signed, signed)):
                  break
          except Exception:
              break
          newest = signed
      return str(newest["version"] if newest else 0)

  def enough(root, message, signatures):
      role = root["roles"]["root"]
      counted = set()
      for signature in signatures:
          if signature["keyid"] not in role["keyids"] or signature["keyid"] not in root["keys"]:
              continue
          key = Key.from_dict(signature["keyid"], json.loads(json.dumps(root["keys"][signature["keyid"]])))
          try:
              key.verify_signature(Signature.from_dict(dict(signature)), message)
          except Exception:
              continue
          counted.add(key.keyval["public"])
      return len(counted) >= role["threshold"]

  for line in sys.stdin:
      files = [bytes.fromhex(part) for part in line.split()]
      print(python_tuf(files), plain(files))
  """

/// Where we differ from python-tuf on purpose, and how: the version at which we end is lower or higher.
private let stricterThanPythonTUF: [SeededChain.Fault: String] = [
  .oneKeyTwoIDs: "one key under two ids makes no threshold of two",
  .nameTwice: "a name twice in one object is read in two ways",
  .versionTrue: "true is no version",
]
private let moreLenientThanPythonTUF: [SeededChain.Fault: String] = [
  .oddDate: "a superseded root's odd date is a warning",
  .mirrors: "a fifth role is a warning",
  .unknownKeyType: "a key of an unknown type is a warning",
]
/// The plain check parses nothing that is not needed for versions and signatures.
private let stricterThanPlain: Set<SeededChain.Fault> = [
  .nameTwice, .signatureTwice, .versionTrue, .oneKeyTwoIDs,
]

@Test func agreesWithPythonTUFOnSeededChains() throws {
  let count = 500
  let chains = try (0..<count).map { try SeededChain(seed: UInt64($0)) }
  let time = try Samples.time("2026-06-01T00:00:00Z")
  let ours = chains.map { chain -> (version: Int64, isExpired: Bool) in
    var client = RootChain()
    for (place, file) in chain.files.enumerated() { client.update(file, place: "file \(place)") }
    return (client.newest?.version ?? 0, client.newest?.isExpired(at: time) ?? false)
  }
  // Every fault is there, and not everything is refused.
  #expect(Set(chains.map(\.fault)) == Set(SeededChain.Fault.allCases))
  let lines = chains.map { chain in chain.files.map { hex($0) }.joined(separator: " ") + "\n" }
  guard
    let output = try Python.output(
      of: script,
      input: Array(lines.joined().utf8),
      skipping: count,
      "chains by python-tuf"
    )
  else { return }
  let verdicts = output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  try #require(verdicts.count == count)
  var named: [String: Int] = [:]
  for (place, chain) in chains.enumerated() {
    let (mine, theirs) = (ours[place], verdicts[place])
    let tuf = try #require(Int64(theirs[0]))
    let plain = try #require(Int64(theirs[2]))
    if mine.version < tuf, let reason = stricterThanPythonTUF[chain.fault] {
      named["stricter than python-tuf: \(reason)", default: 0] += 1
    } else if mine.version > tuf, let reason = moreLenientThanPythonTUF[chain.fault] {
      named["more lenient than python-tuf: \(reason)", default: 0] += 1
    } else {
      #expect(mine.version == tuf, "seed \(place), \(chain.fault) in file \(chain.place)")
      #expect(tuf == 0 || (theirs[1] == "True") == mine.isExpired, "seed \(place)")
    }
    let isKnownDifference = mine.version < plain && stricterThanPlain.contains(chain.fault)
    #expect(
      isKnownDifference || mine.version == plain,
      "seed \(place), \(chain.fault) in file \(chain.place)"
    )
  }
  for (reason, count) in named.sorted(by: { $0.key < $1.key }) {
    print("\(count) of \(chains.count) chains, \(reason)")
  }
  // Each difference that is claimed is also met.
  #expect(named.count == stricterThanPythonTUF.count + moreLenientThanPythonTUF.count)
}

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}
