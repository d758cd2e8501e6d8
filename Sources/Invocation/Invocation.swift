import ArgumentParser
import CProcess
import Findings
import Glibc
import Terminal

/// A command that only names others: without one of them it did nothing of what its caller wanted, and says so.
package protocol CommandFamily: ParsableCommand {
  /// What somebody who knows nothing of the program tries first, a line each; empty where nothing comes first.
  static var firstSteps: [String] { get }
}

extension CommandFamily {
  package static var firstSteps: [String] { [] }

  package func run() throws { throw MissingCommand() }
}

struct MissingCommand: Error {}

extension ParsableCommand {
  /// Parses and runs what the program was started with, and ends it.
  ///
  /// The arguments are those that `main` got: Swift's own come from /proc, and where that is not mounted there are none,
  /// which must not pass for a call that asked for nothing.
  ///
  /// - Parameter engine: the version of the ceremony's engine, for `--version`.
  package static func invoke(engine: Int) -> Never {
    let arguments = (0..<process_argument_count()).compactMap { process_argument($0).map { String(cString: $0) } }
    var command: any ParsableCommand = Self()
    do {
      // A program that does not know its own name was told nothing at all.
      guard !arguments.isEmpty else { throw MissingCommand() }
      if let asked = try VersionRequest(Array(arguments.dropFirst())) {
        let words = VersionWords(program: configuration.commandName ?? "", engine: engine)
        write(asked == .json ? words.json : words.text, to: 1)
        Glibc.exit(ExitStatus.fine.rawValue)
      }
      command = try parseAsRoot(Array(arguments.dropFirst()))
      try command.run()
      Glibc.exit(ExitStatus.fine.rawValue)
    } catch is MissingCommand {
      let help = helpMessage(for: type(of: command))
      let first = (type(of: command) as? any CommandFamily.Type)?.firstSteps ?? []
      write(([help] + (first.isEmpty ? [] : [""]) + first).joined(separator: "\n"), to: 2)
      Glibc.exit(ExitStatus.usage.rawValue)
    } catch {
      let status = exitCode(for: error)
      let mistyped = status == .validationFailure ? Mistyped(Array(arguments.dropFirst()), of: Self.self) : nil
      write(mistyped?.words ?? fullMessage(for: error), to: status.isSuccess ? 1 : 2)
      Glibc.exit(status.rawValue)
    }
  }

  /// Arguments are repeated in what is said about them. A terminal gets it broken between words.
  private static func write(_ message: String, to descriptor: Int32) {
    guard !message.isEmpty else { return }
    var rest = Array(wrapped(printableLines(message), for: descriptor, continued: "").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
