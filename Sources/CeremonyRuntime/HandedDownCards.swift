import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import PIVTypes
import Products
import Requests
import VirtualCard

/// Virtual cards of an earlier rehearsal with the keys that this script keeps: hardware that people bring again, with the
/// papers on which their PINs stand.
package struct HandedDownCards {
  /// The name of the file in `virtual-cards/` that says whose card is which, by keyholder.
  static let fileName = "virtual-cards/kept.json"

  private var states: [UInt32: [UInt8]] = [:]
  private var owners = JSONObject()
  private var paper = JSONObject()
  /// Whether there is a card for everybody who keeps a key.
  private(set) var isWhole = true

  /// - Parameter withCards: whether the cards are virtual ones in this process; otherwise people bring theirs, and the
  ///   papers alone are handed down.
  ///
  /// Throws what keeps the earlier ceremony's script from being read.
  init(from earlier: ProductsFolder, _ script: Script, withCards: Bool) throws {
    let before = try Script(earlier.read("script.yaml"))
    let source = withCards ? VirtualCardSource(before, earlier, seed: nil) : nil
    let papers = try? JSONValue(parsing: earlier.read("virtual-cards/paper.json")).object
    for keyholder in script.keptKeyholders {
      // Whoever signs elsewhere has their card there.
      let isElsewhere = script.absentRule(of: keyholder.id) == .pending
      let wanted = script.keptPublicKeys(of: keyholder.id)
      // The ceremony that waited built another root, in which nobody's place says whose key of the one before it is.
      let holder = before.keyholders.first { source?.cards[$0.id].map { wanted.contains(where: $0.holds) } ?? false }
      guard
        let owner = script.withdrawnRoot == nil
          ? script.formerOwner(of: keyholder.id, in: before) : (holder ?? before.keyholder(keyholder.id))?.id
      else {
        isWhole = isWhole && isElsewhere
        continue
      }
      for kind in ["pin", "puk"] { paper["\(keyholder.id)/\(kind)"] = papers?["\(owner)/\(kind)"] }
      guard let source else { continue }
      let cards =
        [source.cards[owner]] + (before.cardholder(owner)?.spares ?? []).map { source.spares[$0] }
      guard let card = cards.compactMap(\.self).first(where: { wanted.contains(where: $0.holds) }) else {
        isWhole = isWhole && isElsewhere
        continue
      }
      states[card.serial] = card.state
      owners[keyholder.id] = .integer(Int64(card.serial))
    }
  }

  /// The card that came with a request.
  init(_ card: StandInCard, of keyholder: String) {
    states[card.serial] = card.state
    owners[keyholder] = .integer(Int64(card.serial))
    for member in card.paper.members { paper["\(keyholder)/\(member.name)"] = member.value }
  }

  /// Puts the cards and their papers into the folder of the ceremony that begins.
  func place(in folder: ProductsFolder) throws {
    for (serial, state) in states { try folder.replace("virtual-cards/\(serial).json", state) }
    if !states.isEmpty { try folder.replace(Self.fileName, JSONValue.object(owners).pretty()) }
    try folder.replace("virtual-cards/paper.json", JSONValue.object(paper).pretty())
  }

  /// The serials of the cards that are kept in a folder, by keyholder.
  static func serials(in folder: ProductsFolder) -> [String: UInt32] {
    guard let bytes = try? folder.read(fileName), let object = try? JSONValue(parsing: bytes).object else { return [:] }
    return Dictionary(
      object.members.compactMap { member in
        member.value.integer.flatMap(UInt32.init(exactly:)).map { (member.name, $0) }
      }, uniquingKeysWith: { first, _ in first })
  }
}
