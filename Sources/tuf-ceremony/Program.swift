import ArgumentParser
import CProcess
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyRuntime
import Findings
import Glibc
import Invocation
import Keys
import PCSC
import PIV
import Products
import Readers
import Report
import Terminal

@main
struct Program: CommandFamily {
  static let configuration = CommandConfiguration(
    commandName: "tuf-ceremony",
    abstract: "Drives a scripted TUF key ceremony with PIV smartcards, offline and on the record.",
    discussion: """
      Exit codes:
        0   fine
        1   a violation: invalid, tampered, expired, malformed
        3   less than was asked for: a script for rehearsals only ('check'), signatures missing ('merge')
        4   aborted: given up, a signal, or the end of input
        5   a card or a reader failed
        64  usage
        66  a path named on the command line cannot be read
        70  internal error
        73  the output exists already or cannot be written

      '--version --format json' says which program this is as one object.

      Example: tuf-ceremony rehearse --out /tmp/first
      """,
    version: ProgramVersion.current,
    subcommands: [
      DraftCommand.self, CheckCommand.self, PreflightCommand.self, PrintCommand.self, RehearseCommand.self,
      RunCommand.self,
      ResumeCommand.self, RequestCommand.self, SignCommand.self, MergeCommand.self, SealCommand.self,
      CardCommand.self, ExplainCommand.self,
    ])

  static let firstSteps = [
    "Try first a whole ceremony, on cards in software. It needs nothing, and nothing in it is real:",
    "  tuf-ceremony rehearse --out /tmp/first",
    "Then look at what it made:",
    "  tuf-audit replay /tmp/first",
    "A script of your own:",
    "  tuf-ceremony draft genesis --out script.yaml",
  ]

  /// Before anything else: no secret of this process reaches a core file, or another program of the same user.
  static func main() {
    guard process_forbid_core_dumps() != 0 else {
      let refusal = Finding(
        .coreDumps, "Core dumps cannot be switched off here, so a secret could end up in a file.",
        hint: "Use another machine.")
      say("\(refusal)")
      exit(withError: ExitCode(refusal.code.exitStatus.rawValue))
    }
    // At a terminal the language's own crash handler would show registers and memory to the stream.
    for number in [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGQUIT] { signal(number, SIG_DFL) }
    invoke(engine: EngineVersion.current)
  }
}

/// Runs a command's work and turns what it throws into words on stderr and an exit code.
///
/// - Parameter goingOn: the command that goes on with what was interrupted.
func ending(goingOn: String? = nil, _ work: () throws -> ExitStatus) throws {
  let status: ExitStatus
  do {
    status = try work()
  } catch let finding as Finding {
    say("\(finding)")
    status = finding.code.exitStatus
  } catch let error as SecretError {
    say("\(error.finding)")
    status = error.finding.code.exitStatus
  } catch let interruption as Interruption {
    // Not on the row of the prompt.
    if isatty(1) == 1 { put("\n") }
    say("Stopped: \(interruption.reason). Every record so far is on the disk and replays.")
    if let goingOn { say("  → Go on: \(goingOn)") }
    status = .aborted
  } catch let exit as ExitCode {
    throw exit
  } catch {
    let fault = Finding(.internalError, "\(error)", hint: "Report this, with the transcript if there is one.")
    say("\(fault)")
    status = fault.code.exitStatus
  }
  guard status == .fine else { throw ExitCode(status.rawValue) }
}

/// The command that goes on with a ceremony, as a shell takes it.
func resumption(
  of folder: String, isUnattended: Bool = false, secretsTTY: String? = nil, mirror: String? = nil,
  answers: String? = nil, allowed: Allowance? = nil
) -> String {
  let isPlain = folder.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "+")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
  let quoted =
    isPlain
    ? folder : "'" + folder.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  return "tuf-ceremony resume \(quoted)" + (isUnattended ? " --unattended" : "")
    + (secretsTTY == nil ? "" : " --secrets-tty TTY") + (mirror == nil ? "" : " --mirror NEW-FOLDER")
    + (answers == nil ? "" : " --answers FOLDER")
    + (allowed?.codes ?? []).map { " --allow \($0)" }.joined()
}

/// A line for people, on stderr. What is of others in it is made safe to show; a terminal gets it broken between words.
func say(_ line: String) { _ = writeAll(2, Array(wrapped(printableLines(line), for: 2).utf8)) }

/// Lines for people on stdout, ending with a newline; a terminal gets them broken between words.
func tell(_ text: String) { put(text.hasSuffix("\n") ? wrapped(String(text.dropLast()), for: 1) : text) }

/// What a command puts out, on stdout, as it is.
func put(_ text: String) { _ = writeAll(1, Array(text.utf8)) }

/// The bytes of a file that stands on the command line. Throws `UNREADABLE`.
func named(_ path: String, atMost limit: Int) throws(Finding) -> [UInt8] {
  let bytes: [UInt8]?
  do { bytes = try FileContent.read(path, atMost: limit, place: path, followsLinks: true) } catch {
    throw Finding(.unreadablePath, error.what, hint: "Name a regular file.", place: path)
  }
  guard let bytes else {
    throw Finding(
      .unreadablePath, "\(path) cannot be read: it is not there, or not yours to read.", hint: "Check the name.",
      place: path)
  }
  return bytes
}

/// A products folder that stands on the command line. Throws `UNREADABLE`.
func namedFolder(_ path: String) throws(Finding) -> ProductsFolder {
  let folder = ProductsFolder(opening: path)
  do { _ = try folder.list(besides: ["annex"]) } catch {
    throw Finding(.unreadablePath, error.what, hint: "Name a products folder.", place: path)
  }
  return folder
}

/// The folder of a path; "" for the working folder.
func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "" }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
