import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata

/// A root with targets on cards and one that goes on from it, with everything at once that a rotation can have: kept keys
/// of two roles, one that is unproven, somebody who leaves and somebody who joins, custom fields, and targets signed again.
enum RotationScripts {
  /// - Parameter algorithm: of all keys on cards.
  static func genesis(algorithm: String) -> String {
    let people = ["ada", "boris", "chandra", "edna"]
    return """
      ceremony: 2
      title: Genesis
      repository: Example repository
      administrator: Administrator
      witness: Witness
      fields: {x-example-note: one}
      keyholders:
        ada: {name: Ada, card: record, fields: {x-example-name: ada}}
        boris: {name: Boris, card: record}
        chandra: {name: Chandra, card: record}
        edna: {name: Edna, card: record}
      \(roles(of: people, algorithm))
      steps:
        - {id: attendance, do: attendance}
      \(people.map { "  - {id: card-\($0), do: provision, keyholder: \($0)}\n" }.joined())\
      \(steps(signing: people))
      """
  }

  /// - Parameters:
  ///   - root: the file that it goes on from, and the targets metadata that was signed with it.
  ///   - head: of the ceremony that made them.
  static func rotation(root: [UInt8], targets: [UInt8], head: SHA256Digest, algorithm: String) throws -> String {
    let signed = try Envelope(parsing: root, place: "root").signed
    func id(_ role: String, _ place: Int) -> String {
      String((signed["roles"]?[role]?["keyids"]?.array?[place].string ?? "").prefix(16))
    }
    func both(_ place: Int) -> String {
      "{root: \"\(id("root", place))\", targets: \"\(id("targets", place))\"}"
    }
    return """
      ceremony: 2
      title: Rotation
      repository: Example repository
      administrator: Administrator
      witness: Witness
      previous:
        root: {file: 1.root.json, sha256: \(SHA256Digest(of: root).hex)}
        metadata: [{file: 1.targets.json, sha256: \(SHA256Digest(of: targets).hex)}]
        head: \(head.hex)
      leaving:
        chandra: {reason: left}
      fields: {x-example-note: one}
      keyholders:
        ada: {name: Ada, card: record, key: \(both(0))}
        boris: {name: Boris, card: record, key: \(both(1))}
        chandra: {name: Chandra, card: record, key: "\(id("root", 2))"}
        dora: {name: Dora, card: record}
        edna: {name: Edna, card: record, key: "\(id("root", 3))", absent: keep}
      \(roles(of: ["ada", "boris", "dora", "edna"], algorithm))
      steps:
        - {id: attendance, do: attendance}
        - {id: prove-ada, do: prove, keyholder: ada}
        - {id: prove-boris, do: prove, keyholder: boris}
        - {id: card-dora, do: provision, keyholder: dora}
      \(steps(signing: ["ada", "boris", "chandra", "dora"]))
      """
  }

  private static func roles(of people: [String], _ algorithm: String) -> String {
    let own = "algorithm: \(algorithm), expires: {days: 7}"
    return """
      roles:
        root: {threshold: 2, keyholders: [\(people.joined(separator: ", "))], \(own), fields: {x-example-role: 1}}
        targets: {threshold: 2, keyholders: [ada, boris], \(own)}
        snapshot: {threshold: 1, keys: [service]}
        timestamp: {threshold: 1, keys: [service]}
      online-keys:
        service: {ed25519: 3f3aba7404fe16be2a9bcffcc5fff0bb9c37d49ad72ed147ca0397c32cdabef5}
      """
  }

  private static func steps(signing people: [String]) -> String {
    var steps: [String] = []
    for (role, signers) in [("root", people), ("targets", ["ada", "boris"])] {
      steps += ["build", "show"].map { "{id: \($0)-\(role), do: \($0), role: \(role)}" }
      steps += signers.map { "{id: sign-\(role)-\($0), do: sign, role: \(role), keyholder: \($0)}" }
      steps += ["verify", "write"].map { "{id: \($0)-\(role), do: \($0), role: \(role)}" }
    }
    return (steps + ["{id: close, do: close}"]).map { "  - \($0)\n" }.joined()
  }

  /// The same with cards for administrator and witness, who sign their initials.
  static func withOfficialCards(_ script: String) throws -> String {
    try script
      .editing(
        "administrator: Administrator\n", with: "administrator: {name: Administrator, initials: AD, card: record}\n"
      )
      .editing("witness: Witness\n", with: "witness: {name: Witness, initials: WI, card: record}\n")
      .editing(
        "  - {id: card-dora, do: provision, keyholder: dora}\n",
        with: """
            - {id: card-administrator, do: provision, keyholder: administrator}
            - {id: card-witness, do: provision, keyholder: witness}
            - {id: card-dora, do: provision, keyholder: dora, initials: both}

          """)
  }

  /// Both ceremonies, held: the room of the second, beside the first that it went on from. Where that one was interrupted,
  /// it is resumed.
  static func hold(
    algorithm: String = "ed25519", edit: (String) throws -> String = { $0 },
    prepare: (Room) -> Void = { _ in }
  ) throws -> (first: Room, second: Room) {
    let first = Room()
    let genesis = Array(genesis(algorithm: algorithm).utf8)
    _ = try LiveCeremony(
      LiveCeremony.Options(
        script: genesis, scriptFolder: "", out: first.path, isUnattended: true, seed: 1,
        programVersion: ProgramVersion.current), console: first.console
    ).run()
    let scripts = FileManager.default.temporaryDirectory.appending(path: "scripts-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scripts) }
    try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true)
    let (root, targets) = try (
      first.folder.read("metadata/1.root.json"), first.folder.read("metadata/1.targets.json")
    )
    try Data(root).write(to: scripts.appending(path: "1.root.json"))
    try Data(targets).write(to: scripts.appending(path: "1.targets.json"))
    let head = first.replay().head ?? .zero
    let script = try edit(try rotation(root: root, targets: targets, head: head, algorithm: algorithm))
    let second = Room()
    prepare(second)
    do {
      _ = try LiveCeremony(
        LiveCeremony.Options(
          script: Array(script.utf8), scriptFolder: scripts.path(), out: second.path, isUnattended: true, seed: 2,
          programVersion: ProgramVersion.current, after: first.path), console: second.console
      ).run()
    } catch is Interruption {
      second.console.answer = { $0.prompt?.unattended }
      _ = try Resumption(second.path, console: second.console, isUnattended: true).run()
    }
    return (first, second)
  }
}
