import CanonicalJSON
import Findings
import Keys
import ThisProgram

/// A command line that asks for nothing but which program this is. Answered before the others are read: only here is the
/// program's own file hashed.
enum VersionRequest {
  case text
  case json

  /// nil for a command line that begins otherwise. Throws ``MissingCommand`` where it asks for more, or for another form.
  init?(_ arguments: [String]) throws(MissingCommand) {
    guard arguments.first == "--version" else { return nil }
    switch arguments {
    case ["--version"], ["--version", "--format", "text"]: self = .text
    case ["--version", "--format", "json"], ["--version", "--format=json"]: self = .json
    default: throw MissingCommand()
    }
  }
}

/// What a program says of itself. The first line begins with the version.
struct VersionWords {
  let program: String
  let engine: Int
  /// nil where the program's own file cannot be read.
  private let digest = try? ThisProgram.digest()

  var text: String {
    var rows = [ThisProgram.version]
    func add(_ name: String, _ value: String) {
      rows.append(name.padded(to: 11) + value)
    }
    add("commit", ThisProgram.commit ?? "not known: this is no release build")
    add("engine", String(engine))
    add("toolchain", ThisProgram.toolchain)
    add("sha256", digest?.hex ?? "not known: the program cannot read its own file; is /proc mounted?")
    for row in stride(from: 0, to: digest?.words.count ?? 0, by: 8) {
      add("", digest?.words[row..<row + 8].joined(separator: " ") ?? "")
    }
    return rows.joined(separator: "\n")
  }

  var json: String {
    let object: JSONObject = [
      "program": .string(program), "version": .string(ThisProgram.version),
      "commit": ThisProgram.commit.map { .string($0) } ?? .null, "engine": .integer(Int64(engine)),
      "toolchain": .string(ThisProgram.toolchain), "sha256": digest.map { .string($0.hex) } ?? .null,
      "words": .array((digest?.words ?? []).map { .string($0) }),
    ]
    return String(decoding: JSONValue.object(object).pretty().dropLast(), as: UTF8.self)
  }
}
