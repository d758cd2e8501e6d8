import CeremonyEngine
import Testing

/// Where a ceremony goes after something happened: every step of the script that it comes to from there, up to the one that
/// verifies the root, and how it ends.
@Suite struct JourneyTests {
  /// As in a table of transitions; what follows the arrow is the steps, and the end.
  private static let whole = TransitionTable(
    Films.whole,
    """
    card-ada/generate-root card generate 9c
      fails no such algorithm > type replace -> card-ada, card-boris, card-chandra, head-cards, ada-says, build-root,
        show-root, sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end complete 0
      fails timeout > type retry -> card-ada, card-boris, card-chandra, head-cards, ada-says, build-root, show-root,
        sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end complete 0
    card-ada/pin card change-pin
      fails timeout > type retry -> card-ada, card-boris, card-chandra, head-cards, ada-says, build-root, show-root,
        sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end complete 0
    sign-root-ada card sign 9c
      card signature of zeros > type replace -> card-ada, build-root, show-root, sign-root-ada, sign-root-boris,
        sign-root-chandra, verify-root; end complete 0
      card signature of zeros > type without -> sign-root-boris, sign-root-chandra, verify-root; end complete 0
      fails PIN blocked > type unblock -> sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end complete 0
    sign-root-boris ask
      type absent -> sign-root-chandra, verify-root; end complete 0
    show-root/initials-witness card sign 9c
      card signature of zeros > type without -> sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end
        complete 0
    card-witness/reset card reset
      fails no RESET > type without -> card-administrator, card-ada, card-boris, card-chandra, head-cards, ada-says,
        build-root, show-root, sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end complete 0
    close/seal-ada ask
      type absent -> close, bag-after, farewell, departure; end complete 0
    close/seal-boris card sign 9c
      card signature of zeros > type without -> close, bag-after, farewell, departure; end complete 0
    show-root ask
      type leaves > type ada -> show-root, sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end complete
        0
      went-on -> show-root, sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end complete 0
      type abort -> show-root; end aborted 4
    close/head ask
      type abort > type abort > type abort -> close; end complete 4
    welcome ask
      type abort > type abort > type abort -> ; end aborted 4
    """)

  private static let stop = TransitionTable(
    Films.stop,
    """
    sign-root-ada card sign 9c
      card signature of zeros > type without -> sign-root-boris, sign-root-chandra, verify-root; end complete 0
    show-root ask
      type leaves > type ada -> show-root, sign-root-ada, sign-root-boris, sign-root-chandra, verify-root; end complete
        0
    """)

  static let rows = [whole, stop].flatMap(\.rows)

  @Test(arguments: rows) func journey(_ row: TransitionTable.Row) throws {
    var moment = try row.played()
    var steps = [String(moment.driver.step.prefix { $0 != "/" })]
    while true {
      for case let tell in moment.driver.tells where tell.hasPrefix("@") {
        let step = String(tell.dropFirst().prefix { $0 != "/" })
        if !step.isEmpty, step != steps.last, steps.last != "verify-root" { steps.append(step) }
      }
      if case .end? = moment.driver.asks { break }
      try moment.goOn()
    }
    let found = "\(steps.joined(separator: ", ")); \(moment.driver.asks?.words ?? "")"
    #expect(found == row.result, "\(row.testDescription)")
  }
}
