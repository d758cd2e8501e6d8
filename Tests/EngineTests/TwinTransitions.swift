import CardOperations
import Findings
import PIV
import PIVTypes
import Testing

@testable import CeremonyEngine

/// What the engine makes of events while the twin of a real root is made.
@Suite struct TwinTransitions {
  /// A card is set up and makes a stand-in; Ada's makes two, and is set up once.
  private static let standIns = TransitionTable(
    Films.twin,
    """
    twin/baa2f8d3 card identify
      ok -> ? Bind the card of Ada [20000001 differs]
      fails removed -> release; finding CARD-REMOVED; ? CARD-REMOVED [retry]
    twin/baa2f8d3 card change-puk
      ok -> show A new PIN for the card of Ada; make ada/pin
      fails timeout > type retry -> exception 1 CARD-TIMEOUT; show Insert the card of Ada (serial 20000001); await ada
        20000001
    twin/baa2f8d3 card generate 9c
      ok -> show The stand-in for the key of Ada; release; @twin/40ca33be; show Insert the card of Ada (serial 20000001);
        await ada 20000001
      card key of 31 bytes -> finding CARD-ANSWER-MALFORMED; release; ? CARD-ANSWER-MALFORMED [retry]
      card key of small order -> finding CARD-ANSWER-MALFORMED; release; ? CARD-ANSWER-MALFORMED [retry]
      fails timeout > type retry > ok > ok -> card inspect
    twin/40ca33be card identify
      ok -> show A stand-in for the key of Ada; card generate 9a
    twin/40ca33be card generate 9a
      card the key that Ada's card made -> show The stand-in for the key of Ada; release; @twin/311769fc; show Insert the
        card of Boris (serial 30000002); await boris 30000002
    """)

  /// The twin is built, signed and written.
  private static let signing = TransitionTable(
    Films.twin,
    """
    twin/53cd4683 card generate 9c
      ok -> show The stand-in for the key of Chandra; release; @twin/build; record twin; payload twin; show The twin of
        root 1; @twin-sign/baa2f8d3; show Insert the card of Ada (serial 20000001); await ada 20000001
    twin-sign/baa2f8d3 ask
      type sign -> enter ada/pin
    twin-sign/baa2f8d3 card sign 9c
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry]
      fails PIN blocked -> finding PIN-BLOCKED; release; ? PIN-BLOCKED [retry unblock]
    twin-sign/311769fc card sign 9c
      ok -> signature twin boris; show Boris has signed the twin of the real root; release; @twin/write; create
        twin/1.root.json; show Written: twin/1.root.json; @prove-ada/recognize; show Insert the card of Ada (serial
        20000001); await ada 20000001
    """)

  static let rows = [standIns, signing].flatMap(\.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }

  /// A card with a key of the real root is changed by no rehearsal, also where it was given up to it.
  @Test func aRealCardIsLeftAsItIs() throws {
    var moment = try Films.twinWithRealCards.get()
    moment.driver.take(.begun)
    while moment.driver.codes.isEmpty { try moment.goOn() }
    #expect(moment.driver.codes == ["CARD-HOLDS-ROOT-KEY"])
    #expect(moment.driver.step.hasPrefix("twin/"))
  }

  /// Nor is it later, when the rehearsal goes on from the twin: the real root is not forgotten.
  @Test func theRealRootIsNotForgotten() throws {
    var moment = try #require(try Films.unmarked.get()["card-ada/read-back-root card read-metadata 9c"])
    guard case .card(.success(.slot(.key(let metadata)))) = try moment.event("ok") else {
      Issue.record("Ada's real card does not say which key it holds")
      return
    }
    let held = [Holding(slot: .signature, evidence: .metadata(metadata))]
    var tried = 0
    for moment in try Films.twin.get().moments {
      let ceremony = moment.driver.engine.ceremony
      guard let card = ceremony.cards["ada"] else { continue }
      #expect(ceremony.refusalToReset(card, holding: held)?.code == .cardHoldsRootKey, "\(moment.name)")
      tried += 1
    }
    #expect(tried > 20)
  }
}
