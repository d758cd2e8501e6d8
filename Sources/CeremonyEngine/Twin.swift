import CeremonyScript
import Keys
import TUFMetadata

/// The twin of a real root while it is made, before the script's first step.
struct Twin {
  /// The stand-ins, by the key id of the original. Never iterated.
  var keys: [String: PublicKey] = [:]
  /// What is signed; nil before it is built.
  var content: Envelope?
}

extension Ceremony {
  /// Whether somebody's card was set up for their stand-ins here.
  func hasStandIn(_ holder: String) -> Bool {
    script.standIns.contains { $0.holder == holder && twin.keys[$0.original.keyID] != nil }
  }

  /// What somebody's card gets keys for in this step: of a kept card its stand-ins.
  func rolesToMake(of cardholder: String) -> [OfflineRole] {
    guard case .standIn = step.action else { return script.roles(of: cardholder) }
    return script.standIns.filter { $0.holder == cardholder }.map(\.role)
  }
}
