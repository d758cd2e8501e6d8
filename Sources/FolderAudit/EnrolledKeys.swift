import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Products
import SmartCard
import TUFMetadata
import Transcript

extension FolderRecords {
  /// What was taken in for a keyholder: the last that holds in the step of the script that enrols them; nil where nothing
  /// was.
  func enrolled(_ keyholder: String, _ script: Script) -> Enrolment? {
    guard let step = script.enrolling(keyholder) else { return nil }
    return enrolments.last { $0.step == step && $0.enrolment.codes.isEmpty && $0.enrolment.made != nil }?.enrolment
  }

  /// Whether a key came from elsewhere, for one whom the script enrols.
  func isEnrolled(_ key: PublicKey, _ script: Script) -> Bool {
    script.keyholders.contains { $0.enrol != nil && enrolled($0.id, script)?.made?.key == key.bytes }
  }
}

/// Keys that came from elsewhere into a ceremony, their evidence judged anew.
struct EnrolledKeys {
  private(set) var findings: [Finding] = []
  /// What attests each, by key id. Never iterated.
  private var attested: [String: AttestedKey] = [:]

  /// Throws what keeps a file from being read that a record names.
  init(_ records: FolderRecords, _ script: Script, _ source: any ProductsSource) throws(Finding) {
    for (enrolment, step, place) in records.enrolments {
      guard let keyholder = script.keyholders.first(where: { $0.enrol != nil && script.enrolling($0.id) == step })
      else {
        add("This record takes in a key where the script takes none in.", place)
        continue
      }
      let wanted = EnrolmentWanted(
        person: keyholder.id, nonce: keyholder.enrol ?? [], isRehearsal: records.configuration?.isRehearsal ?? false)
      let path = enrolment.file.path
      let bytes = try records.content(of: path, in: source)
      guard bytes.count == enrolment.file.count else {
        add("The file has \(bytes.count) bytes, and the record says \(enrolment.file.count).", place)
        continue
      }
      // What was refused when it came counts for nothing, whatever is thought of it today.
      guard enrolment.codes.isEmpty else { continue }
      let judged = EnrolmentEvidence.judged(bytes, wanted)
      guard let judged, judged.enrolment.codes.isEmpty, judged.enrolment.made == enrolment.made else {
        let codes = judged?.enrolment.codes ?? []
        findings.append(
          Finding(
            .answerUnsound,
            "The evidence of this key was taken for sound, and is not"
              + (codes.isEmpty ? "." : ": \(codes.joined(separator: ", "))."),
            hint: "Treat the folder as changed; compare it with another copy.", place: path))
        continue
      }
      guard isScripted(enrolment, judged.made, keyholder, script) else {
        add(
          "The key of \(keyholder.name) was made with another slot, algorithm, policy or name than the script's.", path)
        continue
      }
      guard records.enrolled(keyholder.id, script)?.file == enrolment.file else { continue }
      if let key = judged.key { attested[key.keyID] = key }
    }
  }

  /// Whether the card was asked for what this script says, whatever the request said.
  private func isScripted(
    _ enrolment: Enrolment, _ made: RecordedExchanges.Generation?, _ keyholder: Keyholder, _ script: Script
  ) -> Bool {
    guard let role = script.cardRole("root", of: keyholder.id), let made, let key = enrolment.made,
      let publicKey = try? PublicKey(card: key.key, role.algorithm)
    else { return false }
    return made.header == [0, Instruction.generateKeyPair, 0, role.slot.reference]
      && made.asked == role.generateTemplate
      && key.proof.keyID == script.metadataKey(publicKey, of: keyholder.id).keyID
      && key.proof.slot == role.slot.description
  }

  /// What attests a key; nil where it did not come from elsewhere.
  func key(_ keyID: String) -> AttestedKey? { attested[keyID] }

  private mutating func add(_ what: String, _ place: String) {
    findings.append(
      Finding(.evidenceMissing, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }
}

extension Script {
  /// The id of the step that takes in somebody's key from elsewhere.
  func enrolling(_ keyholder: String) -> String? {
    steps.first { $0.action == .enrol(keyholder: keyholder) }?.id
  }
}
