import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Transcript
import UTC

/// Everything that stands on the page, as the template names it.
///
/// The template looks a name up in the innermost part first and then further out, so no name stands for two things.
struct Page {
  let style: String
  let policy: String
  let pageTitle: String
  let repository: String?
  let banners: [String]
  let headline: String
  let verdictClass: String
  let incidentTitle: String
  /// Exceptions, absences, interruptions and who left, a line each.
  let incidents: [String]
  let elsewhereTitle: String
  let elsewhere: [ElsewhereRow]
  /// Whether all that was recorded came out again.
  let comesOut: Bool
  let summary: [Row]
  let findings: [FindingRow]
  let proved: [String]
  let notProved: [String]
  let digests: [DigestRow]
  let cards: [CardRow]
  let commands: [CommandRow]
  /// From the root before to this one, in words.
  let changeLines: [String]
  let roots: [RootRow]
  let others: [MetadataRow]
  let departures: [DepartureRow]
  /// nil where the ceremony was not held again.
  let room: RoomPart?
  let steps: [StepRow]
  let annex: [AnnexFile]
  let maker: String

  struct Row {
    let name: String
    let value: String
  }

  struct FindingRow {
    let severity: String
    let code: String
    let place: String
    let what: String
    let hint: String

    init(_ finding: Finding) {
      severity = finding.severity.rawValue
      code = finding.code.description
      place = finding.place ?? "the whole folder"
      what = finding.what
      hint = finding.hint
    }
  }

  /// A digest in hex, in groups of eight, and in words.
  struct DigestRow {
    let label: String
    let hex: [String]
    let words: String

    init(_ label: String, _ digest: SHA256Digest) {
      self.label = label
      let letters = Array(digest.hex)
      hex = stride(from: 0, to: letters.count, by: 8).map { String(letters[$0..<min($0 + 8, letters.count)]) }
      words = digest.words.joined(separator: " ")
    }
  }

  /// What a reader compares with what is known from elsewhere.
  struct ElsewhereRow {
    let name: String
    let hex: [String]
    let value: String
    let words: String?

    init(_ known: KnownElsewhere) {
      let row = DigestRow(known.label, known.digest)
      (name, hex, value) = (known.label, row.hex, known.note)
      words = known.isReadAloud ? row.words : nil
    }
  }

  /// What a card was told to do that cannot be undone.
  struct CommandRow {
    let card: String
    let command: String
    let record: String
    let answer: String
  }

  init(
    verdict: ReplayVerdict, findings: [Finding], shown: ShownRecords, metadata: MetadataPart,
    annex: [AnnexFile], video: Video?
  ) {
    let content = shown.content
    style = String(decoding: PackageResources.report_css, as: UTF8.self)
    policy = PageTemplate.policy(style: style)
    pageTitle = verdict.facts?.title ?? "A ceremony whose script cannot be read"
    repository = verdict.facts?.repository
    banners = verdict.pageBanners
    headline = verdict.headline
    incidentTitle = verdict.incidentTitle
    incidents = verdict.incidentLines
    elsewhereTitle = KnownElsewhere.title
    elsewhere = verdict.knownElsewhere.map(ElsewhereRow.init)
    comesOut = verdict.isSound || verdict.isReexecuted && verdict.agrees
    verdictClass = verdict.isOwnAccount ? "verdict" : verdict.isSound ? "verdict sound" : "verdict unsound"
    self.findings = findings.map(FindingRow.init)
    proved = verdict.proved
    notProved = verdict.notProved
    var rows = Self.summary(verdict, content)
    if shown.isCut {
      rows.append(
        Row(
          name: "Shown here",
          value: "the first \(content.records.count) records; the others are in transcript.jsonl and sealing.jsonl"))
    }
    summary = rows
    digests = Self.digests(verdict, metadata)
    cards = (verdict.facts?.cards ?? []).map(CardRow.init)
    commands = verdict.cards.entries.map {
      CommandRow(
        card: $0.card, command: $0.what,
        record: "\($0.record)\($0.isSealing ? " (after the close)" : "")",
        answer: $0.answer == "9000" ? "done" : "refused: \($0.answer)")
    }
    changeLines = verdict.facts?.rotation?.changes ?? []
    roots = metadata.roots
    others = metadata.others
    departures = content.records.compactMap(DepartureRow.init)
    room = verdict.isReexecuted || verdict.isOwnAccount ? (verdict.facts?.room).map(RoomPart.init) : nil
    steps = StepRow.steps(content, video)
    self.annex = annex
    maker = "\(verdict.isOwnAccount ? "tuf-ceremony" : "tuf-audit") \(ProgramVersion.current)"
  }

