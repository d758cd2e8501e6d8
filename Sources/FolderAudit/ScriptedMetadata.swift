import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Products
import Requests
import SmartCard
import TUFMetadata
import Transcript
import UTC

/// The metadata that a script, its online keys and the keys that the cards made come to, built anew and held against the
/// files: nothing is taken from what is judged.
struct ScriptedMetadata {
  private(set) var findings: [Finding] = []

  private let script: Script
  private let records: FolderRecords

  init(
    _ script: Script, _ records: FolderRecords, _ files: [FolderMetadata], isAfterWaiting: Bool,
    _ source: any ProductsSource
  ) {
    self.script = script.listing(records.listed)
    self.records = records
    if !isAfterWaiting { judgePrevious() }
    judgePayloads(files)
    let written = script.steps.compactMap { if case .write(let role) = $0.action { role } else { nil } }
    for role in ["root"] + written where !files.contains(where: { $0.role == role }) {
      add(.metadataDiffers, "The script has \(role) written, and the folder holds none.", "metadata")
    }
    do throws(Finding) {
      let keys = try keys(source)
      for file in files { judge(file, keys, isWritten: file.role == "root" || written.contains(file.role)) }
    } catch {
      findings.append(error)
    }
  }

  /// Which ceremony this one follows; a rehearsal may follow another than the script names.
  private mutating func judgePrevious() {
    guard script.pending == nil else { return }
    if let files = script.goesOn, let after = records.configuration?.after?.previous,
      after.root != files.root.digest || files.head.map({ $0 != after.head }) == true
    {
      add(
        .previousDiffers, "The first record names another ceremony before this one than the script goes on from.",
        "transcript.jsonl record 0")
    }
    guard let named = script.previous, let configuration = records.configuration, let engine = records.engine,
      engine >= EngineVersion.withProofs
    else {
      return
    }
    guard configuration.after == nil || !configuration.isRehearsal && configuration.after?.previous != named else {
      return
    }
    add(
      .previousDiffers, "The script names a ceremony before this one, and the first record names none, or another.",
      "transcript.jsonl record 0")
  }

  // MARK: - Signed parts

  private mutating func judge(_ file: FolderMetadata, _ keys: ScriptKeys, isWritten: Bool) {
    if let waited = script.pendingRoot {
      guard waited.envelope.signedBytes != file.envelope.signedBytes else { return }
      return add(.metadataDiffers, "It is not the root that waited for signatures.", file.path)
    }
    let mode: Mode = records.configuration?.isRehearsal == true ? .rehearsal : .real
    guard isWritten, let time = records.time, let expires = script.expiry(of: file.role, mode, at: time) else {
      return add(
        .metadataDiffers, "The script has no \(file.role) written, or does not say when it expires.", file.path)
    }
    let expected =
      file.role == "root"
      ? script.root(keys, expires: expires, mode).json
      : script.targets(file.role, keys, expires: expires, mode).json
    guard JSONValue.object(expected).canonical() != file.envelope.signedBytes else { return }
    let there = file.envelope.signed
    let names = Set(expected.names + there.names).filter { expected[$0] != there[$0] }.sorted()
    add(
      .metadataDiffers,
      "It is not what the script and the cards make of it: \(names.map { shown($0) }.joined(separator: ", ")) differ.",
      file.path)
  }

  /// Exactly one payload of a role reached a signature and was not given up: that of its file.
  private mutating func judgePayloads(_ files: [FolderMetadata]) {
    let others = Set(records.accepted.keys).union(files.map(\.role)).filter(Delegation.mayBeNamed).sorted()
    for role in ["root", "targets"] + others {
      let file = files.first { $0.role == role }
      let own = file.map { SHA256Digest(of: $0.envelope.signedBytes) }
      let signed = (records.accepted[role] ?? [:]).filter { !$0.value.isEmpty }
      guard signed.contains(where: { $0.key != own }) else { continue }
      add(
        .payloadSurplus, "Another payload of \(role) than the written one was signed, and not given up.",
        file?.path ?? RecordFile.transcript.name)
    }
    for dropped in records.droppedSigners {
      guard let role = script.offlineRole(dropped.role), isReached(role, by: dropped.signers) else { continue }
      add(
        .payloadSurplus,
        "The payload of \(role.name) that is given up here had all the signatures that it needed.", dropped.place)
    }
  }

