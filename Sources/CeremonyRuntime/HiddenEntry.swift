import CProcess
import CardOperations
import CeremonyReplay
import Glibc
import Keys
import Signals

/// Takes secrets and confirmations from a terminal without echo, straight into locked memory.
package final class HiddenEntry {
  private let input: Int32
  private let output: Int32
  private let silence: EchoSuppression
  private let isSecret: Bool
  /// Where everybody sees a stage, words are put on it.
  private let stage: Stage?

  /// From now on, and for as long as this lives, nothing that is typed is shown.
  ///
  /// - Parameters:
  ///   - input, output: descriptors of a terminal.
  ///   - isSecret: whether secrets are shown there, so that the screen is cleared however the program ends.
  package convenience init(input: Int32 = 0, output: Int32 = 2, isSecret: Bool = false) {
    self.init(input: input, output: output, isSecret: isSecret, stage: nil)
  }

  init(input: Int32, output: Int32, isSecret: Bool = false, stage: Stage?) {
    self.input = input
    self.output = output
    self.isSecret = isSecret
    self.stage = stage
    silence = EchoSuppression(input, isCleared: isSecret)
    // What a program left there that could not clear it any more.
    clear()
  }

  deinit { clear() }

  /// Shows something in place of what is there.
  func showApart(_ text: String) { put("\(Self.cleared)\(text)\n") }

  /// Takes it away again.
  func lookAway() { put("\(Self.cleared)Look at the other screen.\n") }

  /// Takes away what is shown, where nobody else may read it.
  func clear() { if isSecret { put(Self.cleared) } }

  /// Whether a person can type here.
  package var isTerminal: Bool { isatty(input) == 1 && isatty(output) == 1 }

  /// One line; asked for again where it is longer than 64 bytes, what a YubiKey types when it is touched by accident, or
  /// has the byte of a key in it that types no character: a card would count Ctrl-Z and a PIN as a wrong PIN.
  /// Nothing is asked on a stage that is too small to show the question.
  ///
  /// Throws ``Interruption``, and ``SecretError``.
  /// - Parameter help: what `?` says.
  package func line(_ question: String, help: String = "") throws -> Secret {
    let help =
      (help.isEmpty ? "" : "\(help) ") + "Nothing is shown while you type. Ctrl-C stops here; nothing is lost.\n"
    while true {
      try waitForRoom()
      _ = stage?.wasTooSmall()
      let typed = try readLine(after: "\(question): ")
      put("\n")
      if stage?.wasTooSmall() == true {
        put("The terminal was too small. What was typed is not kept.\n")
        continue
      }
      guard let typed else {
        put("That is too long. What was typed is not kept.\n")
        continue
      }
      if typed.isOneTimePassword {
        put("A YubiKey was touched and typed a one-time password. It was dropped.\n")
        continue
      }
      if typed.withBytes({ $0.contains { $0 < 0x20 || $0 == 0x7f } }) {
        put("A key that types no character is in it, such as Ctrl-Z or an arrow. What was typed is not kept.\n")
        continue
      }
      if typed.withBytes({ $0.elementsEqual([UInt8(ascii: "?")]) }) {
        put(help)
        continue
      }
      return typed
    }
  }

  /// Returns once the question can be seen.
  private func waitForRoom() throws {
    while stage?.isTooSmall == true {
      if let signal = Signals.arrived { throw Interruption(reason: signal) }
      var gone = pollfd(fd: input, events: 0, revents: 0)
      // POLLERR and POLLHUP are always told.
      if poll(&gone, 1, 200) > 0 { throw Interruption(reason: "end of input") }
    }
  }

  /// The PIN or PUK that a card has. Asked for again where no card can have it: a card would count it as a wrong one.
  package func presentCode(_ name: String) throws -> Secret {
    while true {
      let typed = try line(name, help: "The one that the card has: 6 to 8 characters. It is recorded nowhere.")
      if typed.mayBeCode { return typed }
      put("Not 6 to 8 letters, digits or signs. It was not sent to the card, and no try is lost.\n")
    }
  }

  /// A new PIN or PUK, typed twice: 6 to 8 digits. Asked for until both are such and the same.
  ///
  /// - Parameter other: the card's PUK where this is its PIN, and its PIN where this is its PUK, as far as it is known.
  package func newCode(_ name: String, unlike other: Secret? = nil) throws -> Secret {
    let help = "Choose 6 to 8 digits that nobody guesses, and type them twice. They are recorded nowhere."
    while true {
      let first = try line("New \(name), 6 to 8 digits", help: help)
      guard first.isCode, !first.isGuessable else {
        put(first.isCode ? "Everybody would guess it. Choose another one.\n" : "Not 6 to 8 digits.\n")
        continue
      }
      if let other, first.matches(other) {
        put("PIN and PUK of a card must differ: whoever sees one would have both. Choose another one.\n")
        continue
      }
      if first.matches(try line("The same again", help: help)) { return first }
      put("The two differ. Once more, from the beginning.\n")
    }
  }

  /// Shows a new PIN or PUK, and takes it away when its keeper says that it is written down.
  ///
  /// Enter alone says so: a YubiKey that is touched by accident types letters first.
  /// - Parameter remark: what to do with one that was written down before; nil where there was none.
  package func handOut(_ secret: Secret, as name: String, remark: String? = nil) throws {
    put("\(Self.cleared)\(remark.map { "\($0)\n\n" } ?? "")\(name)\n\n    ")
    // Whatever ends this, a signal or a lost terminal, nobody else reads it.
    defer { lookAway() }
    secret.withBytes { put($0) }
    var words = "\n\nWrite it down, compare, and press Enter alone. Then it disappears.\n"
    while try readLine(after: words)?.count != 0 { words = "Enter alone.\n" }
  }

  /// Empties the screen and what was scrolled out of it.
  private static let cleared = String(cString: process_cleared_screen)

  /// Whether exactly this was typed.
  package func confirms(_ question: String, by word: String) throws -> Bool {
    try line(question, help: "It goes on with exactly the word “\(word)”, and with nothing else.").matches(
      try Secret(copying: Array(word.utf8)))
  }

  func put(_ text: String) {
    guard stage?.write(text) != true else { return }
    Array(text.utf8).withUnsafeBytes { put($0) }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) {
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = write(output, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      written += count
    }
  }

  /// One line without echo; nil for more bytes than there is room for.
  ///
  /// What was typed before the question is thrown away; whoever has seen the question can type. Where the program was
  /// stopped meanwhile the question comes again, and what was typed is thrown away, too.
  ///
  /// - Parameter remind: called before the question comes again.
  func readLine(after question: String = "", atMost room: Int = 64, remind: () -> Void = {}) throws -> Secret? {
    silence.begin()
    put(question)
    return try readOn(question, room, remind)
  }

  /// Throws away what was typed and not read.
  func dropTyped() { silence.begin() }

  /// A line that was typed while nothing was asked, and is there.
  func readTyped() throws -> Secret? { try readOn("", 64) {} }

  /// Where a line that is typed while nothing is asked comes from; -1 while the terminal is the shell's.
  var awaited: Int32 { silence.isInBackground ? -1 : input }

  private func readOn(_ question: String, _ room: Int, _ remind: () -> Void) throws -> Secret? {
    var count = 0
    let whole = try Secret(count: room + 1) { memory in
      while true {
        if let signal = Signals.arrived { throw Interruption(reason: signal) }
        if silence.isBroken {
          silence.begin()
          put("\n")
          remind()
          silence.begin()
          put(question)
          count = 0
        }
        // A signal that comes just before the read would wait for the next key, and an echo is taken away only here.
        var waiting = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        guard silence.isInBackground || poll(&waiting, 1, 200) > 0 else { continue }
        // What is too long goes into the last byte, each over the one before.
        let place = UnsafeMutableRawBufferPointer(rebasing: memory[min(count, room)...])
        let got = read(input, place.baseAddress, 1)
        if got < 0, errno == EINTR { continue }
        guard got == 1, let byte = place.first else { throw Interruption(reason: "end of input") }
        if silence.isBroken { continue }
        if byte == 0x0a || byte == 0x0d { break }
        count += 1
      }
    }
    guard count <= room else { return nil }
    return try whole.withBytes { bytes in
      try Secret(count: count) { $0.copyBytes(from: UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
    }
  }
}

extension Secret {
  /// 44 letters of modhex, as an accidental touch types them.
  var isOneTimePassword: Bool {
    withBytes { $0.count == 44 && $0.allSatisfy { "cbdefghijklnrtuv".utf8.contains($0) } }
  }
}