  private static func summary(_ verdict: ReplayVerdict, _ content: TranscriptContent) -> [Row] {
    var rows: [Row] = []
    func add(_ name: String, _ value: String) { rows.append(Row(name: name, value: value)) }
    if let first = content.records.first, let last = content.records.last {
      add("Held", "\(first.at), for \(clock(last.mono / 1_000_000_000))")
    }
    let ending =
      switch verdict.outcome?.ending {
      case .complete: "complete"
      case .pending: "pending: a root waits for signatures"
      case .aborted: "ABORTED"
      case nil: verdict.agrees ? "not ended" : "not ended, or not as recorded"
      }
    add("Ended", ending)
    if let configuration = verdict.configuration {
      add(
        "Kind",
        configuration.isRehearsal ? "rehearsal\(configuration.isUnattended ? ", unattended" : "")" : "real ceremony")
      let isVirtual = configuration.cards == .virtual
      let count = verdict.facts?.keyCount(.virtual) ?? 0
      let software = count == 0 ? "" : "; \(counted(count, "key")) on virtual cards: software, not hardware"
      add("Cards", isVirtual ? "virtual cards: software, not hardware" : "in readers\(software)")
      add("Program", configuration.program.described)
      add("Host", configuration.host.map { "\($0.name): \($0.value)" }.joined(separator: ", "))
    }
    guard let facts = verdict.facts else { return rows }
    add("Administrator", actor("administrator", facts.administrator, facts.room))
    add("Witness", actor("witness", facts.witness, facts.room))
    if let rotation = facts.rotation {
      add("Goes on from", "root \(rotation.version), SHA-256 \(rotation.digest.hex)")
      if !rotation.unproven.isEmpty {
        add("Kept, and not proven to sign", rotation.unproven.joined(separator: ", "))
      }
    }
    for payload in facts.payloads {
      let signers = payload.signers.isEmpty ? "nobody" : payload.signers.joined(separator: ", ")
      if payload.role == "root", let rotation = facts.rotation {
        add("Signatures on root by keys of root \(rotation.version)", rotation.old.words)
        add("Signatures on root by its own keys", "\(rotation.new.words); signed by \(signers)")
      } else {
        add(
          "Signatures on \(payload.role)",
          "\(payload.signers.count) of \(payload.keyholders), threshold \(payload.threshold): \(signers)")
      }
    }
    if let seal = verdict.seal {
      let nobody = seal.isAwaited ? "UNSEALED" : "NOT SEALED"
      let sealers = facts.sealers.isEmpty ? nobody : facts.sealers.joined(separator: ", ")
      let officials = facts.officialSealers.isEmpty ? "" : "; and by \(facts.officialSealers.joined(separator: ", "))"
      add(
        "Transcript sealed by",
        "\(counted(seal.count, "root key")); the script asks for \(seal.needed), the root's threshold is "
          + "\(seal.threshold)\(seal.old.map { "; \(counted($0.count, "key")) of the root before, whose threshold is \($0.needed)" } ?? ""): "
          + "\(sealers)\(officials)")
    } else {
      add("Transcript sealed by", "nobody: it was not closed as complete")
    }
    add("Keys attested to be on hardware", attestation(facts))
    add("Exceptions", String(facts.exceptions))
    for wipe in facts.wipes {
      add(
        "Card of \(wipe.keyholder), whose key left",
        wipe.card.map { "\($0), wiped: \(wipe.words ?? "")" } ?? "NOT WIPED: the exceptions say why")
    }
    if !facts.retired.isEmpty { add("Cards that left the ceremony", facts.retired.joined(separator: ", ")) }
    for record in content.records {
      guard let exception = ExceptionRecord(fieldsOf: record), exception.code == Finding.Code.payloadWithdrawn.rawValue
      else { continue }
      add("WITHDRAWN", exception.what)
    }
    for dropped in facts.dropped {
      let signers = dropped.signers.isEmpty ? "nobody" : dropped.signers.joined(separator: ", ")
      add("Built and dropped: \(dropped.role) \(dropped.digest.hex.prefix(8))…", "signed by \(signers). \(dropped.why)")
    }
    return rows
  }

