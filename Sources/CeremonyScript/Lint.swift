import Findings
import Keys
import TUFMetadata
import UTC

extension Finding.Code {
  /// A step comes before one that it needs, or after one that must follow it.
  public static let stepOrder = Finding.Code("STEP-ORDER")
  public static let stepMissing = Finding.Code("STEP-MISSING")
  public static let stepRepeated = Finding.Code("STEP-REPEATED")
  /// More signatures are needed than keys exist, or one root key decides alone.
  public static let scriptThreshold = Finding.Code("SCRIPT-THRESHOLD")
  /// An expiry counted in days, outside a rehearsal.
  public static let expiryRelative = Finding.Code("EXPIRY-RELATIVE")
  public static let expiryMissing = Finding.Code("EXPIRY-MISSING")
  /// Two roles want the same slot of one card.
  public static let slotConflict = Finding.Code("SLOT-CONFLICT")
  /// One serial for two cards.
  public static let serialRepeated = Finding.Code("SERIAL-REPEATED")
  /// Attestation is required, and no vendor certificate is pinned.
  public static let vendorMissing = Finding.Code("VENDOR-CERTIFICATES-MISSING")
}

extension Script {
  /// Everything that keeps the script from being run, in one form, at a time.
  ///
  /// - Parameter online: the online keys as they were read; a missing one is left out of the payloads.
  public func lint(_ form: Form, online: [String: PublicKey], at now: UTCTime) -> [Finding] {
    var findings: [Finding] = []
    for role in offlineRoles {
      if role.threshold > role.keyholders.count {
        findings.append(
          Finding(
            .scriptThreshold,
            "\(role.name) needs \(role.threshold) signatures and has \(role.keyholders.count) keyholders.",
            hint: "Lower the threshold or add keyholders.", place: role.place))
      } else if role.name == "root", role.threshold < 2 {
        findings.append(
          Finding(
            .scriptThreshold, "One root key would decide alone.", hint: "PEP 458 asks for a root threshold above 1.",
            place: role.place))
      }
    }
    for role in onlineRoles where role.threshold > role.keys.count {
      findings.append(
        Finding(
          .scriptThreshold, "\(role.name) needs \(role.threshold) signatures and has \(role.keys.count) keys.",
          hint: "Lower the threshold or add keys.", place: role.place))
    }
    for keyholder in keyholders {
      let slots = roles(of: keyholder.id).map(\.slot)
      if Set(slots).count != slots.count {
        findings.append(
          Finding(
            .slotConflict, "Two roles want the same slot of the card of \(keyholder.name).",
            hint: "Give root and targets different slots: 9c and 9a.",
            place: keyholder.place))
      }
    }
    var serials: Set<UInt32> = []
    for keyholder in cardholders {
      var own = keyholder.spares
      if case .serial(let serial) = keyholder.card { own.insert(serial, at: 0) }
      guard let twice = own.first(where: { !serials.insert($0).inserted }) else { continue }
      findings.append(
        Finding(
          .serialRepeated, "The serial \(twice) of \(keyholder.name) stands twice among all cards and spare cards.",
          hint: "Correct the serials.", place: keyholder.place))
    }
    if form == .real, cards.attestation == .required, cards.vendorCertificates.isEmpty {
      findings.append(
        Finding(
          .vendorMissing, .warning,
          "Attestation is required and no vendor certificate is pinned, so a real ceremony would refuse every card.",
          hint: "Put the vendor's certificates beside the script and name them under cards.vendor-certificates.",
          place: cards.place))
    }
    findings += orderFindings + sealFindings
    for role in signedRoles { findings += payloadFindings(for: role, form, online: online, at: now) }
    return findings
  }

  private func payloadFindings(
    for role: OfflineRole, _ form: Form, online: [String: PublicKey], at now: UTCTime
  ) -> [Finding] {
    guard let expires = role.expires else {
      return [
        Finding(
          .expiryMissing, "The steps build \(role.name), and the script does not say when it expires.",
          hint: "Add “expires” to roles.\(role.name).", place: role.place)
      ]
    }
    if form == .real, case .days = expires {
      return [
        Finding(
          .expiryRelative, "\(role.name) expires so many days after a clock that nobody knows yet.",
          hint: "Write the moment: 2027-12-01T00:00:00Z. Days are for rehearsals.", place: role.place)
      ]
    }
    return reviewFindings(for: role, online: online, form, at: now).map {
      $0.at("\(role.place), \(role.name) as \(form == .real ? "the real one" : "a rehearsal")")
    }
  }
}
