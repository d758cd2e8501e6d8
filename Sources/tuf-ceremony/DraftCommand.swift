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
    subcommands: [DraftGenesis.self])
}

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

  @Option(help: "The repository whose root is made, as people name it.")
  var repository: String?

  @Option(help: "What the ceremony is called, on screens and on paper.")
  var title: String?

  @Option(help: ArgumentHelp("Who sits at the keyboard.", valueName: "name"))
  var administrator: String?

  @Option(help: ArgumentHelp("Who watches, compares and confirms.", valueName: "name"))
  var witness: String?

  @Option(
    name: .customLong("keyholder"),
    help: ArgumentHelp("Somebody who owns a card; may be repeated, in the order in which they act.", valueName: "name"))
  var keyholders: [String] = []

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
    if keyholders.count == 1 {
      throw ValidationError("--keyholder: name at least two; one root key must not decide alone.")
    }
    if let threshold, !keyholders.isEmpty, threshold > keyholders.count {
      throw ValidationError("--threshold \(threshold) is more than the \(keyholders.count) keyholders who are named.")
    }
  }

  func run() throws {
    try ending {
      var draft = GenesisDraft()
      draft.repository = repository
      draft.title = title
      draft.administrator = administrator
      draft.witness = witness
      draft.keyholders = keyholders
      draft.threshold = threshold
      draft.expires = expires.flatMap { UTCTime($0) }
      draft.serviceKeyURI = onlineKeyURI
      if let onlineKey { draft.serviceKey = try serviceKey(onlineKey) }
      draft.vendors = try vendors.map { PinnedFile(name: try beside($0), digest: SHA256Digest(of: try contents($0))) }
      if isatty(0) == 1, isatty(1) == 1 { ask(&draft) }
      let bytes: [UInt8]
      do throws(Finding) { bytes = try draft.bytes() } catch { throw error.inScript(out) }
      // What 'check' would refuse is not written.
      let script = try NamedScript(bytes, named: out, in: folder(of: out))
      let mistakes = try script.findings([.real, .rehearsal], at: SystemClock().read().at)
        .filter { $0.severity == .error && !$0.isForRehearsalsOnly }
      for mistake in mistakes { say("\(mistake)") }
      guard mistakes.isEmpty else { return .violation }
      let file = try NewFile(out)
      try file.append(bytes)
      _ = try file.finish()
      put(printable("written: \(out)") + "\n")
      if !draft.open.isEmpty { put("What people still have to fill in:\n") }
      for line in draft.open { put("  \(line)\n") }
      put(printable("Next: tuf-ceremony check \(out)") + "\n")
      return .fine
    }
  }

  private func contents(_ path: String) throws -> [UInt8] { try named(path, atMost: 1 << 20) }

  /// An Ed25519 key stands in the script itself; another one in a file beside it.
  private func serviceKey(_ path: String) throws -> GenesisDraft.ServiceKey {
    let bytes = try contents(path)
    let key: PublicKey
    do { key = try PublicKey(pem: String(decoding: bytes, as: UTF8.self)) } catch {
      throw Finding(
        .onlineKey, "This is no public key that TUF clients verify: \(error.finding.what)",
        hint: "Give a PUBLIC KEY in PEM: Ed25519, P-256, P-384 or RSA.", place: path)
    }
    if key.algorithm == .ed25519 { return .ed25519(key.bytes) }
    return .file(PinnedFile(name: try beside(path), digest: SHA256Digest(of: bytes)))
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

  // MARK: - Asking

  /// What is still open, one by one. An answer that cannot be is asked for again; Enter, or the end of input, leaves it open.
  private func ask(_ draft: inout GenesisDraft) {
    put("Enter leaves an answer open. Nothing is written before the last one.\n")
    func line(_ question: String) -> String? {
      put("\(question): ")
      let typed = readLine() ?? ""
      return typed.allSatisfy(\.isWhitespace) ? nil : typed
    }
    func value<Value>(_ question: String, _ read: (String) -> Value?) -> Value? {
      while let typed = line(question) {
        if let value = read(typed) { return value }
        put("That is none.\n")
      }
      return nil
    }
    draft.repository = draft.repository ?? line("The repository, as people name it")
    draft.administrator = draft.administrator ?? line("Who sits at the keyboard")
    draft.witness = draft.witness ?? line("Who watches, compares and confirms")
    if draft.keyholders.isEmpty {
      while let name = line("Keyholder \(draft.keyholders.count + 1), or Enter where there are no more") {
        draft.keyholders.append(name)
      }
    }
    let count = draft.keyholders.count
    if draft.threshold == nil, count > 1 {
      draft.threshold = value("How many of the \(count) must sign, 2 to \(count)") {
        Int($0).flatMap { (2...count).contains($0) ? $0 : nil }
      }
    }
    draft.expires = draft.expires ?? value("When the root expires, such as 2027-12-01T00:00:00Z") { UTCTime($0) }
  }
}
