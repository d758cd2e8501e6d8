import CeremonyScript
import Findings
import Keys
import TUFMetadata
import UntrustedFiles

/// A folder of target files beside a script. Every file in it is read twice, from its beginning to its end.
enum TargetFolder {
  /// 4 GiB.
  static let largest = 4 << 30
  /// More would be more than a payload holds.
  static let most = 5_000

  /// Every file below the folder, sorted by path. Throws `TARGET-FILE` for a folder that is missing or empty, for links and
  /// whatever else is no plain file, for a name that no path of a target may have, and for a file that is too large or that
  /// changes while it is read.
  static func files(in path: String) throws(Finding) -> [TargetFile] {
    var files: [TargetFile] = []
    let top: UntrustedFolder
    do throws(FileRefusal) { top = try UntrustedFolder(path) } catch {
      throw refused("the folder of target files cannot be listed", "Put it beside the script.")
    }
    try collect(top, path, "", depth: 0, &files)
    guard !files.isEmpty else {
      throw refused("there is no target file in it", "Put the files there, or leave “files” out.")
    }
    return files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private static func collect(
    _ folder: UntrustedFolder, _ path: String, _ prefix: String, depth: Int, _ files: inout [TargetFile]
  ) throws(Finding) {
    while let name = folder.next() {
      let shown = prefix + (name.text ?? name.escaped)
      guard files.count < most else { throw refused("it has more than \(most) files", "Delegate to several roles.") }
      guard let text = name.text, Script.mayBeTarget(prefix + text) else {
        throw refused(
          "“\(printable(shown))” cannot be the path of a target file",
          "Use letters, digits and . - _ + ~ @ : = , %; \(Script.longestTarget) characters at most."
        )
      }
      switch folder.kind(of: name) {
      case .file: files.append(try file("\(path)/\(text)", as: prefix + text))
      case .folder where depth < 7:
        let inner: UntrustedFolder
        do throws(FileRefusal) { inner = try UntrustedFolder(name, in: folder) } catch {
          throw refused("“\(shown)” cannot be listed", "Look who may read it.")
        }
        try collect(inner, "\(path)/\(text)", "\(prefix)\(text)/", depth: depth + 1, &files)
      case .folder: throw refused("“\(shown)” is a folder too deep down", "Eight levels are taken.")
      case .other: throw refused("“\(shown)” is a link, or no file", "Put the file itself there.")
      }
    }
  }

  private static func file(_ place: String, as path: String) throws(Finding) -> TargetFile {
    do throws(FileRefusal) {
      let first = try read(place)
      // Whoever writes to it meanwhile changes what is read, or the length.
      guard try UntrustedFile(place, followsLinks: false).size == Int(first.length), try read(place) == first else {
        throw FileRefusal.notRegular
      }
      return TargetFile(path: path, length: first.length, sha256: first.digest)
    } catch {
      switch error {
      case .tooLarge: throw refused("“\(path)” is larger than \(largest >> 30) GiB", "List it elsewhere.")
      case .notRegular: throw refused("“\(path)” changed while it was read", "Begin again once nobody writes to it.")
      case .unopened, .unread: throw refused("“\(path)” cannot be read", "Look who may read it.")
      }
    }
  }

  private struct Read: Equatable {
    let length: Int64
    let digest: SHA256Digest
  }

  private static func read(_ place: String) throws(FileRefusal) -> Read {
    let file = try UntrustedFile(place, followsLinks: false)
    guard file.size <= largest else { throw .tooLarge(file.size) }
    var hash = SHA256Stream()
    var offset = 0
    while true {
      let piece = try file.bytes(at: offset, 1 << 20)
      if piece.isEmpty { return Read(length: Int64(offset), digest: hash.digest) }
      offset += piece.count
      guard offset <= largest else { throw .tooLarge(offset) }
      hash.append(piece)
    }
  }

  private static func refused(_ what: String, _ hint: String) -> Finding {
    Finding(.targetFile, what + ".", hint: hint)
  }
}
