import Advice
import ArgumentParser
import CanonicalJSON
import CeremonyScript
import Findings
import Invocation
import MetadataFiles
import TUFMetadata
import UTC
import Watch

struct Advise: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what can end a root, until when the next one must be signed, and how far it can grow.",
    discussion: """
      Which lost keys end the root and who can block or sign alone; when the next root must be signed at the latest; \
      that clients drop metadata since online keys changed; which clients refuse the root; and how many more keys \
      this quorum's cards can list and sign. Nothing is verified here: see verify. Of several roots, advice is on the \
      newest. Exit 0 whenever advice was given.

      Example: tuf-audit advise metadata --signing-period 60
      """
  )

  @Argument(help: ArgumentHelp("Root metadata, or folders that hold it.", valueName: "path"))
  var paths: [String]

  @Option(help: ArgumentHelp("Advise at this time, YYYY-MM-DDTHH:MM:SSZ, instead of now.", valueName: "time"))
  var at: UTCTime?

  @Option(
    help: ArgumentHelp(
      "The cards that sign: yubikey-5.7 (the normal one), other, or the most bytes that their Ed25519 keys sign."))
  var model = CardModel.yubikey

  @Option(
    help: ArgumentHelp(
      "Signing begins so many days before the expiry; without it, what tuf-on-ci wrote into the root, or 90.",
      valueName: "days"))
  var signingPeriod: Int64?

  @OptionGroup var common: CommonOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let signingPeriod, !(0...SigningTime.mostDays).contains(signingPeriod) {
      throw ValidationError("--signing-period takes days, from 0 to \(SigningTime.mostDays). Example: 60")
    }
  }

  func run() throws {
    let named = NamedPaths(paths)
    let time = at ?? SystemClock.now
    let terms = AdviceTerms(time: time, signingDays: signingPeriod, messageLimit: model.messageLimit)
    var findings = named.findings
    var advice: [RootAdvice] = []
    var isRehearsal = false
    for repository in named.repositories {
      let roots = RepositoryRoots(repository)
      findings += roots.findings
      isRehearsal = isRehearsal || roots.documents.contains(where: \.root.isRehearsal)
      if let rehearsal = roots.documents.first(where: \.root.isRehearsal), !common.rehearsal {
        findings.append(
          Finding(
            .rehearsal,
            "This metadata was made in a rehearsal; it must never be published or trusted.",
            hint: "Give --rehearsal to look at it all the same.",
            place: rehearsal.place
          ))
      } else if let newest = roots.documents.last {
        advice.append(RootAdvice(on: newest, after: roots.documents.dropLast().map(\.root), terms))
      }
    }
    findings += ClockCheck.findings(at: time, isAsked: at != nil, newestExpiry: advice.map(\.signing.expires).max())
    if advice.isEmpty, findings.isEmpty, named.unreadable.isEmpty {
      findings.append(
        Finding(
          .nothingToVerify,
          "No root metadata was found, so there is no advice.",
          hint: "Name a folder that holds N.root.json files, or the files themselves."
        ))
    }
    findings += advice.flatMap(\.findings)
    let head =
      (isRehearsal ? "REHEARSAL: this metadata was made in a rehearsal.\n" : "")
      + (advice.isEmpty ? "" : "Advice at \(time). Nothing is verified here: see verify.\n\n")
    try Outcome(
      "advise",
      findings: findings,
      unreadable: named.unreadable,
      isStrict: common.strict,
      text: head + advice.map { $0.text + "\n" }.joined(),
      json: [
        "at": .string(time.description), "rehearsal": .bool(isRehearsal),
        "roots": .array(advice.map { .object($0.json) }),
      ]
    ).finish(output.format)
  }
}

/// The roots among the files of one repository, in the order of their versions.
private struct RepositoryRoots {
  private(set) var documents: [RootDocument] = []
  private(set) var findings: [Finding] = []

  /// What cannot be read becomes a finding. The same root under two names counts once; of two different ones with one
  /// version, nobody can say which is meant.
  init(_ repository: MetadataRepository) {
    for file in repository.files where file.name.topLevelRole == .root {
      do throws(Finding) {
        documents.append(try RootDocument(file.read().get(), place: file.path))
      } catch {
        findings.append(error.place == nil ? error.at(file.path) : error)
      }
    }
    documents.sort { ($0.root.version, $0.place) < ($1.root.version, $1.place) }
    var kept: [RootDocument] = []
    for document in documents {
      guard let last = kept.last, last.root.version == document.root.version else {
        kept.append(document)
        continue
      }
      guard last.signed != document.signed else { continue }
      findings.append(
        Finding(
          .versionConflict,
          "This file claims to be version \(document.root.version) of the root and differs from the other one.",
          hint: "Find out which of the two was published, and name that one alone.",
          place: document.place
        ))
    }
    documents = kept
  }
}

/// What a card signs with an Ed25519 key, as it is named on a command line.
struct CardModel: ExpressibleByArgument, Sendable {
  static let yubikey = CardModel(.yubikey57, named: "yubikey-5.7")

  let messageLimit: Int
  let defaultValueDescription: String

  private init(_ model: CardRules.Model, named name: String) {
    messageLimit = model.messageLimit
    defaultValueDescription = name
  }

  init?(argument: String) {
    if argument == Self.yubikey.defaultValueDescription {
      self = .yubikey
    } else if argument == "other" {
      self.init(.other(limit: CardRules.otherLimit), named: argument)
    } else if let bytes = Int(argument), (1...Horizon.largestLimit).contains(bytes) {
      self.init(.other(limit: bytes), named: argument)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] { ["yubikey-5.7", "other"] }
}
