import Attestation
import CanonicalJSON
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIVTypes
import Products
import Requests
import TUFMetadata
import Transcript
import UTC

/// A products folder judged from its files alone, whichever engine version made it: everything that a replay finds
/// except whether the ceremony comes out again.
package struct FolderVerifier {
  package internal(set) var findings: [Finding] = []
  /// How many files a record, the chain or the seal binds.
  package internal(set) var files = 0
  package internal(set) var seal: SealCount?
  package internal(set) var facts: CeremonyFacts?
  package internal(set) var script: Script?
  /// Where no card sealed what a second request may have sealed.
  package private(set) var unsealed: UnsealedCeremony?
  /// What is wrong with a seal that came later, or is to be known of it.
  package private(set) var lateFindings: [Finding] = []
  var keys: [AttestedKey] = []
  /// In an answer the keys that were made for it.
  var madeKeys: [MetadataKey] = []
  var retired: [String] = []
  package let records: FolderRecords

  let source: any ProductsSource

  package init(_ source: any ProductsSource) {
    self.source = source
    records = FolderRecords(source)
    do throws(Finding) { try judge() } catch { findings.append(error) }
  }

  /// The first finding of a kind that leaves nothing to go on with is thrown.
  private mutating func judge() throws(Finding) {
    findings += records.losses
    if let finding = records.finding { throw finding }
    guard let ending = records.ending else { throw records.unfinished }
    try judgeFiles(ending)
    guard ending.ending.isHeld else { throw Self.aborted("Every file is as the records name it.") }
    let read = try readScript()
    guard !read.isAnswer else { return try judgeAnswer(read, ending) }
    if let other = records.finishesAnother(than: read) { findings.append(other) }
    let script = try going(on: read).finishing(records, source)
    let withdrawn = try WithdrawnPayloads(read, records, source)
    findings += withdrawn.findings
    self.script = script
    let elsewhere = try SignaturesElsewhere(records, script, isPending: ending.ending == .pending, source)
    findings += elsewhere.findings
    let (root, named, metadata) = try judgeMetadata(script, elsewhere)
    if let file = metadata.first(where: { $0.role == "root" }) { findings += elsewhere.dropped(from: file) }
    findings += AskedElsewhere(records, script, root, named, metadata, isPending: elsewhere.isPending, source).findings
    findings +=
      ScriptedMetadata(
        script, records, metadata, isAfterWaiting: withdrawn.isAfterWaiting, source
      ).findings
    findings += NamedPeople(script, records).findings + WipedCards(script, records).findings
    findings += DiscardedKeys(script, records, close: ending.place).findings
    judgeProducts(script)
    if let time = records.time {
      do throws(Finding) {
        let attestations = try FolderAttestations(records, script, named, time, source)
        findings += attestations.findings
        keys = attestations.keys
        retired = attestations.retired
      } catch {
        findings.append(error)
      }
    }
    let officials = try OfficialKeys(records, root, after: script.baseline?.root, source)
    let proven = ProvenKeys(script, records, metadata, officials, elsewhere)
    findings += proven.findings
    let origins = script.keyOrigins(of: named) { !proven.unproven.contains($0) }
    judgeKeys(ending, origins)
    let sealers = SealKeys(
      own: root.keys(of: .root), old: script.baseline?.root.keys(of: .root) ?? [], officials: officials)
    let judged: FolderSeal
    if records.isUnsealed(by: script, source) {
      let ceremony = try UnsealedCeremony(records, script, root, elsewhere, source)
      unsealed = ceremony
      judged = FolderSeal(try LateSeal(ceremony, source), ceremony)
      lateFindings = judged.findings
    } else {
      judged = try FolderSeal(records, sealers, over: records.metadata + records.waiting, source)
    }
    findings += officials.findings + judged.findings
    let seal = elsewhere.seal(
      script, of: root, judged, officials, isGivenUp: records.sealingEnding == .givenUp,
      mayFollow: unsealed != nil && lateFiles.isEmpty)
    self.seal = seal
    findings += seal.findings
    facts = CeremonyFacts(
      script, root, metadata, keys, judged, ending.exceptions, records.dropped, retired, origins,
      unproven: proven.unproven, records.wipes.map(\.record))
  }

  /// From engine version 6 on the close record says where each key comes from.
  private mutating func judgeKeys(_ ending: FolderRecords.Ending, _ origins: [RootKeyOrigin]) {
    guard let engine = records.engine, engine >= EngineVersion.withRotations,
      ending.keys != origins.map(CloseRecord.Key.init)
    else { return }
    findings.append(
      Finding(
        .recordMalformed, "The close record says otherwise where the root's keys come from, and which were proven.",
        hint: "Treat the folder as changed; compare it with another copy.", place: ending.place))
  }

  /// Whether a key of a complete ceremony is not proven to be on hardware.
  package var isUnproven: Bool {
    records.ending?.ending == .complete
      && (keys.isEmpty && !isSignature || keys.contains { $0.facts == nil && !$0.isKept })
  }

  /// Whether it answers a request with a signature: no key was made, and nobody says where the one that signed is.
  private var isSignature: Bool { script?.answered?.named != nil }

  /// Throws an error for a script in a form that nobody knows: what is to be judged by it cannot be.
  private func readScript() throws(Finding) -> Script {
    let bytes = try records.content(of: "script.yaml", in: source)
    do throws(Finding) {
      let script = try Script(bytes)
      // What an engine could not read it did not follow.
      guard script.version == 1 || records.engine.map({ $0 >= EngineVersion.withProofs }) == true else {
        throw Finding(.scriptVersion, "it is of version \(script.version), and came after this engine.", hint: "")
      }
      guard !script.isOfBoards || records.knows(EngineVersion.withBoards),
        script.oneTimeRoles.isEmpty && script.discardedRoles.isEmpty || records.knows(EngineVersion.withOneTimeKeys),
        !script.renewsDelegations || records.knows(EngineVersion.withRenewedDelegations)
      else {
        throw Finding(.scriptVersion, "it has names that came after this engine.", hint: "")
      }
      guard records.knows(EngineVersion.withPendingFirstRoots) || !records.leavesFirstRoot(by: script) else {
        throw Finding(
          .scriptVersion, "no root that founds version 1 waited with this engine.", hint: "")
      }
      return script
    } catch {
      throw Finding(
        .scriptOtherRelease, "This program does not know the form of the script: \(error.what)",
        hint: "Use the release that made the transcript. If that is an earlier one, somebody changed the script.",
        place: error.place ?? "script.yaml")
    }
  }

  /// The script with the root that it goes on from, where it names one.
  private func going(on script: Script) throws(Finding) -> Script {
    guard script.goesOn != nil else { return try script.going(on: records, source) }
    guard let engine = records.engine, engine >= EngineVersion.withRotations else {
      throw Finding(
        .scriptOtherRelease, "The script goes on from a root, and came after this engine.",
        hint: "Use the release that made the transcript. If that is an earlier one, somebody changed the script.",
        place: "script.yaml")
    }
    return try script.going(on: records, source)
  }

  // MARK: - Files

  private mutating func judgeFiles(_ ending: FolderRecords.Ending) throws(Finding) {
    var sums: [String: SHA256Digest] = [:]
    for path in records.files.keys.sorted() {
      do throws(Finding) {
        sums[path] = SHA256Digest(of: try records.content(of: path, in: source))
      } catch {
        findings.append(error)
        sums[path] = records.files[path]
      }
    }
    let isRehearsal = records.configuration?.isRehearsal ?? false
    if (records.files["REHEARSAL"] != nil) != isRehearsal {
      findings.append(
        Finding(
          .rehearsalMark, "The mark of a rehearsal is there, or not, unlike the first record says.",
          hint: "Do not trust the folder; compare it with another copy.", place: "REHEARSAL"))
    }
    let supplied = records.files.filter { $0.key.hasPrefix(VerifierFile.folder + "/") }
    let named = records.configuration?.verifiers ?? []
    if supplied != Dictionary(named.map { ($0.path, $0.digest) }, uniquingKeysWith: { first, _ in first }) {
      findings.append(
        Finding(
          .productChanged, "The records write other files into verify/ than the first one names.",
          hint: "Do not run what is in it. Compare the folder with another copy.", place: VerifierFile.folder))
    }
    let isUnsealed =
      (try? Script(records.content(of: "script.yaml", in: source))).map { records.isUnsealed(by: $0, source) } ?? false
    var late = ending.ending.isHeld && !isUnsealed ? [SealCount.path] : []
    // Engine version 1 wrote none.
    if records.engine != 1 { late.append(ReportFile.path) }
    for path in RecordFile.allCases.map(\.name) + late {
      sums[path] = try source.digest(of: path)
    }
    files = sums.count + 1
    let lines = sums.sorted { $0.key < $1.key }.map { "\($0.value.hex)  \($0.key)\n" }
    let wrong = SumsFile(Array(lines.joined().utf8)).finding(against: try source.read(SumsFile.path))
    // What is wrong with a file was said already, where its record says it too.
    findings += [wrong].compactMap(\.self).filter { finding in !findings.contains { $0.place == finding.place } }
    // What was added later no sum names: each file is named by its own, and the seal by its signatures.
    let known = Set(sums.keys).union([SumsFile.path]).union(isUnsealed ? try source.lateFiles : [])
    findings += try source.unknownFiles(besides: known, isRehearsal: isRehearsal)
  }

  /// Every file that a record names is one that ceremonies read or write; what is in `metadata/` is judged elsewhere.
  mutating func judgeProducts(_ script: Script) {
    let earlier = records.configuration?.after?.file
    let inputs = Set((script.files + [earlier].compactMap(\.self)).map { "inputs/\($0.name)" })
    for path in records.files.keys.sorted() {
      let isOf = { (folder: String) in path.hasPrefix(folder) }
      let isCard = isOf("cards/") && path.split(separator: "/").count == 3
      let isElsewhere =
        !script.isAnswer && (isOf("\(Delivered.folder)/") || isOf("pending/")) || isRequest(path, script)
      guard !["script.yaml", "REHEARSAL"].contains(path), !isElsewhere, !isOf("metadata/"),
        !isOf("\(VerifierFile.folder)/"), !isCard,
        !inputs.contains(path), path != script.baseline?.twinPath, path != script.pendingPath
      else {
        continue
      }
      findings.append(
        Finding(
          .fileUnknown, "No ceremony reads or writes \(path) by this script.",
          hint: "Treat the folder as changed; compare it with another copy.", place: path))
    }
    guard let earlier, records.files["inputs/\(earlier.name)"] != earlier.digest else { return }
    findings.append(
      Finding(
        .inputChanged, "The root of the ceremony before this one is not the one that the first record names.",
        hint: "Compare the folder with another copy.", place: "inputs/\(earlier.name)"))
  }

  /// Whether a ceremony writes such a file for somebody elsewhere.
  private func isRequest(_ path: String, _ script: Script) -> Bool {
    script.signedRoles.contains { role in
      records.asked(for: role.name, by: script).contains { Request.path(of: $0.id, role.name) == path }
    }
  }

  // MARK: - Metadata

  private mutating func judgeMetadata(
    _ script: Script, _ elsewhere: SignaturesElsewhere
  ) throws(Finding) -> (Root, NamedRoles, [FolderMetadata]) {
    var files: [FolderMetadata] = []
    for path in records.metadata { files.append(try FolderMetadata(path, records, source)) }
    for path in records.waiting { files.append(try FolderMetadata(path, records, source, isWaiting: true)) }
    if elsewhere.isPending != !records.waiting.isEmpty || records.waiting.count > 1 {
      throw Finding(
        .fileUnknown, "A root lies in pending/ exactly where a ceremony ended pending.",
        hint: "Treat the folder as changed; compare it with another copy.", place: "pending")
    }
    guard let place = files.firstIndex(where: { $0.role == "root" }), Set(files.map(\.role)).count == files.count else {
      throw Finding(
        .nothingToVerify, "The folder holds no root, or two files of one role.",
        hint: "Compare the folder with another copy.", place: "metadata")
    }
    let (root, oddities) = try Root.read(files[place].envelope.signed)
    // A kept key has the id that it had.
    files[place].refuse(oddities.filter { script.baseline?.root.keepsOddity($0) != true })
    var named = NamedRoles(root)
    // Whoever delegates comes before those to whom it does.
    for role in ["targets"] + script.delegatedRoles {
      guard let file = files.first(where: { $0.role == role }) else { continue }
      do throws(Finding) {
        if let delegations = try Targets.read(file.envelope.signed).targets.delegations { named.note(delegations) }
      } catch { throw error.at(file.path) }
    }
    for index in files.indices {
      guard let entry = named[files[index].role] else {
        files[index].refuse([.delegatedByNobody(files[index].role)])
        continue
      }
      files[index].judgeSignatures(
        entry, after: files[index].role == "root" ? script.baseline?.root : nil, records, elsewhere.of(files[index]),
        oneTime: script.oneTimeRoles.first { $0.name == files[index].role })
      files[index].judgeOrigin(entry, script, records)
    }
    findings += files.flatMap(\.findings)
    return (root, named, files)
  }
}

extension Script {
  /// Whether it has names that engine version 8 was the first to know.
  fileprivate var isOfBoards: Bool {
    goesOn?.orphanedTargets != nil || delegates
      || steps.contains { step in
        switch step.action {
        case .destroy, .preflight: true
        case .close: isSealedElsewhere
        default: false
        }
      }
  }
}

extension Finding {
  fileprivate static func delegatedByNobody(_ role: String) -> Finding {
    Finding(
      .delegationMissing, "Nothing in the folder delegates to \(shown(role)).",
      hint: "Do not use the file; find out who made it.")
  }

  package static func copyLost(_ record: Int64, _ why: String, _ place: String) -> Finding {
    Finding(
      .copyLost, .warning, "The second copy was lost at record \(record): \(why).",
      hint: "What is in the second copy ends there. Keep another copy of this folder.", place: place)
  }
}

extension FolderVerifier {
  package static func aborted(_ what: String) -> Finding {
    Finding(
      .aborted, "The ceremony was given up. \(what)",
      hint: "Do not use anything in this folder; reset the cards that the last screen lists.")
  }
}
