import ArgumentParser
import Attestation
import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import FolderAudit
import Invocation
import Keys
import PIVTypes
import UTC

struct AttestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attest", abstract: "Judge the attestations of a ceremony, from the files of its folder alone.",
    discussion: """
      For every key that the root gives to a role on cards: the chain from its attestation over the card's own \
      certificate to a vendor that the script pins (in a rehearsal also the authority of virtual cards), at the time \
      of the first record; the serial, slot and policies; and that it is the key that stands in the root. Works on the \
      folders of every engine version, also where the root still waits for signatures. Exit 0 also for keys that the script \
      lets be unproven; --strict refuses these.

      Example: tuf-audit attest ceremony-1
      """)

  @Argument(help: "The products folder of a ceremony, or a bundle of it.")
  var folder: String

  @OptionGroup var common: StrictOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let source = try NamedProducts.open(
      folder, "attest", isStrict: common.strict, output.format, nothing: AttestWords.nothing)
    let verdict = AttestVerdict(source)
    let words = AttestWords(verdict)
    try Outcome(
      "attest", findings: verdict.findings, isStrict: common.strict, text: words.text, json: words.json
    ).finish(output.format)
  }
}

/// What the attestations come to, in words and as an object.
struct AttestWords {
  private let verdict: AttestVerdict

  init(_ verdict: AttestVerdict) { self.verdict = verdict }

  private var headline: String {
    if !verdict.holds { return "NOT ATTESTED. See the findings." }
    if verdict.isProven, verdict.vendors.contains(where: { $0.kind == .script }) {
      return "ATTESTED by a vendor that the script alone names. See the findings."
    }
    return verdict.isProven
      ? "ATTESTED: every key that was made here was made on the card that is named."
      : verdict.keys.allSatisfy { $0.facts == nil }
        ? "NOT ATTESTED: no key is proven to be on hardware, as the script allows. See the findings."
        : "NOT ATTESTED in part, as the script allows. See the findings."
  }

  var text: String {
    var rows = verdict.isRehearsal ? ["REHEARSAL: nothing that comes out of it is to be trusted"] : []
    if verdict.isGivenUp { rows.append("ABORTED") }
    if let pending = verdict.pending {
      let names = pending.waiting.joined(separator: ", ")
      rows.append("PENDING: the root in \(pending.path) waits for \(names); no client takes it")
    }
    if !verdict.keys.isEmpty, !verdict.isProven { rows.append("NOT PROVEN TO BE ON HARDWARE") }
    if verdict.vendors.contains(where: { $0.kind == .script }) {
      rows.append("VOUCHED FOR BY A VENDOR THAT THE SCRIPT ALONE NAMES")
    }
    rows.append(headline)
    if let time = verdict.time { rows.append("judged at \(time), the time of the first record") }
    for key in verdict.keys {
      let place = "card \(key.card ?? "unknown"), slot \(key.slot), \(key.algorithm)"
      rows += [
        "", "\(key.role) key of \(key.keyholder ?? "nobody"), \(place)", "  key id        \(key.keyID)",
      ]
      if let facts = key.facts {
        let serial = facts.serial.map(String.init) ?? "unknown"
        let (pin, touch) = (facts.pinPolicy?.description ?? "unknown", facts.touchPolicy?.description ?? "unknown")
        rows += [
          "  made on       a device with serial \(serial), firmware \(facts.firmware)",
          "  policies      PIN \(pin), touch \(touch)",
          "  vouched for   by \(facts.root)", "                SHA-256 \(facts.rootFingerprint.hex)",
          "                \(facts.vendor.meaning)",
        ]
      } else {
        rows.append("  not attested")
      }
      rows.append(key.generatedIn.map { "  generated     in record \($0)" } ?? "  generated     in no record")
    }
    rows += [
      "", "Not proved:", "  that anybody signed the root that names these keys",
      "  when an attested key was made, beyond what the recorded reset and generation say",
      "  anything else of the ceremony: `tuf-audit replay` does that",
    ]
    // A card's file names its holder, and anybody can write a file.
    return rows.map { printable($0) + "\n" }.joined()
  }

  /// What the object says where there was nothing to judge.
  static let nothing: JSONObject = [
    "attested": false, "proven": false, "rehearsal": .null, "at": .null, "pending": .null, "keys": [],
  ]

  var json: JSONObject {
    [
      "attested": .bool(verdict.holds), "proven": .bool(verdict.isProven),
      "rehearsal": verdict.configuration.map { .bool($0.isRehearsal) } ?? .null,
      "at": verdict.time.map { .string($0.description) } ?? .null,
      "pending": verdict.pending.map { .string($0.path) } ?? .null,
      "keys": .array(verdict.keys.map { .object(Self.object($0)) }),
    ]
  }

  private static func object(_ key: AttestedKey) -> JSONObject {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    let facts = key.facts
    return [
      "role": .string(key.role), "keyid": .string(key.keyID), "keyholder": text(key.keyholder), "card": text(key.card),
      "slot": .string(key.slot.description), "algorithm": .string(key.algorithm.description),
      "proven": .bool(facts != nil), "serial": facts?.serial.map { .integer(Int64($0)) } ?? .null,
      "firmware": text(facts?.firmware.description), "pin-policy": text(facts?.pinPolicy?.description),
      "touch-policy": text(facts?.touchPolicy?.description), "vendor": text(facts?.root),
      "vendor-sha256": text(facts?.rootFingerprint.hex), "virtual": facts.map { .bool($0.isTestCA) } ?? .null,
      "vendor-kind": text(facts?.vendor.kind.rawValue),
      "generated-in": key.generatedIn.map { .integer($0) } ?? .null,
    ]
  }
}
