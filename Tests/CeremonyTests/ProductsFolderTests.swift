import Findings
import Foundation
import Keys
import Products
import Testing

/// What a folder lists, and that nothing is written outside of it or over what is there.
@Suite struct ProductsFolderTests {
  /// The digest of an output is that of the file as it is read back; another file is no output.
  @Test func anOutputIsReadBack() throws {
    let room = Room()
    try FileManager.default.createDirectory(atPath: room.path, withIntermediateDirectories: false)
    let path = "\(room.path)/out"
    let file = try NewFile(path)
    try file.append([1, 2])
    try file.append([3])
    #expect(try file.finish() == SHA256Digest(of: [1, 2, 3]))
    let meddled: [() throws -> Void] = [
      { try #require(FileHandle(forWritingAtPath: path)).write(contentsOf: Data([9])) },
      { #expect(truncate(path, 1) == 0) },
      { #expect(unlink(path) == 0) },
      {
        #expect(unlink(path) == 0)
        try Data([9]).write(to: URL(filePath: path))
      },
    ]
    for meddle in meddled {
      try? FileManager.default.removeItem(atPath: path)
      let file = try NewFile(path)
      try file.append([1, 2, 3])
      try meddle()
      let finding = try #require(throws: Finding.self) { try file.finish() }
      #expect(finding.code == .cannotCreate)
    }
  }

  /// Each way of writing, with a link to elsewhere in place of a folder or of the file.
  @Test(arguments: ["link/file", "inner/link/file", "linked"]) func noLinkIsWrittenThrough(_ name: String) throws {
    let (room, outside) = (Room(), Room())
    let other = try ProductsFolder(creating: outside.path)
    try other.create("file", [1, 2, 3])
    let folder = try ProductsFolder(creating: room.path)
    try folder.create("inner/own", [])
    for (link, target) in [("link", ""), ("inner/link", ""), ("linked", "/file")] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(room.path)/\(link)", withDestinationPath: outside.path + target)
    }
    let works: [(String, () throws -> Void)] = [
      ("create", { try folder.create(name, [4]) }),
      ("append", { close(try folder.appending(name)) }),
      ("shorten", { try folder.shorten(name, by: 1) }),
    ]
    let inFolders: [(String, () throws -> Void)] = [
      ("create", { try folder.create(name + "-new", [4]) }),
      ("create below", { try folder.create(name + "/new/new", [4]) }),
      ("append", { close(try folder.appending(name + "-new")) }),
      ("replace", { try folder.replace(name, [4]) }),
      ("remove", { try folder.remove(name) }),
    ]
    for (what, work) in works + (name == "linked" ? [] : inFolders) {
      let refused = #expect(throws: Finding.self, "\(what)") { try work() }
      #expect(refused?.code == .cannotCreate)
    }
    #expect(try other.list().map(\.path) == ["file"])
    #expect(try other.read("file") == [1, 2, 3])
  }

  /// A program that ended after a file had its name and before the other one was gone leaves two names of one file.
  @Test func whatIsThereIsNeverWrittenOver() throws {
    let room = Room()
    let folder = try ProductsFolder(creating: room.path)
    try folder.create("file", [1, 2, 3])
    try FileManager.default.linkItem(atPath: "\(room.path)/file", toPath: "\(room.path)/file.partial")
    #expect(throws: Finding.self) { try folder.create("file", [4]) }
    #expect(throws: Finding.self) { try folder.appending("file", isNew: true) }
    #expect(try folder.read("file") == [1, 2, 3])
  }

  @Test func nobodyWaitsForAPipe() throws {
    let room = Room()
    let folder = try ProductsFolder(creating: room.path)
    #expect(mkfifo("\(room.path)/pipe", 0o600) == 0)
    #expect(throws: Finding.self) { try folder.appending("pipe") }
    #expect(throws: Finding.self) { try folder.shorten("pipe", by: 1) }
    #expect(throws: Finding.self) { try folder.read("pipe") }
  }

  /// Whatever cannot be read by its path is listed all the same, and is no regular file.
  @Test func everythingIsListed() throws {
    let room = Room()
    let folder = try ProductsFolder(creating: room.path)
    try folder.create("a/b/c/d/e/f/g/file", [])
    try FileManager.default.createDirectory(atPath: "\(room.path)/a/b/c/d/e/f/g/h", withIntermediateDirectories: false)
    let latin: [CChar] = Array(room.path.utf8.map(CChar.init(bitPattern:))) + [0x2f, 0x63, CChar(bitPattern: 0xe9), 0]
    #expect(symlink("/dev/null", latin) == 0)
    try Data().write(to: URL(filePath: "\(room.path)/a/\u{301}mark"))
    let listed = try folder.list()
    let regular = listed.filter(\.isRegular).map(\.path)
    #expect(regular == ["a/b/c/d/e/f/g/file", "a/\u{301}mark"] || regular == ["a/\u{301}mark", "a/b/c/d/e/f/g/file"])
    #expect(Set(listed.filter { !$0.isRegular }.map(\.path)) == ["a/b/c/d/e/f/g/h", "c\\xe9"])
    #expect(listed.filter { $0.isBelow("a") }.count == 3)
    #expect(try folder.folders().count == 8)
    #expect(folder.canBeListed && !ProductsFolder(opening: room.path + "/none").canBeListed)
  }
}
