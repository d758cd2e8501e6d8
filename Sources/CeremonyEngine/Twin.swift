import CeremonyScript
import Keys
import TUFMetadata

/// The twin of a real root while it is made, before the script's first step.
struct Twin {
  let standIns: [StandIn]
  /// By the key id of the original. Never iterated.
  var keys: [String: PublicKey] = [:]
  /// What is signed; nil before it is built.
  var content: Envelope?

  /// Whether a card was set up for its stand-ins here.
  func hasCard(of holder: String) -> Bool {
    standIns.contains { $0.holder == holder && keys[$0.original.keyID] != nil }
  }
}

extension Ceremony {
  /// What somebody's card gets keys for in this step: of a kept card its stand-ins.
  func rolesToMake(of cardholder: String) -> [OfflineRole] {
    guard case .standIn = step.action, let twin else { return script.roles(of: cardholder) }
    return twin.standIns.filter { $0.holder == cardholder }.map(\.role)
  }
}
