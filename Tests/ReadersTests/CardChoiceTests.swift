import Findings
import PCSC
import Testing

@testable import Readers

/// Which card a keyholder's step gets, for every constellation of cards in readers.
struct CardChoiceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Serials in readers 0, 1, …; a minus sign marks a card that came during the wait, 0 an empty reader.
    let present: [Int]
    var serial: UInt32?
    var claims: [String: String] = [:]
    var tried: Set<String> = []
    /// The reader whose card is taken; nil to wait.
    let attended: Int?
    let unattended: Int?
    var why: Finding.Code?
  }

  static let cases = [
    Case(testDescription: "no card", present: [0, 0], attended: nil, unattended: nil),
    Case(testDescription: "the only card", present: [0, 7], attended: 1, unattended: 1),
    Case(
      testDescription: "two strangers: people must say which, a machine takes the lower serial", present: [9, 7],
      attended: nil, unattended: 1, why: .cardAmbiguous),
    Case(
      testDescription: "by serial, whatever the order of readers", present: [5, 9, 7], serial: 7, attended: 2,
      unattended: 2),
    Case(testDescription: "another card was there before", present: [5], serial: 7, attended: nil, unattended: nil),
    Case(
      testDescription: "another card is put in: the ceremony refuses it on the record", present: [-5], serial: 7,
      attended: 0, unattended: nil),
    Case(testDescription: "the right card and a new one", present: [-5, 7], serial: 7, attended: 1, unattended: 1),
    Case(
      testDescription: "two new ones, neither right", present: [-5, -6], serial: 7, attended: nil, unattended: nil),
    Case(
      testDescription: "the card of somebody else is left alone", present: [5], claims: ["5": "boris"],
      attended: nil, unattended: nil),
    Case(
      testDescription: "the card of somebody else is put in", present: [-5], claims: ["5": "boris"], attended: 0,
      unattended: nil),
    Case(
      testDescription: "the only one that is nobody else's", present: [5, 7], claims: ["5": "boris"], attended: 1,
      unattended: 1),
    Case(testDescription: "a card of one's own again", present: [5], claims: ["5": "ada"], attended: 0, unattended: 0),
    Case(
      testDescription: "a machine tries another one after a refusal", present: [5, 7], tried: ["5"], attended: nil,
      unattended: 1, why: .cardAmbiguous),
    Case(
      testDescription: "one identity twice", present: [7, 7], serial: 7, attended: nil, unattended: nil,
      why: .cardIdentityTwice),
    Case(
      testDescription: "one identity twice, of cards that are not wanted", present: [5, 7, 5], serial: 7, attended: nil,
      unattended: nil, why: .cardIdentityTwice),
  ]

  @Test(arguments: cases, [false, true])
  func choice(_ it: Case, isUnattended: Bool) {
    let candidates = it.present.enumerated().filter { $0.element != 0 }.map { place, serial in
      CardChoice.Candidate(
        insertion: insertion(place), identity: String(serial.magnitude), serial: UInt32(serial.magnitude),
        isNew: serial < 0)
    }
    let choice = CardChoice(
      keyholder: "ada", serial: it.serial, claims: it.claims, tried: it.tried, isUnattended: isUnattended)
    let expected = isUnattended ? it.unattended : it.attended
    switch choice.decide(candidates) {
    case .take(let taken): #expect(taken == expected.map(insertion))
    case .wait(let finding):
      #expect(expected == nil)
      #expect(finding?.code == it.why)
    }
  }

  @Test func cardsWithoutIdentityAreNeverTakenForOneAnother() {
    let two = (0...1).map {
      CardChoice.Candidate(insertion: insertion($0), identity: nil, serial: nil, isNew: false)
    }
    let choice = CardChoice(keyholder: "ada", serial: nil, claims: [:], tried: [], isUnattended: false)
    #expect(choice.decide([two[0]]) == .take(insertion(0)))
    guard case .wait(let finding) = choice.decide(two) else {
      Issue.record("one of two cards was taken")
      return
    }
    #expect(finding?.code == .cardAmbiguous)
  }

  private func insertion(_ place: Int) -> Insertion { Insertion(reader: "reader \(place)", number: 1) }
}
