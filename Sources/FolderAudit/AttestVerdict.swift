import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Products
import TUFMetadata
import UTC

/// What the attestations of a products folder come to, whichever engine version made it.
package struct AttestVerdict: Sendable {
  /// Everything that is wrong; warnings for keys that the script lets be unproven.
  package private(set) var findings: [Finding] = []
  /// nil where the first record could not be read.
  package let configuration: CeremonyConfiguration?
  /// The time of the first record, at which certificates are judged.
  package let time: UTCTime?
  /// Whether the ceremony was closed as ABORTED.
  package let isGivenUp: Bool
  /// The root's keys of the roles that the script gives to cards, then those of officials with cards.
  package private(set) var keys: [AttestedKey] = []
  /// The root that names these keys, where it waits for signatures.
  package private(set) var pending: Pending?

  package struct Pending: Hashable, Sendable {
    package let path: String
    /// Names of those who may sign it and did not, in the order of the script.
    package let waiting: [String]

    package init(path: String, waiting: [String]) {
      self.path = path
      self.waiting = waiting
    }
  }

  /// Nothing is re-executed: the records are read for their links, and every file that is used must be the one that a
  /// record names.
  package init(_ source: any ProductsSource) {
    let records = FolderRecords(source)
    configuration = records.configuration
    time = records.time
    isGivenUp = records.ending?.ending == .aborted
    do throws(Finding) {
      if let finding = records.finding { throw finding }
      guard records.ending != nil else { throw records.unfinished }
      let isPending = records.ending?.ending == .pending
      guard let time, let path = records.rootPath, path.hasPrefix(isPending ? "pending/" : "metadata/") else {
        if isGivenUp {
          throw FolderVerifier.aborted("It wrote no root, so nothing says which keys are to be attested.")
        }
        if let path = records.rootPath, path.hasPrefix("pending/") {
          throw Finding(
            .nothingToVerify,
            "\(path) is the root of another ceremony, which was signed here: no key of it was made here.",
            hint: "Judge the folder of the ceremony that asked for the signature.", place: path)
        }
        throw Finding(
          .nothingToVerify, "The folder holds no root, so nothing says which keys are to be attested.",
          hint: "Only a complete ceremony has one. Compare the folder with another copy.", place: "metadata")
      }
      let script = try Script(try records.content(of: "script.yaml", in: source)).going(on: records, source)
      let file = try FolderMetadata(path, records, source, isWaiting: isPending)
      let root = try Root.read(file.envelope.signed).root
      let attestations = try FolderAttestations(
        records, script, records.named(root, script, source), time, source)
      keys = attestations.keys
      if isPending {
        let signed = Set(file.envelope.signatures.map(\.keyID))
        let signers = Set(keys.filter { $0.role == "root" && signed.contains($0.keyID) }.compactMap(\.keyholder))
        let waiting = script.signers(of: "root").filter { id in
          !signers.contains(script.name(of: id)) && !signed.contains(script.keptKey(of: id, "root")?.keyID ?? "")
        }
        pending = Pending(path: path, waiting: waiting.map(script.name))
      }
      findings = isGivenUp ? [FolderVerifier.aborted("Its attestations were judged all the same.")] : []
      findings += attestations.findings
      findings += vendors.filter { $0.kind == .script }.map { vendor in
        .vendorUnknown(vendor, keys: keys.count { $0.facts?.vendor == vendor })
      }
      for key in keys where key.generatedIn == nil && !key.isKept {
        findings.append(
          Finding(
            .evidenceMissing, "The \(key.role) key \(shortened(key.keyID)) was made by no card in the transcript.",
            hint: "It may have been made before. Find out where it comes from before you trust it.", place: path))
      }
    } catch {
      findings.append(error)
    }
  }

  /// Each vendor of a key once, in the order of the keys.
  package var vendors: [Vendor] {
    var vendors: [Vendor] = []
    for vendor in keys.compactMap({ $0.facts?.vendor }) where !vendors.contains(vendor) { vendors.append(vendor) }
    return vendors
  }

  package var isRehearsal: Bool { configuration?.isRehearsal ?? false }
  /// Whether there are keys, and every one is proven to be on hardware.
  package var isProven: Bool { !keys.isEmpty && keys.allSatisfy { $0.facts != nil || $0.isKept } }
  /// Whether nothing is wrong: every key is attested, or the script lets it be unproven.
  package var holds: Bool { !keys.isEmpty && !findings.contains { $0.severity == .error } }
}

extension FolderRecords {
  /// The root that the ceremony wrote; nil where it wrote none, or two.
  var rootPath: String? {
    let roots = (metadata + waiting).filter { $0.hasSuffix(".root.json") }
    return roots.count == 1 ? roots.first : nil
  }
}
