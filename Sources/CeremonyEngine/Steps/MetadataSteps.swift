import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import Transcript
import PIV
import PIVTypes
import Requests
import TUFMetadata
import UTC

/// Builds and reviews a role's metadata. The bytes made here are the ones that are shown, signed and written.
struct BuildStep: StepMachine {
  let role: String

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    let mode: Mode = ceremony.configuration.isRehearsal ? .rehearsal : .real
    if let asked = ceremony.script.answered?.root { return asked.begin(&ceremony) }
    if let asked = ceremony.script.answered?.seal { return .done(.show(ceremony.taken(up: asked))) }
    guard let role = ceremony.script.offlineRole(role),
      let expires = ceremony.script.expiry(of: role.name, mode, at: ceremony.time)
    else { return .unexpected }
    let reviewed: ReviewedPayload
    do {
      let rules = ceremony.script.rules(for: role, mode, at: ceremony.time)
      let baseline = ceremony.script.baseline
      if role.name == "root" {
        if let finding = ceremony.tooFewProven { return .refuse(finding) }
        let root = ceremony.script.root(try ceremony.keys(), expires: expires, mode)
        reviewed = try ReviewedPayload(root, after: baseline?.root, rules)
      } else {
        reviewed = try ReviewedPayload(
          ceremony.script.targets(role.name, try ceremony.keys(), expires: expires, mode), of: role.name,
          after: ceremony.script.targetsBefore(role.name), listed: ceremony.script.listing(of: role.name), rules)
      }
    } catch let refusal as ReviewRefusal {
      guard let first = refusal.findings.first else { return .unexpected }
      return .refuse(first, refusal.findings.dropFirst().map { .record(FindingRecord($0)) })
    } catch let finding as Finding {
      return .refuse(finding)
    } catch {
      return .unexpected
    }
    guard !ceremony.script.withdrawn.contains(reviewed.digest) else {
      return .refuse(
        Finding(
          .payloadWithdrawn, "The script withdraws exactly the payload that it builds.",
          hint: "Finish that one with “previous.pending”, or change what is built.",
          place: ceremony.script.place(of: "withdrawn")))
    }
    return .done((role.name == "root" ? ceremony.unprovenWarnings : []) + ceremony.built(reviewed))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition { .unexpected }
}

extension Ceremony {
  /// What is signed from now on.
  mutating func built(_ reviewed: ReviewedPayload) -> [Effect] {
    let role = reviewed.role
    payloads[role] = Payload(reviewed: reviewed)
    return [
      .record(PayloadRecord(role: role, version: reviewed.version, content: reviewed.canonical)),
      .show(screen(nil, ["\(reviewed.canonical.count) bytes to sign, version \(reviewed.version)."])),
    ]
  }
}

/// Shows the metadata in words, for everybody to check against the script.
struct ShowStep: StepMachine {
  let role: String
  /// Keyholders elsewhere for whom a request is still to be written.
  private var asked: [Keyholder] = []
  private var head = SHA256Digest.zero

  init(role: String) { self.role = role }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    if let asked = ceremony.script.answered?.seal { return .wait(for: .ask(ceremony.asking(asked))) }
    guard let payload = ceremony.payloads[role]?.reviewed else { return .unexpected }
    if let answered = ceremony.script.answered { return .wait(for: .ask(ceremony.asking(answered, for: payload))) }
    var screen = ceremony.asking(
      .compare("Does everything agree with the script?", "confirm", "it agrees; the keyholders may sign it"))
    screen.facts = ceremony.words(for: payload)
    if role == "root", let baseline = ceremony.script.baseline, let root = ceremony.root {
      screen.text = ceremony.script.changes(to: root)
      if baseline.root.isExpired(at: ceremony.time) {
        screen.say.append(
          "The root before this one expired at \(baseline.root.expires). Clients update again when this one is published."
        )
      }
    }
    if role != "root" { screen.text = ceremony.script.changes(of: role, to: payload.signed) }
    screen.digests = [Screen.Labelled(label: "\(role), the signed part", digest: payload.digest)]
    return .wait(for: .ask(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .answer(Prompt.differs.token): return .fail(ceremony.comparisonDiffers())
    case .answer:
      // Only a root waits, and only a root is signed elsewhere.
      asked = ceremony.script.isAnswer || role != "root" ? [] : ceremony.script.elsewhere(role)
      return asked.isEmpty ? .done() : .wait(for: .head)
    case .head(_, let digest):
      head = digest
      return drawNonce()
    case .random(let nonce) where !asked.isEmpty:
      let effects = ceremony.request(asked.removeFirst(), role, nonce: nonce, head: head)
      return asked.isEmpty ? .done(effects) : drawNonce(effects)
    default: return .unexpected
    }
  }

