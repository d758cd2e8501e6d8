import Keys
import SmartCard
import Testing

@Suite struct TLVTests {
  @Test(
    arguments: [
      ("8000", 0x80, 0), ("7F4903020100", 0x7f49, 3), ("5FC10201AA", 0x5fc102, 1),
    ] as [(String, UInt32, Int)]
  )
  func readsAndWritesTheSame(hex: String, tag: UInt32, count: Int) throws {
    let bytes = try #require(Hex.decode(hex))
    let object = try TLV.parseOne(bytes)
    #expect(object.tag == tag)
    #expect(object.value.count == count)
    #expect(object.encoded == bytes)
  }

  @Test(arguments: [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000])
  func everyWidthOfLength(count: Int) throws {
    let object = TLV(0x53, [UInt8](repeating: 7, count: count))
    #expect(try TLV.parseOne(object.encoded) == object)
  }

  @Test(
    arguments: [
      ("", .truncated), ("80", .truncated), ("8001", .truncated), ("8081", .truncated),
      ("808200", .truncated),
      ("7F", .truncated), ("5FC1", .truncated), ("7F498400000001AA", .badLength), ("8080", .badLength),
      ("80FF", .badLength), ("5F800100", .badTag), ("5FC1C2C300", .badTag), ("80008100", .trailing),
      ("800000", .trailing),
    ] as [(String, TLVError)]
  )
  func refuses(hex: String, error: TLVError) throws {
    let bytes = try #require(Hex.decode(hex))
    #expect(throws: error) { try TLV.parseOne(bytes) }
  }

  /// Every string of two bytes, and every truncation and one-byte change of a real answer: an object or an error.
  @Test func nothingTraps() throws {
    for first in UInt8.min ... .max {
      for second in UInt8.min ... .max { _ = try? TLV.parse([first, second]) }
    }
    let answer = try #require(
      Hex.decode("7F4922862046480486EED71495CB54BCD6E6F6A9CC4B04DB6785E5B4A37E55BDB45A2E75D0AA")
    )
    for position in answer.indices {
      _ = try? TLV.parse(answer[..<position])
      for value in UInt8.min ... .max {
        var changed = answer
        changed[position] = value
        guard let objects = try? TLV.parse(changed) else { continue }
        #expect(try TLV.parse(objects.flatMap(\.encoded)) == objects)
      }
    }
  }

  @Test func aRepeatedTagHasNoValue() {
    #expect([TLV(0x80, [1]), TLV(0x81, [2])].value(of: 0x81) == [2])
    #expect([TLV(0x80, [1]), TLV(0x80, [2])].value(of: 0x80) == nil)
  }
}
