import ArgumentParser
import CanonicalJSON
import CeremonyRecords
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Keys
import MetadataFiles
import Products
import Requests
import TUFMetadata
import UTC

struct RequestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "request", abstract: "Writes what a keyholder elsewhere is asked for.",
    discussion: """
      From the folder of a ceremony with somebody who signs elsewhere, whether it goes on or ended pending: the request \
      that it wrote for them. From a root that somebody else made and that waits for signatures: a request for these keys. \
      With --seal, from the folder of a ceremony that ended UNSEALED: a request for its transcript seal.

      Example: tuf-ceremony request ceremony-2 --for boris --out boris.json
      """)

  @Argument(help: "The folder of a ceremony, or a root that waits for signatures.")
  var source: String?

  @Option(help: "Asks for a key instead: the script of the ceremony that takes it in.")
  var enrol: String?

  @Flag(help: "With --enrol: for a rehearsal of that script.")
  var rehearsal = false

  @Flag(help: "Asks for the seal of a ceremony that ended UNSEALED.")
  var seal = false

  @Option(help: "The role whose metadata is to be signed.")
  var role = "root"

  @Option(name: .customLong("for"), help: "Who is asked: the id of a keyholder, or of a key in a foreign root.")
  var people: [String]

  @Option(help: "For a foreign root: the file of the root that clients have now. Without it version 1 is founded.")
  var trusted: String?

  @Option(help: "For a foreign root, and with --seal: until when an answer is of use, in UTC.")
  var deadline: String?

  @Option(help: "For a foreign root: the slot of the keys.")
  var slot = "9c"

  @Flag(help: "For a foreign root: a machine with a network is refused.")
  var offlineOnly = false

  @Option(help: "For a foreign root: the repository, as people name it.")
  var repository = "not said"

  @Option(help: "The file to write; it must not exist.")
  var out: String

  func validate() throws {
    if (source == nil) == (enrol == nil) {
      throw ValidationError("Name the folder of a ceremony or a root, or a script with --enrol: one of them.")
    }
    if seal, enrol != nil { throw ValidationError("Ask for a key with --enrol, or for a seal with --seal.") }
    if rehearsal, enrol == nil {
      throw ValidationError("A folder and a root say by themselves whether they are a rehearsal's.")
    }
    if role != "root" { throw ValidationError("Only a root is signed elsewhere: --role root") }
    if let deadline, UTCTime(deadline) == nil {
      throw ValidationError("--deadline takes a moment in UTC: --deadline 2027-12-01T00:00:00Z")
    }
  }

  func run() throws {
    try ending {
      let bytes: [UInt8]
      if let enrol {
        bytes = try ofScript(NamedScript(enrol)).bytes
      } else {
        let source = source ?? ""
        if case .folder = PathKind(of: source) {
          bytes = try seal ? ofUnsealed(source) : ofCeremony(source)
        } else if seal {
          throw Finding(
            .unreadablePath, "\(source) is no folder of a ceremony.", hint: "With --seal name the folder to be sealed.",
            place: source)
        } else {
          bytes = try ofForeignRoot(source).bytes
        }
      }
      let file = try NewFile(out)
      try file.append(bytes)
      _ = try file.finish()
      let (request, _) = try StandInCard.taken(from: bytes, place: out)
      put("request  \(out)\n         \(request.digest.hex)\n")
      switch request.kind {
      case .sign(let wanted): put("to sign  \(wanted.digest.hex)\n")
      case .seal(let wanted): put("to seal  \(wanted.digest.hex)\n")
      case .enrol: break
      }
      return .fine
    }
  }

  /// Asks for a key that the script has made elsewhere.
  private func ofScript(_ named: NamedScript) throws -> Request {
    guard people.count == 1, let person = people.first else {
      throw Finding(.requestKey, "A key is asked of one person at a time.", hint: "Name one: --for ID.")
    }
    let mode: Mode = rehearsal ? .rehearsal : .real
    let now = SystemClock().read().at
    let findings = try named.findings([mode], at: now).filter { $0.severity == .error && !$0.isForRehearsalsOnly }
    if let first = findings.first { throw first }
    return try named.script.enrolmentRequest(
      for: person, filesIn: named.scriptFolder, isRehearsal: rehearsal, at: now)
  }

  private func ofForeignRoot(_ source: String) throws(Finding) -> Request {
    var request = try ForeignRoot(named(source, atMost: Request.limit), place: source)
    request.repository = repository
    request.isOfflineOnly = offlineOnly
    request.deadline = deadline.flatMap { UTCTime($0) }
    return try request.request(
      trusted: trusted.map { path throws(Finding) in try named(path, atMost: Request.limit) },
      signers: people.map { ($0, nil) }, slot: slot, engine: Int64(EngineVersion.current))
  }

  /// Asks these people for the seal of a ceremony that ended without one; in a rehearsal on virtual cards together with the
  /// card of a single one.
  private func ofUnsealed(_ source: String) throws(Finding) -> [UInt8] {
    let folder = try namedFolder(source)
    let request = try UnsealedCeremony.named(folder, source).request(
      for: people, deadline: deadline.flatMap { UTCTime($0) })
    return RequestFile(request, in: folder).bytes
  }

  /// What the ceremony itself wrote; in a rehearsal on virtual cards together with the card.
  private func ofCeremony(_ source: String) throws(Finding) -> [UInt8] {
    let folder = try namedFolder(source)
    guard people.count == 1, let person = people.first else {
      throw Finding(
        .requestKey, "A ceremony writes a request for each of those who sign elsewhere.", hint: "Name one: --for ID.",
        place: source)
    }
    return try RequestFile(of: person, role, in: folder, place: source).bytes
  }
}
