import ArgumentParser
import Export

/// How RSTUF is told to sign what it signs itself.
struct RSTUFOptions: ParsableArguments {
  @Option(
    name: .customLong("expiration"),
    help: ArgumentHelp(
      "Days until metadata of a role expires, for rstuf and repository: root, targets, snapshot, timestamp or bins.",
      valueName: "role=days"))
  var expirations: [String] = []

  @Option(
    help: ArgumentHelp(
      "How many hash bins targets delegate to, for rstuf: a power of two, 2 to 16384.", valueName: "number"))
  var bins: Int?

  @Option(
    help: ArgumentHelp(
      "One signature over a root that waits in the service, for rstuf: the first digits of the key's id.",
      valueName: "keyid"))
  var signature: String?

  /// The one of them that is for a repository, too.
  var isExpirationAlone: Bool { bins == nil && signature == nil }

  var isGiven: Bool { !expirations.isEmpty || bins != nil || signature != nil }

  func validate() throws {
    if let signature, signature.utf8.count < 8 || signature.contains(where: { !$0.isHexDigit || $0.isUppercase }) {
      throw ValidationError("--signature takes at least 8 of the digits 0-9a-f with which the key's id begins.")
    }
    if signature != nil, !expirations.isEmpty || bins != nil {
      throw ValidationError("--signature is for one signature: --expiration and --bins are for a first root.")
    }
    if let bins, !(2...RSTUFPayload.Settings.mostBins).contains(bins) || bins & (bins - 1) != 0 {
      throw ValidationError("--bins takes a power of two from 2 to \(RSTUFPayload.Settings.mostBins).")
    }
    _ = try settings()
  }

  func settings() throws -> RSTUFPayload.Settings {
    var settings = RSTUFPayload.Settings()
    var named: Set<String> = []
    for text in expirations {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, RSTUFPayload.Settings.roles.contains(parts[0]), named.insert(parts[0]).inserted,
        let days = Int(parts[1]), (1...3650).contains(days)
      else {
        throw ValidationError(
          "--expiration takes ROLE=DAYS, each role once: \(RSTUFPayload.Settings.roles.joined(separator: ", ")), and 1 to 3650 days."
        )
      }
      settings.expirations[parts[0]] = days
    }
    settings.bins = bins ?? settings.bins
    return settings
  }
}
