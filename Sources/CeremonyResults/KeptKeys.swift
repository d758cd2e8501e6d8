import CeremonyScript
import Findings
import PIVTypes

extension Finding {
  /// A kept key stays although nothing showed that its card still signs, as the script lets it.
  package static func keptUnproven(_ keyholder: Keyholder, place: String? = nil) -> Finding {
    Finding(
      .keptKeyUnproven, .warning,
      "\(keyholder.name) keeps a key, and nothing showed in this ceremony that its card still signs.",
      hint: "The script accepts that. Do not count this key among those that can sign the next root.", place: place)
  }

  /// ECDSA keys of cards with firmware below 5.7 can be copied by whoever has the card for a while (YSA-2024-03). Such a
  /// key may sign and leave. It stays only where the script says so: a warning then, an error otherwise.
  ///
  /// - Parameter firmware: of the card with the kept key; nil where it did not say.
  package static func copyable(
    _ keyholder: Keyholder, _ firmware: FirmwareVersion?, _ script: Script, place: String? = nil
  ) -> Finding? {
    let isECDSA = script.keptRoles(of: keyholder.id).contains {
      script.cardRole($0, of: keyholder.id).map { $0.algorithm != .ed25519 } == true
    }
    guard isECDSA, let firmware, firmware < FirmwareVersion(5, 7, 0), !script.roles(of: keyholder.id).isEmpty else {
      return nil
    }
    let what =
      "The kept key of \(keyholder.name) is an ECDSA key on firmware \(firmware): whoever has such a card for a while can copy it."
    return keyholder.acceptsFirmware || script.isAnswer
      ? Finding(
        .firmwareCopyable, .warning, what,
        hint: script.isAnswer
          ? "Tell whoever asks." : "The script says “firmware: accepted”. The report says so first.", place: place)
      : Finding(
        .firmwareCopyable, what,
        hint: "Let this key leave, with the reason “firmware”. Or write “firmware: accepted” at the keyholder.",
        place: place)
  }
}