  /// Whether these are as many keys as a role's metadata needs, of a root that follows another on each side.
  private func isReached(_ role: OfflineRole, by signers: Set<SignatureRecord.Signer>) -> Bool {
    // What lost one-time keys had signed is worth nothing: no root names them.
    guard role.oneTime == nil else {
      let named = records.oneTime.publicKeys(of: role).values.map { MetadataKey($0).keyID }
      return Set(signers.map(\.keyID)).intersection(named).count >= role.threshold
    }
    let own = signers.filter { script.baseline == nil || role.keyholders.contains($0.keyholder) }
    guard Set(own.map(\.keyID)).count >= role.threshold else { return false }
    guard role.name == "root", let old = script.baseline?.root[.root] else { return true }
    return Set(signers.map(\.keyID)).intersection(old.keyIDs).count >= old.threshold
  }

  // MARK: - Keys

  private mutating func keys(_ source: any ProductsSource) throws(Finding) -> ScriptKeys {
    let online = try script.onlineKeys(records, source)
    var offline: [String: [String: PublicKey]] = [:]
    for role in script.oneTimeRoles {
      offline[role.name] = records.oneTime.publicKeys(of: role)
      guard offline[role.name]?.count != role.oneTime else { continue }
      add(
        .evidenceMissing,
        "The one-time keys of \(role.name) were not made here, or are not as many as the script says.",
        records.rootPath ?? "metadata")
    }
    for role in script.offlineRoles {
      for keyholder in role.keyholders {
        guard script.keyholder(keyholder)?.key == nil else { continue }
        let own = script.cardRole(role.name, of: keyholder) ?? role
        offline[role.name, default: [:]][keyholder] =
          script.keyholder(keyholder)?.enrol == nil ? key(of: keyholder, own) : enrolledKey(of: keyholder, own)
      }
    }
    return ScriptKeys(offline: offline, online: online)
  }

  /// The key that was taken in from elsewhere in the keyholder's own step.
  private mutating func enrolledKey(of keyholder: String, _ role: OfflineRole) -> PublicKey? {
    guard let key = records.enrolled(keyholder, script)?.made?.key, let read = try? PublicKey(card: key, role.algorithm)
    else {
      add(
        .evidenceMissing, "The \(role.name) key of \(script.name(of: keyholder)) was not taken in from elsewhere.",
        records.rootPath ?? "metadata")
      return nil
    }
    return read
  }

  /// The answer to the last GENERATE in the keyholder's own step, where it asked for what the script says.
  private mutating func key(of keyholder: String, _ role: OfflineRole) -> PublicKey? {
    let place = records.rootPath ?? "metadata"
    let name = "The \(role.name) key of \(script.name(of: keyholder))"
    guard let step = script.provisioning(of: keyholder),
      let made = records.exchanges[.transcript]?.generations["\(step)/generate-\(role.name)"]
    else {
      add(.evidenceMissing, "\(name) was made by no card in the step that provisions it.", place)
      return nil
    }
    guard made.header == [0, Instruction.generateKeyPair, 0, role.slot.reference], made.asked == role.generateTemplate,
      let key = try? PublicKey(card: made.key, role.algorithm)
    else {
      add(.metadataDiffers, "\(name) was made with another slot, algorithm or policy than the script's.", place)
      return nil
    }
    return key
  }

  private mutating func add(_ code: Finding.Code, _ what: String, _ place: String) {
    findings.append(
      Finding(code, what, hint: "Do not use what is in the folder; find out who made it.", place: place))
  }
}

extension Script {
  /// The online keys, from the script and the files in the folder. Throws what keeps one from being read.
  func onlineKeys(_ records: FolderRecords, _ source: any ProductsSource) throws(Finding) -> [String: PublicKey] {
    var online: [String: PublicKey] = [:]
    for key in onlineKeys {
      guard case .file(let file) = key.source else {
        online[key.id] = try key.publicKey(nil)
        continue
      }
      let path = "inputs/\(file.name)"
      let content = try records.pinned(file, in: source)
      do throws(Finding) { online[key.id] = try key.publicKey(content) } catch { throw error.at(path) }
    }
    return online
  }
}

extension Script {
  /// The same script with the files that its roles list, as they were recorded.
  fileprivate func listing(_ listed: [String: [TargetFile]]) -> Script {
    listingRoles.reduce(self) { $0.listing(listed[$1.name] ?? [], for: $1.name) }
  }
}

extension OfflineRole {
  /// What GENERATE ASYMMETRIC KEY PAIR is given for such a key: algorithm, PIN policy, touch policy.
  var generateTemplate: [UInt8] {
    TLV(
      0xac,
      [
        TLV(0x80, [algorithm.rawValue]), TLV(0xaa, [pinPolicy.rawValue]), TLV(0xab, [touchPolicy.rawValue]),
      ]
    ).encoded
  }
}
