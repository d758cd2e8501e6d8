import Keys
import Testing

@Suite struct PEMTests {
  static let one = "-----BEGIN X-----\nAAEC\n-----END X-----\n"

  @Test func `Lines have 64 characters`() throws {
    for count in [1, 47, 48, 49, 96, 300] {
      let bytes = [UInt8](repeating: 7, count: count)
      let text = PEM.encode("CERTIFICATE", bytes)
      let lines = text.split(separator: "\n").dropFirst().dropLast()
      #expect(lines.dropLast().allSatisfy { $0.utf8.count == 64 })
      #expect(lines.allSatisfy { $0.utf8.count <= 64 })
      #expect(text.hasSuffix("-----END CERTIFICATE-----\n"))
      let blocks = try PEM.decode(text)
      #expect(blocks.map(\.label) == ["CERTIFICATE"] && blocks.map(\.bytes) == [bytes])
    }
  }

  @Test(arguments: [one, String(one.dropLast()), one.replacing("\n", with: "\r\n"), "\n\n" + one + "\n"])
  func `Line ends and empty lines around a block do not matter`(text: String) throws {
    #expect(try PEM.decode(text).map(\.bytes) == [[0, 1, 2]])
  }

  @Test func `Blocks come in order`() throws {
    let text = Self.one + Self.one.replacing("X", with: "Y Z")
    #expect(try PEM.decode(text).map(\.label) == ["X", "Y Z"])
  }

  @Test(arguments: [
    ("", PEMError.Reason.empty, 1),
    ("\n\n", .empty, 3),
    ("hello\n" + one, .strayText, 1),
    (one + "hello", .strayText, 4),
    ("-----BEGIN -----\nAAEC\n-----END -----\n", .strayText, 1),
    ("-----BEGIN X----\n", .strayText, 1),
    ("-----BEGIN X-----\nAAEC\n-----END Y-----\n", .footer, 3),
    ("-----BEGIN X-----\n-----BEGIN X-----\n", .footer, 2),
    ("-----BEGIN X-----\nAAE\n-----END X-----\n", .base64, 3),
    ("-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAAEC\n-----END X-----\n", .base64, 5),
    ("-----BEGIN X-----\n-----END X-----\n", .base64, 2),
    ("-----BEGIN X-----\nAAEC\n", .unfinished, 3),
  ])
  func `Anything else is refused with its line`(text: String, reason: PEMError.Reason, line: Int) {
    do {
      _ = try PEM.decode(text)
      Issue.record("accepted")
    } catch {
      #expect(error.reason == reason && error.line == line)
    }
  }
}
