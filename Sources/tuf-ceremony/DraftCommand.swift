import ArgumentParser
import CeremonyRuntime
import CeremonyScript
import Findings
import Glibc
import Keys
import Products
import ScriptDraft
import UTC

struct DraftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draft",
    abstract: "Writes a complete, commented script, from options or asked one by one at a terminal.",
    discussion: "Example: tuf-ceremony draft genesis --out script.yaml",
    subcommands: [DraftGenesis.self, DraftRotation.self, DraftCollect.self])
}

/// What every draft takes.
struct DraftOptions: ParsableArguments {
  @Option(help: "The repository whose root is made, as people name it.")
  var repository: String?

  @Option(help: "What the ceremony is called, on screens and on paper.")
  var title: String?

  @Option(help: ArgumentHelp("Who sits at the keyboard.", valueName: "name"))
  var administrator: String?

  @Option(help: ArgumentHelp("Who watches, compares and confirms.", valueName: "name"))
  var witness: String?

  @Option(help: ArgumentHelp("How many keys must sign a root.", valueName: "number"))
  var threshold: Int?

  @Option(help: ArgumentHelp("When the root expires, such as 2027-12-01T00:00:00Z.", valueName: "time"))
  var expires: String?

  @Option(help: ArgumentHelp("The service's public key, in PEM.", valueName: "file"))
  var onlineKey: String?

  @Option(
    name: .customLong("online-key-uri"),
    help: ArgumentHelp("Where RSTUF finds the private half of that key, such as fn:service.", valueName: "uri"))
  var onlineKeyURI: String?

  @Option(
    name: .customLong("vendor-certificate"),
    help: ArgumentHelp("A maker's certificate in PEM, beside the script; may be repeated.", valueName: "file"))
  var vendors: [String] = []

  @Option(help: ArgumentHelp("The script to write; it must not exist.", valueName: "script"))
  var out: String

  func validate() throws {
    if let threshold, !(2...50).contains(threshold) {
      throw ValidationError("--threshold takes a number from 2 to 50: one root key must not decide alone.")
    }
    if let expires, UTCTime(expires) == nil {
      throw ValidationError("--expires takes a moment such as 2027-12-01T00:00:00Z")
    }
  }

  var vendorFiles: [PinnedFile] {
    get throws {
      try vendors.map { PinnedFile(name: try beside($0), digest: SHA256Digest(of: try named($0, atMost: 1 << 20))) }
    }
  }

  /// An Ed25519 key stands in the script itself; another one in a file beside it.
  var serviceKey: ServiceKey? {
    get throws {
      guard let onlineKey else { return nil }
      let bytes = try named(onlineKey, atMost: 1 << 20)
      let key: PublicKey
      do { key = try PublicKey(pem: String(decoding: bytes, as: UTF8.self)) } catch {
        throw Finding(
          .onlineKey, "This is no public key that TUF clients verify: \(error.finding.what)",
          hint: "Give a PUBLIC KEY in PEM: Ed25519, P-256, P-384 or RSA.", place: onlineKey)
      }
      if key.algorithm == .ed25519 { return ServiceKey(key, file: nil) }
      return ServiceKey(key, file: PinnedFile(name: try beside(onlineKey), digest: SHA256Digest(of: bytes)))
    }
  }

  /// The name of a file that lies where the script will.
  private func beside(_ path: String) throws(Finding) -> String {
    func real(_ path: String) -> UnsafeMutablePointer<CChar>? {
      let folder = folder(of: path)
      return realpath(folder.isEmpty ? "." : folder, nil)
    }
    let (there, here) = (real(path), real(out))
    defer {
      free(there)
      free(here)
    }
    guard let there, let here, strcmp(there, here) == 0 else {
      throw Finding(
        .fileRefused, "A script names files that lie beside it, and this one lies elsewhere.",
        hint: "Copy it into the folder in which the script will stand, and name the copy.", place: path)
    }
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  func write(_ draft: DraftedScript, notes: [String] = []) throws -> ExitStatus {
    try DraftFile(out).write(draft, notes: notes)
  }
}

/// Where a draft is written.
struct DraftFile {
  private let out: String