  private func drawNonce(_ effects: [Effect] = []) -> Transition {
    .wait(effects, for: .random(count: Request.nonceCount, purpose: Request.purpose(of: asked.first?.id ?? "")))
  }
}

/// Counts the signatures as a client would.
struct VerifyStep: StepMachine {
  let role: String

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    if ceremony.script.answered?.seal != nil { return ceremony.verifyAskedSeal() }
    guard let payload = ceremony.payloads[role], let named = ceremony.namedRoles?[role] else { return .unexpected }
    if ceremony.script.isAnswer { return ceremony.verifyAnswer() }
    let baseline = role == "root" ? ceremony.script.baseline : nil
    let sides = RootSides(payload.envelope, (named.role, named.keys), after: baseline?.root)
    guard sides.isSound, ceremony.isReached(role) else {
      if ceremony.mayWait(for: role), sides.idle.isEmpty { return ceremony.pend(role) }
      return .refuse(
        Finding(
          .thresholdNotReached, "\(role) has \(sides.words).", hint: "Nothing was written. Run the ceremony again."))
    }
    // The whole way of a client, from the root before.
    if let baseline, let finding = baseline.refusal(of: payload.envelope.serialized()) {
      return .refuse(finding)
    }
    ceremony.payloads[role]?.isVerified = true
    return .done(.show(ceremony.screen(nil, ["\(role) has \(sides.words)."])))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition { .unexpected }
}

/// Writes the metadata file.
struct WriteStep: StepMachine {
  let role: String

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    if let asked = ceremony.script.answered?.seal { return ceremony.write(asked) }
    guard let payload = ceremony.payloads[role], payload.isVerified || payload.isPending else { return .unexpected }
    let bytes = payload.envelope.serialized()
    guard let again = try? Envelope(parsing: bytes, place: role), again.signedBytes == payload.reviewed.canonical else {
      return .unexpected
    }
    // What waits for more signatures lies where no client looks for a root.
    let folder = ceremony.script.isAnswer || payload.isPending ? "pending" : "metadata"
    let product = Product("\(folder)/\(payload.reviewed.version).\(role).json", bytes)
    ceremony.products.append(product)
    var screen = ceremony.screen("Written: \(product.path)", ["Read the words aloud. Everybody writes them down."])
    screen.digests = [Screen.Labelled(label: product.path, digest: SHA256Digest(of: bytes))]
    screen.prompt = .written
    return .wait(.create(product), for: .ask(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer = event else { return .unexpected }
    return .done()
  }
}

extension Payload {
  /// The payload with the signatures that were accepted.
  var envelope: Envelope {
    signatures.reduce(reviewed.envelope) { $0.adding(Envelope.Signature(keyID: $1.keyID, bytes: $1.bytes)) }
  }
}

extension Ceremony {
  /// The keys that the ceremony made, and the online keys that it read.
  func keys() throws(Finding) -> ScriptKeys {
    var offline: [String: [String: PublicKey]] = [:]
    for role in script.offlineRoles {
      for id in role.keyholders { offline[role.name, default: [:]][id] = cards[id]?.keys[role.name]?.publicKey }
    }
    for (role, keys) in oneTime.keys {
      for (index, key) in keys.enumerated() { offline[role, default: [:]]["\(index + 1)"] = key }
    }
    var online: [String: PublicKey] = [:]
    for key in script.onlineKeys { online[key.id] = try key.publicKey(content(of: key)) }
    return ScriptKeys(offline: offline, online: online)
  }

  private func content(of key: OnlineKey) -> [UInt8]? {
    if case .file(let file) = key.source { inputs[file.name] } else { nil }
  }

  /// The root that this ceremony builds.
  var root: Root? {
    guard let payload = payloads["root"]?.reviewed else { return nil }
    return try? Root.read(payload.signed).root
  }

