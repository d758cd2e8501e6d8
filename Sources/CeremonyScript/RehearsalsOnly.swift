import Findings
import Keys

extension Finding {
  /// Whether a script with this is one for rehearsals, and not one with a mistake.
  package var isForRehearsalsOnly: Bool {
    [.expiryRelative, .vendorMissing, .onlineKeyStandIn, .scriptOpen, .baselineRehearsal].contains(code)
  }
}

extension Script {
  /// The stand-in key of pep458-genesis.yaml, in hex.
  package static let standInKey = "6abaac4bb4866136d6e8dd04dfacac11cb76ad28098d0e15b8f824c2e566c702"

  /// SHA-256 of the SubjectPublicKeyInfo of each stand-in key in the scripts that come with this program.
  private static let standIns = [
    // Runbook/online-stand-in.pem
    "a170c3c564dac0b04fb8b724719d7e5b10827e1152378c4cd77117c7ba130233",
    // Runbook/pep458-genesis.yaml
    "3ecf5ef72582abc7614a0d0f2d6bc0bba6c973481d787ef776a6d1728eeeecb1",
    // Runbook/first-rehearsal.yaml
    "e16b62384bc9d0e32239cc2e3b6b3e6fe756b81d3df457c4e9870b58c3433891",
  ]

  /// What only a rehearsal takes, beside an expiry in days.
  func rehearsalFindings(_ online: [String: PublicKey]) -> [Finding] {
    var findings: [Finding] = []
    let texts =
      [("title", title), ("repository", repository)]
      + [("administrator", administrator), ("witness", witness)].map {
        (place(of: "\($0).name") == nil ? $0 : "\($0).name", $1)
      }
      + keyholders.map { ("keyholders.\($0.id).name", $0.name) }
    for (path, text) in texts where ScriptText.isOpen(text) {
      findings.append(
        Finding(
          .scriptOpen, "Here only people can say what belongs: “\(visible(text))”.", hint: "Fill it in.",
          place: place(of: path)))
    }
    // On a card here, or on one elsewhere that a step takes in.
    let makesKeys = steps.contains {
      switch $0.action {
      case .provision, .enrol: true
      default: false
      }
    }
    if makesKeys, cards.attestation == .required, cards.vendorCertificates.isEmpty {
      findings.append(
        Finding(
          .vendorMissing,
          "Attestation is required and no vendor certificate is pinned, so a real ceremony would refuse every card.",
          hint: "Put the vendor's certificates beside the script and name them under cards.vendor-certificates.",
          place: place(of: "cards.attestation") ?? cards.place ?? "script.yaml"))
    }
    for key in onlineKeys {
      guard let known = online[key.id], Self.standIns.contains(SHA256Digest(of: known.spki).hex) else { continue }
      findings.append(
        Finding(
          .onlineKeyStandIn,
          "The online key “\(key.id)” is the stand-in of the scripts that come with this program: nobody can sign with it.",
          hint: "Put the public key of your service there.", place: place(of: "online-keys.\(key.id)")))
    }
    return findings
  }
}