  init(_ out: String) { self.out = out }

  /// Writes a draft and what lies beside it, unless 'check' would refuse it. Nothing that exists is overwritten; what lies
  /// beside it may be there already.
  ///
  /// - Parameter notes: lines that say what was made, after its name.
  func write(_ draft: DraftedScript, notes: [String] = []) throws -> ExitStatus {
    var judged = draft.script
    judged.isOnVirtualCards = true
    let mistakes = Mode.allCases.flatMap { judged.lint($0, online: draft.online, at: SystemClock().read().at) }
      .filter { $0.severity == .error && !$0.isForRehearsalsOnly }
    var said: [Finding] = []
    for mistake in mistakes.map({ $0.inScript(out) }) where !said.contains(mistake) {
      said.append(mistake)
      say("\(mistake)")
    }
    guard mistakes.isEmpty else { return .violation }
    let folder = folder(of: out)
    let prefix = folder.isEmpty ? "" : folder.hasSuffix("/") ? folder : folder + "/"
    let missing = try draft.files.filter { file in
      let there = try? FileContent.read(prefix + file.name, atMost: 1 << 20, place: file.name)
      if there == file.bytes { return false }
      guard access(prefix + file.name, F_OK) != 0 else { throw Finding.otherFile(prefix + file.name) }
      return true
    }
    let script = try NewFile(out)
    try script.append(draft.bytes)
    for file in missing {
      let copy = try NewFile(prefix + file.name)
      try copy.append(file.bytes)
      try copy.finish()
    }
    try script.finish()
    tell(printable("written: \(out)") + "\n")
    for file in missing { tell(printable("written: \(prefix)\(file.name)") + "\n") }
    for note in notes { tell(printable(note) + "\n") }
    if let words = draft.script.suspectedQuorum { tell(printable(words) + "\n") }
    if !draft.open.isEmpty { tell("What people still have to fill in:\n") }
    for line in draft.open { tell(printable("  \(line)") + "\n") }
    tell(printable("Next: tuf-ceremony check \(out)") + "\n")
    return .fine
  }
}

extension Finding {
  fileprivate static func otherFile(_ path: String) -> Finding {
    Finding(
      .cannotCreate, "The script needs a file of this name, and another one is there. It was not touched.",
      hint: "Write the script into another folder, or move that file away.", place: path)
  }
}

/// Questions at a terminal, where somebody is there to answer.
enum Asking {
  static var isPossible: Bool { isatty(0) == 1 && isatty(1) == 1 }

  static func begin() { put("Enter leaves an answer open. Nothing is written before the last one.\n") }

  /// What was typed; nil for Enter, and for the end of input.
  static func line(_ question: String) -> String? {
    put("\(question): ")
    let typed = readLine() ?? ""
    return typed.allSatisfy(\.isWhitespace) ? nil : typed
  }

  /// Somebody's name; asked for again where it is, or looks like, one of those whose part it cannot be.
  static func name(_ question: String, besides others: [String?]) -> String? {
    while let typed = line(question) {
      guard let other = others.compactMap(\.self).first(where: { ScriptText.looksLike(typed, $0) }) else {
        return typed
      }
      tell("\(printable(other)) is named already, and this must be somebody else. Type another name.\n")
    }
    return nil
  }

  /// When the root expires; of a day alone its beginning.
  static func expiry() -> UTCTime? {
    value("When the root expires, such as 2027-12-01T00:00:00Z", "Type a day or a moment in UTC, in this form.") {
      UTCTime($0) ?? UTCTime("\($0)T00:00:00Z")
    }
  }

  /// An answer that cannot be is asked for again.
  ///
  /// - Parameter expected: what it has to be, as a sentence.
  static func value<Value>(_ question: String, _ expected: String, _ read: (String) -> Value?) -> Value? {
    while let typed = line(question) {
      if let value = read(typed) { return value }
      tell("That is none. \(expected)\n")
    }
    return nil
  }
}
