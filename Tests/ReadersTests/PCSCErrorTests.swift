import Findings
import SmartCard
import Testing

@testable import PCSC

/// What pcscd answers, the word for it in a record, and the code that a person reads.
@Suite struct PCSCErrorTests {
  @Test(arguments: [
    (0x8010_0003, "daemon-gone", "PCSCD-GONE"), (0x8010_0013, "daemon-gone", "PCSCD-GONE"),
    (0x8010_001d, "daemon-gone", "PCSCD-GONE"), (0x8010_001e, "daemon-gone", "PCSCD-GONE"),
    (0x8010_006a, "refused", "PCSCD-REFUSED"), (0x8010_0009, "reader-gone", "READER-GONE"),
    (0x8010_0017, "reader-gone", "READER-GONE"), (0x8010_000c, "removed", "CARD-REMOVED"),
    (0x8010_0069, "removed", "CARD-REMOVED"), (0x8010_000b, "shared", "CARD-SHARED"),
    (0x8010_0068, "reset", "CARD-RESET"), (0x8010_0066, "mute", "CARD-MUTE"), (0x8010_0067, "mute", "CARD-MUTE"),
    (0x8010_0065, "mute", "CARD-MUTE"), (0x8010_000f, "mute", "CARD-MUTE"), (0x8010_000a, "timeout", "CARD-TIMEOUT"),
    (0x8010_0016, "communication", "CARD-COMMUNICATION"), (0x8010_0008, "too-long", "PAYLOAD-TOO-LARGE"),
    (0x8010_0001, "unknown-80100001", "READER-FAILED"), (0x8010_0014, "unknown-80100014", "READER-FAILED"),
    (7, "unknown-00000007", "READER-FAILED"),
  ])
  func everyAnswerHasItsWord(status: Int, word: String, code: String) {
    let error = PCSCError(status, reader: "Reader")
    #expect(error.failure.word == word)
    #expect(error.finding.code.description == code)
  }

  @Test(arguments: [
    (PCSCError.silent(reader: ""), "timeout"), (.timedOut(reader: ""), "timeout"), (.noThread, "no-thread"),
    (.mute(reader: ""), "mute"), (.communication(reader: ""), "communication"),
  ])
  func onlyAnElapsedLimitIsATimeout(error: PCSCError, word: String) { #expect(error.failure.word == word) }
}
