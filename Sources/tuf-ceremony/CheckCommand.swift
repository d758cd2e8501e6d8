import Advice
import ArgumentParser
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Findings
import Keys
import TUFMetadata
import UTC

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Reads and lints a script, prints its plan and the size of every payload a card will sign.",
    discussion: """
      It judges for 'run'. A script that only 'rehearse' takes ends with exit 3, FOR REHEARSALS ONLY, and a line for each \
      thing that makes it so.

      Example: tuf-ceremony check genesis.yaml
      """)

  @Argument(help: "The script.")
  var script: String

  @Option(help: "Judge expiries at this moment in UTC, such as 2027-01-31T12:00:00Z, instead of now.")
  var at: String?

  @Option(
    help: ArgumentHelp(
      "The products folder of the ceremony before this one: whether the script fits it, and who signed what is withdrawn.",
      valueName: "dir"))
  var after: String?

  @Flag(help: "Exit 1 for warnings too.")
  var strict = false

  func validate() throws {
    if let at, UTCTime(at) == nil { throw ValidationError("--at takes a moment such as 2027-01-31T12:00:00Z") }
  }

  func run() throws {
    try ending {
      let now = at.flatMap(UTCTime.init(_:)) ?? SystemClock().read().at
      var named = try NamedScript(script)
      if let after {
        do throws(Finding) { named.script = try named.script.following(EarlierCeremony(namedFolder(after))) } catch {
          throw error.inScript(script)
        }
      }
      let online = try named.onlineKeys()
      tell(
        printableLines(
          PlanText(named.script, named.script.payloadSizes(online: online, at: now)).text
            + advice(on: named.script, online, at: now)))

      let findings = try named.findings([.real, .rehearsal], at: now)
      let mistakes = findings.filter { !$0.isForRehearsalsOnly }
      let rehearsals = findings.filter(\.isForRehearsalsOnly)
      for finding in mistakes { say("\(finding)") }
      named.sayForRehearsalsOnly(rehearsals)
      if mistakes.contains(where: { $0.severity == .error || strict }) { return .violation }
      if let next = next(named.script) { tell("\(printable(next))\n") }
      return rehearsals.isEmpty ? .fine : .warning
    }
  }

  /// What to do with a script that can be held; nil for an answer, which is signed and not rehearsed.
  private func next(_ script: Script) -> String? {
    guard !script.isAnswer else { return nil }
    let before = after ?? (script.previous == nil && script.pending == nil ? nil : "FOLDER")
    return "Next: tuf-ceremony rehearse \(self.script)\(before.map { " --after \($0)" } ?? "") --out rehearsal-1"
  }
}

/// What `tuf-audit advise` says of a root, in short, for the one that the script will make.
private func advice(on script: Script, _ online: [String: PublicKey], at now: UTCTime) -> String {
  guard let (root, names) = script.expectedRoot(online: online, .real, at: now) else { return "" }
  let targets = script.offlineRole("targets").flatMap { $0.oneTime != nil || $0.isDiscarded ? $0 : nil }
  let advice = RootAdvice(
    on: RootDocument(root, place: "the root"), after: [script.baseline?.root].compactMap(\.self),
    names: KeyNames(names), without: targets == nil ? [] : [.targets],
    AdviceTerms(time: now, messageLimit: script.cards.model.messageLimit))
  let gone = targets.map {
    "targets: its keys are \($0.oneTime != nil ? "wiped" : "deleted") here, so nobody can sign it again before a new root names other keys."
  }
  return "\nAdvice on the root that this makes:\n"
    + ([script.suspectedQuorum].compactMap(\.self) + advice.short + [gone].compactMap(\.self)).map { "  \($0)\n" }
    .joined()
}

/// The plan as people read it before the day.
struct PlanText {
  private let script: Script
  private let sizes: [PayloadSize]

  init(_ script: Script, _ sizes: [PayloadSize]) {
    self.script = script
    self.sizes = sizes
  }

  var text: String {
    let plan = Plan(script)
    var rows = ["\(script.title) — \(script.repository)", ""]
    rows += script.offlineRoles.map(\.words) + script.officialRoles.map(\.words) + script.onlineRoles.map(\.words)
    if let pending = script.pending {
      let names = script.keyholders.filter { script.absentRule(of: $0.id) == .pending }.map(\.name)
      rows += ["", "It finishes the root that waits, \(pending.payload.hex)."]
      rows.append("It waits for: \(names.isEmpty ? "nobody any more" : names.joined(separator: ", ")).")
    } else if let baseline = script.baseline {
      rows += ["", "It goes on from version \(baseline.root.version), \(baseline.digest.hex)."]
      rows.append(
        "\(baseline.root[.root].threshold) of \(baseline.root[.root].keyIDs.count) keys of that version must sign, too."
      )
      rows += script.keptKeyholders.map { keyholder in
        let keys = script.keptRoles(of: keyholder.id).compactMap { script.keptKey(of: keyholder.id, $0)?.described }
        return "\(keyholder.name) \(script.leaver(keyholder.id).map { "leaves (\($0.reason.rawValue))" } ?? "stays"): "
          + keys.joined(separator: ", ")
      }
      rows += script.leaving.filter { script.keyholder($0.id) == nil }.map {
        "\($0.name ?? $0.id) leaves (\($0.reason.rawValue)): \(baseline.key($0.id)?.described ?? $0.id)"
      }
    }
    if !script.withdrawn.isEmpty { rows += [""] + script.withdrawnWords }
    rows.append("")
    let columns = plan.steps.map { [$0.id, $0.action.title, script.name(of: $0.who)] }
    let widths = (0..<3).map { place in (columns.map { $0[place].columns }.max() ?? 0) + 2 }
    for (step, cells) in zip(plan.steps, columns) {
      let number = String(step.number)
      let minutes = step.minutes > 0 ? "\(step.minutes) min" : ""
      let row = zip(cells, widths).map { $0.padded(to: $1) }.joined() + minutes
      rows.append("\("".padded(to: 4 - number.count))\(number)  \(row.trimmed)")
    }
    rows += ["", "\(plan.steps.count) steps, \(plan.minutes) minutes"]
    if !sizes.isEmpty { rows += ["", "Bytes that a card signs:"] }
    let longest = max(8, sizes.map(\.role.count).max() ?? 0)
    for size in sizes {
      let unlimited = script.offlineRole(size.role)?.oneTime == nil ? "a digest is signed" : "one-time keys sign it"
      let limit =
        size.limit.map { "of \($0)\(size.fits ? size.besides : ": TOO LARGE")" } ?? "(\(unlimited): no limit)"
      rows.append("  \(size.role.padded(to: longest + 2))\(size.mode.rawValue.padded(to: 12))\(size.bytes) \(limit)")
    }
    return rows.joined(separator: "\n") + "\n"
  }
}

extension String {
  /// Without spaces at its end.
  fileprivate var trimmed: Substring { prefix(count - reversed().prefix { $0 == " " }.count) }
}