  /// Who acted: the script's official, and whoever stood in for them.
  private static func actor(_ id: String, _ name: String, _ room: RoomFacts) -> String {
    let substitutes = room.attendance.filter { $0.person.id == id }.compactMap(\.substitute)
    return ([name] + substitutes.map { AttendanceRow.whereabouts(.substitute, $0) }).joined(separator: "; ")
  }

  /// Only what a vendor vouches for whose root is built in counts as hardware.
  private static func attestation(_ facts: CeremonyFacts) -> String {
    let keys = facts.cards.flatMap(\.keys).count
    guard keys > 0 else { return "no key was made" }
    let others = facts.vendors.filter { $0.kind != .builtIn }.map { vendor in
      let count = facts.keyCount(vendor)
      return vendor.kind == .virtual
        ? "\(count) vouched for by the authority of virtual cards, a stand-in for a vendor: software, not hardware"
        : "\(count) vouched for by a vendor that the script alone names: \(vendor.name), SHA-256 \(vendor.digest.hex)"
    }
    return (["\(facts.keyCount(.builtIn)) of \(keys)"] + others).joined(separator: "; ")
  }

  private static func digests(_ verdict: ReplayVerdict, _ metadata: MetadataPart) -> [DigestRow] {
    var rows: [DigestRow] = []
    if let head = verdict.head {
      rows.append(
        DigestRow(
          verdict.isClosed ? "Head of the transcript" : "Last line of the transcript that was read", head))
    }
    if let final = verdict.finalHead {
      rows.append(DigestRow("Final head: the last line of what followed the close", final))
    }
    rows += metadata.files.map { DigestRow($0.path, $0.digest) }
    rows += (verdict.facts?.payloads ?? []).map {
      DigestRow("\($0.role), the signed part, \($0.bytes) bytes", $0.digest)
    }
    if let configuration = verdict.configuration {
      if let previous = configuration.after {
        rows.append(DigestRow("Head of the ceremony before this one", previous.head))
        rows.append(DigestRow("Newest root of the ceremony before this one", previous.root))
      }
      if configuration.after == nil, let rotation = verdict.facts?.rotation {
        if let head = rotation.head {
          rows.append(DigestRow("Head of the ceremony before this one, by the script", head))
        }
        rows.append(DigestRow("The root before this one, by the script", rotation.digest))
      }
      rows.append(DigestRow("script.yaml", configuration.script))
      if configuration.program.executable != .zero {
        rows.append(DigestRow("The program that ran", configuration.program.executable))
      }
    }
    return rows
  }

  /// `H:MM:SS`.
  static func clock(_ seconds: Int64) -> String {
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
    return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }
}

extension ReplayVerdict {
  /// What stands first on every page about the ceremony.
  var pageBanners: [String] { banners + (outcome == nil ? ["NOT COMPLETE"] : []) }
}
