import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import PIVTypes
import Products
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

  /// nil where the earlier ceremony had none, or the script keeps no key.
  ///
  /// Throws what keeps the earlier ceremony's script from being read.
  init?(from earlier: ProductsFolder, _ script: Script) throws {
    let paths = try earlier.list(besides: ["annex"]).map(\.path)
      .filter { $0.hasPrefix("virtual-cards/") && $0.hasSuffix(".json") }
    guard !paths.isEmpty, script.baseline != nil else { return nil }
    let before = try Script(earlier.read("script.yaml"))
    let source = VirtualCardSource(before, earlier, seed: nil)
    let papers = try? JSONValue(parsing: earlier.read("virtual-cards/paper.json")).object
    let cards =
      before.cardholders.compactMap { owner in source.cards[owner.id].map { (owner.id, $0) } }
      + before.cardholders.flatMap { owner in owner.spares.compactMap { source.spares[$0] }.map { (owner.id, $0) } }
    for keyholder in script.keptKeyholders {
      let wanted = script.keptPublicKeys(of: keyholder.id)
      guard let (owner, card) = cards.first(where: { card in wanted.contains(where: card.1.holds) }) else {
        isWhole = false
        continue
      }
      states[card.serial] = card.state
      owners[keyholder.id] = .integer(Int64(card.serial))
      for kind in ["pin", "puk"] { paper["\(keyholder.id)/\(kind)"] = papers?["\(owner)/\(kind)"] }
    }
  }

  /// Puts the cards and their papers into the folder of the ceremony that begins.
  func place(in folder: ProductsFolder) throws {
    for (serial, state) in states { try folder.replace("virtual-cards/\(serial).json", state) }
    try folder.replace(Self.fileName, JSONValue.object(owners).pretty())
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
