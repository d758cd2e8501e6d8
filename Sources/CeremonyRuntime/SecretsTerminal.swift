import CeremonyRecords
import Findings
import Glibc
import Products

/// A second terminal that is not streamed, where keyholders read and type what nobody else may see.
package enum SecretsTerminal {
  /// Where people's secrets come from: made and shown on a second terminal, or without one typed at the first.
  ///
  /// - Parameters:
  ///   - console: where they are typed without a second one.
  ///   - isResumed: whether the ceremony had begun before.
  package static func vault(
    _ path: String?, beside console: any Console, isResumed: Bool = false
  ) throws(Finding) -> TypedVault {
    guard let path else {
      return TypedVault((console as? TerminalConsole)?.entry ?? HiddenEntry(output: 1), isResumed: isResumed)
    }
    let vault = TypedVault(try open(path), origin: .made, isResumed: isResumed)
    // What people type in words is shown there, too, before it is recorded.
    (console as? TerminalConsole)?.apart = vault.apart
    return vault
  }

  /// Says in a rehearsal's folder that PIN and PUK stand on nobody's paper there: they were shown on a second terminal.
  static let mark = "virtual-cards/second-terminal"

  /// - Throws: what keeps the file from being written.
  static func marks(_ folder: ProductsFolder) throws {
    try folder.replace(
      mark, Array("PIN and PUK were shown on a second terminal. Go on with resume --secrets-tty TTY.\n".utf8))
  }

  /// - Throws: what keeps anybody from knowing it.
  static func isMarked(_ folder: ProductsFolder) throws(Finding) -> Bool { try folder.exists(mark) }

  /// Opens it for reading and writing. It does not become the terminal that sends signals.
  ///
  /// Throws `SECRETS-TERMINAL` for what is no terminal, and for the terminal of the ceremony under any of its names.
  package static func open(_ path: String) throws(Finding) -> HiddenEntry {
    let descriptor = Glibc.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0, isatty(descriptor) == 1, let device = device(of: descriptor) else {
      if descriptor >= 0 { close(descriptor) }
      throw Finding(
        .secretsTerminal, "\(path) is no terminal that this program may use.",
        hint: "Name the second terminal as the command tty prints it there, such as /dev/tty2.")
    }
    guard (0...2).allSatisfy({ self.device(of: $0) != device }) else {
      close(descriptor)
      throw Finding(
        .secretsTerminal, "\(path) is the terminal of the ceremony, which everybody sees.",
        hint: "Name another one, as the command tty prints it there, and keep it off the stream.")
    }
    return HiddenEntry(input: descriptor, output: descriptor, isSecret: true)
  }

  /// The device behind a terminal, also where it is reached as /dev/tty or /dev/console; nil for what is no terminal.
  private static func device(of descriptor: Int32) -> UInt32? {
    // TIOCGDEV, which is not imported.
    let request: UInt = 0x8004_5432
    var device: UInt32 = 0
    return ioctl(descriptor, request, &device) == 0 ? device : nil
  }
}
