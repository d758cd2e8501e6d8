import ArgumentParser
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Findings
import ScriptDraft
import UTC

struct DraftGenesis: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "genesis",
    abstract: "A first root on cards; one online key signs targets, snapshot and timestamp.",
    discussion: """
      What is not given is asked for at a terminal, where Enter leaves it open. Without a terminal, and for what was left \
      open, the script is marked, or takes a form that only 'rehearse' takes: 'check' then ends with 3 and lists it.

      Example: tuf-ceremony draft genesis --repository "Example" --keyholder Ada --keyholder Boris --keyholder Chandra \
      --threshold 2 --out script.yaml
      """)

  @Option(
    name: .customLong("keyholder"),
    help: ArgumentHelp("Somebody who owns a card; may be repeated, in the order in which they act.", valueName: "name"))
  var keyholders: [String] = []

  @Option(
    name: .customLong("elsewhere"),
    help: ArgumentHelp(
      "Which of the keyholders makes their key and signs at their own place, by name; may be repeated.",
      valueName: "name"))
  var elsewhere: [String] = []

  @Option(
    help: ArgumentHelp(
      "A ceremony that ended pending, and whose first root will not be finished. May be repeated.", valueName: "dir"))
  var withdraws: [String] = []

  @OptionGroup var options: DraftOptions

  func validate() throws {
    if keyholders.count == 1 {
      throw ValidationError("--keyholder: name at least two; one root key must not decide alone.")
    }
    if let stranger = elsewhere.first(where: { !keyholders.contains($0) }) {
      throw ValidationError("--elsewhere \(stranger): name somebody whom --keyholder names, too.")
    }
    if let threshold = options.threshold, !keyholders.isEmpty, threshold > keyholders.count {
      throw ValidationError("--threshold \(threshold) is more than the \(keyholders.count) keyholders who are named.")
    }
  }

  func run() throws {
    try ending {
      var draft = GenesisDraft()
      draft.repository = options.repository
      draft.title = options.title
      draft.administrator = options.administrator
      draft.witness = options.witness
      draft.keyholders = keyholders
      draft.elsewhere = elsewhere
      draft.nonces = try elsewhere.map { _ in try SystemEntropy().bytes(count: 16) }
      draft.withdrawn = try EarlierCeremony.open(in: withdraws, version: 1)
      draft.threshold = options.threshold
      draft.expires = options.expires.flatMap { UTCTime($0) }
      draft.serviceKeyURI = options.onlineKeyURI
      draft.serviceKey = try options.serviceKey
      draft.vendors = try options.vendorFiles
      if Asking.isPossible { ask(&draft) }
      do { return try options.write(try draft.drafted()) } catch let finding as Finding {
        throw finding.inScript(options.out)
      }
    }
  }

  /// What is still open, one by one.
  private func ask(_ draft: inout GenesisDraft) {
    Asking.begin()
    draft.repository = draft.repository ?? Asking.line("The repository, as people name it")
    draft.administrator = draft.administrator ?? Asking.line("Who sits at the keyboard")
    draft.witness = draft.witness ?? Asking.name("Who watches, compares and confirms", besides: [draft.administrator])
    if draft.keyholders.isEmpty {
      while let name = Asking.name(
        "Keyholder \(draft.keyholders.count + 1), or Enter where there are no more", besides: draft.keyholders)
      {
        draft.keyholders.append(name)
      }
    }
    let count = draft.keyholders.count
    if draft.threshold == nil, count > 1 {
      draft.threshold = Asking.value(
        "How many of the \(count) must sign, 2 to \(count)", "Type a number from 2 to \(count)."
      ) {
        Int($0).flatMap { (2...count).contains($0) ? $0 : nil }
      }
    }
    draft.expires = draft.expires ?? Asking.expiry()
  }
}
