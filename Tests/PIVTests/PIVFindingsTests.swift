import Findings
import PIV
import PIVTypes
import SmartCard
import Testing

@Suite struct PIVFindingsTests {
  private static let all: [PIVError] = [
    .noAnswer(.removed), .noAnswer(.shared), .noAnswer(.reset), .noAnswer(.readerGone),
    .noAnswer(.daemonGone),
    .noAnswer(.timeout), .noAnswer(.garbled), .notPIV(.notFound), .wrongPIN(triesLeft: 2), .pinBlocked,
    .wrongPUK(triesLeft: 2), .pukBlocked, .pinNotVerified, .newValueRefused(.wrongData), .notTouched,
    .managementKeyWrong, .managementProofWrong, .managementAlgorithmWrong(.tdea), .managementNotAuthenticated,
    .noKey(.signature), .otherAlgorithm(.signature, .ed25519), .algorithmNotSupported(.ed25519, .signature),
    .messageTooLong(bytes: 3044), .resetNotAllowed, .attestationKeyKept, .full, .notSupported(.attest),
    .refused(.sign, .internalError), .secretUnavailable,
  ]

  @Test func eachHasItsOwnCodeAndAHint() {
    let findings = Self.all.map(\.finding)
    #expect(Set(findings.map(\.code)).count == Self.all.count)
    #expect(findings.allSatisfy { !$0.hint.isEmpty && $0.severity == .error })
    #expect(PIVError.malformed(.sign).finding.code == PIVError.noAnswer(.garbled).finding.code)
  }

  /// What people read on the stream.
  @Test func words() {
    #expect(
      PIVError.wrongPIN(triesLeft: 1).finding.description == """
        error PIN-WRONG: The PIN is wrong. 1 try is left.
          → Stop and look for the right PIN: another wrong one blocks it.
        """
    )
    #expect(
      PIVError.notTouched.finding.description == """
        error TOUCH-MISSING: Nobody touched the card in time. This is not a wrong PIN.
          → Type the PIN again, and touch the card when it blinks.
        """
    )
    #expect(
      PIVError.messageTooLong(bytes: 3295).finding.description == """
        error PAYLOAD-TOO-LARGE: A payload of 3295 bytes does not fit this card.
          → Use fewer keys, or ecdsa-p256, which signs a digest.
        """
    )
  }
}
