import CeremonyRecords
import CeremonyScript
import PIVTypes

extension Ceremony {
  /// What the cards will be asked to sign, said before the first card is touched.
  func screen(of sizes: [PayloadSize]) -> Screen {
    var screen = screen(
      "What the cards will sign",
      ["All of it fits. If it did not, the ceremony would have ended here, before any card was touched."])
    screen.who = script.administrator
    screen.facts = sizes.map { size in
      let limit = size.limit.map { "the card signs up to \($0)" } ?? "the card signs a digest of it"
      return Screen.Fact(name: size.role, value: "\(size.bytes) bytes\(size.besides); \(limit)")
    }
    return screen
  }
}

extension Script {
  /// How much somebody's key for this role signs, beside so many bytes.
  func capacity(of role: OfflineRole, of cardholder: String, for count: Int) -> String {
    guard role.algorithm == .ed25519 else { return "the card signs a digest of them" }
    let limit = messageLimit(of: cardholder)
    return "this card signs up to \(limit)\(count > limit ? ", and the rehearsal's mark besides" : "")"
  }
}
