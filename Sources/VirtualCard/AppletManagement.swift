import Keys
import PIV
import PIVTypes
import SmartCard

extension VirtualCard {
  /// GENERAL AUTHENTICATE with reference 9B: mutual by a witness, or the host alone by a challenge
  /// (SP 800-73-4 part 2, appendix A.1).
  func authenticateManagement(_ request: Request) -> ResponseAPDU {
    let algorithm = memory.managementAlgorithm
    guard request.p1 == algorithm.rawValue else { return ResponseAPDU(status: profile.otherAlgorithm) }
    guard let template = try? TLV.parseOne(request.data), template.tag == 0x7c,
      let fields = try? template.children()
    else { return ResponseAPDU(status: .wrongData) }
    let (witness, challenge) = (session.witness, session.challenge)
    session.witness = nil
    session.challenge = nil

    switch (fields.value(of: 0x80), fields.value(of: 0x81), fields.value(of: 0x82)) {
    case ([]?, nil, nil):
      let drawn = memory.randomness.draw(algorithm.blockCount, for: "witness")
      session.witness = drawn
      return reply(0x80, encrypted(drawn))
    case (nil, []?, nil):
      let drawn = memory.randomness.draw(algorithm.blockCount, for: "challenge")
      session.challenge = drawn
      return reply(0x81, drawn)
    case (let answer?, let asked?, _) where asked.count == algorithm.blockCount:
      guard let witness, answer == witness else { return refuse() }
      session.isManagementAuthenticated = true
      return reply(0x82, encrypted(asked))
    case (nil, nil, let answer?):
      guard let challenge, answer == encrypted(challenge) else { return refuse() }
      session.isManagementAuthenticated = true
      return ResponseAPDU(status: .success)
    default:
      return ResponseAPDU(status: .wrongData)
    }
  }

  private func refuse() -> ResponseAPDU {
    session.isManagementAuthenticated = false
    return ResponseAPDU(status: .securityNotSatisfied)
  }

  private func reply(_ tag: UInt32, _ block: [UInt8]?) -> ResponseAPDU {
    guard let block else { return ResponseAPDU(status: .internalError) }
    return ResponseAPDU(data: TLV(0x7c, [TLV(tag, block)]).encoded, status: .success)
  }

  private func encrypted(_ block: [UInt8]) -> [UInt8]? {
    var block = block
    guard let key = try? Secret(copying: memory.managementKey) else { return nil }
    do { try memory.managementAlgorithm.encrypt(&block, key) } catch { return nil }
    return block
  }
}
