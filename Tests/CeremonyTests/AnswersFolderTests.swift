import CeremonyRuntime
import Findings
import FolderAudit
import Foundation
import Keys
import Testing

/// What lies in the folder for answers is read whole, or the ceremony says that something there was not read.
@Suite struct AnswersFolderTests {
  /// Runs with a folder in which one file can be read.
  private func with(_ body: (URL, AnswersFolder) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "answers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: path) }
    try Data("{}".utf8).write(to: path.appending(path: "good.json"))
    try body(path, AnswersFolder(path.path()))
  }

  private static func isRefused(_ folder: AnswersFolder) -> Bool {
    do throws(Finding) {
      _ = try folder.new(besides: [])
      return false
    } catch { return error.code == .answersFolder }
  }

  @Test func filesAreTakenOnce() throws {
    try with { path, folder in
      try Data("not an answer".utf8).write(to: path.appending(path: "notes.txt"))
      #expect(try folder.new(besides: []) == [Array("{}".utf8)])
      let digest = SHA256Digest(of: Array("{}".utf8)).hex
      #expect(try folder.new(besides: ["inputs/answers/\(digest).json"]) == [])
    }
  }

  @Test(arguments: ["folder", "link", "broken link", "pipe", "too large"])
  func whatCannotBeReadIsNotPassedOver(kind: String) throws {
    try with { path, folder in
      let bad = path.appending(path: "bad.tar")
      switch kind {
      case "folder": try FileManager.default.createDirectory(at: bad, withIntermediateDirectories: false)
      case "link":
        try FileManager.default.createSymbolicLink(at: bad, withDestinationURL: path.appending(path: "good.json"))
      case "broken link":
        try FileManager.default.createSymbolicLink(at: bad, withDestinationURL: path.appending(path: "gone"))
      case "pipe": #expect(mkfifo(bad.path(), 0o600) == 0)
      default: try Data(count: AnswerEvidence.largest + 1).write(to: bad)
      }
      #expect(Self.isRefused(folder))
      try FileManager.default.removeItem(at: bad)
      #expect(!Self.isRefused(folder))
    }
  }

  @Test func aFolderThatIsNotThereOrNotNamedIsRefused() {
    #expect(Self.isRefused(AnswersFolder(nil)))
    #expect(Self.isRefused(AnswersFolder("/nonexistent/answers")))
  }
}
