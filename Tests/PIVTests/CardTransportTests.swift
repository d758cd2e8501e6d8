import Keys
import PIV
import PIVTypes
import SmartCard
import Testing
import VirtualCard

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

  @Test func anAnswerOfOneByteAtATimeIsCutOff() {
    let channel = ScriptedChannel([String](repeating: "AA 6101", count: 2000))
    #expect(throws: CardFailure.garbled) { try CardTransport(channel).send(CommandAPDU(0xf8, 0, 0)) }
    #expect(channel.sent.count == 513)
    let card = VirtualCard(serial: 7)
    card.inject(.drip, at: 1)
    let session = PIVSession(channel: card, vault: TestVault())
    #expect(throws: PIVError.noAnswer(.garbled)) {
      try session.select()
      _ = try session.serial()
    }
    #expect(card.exchanges < 600)
  }

  @Test func anOverlongCommandIsCalledThat() throws {
    #expect(throws: CardFailure.tooLong) { try command(65_536).withEncoded { $0.count } }
  }

  /// Each failure has one word, and no other word is one.
  @Test func words() {
    let failures: [CardFailure] = [
      .removed, .notHeld, .shared, .reset, .mute, .communication, .readerGone, .daemonGone, .refused, .timeout,
      .noThread, .garbled, .tooLong, .secretUnavailable, .unknown(0), .unknown(0x8010_0001), .unknown(.max),
    ]
    #expect(Set(failures.map(\.word)).count == failures.count)
    for failure in failures { #expect(CardFailure(word: failure.word) == failure) }
    for word in ["", "interrupted", "unknown", "unknown-", "unknown-1", "unknown-8010000A", "unknown-+0100001"] {
      #expect(CardFailure(word: word) == nil, "\(word)")
    }
  }
}
