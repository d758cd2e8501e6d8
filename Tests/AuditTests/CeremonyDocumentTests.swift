import CanonicalJSON
import Foundation
import Judges
import Testing

/// What the commands on ceremonies say to machines, held against the schemas in Runbook/.
@Suite struct CeremonyDocumentTests {
  @Test(arguments: ["replay", "attest", "report", "export"])
  func everyEndingHasTheSameShape(command: String) throws {
    try ScratchFolder.with { scratch throws in
      let changed = scratch.appending(path: "changed")
      try FileManager.default.copyItem(at: GoldenCeremony.folder, to: changed)
      try Data("x".utf8).write(to: changed.appending(path: "metadata/1.root.json"))
      let archive = scratch.appending(path: "others.tar")
      try Data(repeating: 1, count: 2048).write(to: archive)
      let cases: [(URL, Int32)] = [
        (GoldenCeremony.folder, 0), (changed, 1), (archive, 1), (scratch.appending(path: "absent"), 66),
      ]
      for (number, (source, status)) in cases.enumerated() {
        let out = ["--out", scratch.appending(path: "out-\(number)").path()]
        let options =
          switch command {
          case "report": out + ["--format", "json"]
          case "export": out + ["--format", "bundle", "--rehearsal", "--json"]
          default: ["--format", "json"]
          }
        let run = try audit.run([command, source.path()] + options)
        #expect(run.status == status, "\(source.lastPathComponent)")
        let document = try JSONValue(parsing: Array(run.output.utf8))
        #expect(document["exit"] == .integer(Int64(status)))
        #expect(try [1, nil].contains(validate([run.output], command)), "\(source.lastPathComponent)")
      }
    }
  }
}
