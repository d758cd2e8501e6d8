import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import TUFMetadata

/// Keys that are made here in memory, sign, and are wiped before a card signs the root that names them.
struct OneTimeKeys {
  /// By role, in the order of their numbers. Never iterated for anything whose order shows.
  var keys: [String: [PublicKey]] = [:]
  /// Whether some were made and not wiped.
  var isLive = false
}

/// The one-time keys of a role are made, one after another.
struct MakeStep: StepMachine {
  let role: String

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    ceremony.oneTime.keys[role] = []
    return .wait(for: .oneTime(.make(role: role, number: 1)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .oneTime(.made(_, let number, let bytes)) = event,
      let count = ceremony.script.offlineRole(role)?.oneTime,
      let key = try? PublicKey(ed25519: bytes), key.weakness == nil
    else { return .unexpected }
    ceremony.oneTime.keys[role, default: []].append(key)
    ceremony.oneTime.isLive = true
    guard number == count else { return .wait(for: .oneTime(.make(role: role, number: number + 1))) }
    var screen = ceremony.screen(
      nil, ["\(count) Ed25519 keys are in this machine's locked memory. They sign \(role), and are wiped then."])
    screen.digests = (ceremony.oneTime.keys[role] ?? []).enumerated().compactMap { index, key in
      SHA256Digest(hex: MetadataKey(key).keyID).map {
        Screen.Labelled(label: "key id of one-time key \(index + 1)", digest: $0)
      }
    }
    return .done(.show(screen))
  }
}

/// The one-time keys of a role sign what was shown.
struct UseStep: StepMachine {
  let role: String

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    guard let payload = ceremony.payloads[role]?.reviewed else { return .unexpected }
    var screen = ceremony.asking(
      .compare("Is this the digest that was shown?", "sign", "the one-time keys sign these bytes"), nil,
      ["\(payload.canonical.count) bytes, whole. No card has a part in it."])
    screen.digests = [Screen.Labelled(label: "\(role), the signed part", digest: payload.digest)]
    return .wait(for: .ask(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard let payload = ceremony.payloads[role]?.reviewed, let keys = ceremony.oneTime.keys[role] else {
      return .unexpected
    }
    switch event {
    case .answer(Prompt.differs.token): return .fail(ceremony.comparisonDiffers())
    case .answer: return .wait(for: sign(1, payload))
    case .oneTime(.signed(_, let number, _, let signature)):
      guard keys.indices.contains(number - 1), case let key = keys[number - 1],
        key.isValid(signature, over: payload.canonical, .ed25519)
      else {
        return .refuse(
          Finding(
            .signatureWrong, "The signature of one-time key \(number) does not hold over the whole message.",
            hint: "Nothing was written. Do not use this machine."))
      }
      let signer = OfflineRole.signer(number)
      let keyID = MetadataKey(key).keyID
      ceremony.payloads[role]?.signatures.append(AcceptedSignature(keyholder: signer, keyID: keyID, bytes: signature))
      let record = Effect.record(
        SignatureRecord(
          role: role, signer: SignatureRecord.Signer(keyholder: signer, keyID: keyID), signature: signature,
          payload: payload.digest, verifiers: SignatureRecord.verifiers(of: key.algorithm)))
      guard number == keys.count else { return .wait(record, for: sign(number + 1, payload)) }
      return .done(
        record,
        .show(ceremony.screen(nil, ["\(keys.count) one-time keys have signed \(role). The signatures hold."])))
    default: return .unexpected
    }
  }

  private func sign(_ number: Int, _ payload: ReviewedPayload) -> Question {
    .oneTime(.sign(role: role, number: number, message: payload.canonical))
  }
}

/// All one-time keys are wiped.
struct WipeStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition { .wait(for: .oneTime(.wipe)) }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    if case .answer = event { return .done() }
    guard case .oneTime(.wiped(let count)) = event,
      count == ceremony.script.oneTimeRoles.reduce(0, { $0 + ($1.oneTime ?? 0) })
    else { return .unexpected }
    ceremony.oneTime.isLive = false
    return .wait(
      for: .ask(
        ceremony.asking(
          .proceed("Said?", "next", "it was said; go on"), nil,
          ["\(count) one-time keys were wiped from memory. Nobody can sign with them any more."])))
  }
}

extension Ceremony {
  /// The program ended before the one-time keys were wiped: they are gone, and every payload that names them or that they
  /// sign is given up. New ones are made, from the first step that makes any.
  mutating func loseOneTimeKeys() -> [Effect] {
    guard oneTime.isLive else { return [] }
    let why = "The program ended before the one-time keys were wiped: they are lost, and others are made."
    var effects = [exception(.oneTimeLost, why)]
    let lost = script.oneTimeRoles.map(\.name)
    let gone = Set(lost + lost.compactMap { script.delegator(of: $0) })
    for role in script.offlineRoles where gone.contains(role.name) { effects += drop(role.name, because: why) }
    oneTime = OneTimeKeys()
    let makes = Set(lost.map { PlannedStep.Action.make(role: $0) })
    guard let start = plan.steps.firstIndex(where: { makes.contains($0.action) }), start < position else {
      return effects
    }
    goBack(to: start, because: "it was done before the one-time keys were lost") { makes.contains($0) }
    return effects
  }
}
