import ArgumentParser
import Export
import Findings
import Keys
import MetadataFiles
import Products
import TUFMetadata
import UTC
import UntrustedFiles

/// What goes into a repository beside what a ceremony signed.
struct RepositoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Files for clients, for repository and tuf-on-ci: copied. For repository those that nothing else lists are listed in what online keys sign.",
      valueName: "folder"))
  var targets: String?

  @Option(
    name: .customLong("with"),
    help: ArgumentHelp(
      "Older roots, and metadata that was signed elsewhere, for repository and tuf-on-ci; for repository also the snapshot that clients have, so that the new one lists all that they know. May be repeated.",
      valueName: "file"))
  var others: [String] = []

  @Option(
    name: .customLong("online-key"),
    help: ArgumentHelp(
      "Sign with this private key, PKCS #8 in PEM, for repository; may be repeated.", valueName: "file"))
  var keys: [String] = []

  @Option(
    name: .customLong("online-version"),
    help: ArgumentHelp("The version of what online keys sign, for repository: 1 for a new one.", valueName: "number"))
  var version: Int64 = 1

  @Option(help: ArgumentHelp("Count days from this time, YYYY-MM-DDTHH:MM:SSZ, instead of now.", valueName: "time"))
  var at: UTCTime?

  /// Those of them that are for other services, too.
  var isFilesAlone: Bool { keys.isEmpty && version == 1 && at == nil }

  var isGiven: Bool { targets != nil || !others.isEmpty || !keys.isEmpty || version != 1 || at != nil }

  func validate() throws {
    guard version >= 1 else { throw ValidationError("--online-version takes a number from 1 on.") }
  }

  /// What the options name, as it was read.
  struct Named {
    var metadata: [ReturnedMetadata.File] = []
    var signers: [SigningKey] = []
    var files: [TargetFile] = []
    /// `FILE-REFUSED` for each path that is not there or cannot be read.
    var unreadable: [Finding] = []
  }

  /// Throws `ONLINE-KEY` for a file that holds no key, and `FILE-REFUSED` for anything but files and folders among the
  /// target files.
  func read() throws(Finding) -> Named {
    var named = Named()
    for path in others {
      guard let bytes = Self.content(path, &named) else { continue }
      named.metadata.append(ReturnedMetadata.File(path: path, bytes: bytes))
    }
    for path in keys {
      guard let bytes = Self.content(path, &named) else { continue }
      do throws(KeyError) { named.signers.append(try SigningKey(pem: String(decoding: bytes, as: UTF8.self))) } catch {
        throw Finding(
          .onlineKey, "This is no private key that signs here: \(error.finding.what)",
          hint: "Name one unencrypted PRIVATE KEY in PEM: Ed25519, P-256, P-384 or RSA.", place: path)
      }
    }
    guard let targets else { return named }
    let folder: UntrustedFolder
    do throws(FileRefusal) { folder = try UntrustedFolder(targets) } catch {
      named.unreadable.append(Self.unreadable(targets))
      return named
    }
    try walk(folder, "", targets, &named.files)
    named.files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    return named
  }

  private static func content(_ path: String, _ named: inout Named) -> [UInt8]? {
    guard let file = try? OpenFile.at(path, place: path, followsLinks: true),
      let bytes = try? file.content(atMost: FileReader.largest)
    else {
      named.unreadable.append(unreadable(path))
      return nil
    }
    return bytes
  }

  private static func unreadable(_ path: String) -> Finding {
    Finding(.fileRefused, "\(path) cannot be read.", hint: "Look whether it exists and who may read it.", place: path)
  }

  /// Every file below a folder, with its digest. Throws `FILE-REFUSED` for anything but files and folders.
  private func walk(
    _ folder: UntrustedFolder, _ prefix: String, _ top: String, _ found: inout [TargetFile]
  ) throws(Finding) {
    while let name = folder.next() {
      let path = prefix + (name.text ?? name.escaped)
      func refused(_ why: String) -> Finding {
        Finding(
          .fileRefused, "\(path) \(why).", hint: "Leave regular files and folders alone there.", place: "\(top)/\(path)"
        )
      }
      guard name.text != nil else { throw refused("has a name that is not UTF-8") }
      switch folder.kind(of: name) {
      case .folder:
        let inner: UntrustedFolder
        do throws(FileRefusal) { inner = try UntrustedFolder(name, in: folder) } catch {
          throw refused("cannot be read")
        }
        guard prefix.utf8.count < 4096 else { throw refused("lies too deep") }
        try walk(inner, path + "/", top, &found)
      case .file:
        guard let file = try OpenFile.at("\(top)/\(path)", place: "\(top)/\(path)") else {
          throw refused("cannot be opened")
        }
        found.append(TargetFile(path: path, length: Int64(file.size), sha256: try file.stream.digest()))
      case .other: throw refused("is neither a file nor a folder")
      }
    }
  }

  /// Writes a tree. Throws `CANNOT-CREATE`, and `FILE-REFUSED` for a target file that has changed meanwhile.
  func write(
    _ files: [(name: String, bytes: [UInt8])], copying copies: [(file: TargetFile, name: String)],
    to out: String
  ) throws(Finding) -> SHA256Digest {
    let tree = try NewTree(out)
    for (file, name) in copies {
      let place = "\(targets ?? "")/\(file.path)"
      guard let content = try OpenFile.at(place, place: place)?.stream,
        try tree.create(name, copying: content) == file.sha256
      else {
        throw Finding(
          .fileRefused, "A target file changed while it was copied.", hint: "Let nobody write there meanwhile.",
          place: place)
      }
    }
    for file in files { try tree.create(file.name, copying: FileStream(file.bytes)) }
    return try tree.finish()
  }
}
