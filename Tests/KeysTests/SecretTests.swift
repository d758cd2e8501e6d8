import Findings
import Foundation
import Keys
import Testing

struct Holder { let secret: Secret }

// Serialized: two of the tests look at the whole process. Other suites run beside them all the same.
@Suite(.serialized) struct SecretTests {
  @Test func `A secret holds what it was given and compares with its like`() throws {
    let secret = try Secret(copying: Array("123456".utf8))
    #expect(secret.withBytes { Array($0) } == Array("123456".utf8))
    #expect(secret.count == 6)
    #expect(secret.matches(try Secret(copying: Array("123456".utf8))))
    #expect(!secret.matches(try Secret(copying: Array("123457".utf8))))
    #expect(!secret.matches(try Secret(copying: Array("1234567".utf8))))
    #expect(try Secret(copying: []).matches(Secret(copying: [])))
  }

  @Test func `Random secrets differ`() throws {
    #expect(!(try Secret.random(count: 24).matches(Secret.random(count: 24))))
    #expect(try Secret.random(count: 0).count == 0)
  }

  @Test func `No way of printing shows the bytes or how many there are`() throws {
    let secret = try Secret(copying: Array("73519284".utf8))
    var printed = ["\(secret)", String(reflecting: secret), String(describing: Holder(secret: secret))]
    for thing in [secret, Holder(secret: secret), [secret]] as [Any] {
      var text = ""
      dump(thing, to: &text)
      printed.append(text)
    }
    for text in printed {
      for trace in ["73519284", "8", "55, 51", "0x", "37333531", "count"] { #expect(!text.contains(trace)) }
    }
    #expect(Mirror(reflecting: secret).children.isEmpty)
    #expect(!((secret as Any) is any Encodable))
    #expect(!((secret as Any) is any Equatable))
    #expect(!((secret as Any) is any CustomStringConvertible))
  }

  @Test func `The page is locked, read-only and left out of core dumps, and is gone with the secret`() throws {
    let isGone = try Self.isGone {
      let secret = try Secret.random(count: 32)
      return try secret.withBytes {
        let address = UInt(bitPattern: $0.baseAddress)
        let page = try #require(try Self.mapping(at: address))
        #expect(page.permissions == "r--p")
        #expect(page.flags.contains("lo"))
        #expect(page.flags.contains("dd"))
        #expect(try Self.mapping(at: address + 4096)?.permissions == "---p")
        return address
      }
    }
    #expect(isGone)
  }

  @Test func `A filler that throws leaves nothing behind`() throws {
    struct Refused: Error {}
    let isGone = try Self.isGone {
      var address: UInt = 0
      #expect(throws: Refused.self) {
        _ = try Secret(count: 32) {
          address = UInt(bitPattern: $0.baseAddress)
          throw Refused()
        }
      }
      #expect(address != 0)
      return address
    }
    #expect(isGone)
  }

  @Test func `A size that cannot be is refused`() {
    for count in [-1, .min, .max] {
      #expect(throws: SecretError.noLockedMemory) { try Secret(count: count) { _ in } }
    }
    #expect(SecretError.noLockedMemory.finding.code.description == "SECRET-MEMORY")
  }

  /// Whether the locked page at the address that `body` returns is gone. What stays, stays every time; what is gone may
  /// be given at once to a secret of another test, which runs beside this one.
  private static func isGone(_ body: () throws -> UInt) throws -> Bool {
    for _ in 0..<100 where try mapping(at: body())?.flags.contains("lo") != true { return true }
    return false
  }

  /// The mapping that holds an address, as the kernel tells it.
  private static func mapping(at address: UInt) throws -> (permissions: String, flags: [String])? {
    // In pieces: `Data(contentsOf:)` stops after the first read where a file claims to be empty.
    let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
    var bytes = Data()
    while let piece = try file.read(upToCount: 65_536), !piece.isEmpty { bytes += piece }
    let text = String(decoding: bytes, as: UTF8.self)
    var found: String?
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if let permissions = found {
        if words[0] == "VmFlags:" { return (permissions, Array(words.dropFirst())) }
        continue
      }
      let bounds = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      if bounds.count == 2, (bounds[0]..<bounds[1]).contains(address) { found = words[1] }
    }
    return nil
  }

  @Test(arguments: [
    ("12345678", "12345678", true), ("x12345678", "12345678", true), ("12345678x", "12345678", true),
    ("a12345678b", "12345678", true), ("1234567", "12345678", false), ("12345687", "12345678", false),
    ("1111111112", "11111112", true), ("", "1", false), ("1", "", false), ("", "", false),
  ])
  func oneInsideAnother(whole: String, part: String, isInside: Bool) throws {
    let whole = try Secret(copying: Array(whole.utf8))
    #expect(whole.contains(try Secret(copying: Array(part.utf8))) == isInside)
  }

  @Test(arguments: [("1234 5678", "12345678"), ("1-2-3--4 ", "1234"), ("abc", "abc"), ("- -", ""), ("", "")])
  func withoutWhatStandsBetweenDigits(typed: String, joined: String) throws {
    let secret = try Secret(copying: Array(typed.utf8)).withoutSeparators()
    #expect(secret.withBytes { Array($0) } == Array(joined.utf8))
  }
}
