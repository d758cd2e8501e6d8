import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata
import Transcript

/// Whom the records name, and in which step, held against the script's people and the cards that made the keys.
struct NamedPeople {
  private(set) var findings: [Finding] = []
  private let script: Script

  init(_ script: Script, _ records: FolderRecords) {
    self.script = script
    let owners = records.owners(script)
    for (deed, scriptStep, place) in records.deeds {
      let step = script.steps.first { isIdentical($0.id, scriptStep) }
      switch deed {
      case .signed(let signer):
        guard owners[signer.keyID] == [signer.keyholder] else {
          add("This signature is said to be of somebody whose card did not make its key.", place)
          continue
        }
      case .initialled(let typed):
        guard let own = script.initials.of(typed.person), isIdentical(own, typed.initials),
          step?.initials.contains(typed.person) == true
        else {
          add("These are not the initials that the script gives to that person, or wants under this step.", place)
          continue
        }
      case .bag(let bag):
        guard step?.action == .bag(keyholder: bag.keyholder, bag.move) else {
          add("The script has no bag of that person opened or closed in this step.", place)
          continue
        }
      case .lookedAt:
        guard case .preflight = step?.action else {
          add("The script does not have the machine looked at in this step.", place)
          continue
        }
      case .oneTime(let record):
        guard step?.action == record.stepAction else {
          add("The script does not have this done with one-time keys in this step.", place)
          continue
        }
      case .attended(let attendance):
        guard script.person(attendance.person) != nil else {
          add("The script names no such person.", place)
          continue
        }
      }
    }
    judgeInitials(records)
    judgeLooks(records)
  }

  /// A ceremony that ended otherwise than by being given up went on from no look at the machine that the script stops at.
  private mutating func judgeLooks(_ records: FolderRecords) {
    guard let configuration = records.configuration, let ending = records.ending, ending.ending != .aborted else {
      return
    }
    for step in Plan(script).steps {
      guard case .preflight(let fatal, _) = step.action else { continue }
      guard let look = records.looks[step.id] else {
        add("The machine was not looked at in the step \(step.id).", RecordFile.transcript.name)
        continue
      }
      let stopping = configuration.isRehearsal ? [] : look.stopping(fatal).map(\.code.description)
      guard !stopping.isEmpty else { continue }
      add("The script does not go on with \(stopping.joined(separator: ", ")).", RecordFile.transcript.name)
    }
  }

  /// Every step before the close was initialled by all whom it asks.
  private mutating func judgeInitials(_ records: FolderRecords) {
    let there = Set(
      records.deeds.compactMap { deed in
        if case .initialled(let typed) = deed.deed { "\(deed.step) \(typed.person)" } else { nil }
      })
    for step in script.steps {
      if case .close = step.action { return }
      for person in step.initials where !there.contains("\(step.id) \(person)") {
        add("The step \(step.id) has no initials of the \(person), which the script wants.", RecordFile.transcript.name)
      }
    }
  }

  private mutating func add(_ what: String, _ place: String) {
    findings.append(
      Finding(
        .personDiffers, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }
}

extension FolderRecords {
  /// By key id, who had a card make the key in a step that provisions their card. Never iterated.
  fileprivate func owners(_ script: Script) -> [String: Set<String>] {
    var owners: [String: Set<String>] = [:]
    for (key, steps) in exchanges[.transcript]?.makers ?? [:] {
      guard let algorithm = KeyAlgorithm(rawValue: key.algorithm),
        let publicKey = try? PublicKey(card: key.bytes, algorithm), publicKey.weakness == nil
      else { continue }
      let people = script.cardholders.map(\.id).filter { person in
        script.provisioning(of: person).map { step in
          script.roles(of: person).contains { steps.contains("\(step)/generate-\($0.name)") }
        } ?? false
      }
      for person in people { owners[script.metadataKey(publicKey, of: person).keyID, default: []].insert(person) }
    }
    for (bytes, numbers) in oneTime.everyKey {
      guard let key = try? PublicKey(ed25519: bytes) else { continue }
      owners[MetadataKey(key).keyID, default: []].formUnion(numbers.map(OfflineRole.signer))
    }
    for keyholder in script.keyholders where keyholder.enrol != nil {
      guard let made = enrolled(keyholder.id, script)?.made, let role = script.cardRole("root", of: keyholder.id),
        let key = try? PublicKey(card: made.key, role.algorithm)
      else { continue }
      owners[script.metadataKey(key, of: keyholder.id).keyID, default: []].insert(keyholder.id)
    }
    for keyholder in script.keptKeyholders {
      for role in script.offlineRoles {
        guard let key = script.keptKey(of: keyholder.id, role.name) else { continue }
        owners[key.keyID, default: []].insert(keyholder.id)
      }
    }
    return owners
  }
}

extension OneTimeRecord {
  /// What a step of the script has done with one-time keys where this stands.
  fileprivate var stepAction: Step.Action {
    switch self {
    case .made(let role, _, _): .make(role: role)
    case .signed(let role, _, _, _): .use(role: role)
    case .wiped: .wipe
    }
  }
}

extension Script {
  /// The id of the first step that provisions somebody's card.
  func provisioning(of person: String) -> String? {
    steps.first { $0.action == .provision(keyholder: person) }?.id
  }
}
