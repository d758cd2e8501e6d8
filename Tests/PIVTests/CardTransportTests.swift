import Keys
import SmartCard
import Testing

@Suite struct CardTransportTests {
  private func command(_ count: Int) -> CommandAPDU {
    CommandAPDU(0x87, 0xe0, 0x9c, data: .plain([UInt8](repeating: 0x7a, count: count)))
  }

  @Test(arguments: [(255, [255]), (256, [255, 1]), (510, [255, 255]), (511, [255, 255, 1])])
  func chainsInBlocksOf255(count: Int, blocks: [Int]) throws {
    let channel = ScriptedChannel(blocks.map { _ in "9000" })
    #expect(try CardTransport(channel).send(command(count)).status == .success)
    let expected = blocks.enumerated().map { position, size in
      let isLast = position == blocks.count - 1
      return (isLast ? "00" : "10") + "87e09c" + Hex.encode([UInt8(size)])
        + String(repeating: "7a", count: size)
        + (isLast ? "00" : "")
    }
    #expect(channel.sent == expected)
  }

  @Test func aRefusedBlockEndsTheChain() throws {
    let channel = ScriptedChannel(["9000", "6700", "9000"])
    #expect(try CardTransport(channel).send(command(700)).status == .wrongLength)
    #expect(channel.sent.count == 2)
  }

  @Test func extendedLengthWhereOffered() throws {
    let channel = ScriptedChannel(["9000"])
    _ = try CardTransport(channel, extendedLength: true).send(command(300))
    #expect(channel.sent == ["0087e09c00012c" + String(repeating: "7a", count: 300) + "0000"])
  }

  @Test func collectsParts() throws {
    let channel = ScriptedChannel(["0102 6103", "030405 6100", "06 9000"])
    let answer = try CardTransport(channel).send(CommandAPDU(0xcb, 0x3f, 0xff))
    #expect(answer == ResponseAPDU(data: [1, 2, 3, 4, 5, 6], status: .success))
    #expect(channel.sent == ["00cb3fff00", "00c0000003", "00c0000000"])
  }

  @Test func asksAgainWithTheLengthNamed() throws {
    let channel = ScriptedChannel(["6C04", "00010001 9000"])
    #expect(try CardTransport(channel).send(CommandAPDU(0xf8, 0, 0)).data == [0, 1, 0, 1])
    #expect(channel.sent == ["00f8000000", "00f8000004"])
  }

  /// One real card answers 61xx for ever; another length each time would be no better.
  @Test(arguments: [["6100", "6100", "6100"], ["6C04", "6C04", "6C04"]])
  func neverForEver(answers: [String]) throws {
    let channel = ScriptedChannel(answers)
    let answer = try? CardTransport(channel).send(CommandAPDU(0xf8, 0, 0))
    #expect(answer?.status != .success)
    #expect(channel.sent.count == 2)
  }

  @Test func anEndlessAnswerIsCutOff() {
    let part = String(repeating: "AA", count: 256) + "6100"
    let channel = ScriptedChannel([String](repeating: part, count: 300))
    #expect(throws: CardFailure.garbled) { try CardTransport(channel).send(CommandAPDU(0xf8, 0, 0)) }
    #expect(channel.sent.count == 257)
  }

  /// A YubiKey's, one without capabilities, one cut off at each byte.
  @Test func answerToReset() throws {
    let yubikey = try #require(Hex.decode("3bfd1300008131fe158073c021c057597562694b657940"))
    #expect(ATR(yubikey).offersExtendedLength)
    #expect(!ATR([0x3b, 0x80, 0x01]).offersExtendedLength)
    #expect(!ATR([]).offersExtendedLength)
    for count in 0..<15 { #expect(!ATR(Array(yubikey.prefix(count))).offersExtendedLength) }
  }
}
