import Keys
import SmartCard
import Testing

@Suite struct CommandAPDUTests {
  /// The four cases of ISO 7816-4 §5.1, short and extended.
  @Test(
    arguments: [
      (0, nil, "00a40400"), (0, 256, "00a4040000"), (0, 4, "00a4040004"), (2, nil, "00a4040002abab"),
      (2, 256, "00a4040002abab00"), (0, 65_536, "00a40400000000"), (2, 65_536, "00a40400000002abab0000"),
    ] as [(Int, Int?, String)]
  )
  func encodes(count: Int, le: Int?, expected: String) {
    let command = CommandAPDU(0xa4, 4, 0, data: .plain([UInt8](repeating: 0xab, count: count)), le: le)
    #expect(command.recorded == (expected, false))
  }

  @Test func extendedData() throws {
    let command = CommandAPDU(0x87, 0xe0, 0x9c, data: .plain([UInt8](repeating: 1, count: 300)), le: nil)
    #expect(try #require(command.encoded).starts(with: [0x00, 0x87, 0xe0, 0x9c, 0x00, 0x01, 0x2c, 0x01]))
    #expect(command.encoded?.count == 307)
  }

  @Test(arguments: ["123456", "98765432"])
  func aSecretLeavesItsHeaderAlone(pin: String) throws {
    let padded = Array(pin.utf8) + [UInt8](repeating: 0xff, count: 8 - pin.utf8.count)
    let command = CommandAPDU(0x20, 0, 0x80, data: .secret(count: 8) { try Secret(copying: padded) }, le: nil)
    #expect(command.encoded == nil)
    #expect(command.recorded == ("0020008008", true))
    #expect(try command.withEncoded { Array($0) } == [0x00, 0x20, 0x00, 0x80, 0x08] + padded)
  }

  @Test(arguments: [7, 9])
  func aSecretOfAnotherLengthIsNotSent(count: Int) {
    let data = CommandAPDU.Data.secret(count: 8) { try Secret(copying: [UInt8](repeating: 1, count: count)) }
    let command = CommandAPDU(0x20, 0, 0x80, data: data, le: nil)
    #expect(throws: CardFailure.secretUnavailable) { try command.withEncoded { Array($0) } }
  }
}
