import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Products
import Testing

/// Custom fields of a root that others made, under whatever name: repeated, taken away, or refused by name.
@Suite struct InheritedFieldsTests {
  /// A field may have any name that a script can state. What clients read in different ways can be taken away.
  private static let fields: [(name: String, said: String?, code: String?)] = [
    ("x-\(String(repeating: "long-", count: 90))name", "7", nil), ("Any.Name_of-theirs", "7", nil),
    ("größe", "7", "NAME-CHARACTERS"), ("größe", "null", nil), ("two words, and a “quote\"\\”", "null", nil),
    ("größe", nil, "FIELD-UNSTATED"), ("Any.Name_of-theirs", nil, "FIELD-UNSTATED"),
  ]

  @Test(arguments: fields)
  func aFieldOfTheRootBefore(_ name: String, _ said: String?, _ code: String?) throws {
    let root = try ForeignRoot(.rstuf, more: [name: 7])
    let line = "fields: {\(CustomFields.written(name)): \(said ?? "")}\n"
    let room = Room(inMemory: true)
    let edit: (String) throws -> String = { script in
      script.replacing(/(?m)^fields: .*\n/, with: said == nil ? "" : line)
    }
    guard let code else {
      #expect(
        try root.rehearse(in: room, edit: edit).outcome == Outcome(ending: .complete, status: .fine, finding: nil))
      let made = try ForeignRoot(bytes: try room.folder.read("metadata/5.root.json")).signed
      #expect(made[name] == (said == "null" ? nil : 7))
      try SecondVerifier.expectAgreement([(name, try room.products())], holding: true, "with fields of others")
      return
    }
    let error = #expect(throws: Finding.self) { try root.rehearse(in: room, edit: edit) }
    #expect(error?.code.description == code)
    #expect(code != "FIELD-UNSTATED" || error?.hint.contains("\(CustomFields.written(name)): null") == true)
    #expect(!FileManager.default.fileExists(atPath: room.path))
  }

  /// A name that nobody can write down is refused before anything is created.
  @Test(arguments: ["x\u{202e}", "\u{0}", " ", "", "<<", String(repeating: "a", count: 501)])
  func aFieldThatNoScriptCanState(_ name: String) throws {
    let root = try ForeignRoot(.ours, more: [name: 7])
    let room = Room()
    let error = #expect(throws: Finding.self) {
      try root.rehearse(in: room) { $0.replacing(/(?m)^fields: .*\n/, with: "") }
    }
    #expect(error?.code == .baselineField && error?.place == root.fileName)
    #expect(!FileManager.default.fileExists(atPath: room.path))
  }
}