  /// A payload as people read it.
  func words(for payload: ReviewedPayload) -> [Screen.Fact] {
    var facts = [
      Screen.Fact(name: "role", value: payload.role),
      Screen.Fact(name: "version", value: String(payload.version)),
      Screen.Fact(name: "expires", value: (payload.signed["expires"]?.string ?? "") + realExpiry(of: payload)),
    ]
    guard payload.role == "root", let root else { return facts + delegationWords(for: payload) }
    facts += Self.words(for: root.fields, below: "")
    for role in TopLevelRole.allCases {
      facts.append(
        Screen.Fact(name: role.rawValue, value: "\(root[role].threshold) of \(root[role].keyIDs.count) keys"))
      facts += Self.words(for: root[role].fields, below: "  ")
      for id in root[role].keyIDs {
        facts.append(Screen.Fact(name: "  key \(shortened(id))", value: owner(of: id) + Self.firstWords(of: id)))
        facts += Self.words(for: root.keys[id]?.extensions ?? [:], below: "    ")
      }
    }
    return facts
  }

  /// The files that targets metadata lists, and what it delegates, in its order.
  private func delegationWords(for payload: ReviewedPayload) -> [Screen.Fact] {
    guard let targets = (try? Targets.read(payload.signed))?.targets else { return [] }
    let files = targets.targets.members.map { member in
      let length = member.value["length"]?.integer.map { "\($0) bytes, " } ?? ""
      let digest = member.value["hashes"]?["sha256"]?.string.flatMap(SHA256Digest.init(hex:))
      return Screen.Fact(
        name: "file \(member.name)", value: length + (digest?.words.prefix(4).joined(separator: " ") ?? "no SHA-256"))
    }
    // A long list is in the file itself, and the digest of the whole is compared.
    let shown = files.count <= 50 ? files : [Screen.Fact(name: "files", value: "\(files.count), see the listed record")]
    return shown + delegationWords(for: targets.delegations)
  }

  private func delegationWords(for delegations: Delegations?) -> [Screen.Fact] {
    guard let delegations else { return [] }
    return delegations.inWords.flatMap { name, what, role in
      [
        Screen.Fact(
          name: "delegates to \(name)", value: "\(role.threshold) of \(role.keyIDs.count) keys, \(what)")
      ]
        + role.keyIDs.map {
          Screen.Fact(name: "  key \(shortened($0))", value: owner(of: $0) + Self.firstWords(of: $0))
        }
    }
  }

  /// Custom fields; the rehearsal's mark is in every banner.
  private static func words(for fields: JSONObject, below indent: String) -> [Screen.Fact] {
    fields.members.filter { $0.name != Header.rehearsalMark }.map {
      Screen.Fact(name: indent + $0.name, value: CustomFields.words($0.value))
    }
  }

  /// The first four words of a key id, where it is a digest.
  private static func firstWords(of keyID: String) -> String {
    SHA256Digest(hex: keyID).map { " · \($0.words.prefix(4).joined(separator: " "))" } ?? ""
  }

  /// What the script says, where a rehearsal makes it less.
  private func realExpiry(of payload: ReviewedPayload) -> String {
    guard configuration.isRehearsal, let real = script.expiry(of: payload.role, .real, at: time)?.description,
      real != payload.signed["expires"]?.string
    else { return "" }
    return " in this rehearsal; the script says \(real)"
  }

  private func owner(of keyID: String) -> String {
    if let sides = script.answered?.named?.sides(of: keyID) {
      let mine =
        script.keyholders.first { script.keptKey(of: $0.id, "root")?.keyID == keyID }.map { "\($0.name); " } ?? ""
      return mine + (sides.old ? "in the root before" : sides.new ? "new in this root" : "of another role")
    }
    for keyholder in script.keyholders {
      for role in script.offlineRoles {
        if let key = cards[keyholder.id]?.keys[role.name]?.publicKey,
          script.metadataKey(key, of: keyholder.id).keyID == keyID
        {
          return "\(keyholder.name), card \(cards[keyholder.id]?.name ?? "")"
        }
        if script.keptKey(of: keyholder.id, role.name)?.keyID == keyID {
          return "\(keyholder.name), kept\(proven.contains(keyholder.id) ? ", proven here" : ", unproven")"
        }
      }
    }
    for role in script.oneTimeRoles
    where oneTime.keys[role.name]?.contains(where: { MetadataKey($0).keyID == keyID }) == true {
      return "a one-time key, made here"
    }
    return script.onlineKeyIDs((try? keys().online) ?? [:]).contains(keyID)
      ? "an online key of the service" : "a key from before; the script does not say whose"
  }
}
