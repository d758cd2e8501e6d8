import ArgumentParser
import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyRuntime
import CeremonyScript
import Findings
import Invocation
import Keys
import MetadataFiles
import Readers
import Signals

struct PreflightCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preflight",
    abstract: "Looks at this machine before a ceremony: network, radios, clock, memory, disks, readers, program.",
    discussion: """
      Each thing that is wrong, or cannot be read, is a finding with a code. It ends with 1 while there is one that counts: \
      all of them; with a SCRIPT that has “do: preflight”, those that it calls fatal. Nothing is changed, but for a trial \
      file where the folders will be. No network connection is opened.

      Example: tuf-ceremony preflight script.yaml --out /media/one/root --mirror /media/two/root --allow HOST-SWAP
      """)

  @Argument(help: "The script.")
  var script: String?

  @Option(help: "The products folder that the ceremony will make, on its disk.")
  var out: String?

  @Option(help: "The folder of the second copy, on its disk.")
  var mirror: String?

  @OptionGroup var allowance: Allowance

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The SHA-256 of this program's file, in hex or in words, from the release.", valueName: "sha256")
  )
  var expect: [String] = []

  @OptionGroup var output: OutputOptions

  @OptionGroup var timeout: CardTimeout

  func validate() throws { _ = try expected }

  private var expected: SHA256Digest? {
    get throws { expect.isEmpty ? nil : try SHA256Digest(spoken: expect, by: "--expect") }
  }

  func run() throws {
    try answering("preflight", output.format, nothing: ["points": .null, "fatal": .null, "allowed": .null]) {
      Signals.watch()
      let script = try script.map { try Script(named($0, atMost: 1 << 20)) }
      let record = HostRecord(
        try HostLook().points(
          script, output: out.map(existing), mirror: mirror.map(existing), expected: try expected,
          readers: {
            try PCSCCardSource(isUnattended: true, cardTimeout: timeout.seconds, note: { _ in }).atHand()
          }), allowed: allowance.codes)
      let fatal = script.flatMap(\.fatalOfHost) ?? Finding.OfHost.all.map(\.code)
      let stopping = record.stopping(fatal)
      let findings = record.findings.map { finding in
        stopping.contains(finding)
          ? Finding(finding.code, finding.what, hint: finding.hint, place: finding.place) : finding
      }
      return CommandAnswer(
        text: Self.text(record, stopping), json: Self.json(record, fatal), warnings: findings,
        status: stopping.isEmpty ? .fine : .violation)
    }
  }

  /// The folder itself where it is there, otherwise the one in which it will be made, whether that is there or not.
  private func existing(_ path: String) -> String {
    let bare = String(path.reversed().drop { $0 == "/" }.reversed())
    if PathKind(of: path) == .folder { return path }
    let above = folder(of: bare)
    return above.isEmpty ? "." : above
  }

  private static func text(_ record: HostRecord, _ stopping: [Finding]) -> String {
    let width = HostPoint.Subject.allCases.map(\.rawValue.columns).max() ?? 0
    let rows = record.points.map { "\($0.subject.rawValue.padded(to: width + 2))\($0.says)" }
    let open = record.findings.count - stopping.count
    let rest = open == 0 ? "" : " \(open) more \(open == 1 ? "is" : "are") allowed, or not fatal."
    let verdict =
      stopping.isEmpty
      ? "No ceremony stops here.\(rest)"
      : "A ceremony stops here: \(stopping.map(\.code.description).joined(separator: ", ")).\(rest)"
    return (rows + ["", verdict]).map { $0 + "\n" }.joined()
  }

  private static func json(_ record: HostRecord, _ fatal: [Finding.Code]) -> JSONObject {
    var json = record.json
    json["fatal"] = .array(fatal.map { .string($0.description) })
    return json
  }
}

/// What somebody accepts of the machine, on the command line.
struct Allowance: ParsableArguments {
  @Option(
    name: .customLong("allow"),
    help: ArgumentHelp(
      "The code of a finding about the machine at which the ceremony does not stop; may be repeated.",
      valueName: "code"),
    transform: { text in
      guard let known = Finding.OfHost.named(text.uppercased()) else {
        let near = nearest(text.uppercased(), among: Finding.OfHost.all.map(\.code.rawValue))
        throw ValidationError(
          "“\(text)” is no code of what can be wrong with the machine." + (near.map { " Did you mean \($0)?" } ?? ""))
      }
      return known.code
    })
  var codes: [Finding.Code] = []
}
