import Findings
import PIVTypes

extension Script {
  static func roles(
    _ node: ScriptNode, keyholders: [String], onlineKeys: [String], hasRootAlone: Bool
  ) throws(Finding) -> (offline: [OfflineRole], online: [OnlineRole]) {
    let fields = try ScriptFields(node, RoleFields.group)
    var offline: [OfflineRole] = []
    var online: [OnlineRole] = []
    for row in RoleFields.group.rows where !hasRootAlone || row.name == RoleFields.root.name || fields.has(row) {
      fields.read(row, or: ()) { node throws(Finding) in
        switch row.shape {
        case .mappingBy(_, _?, _) where node.has("one-time") && !node.has("keyholders"):
          offline.append(try OfflineRole(oneTime: row.name, node))
        case .mappingBy(let key, _, _) where !node.has(key): online.append(try OnlineRole(row.name, node, onlineKeys))
        case .mappingBy(_, nil, _):
          throw node.refused(
            "only root and targets can have keys on cards",
            hint: "\(row.name) is signed every day: give it “keys”, a list of online keys.")
        default: offline.append(try OfflineRole(row.name, node, keyholders))
        }
      }
    }
    for member in fields.others {
      node.problems.attempt { () throws(Finding) in
        guard Delegation.mayBeNamed(member.key) else {
          throw Finding(
            .scriptValue, "roles: “\(visible(member.key))” cannot be the name of a delegated role",
            hint: "Choose another name, without a dot.", place: member.keyPlace.description)
        }
        if member.node.has("keyholders") {
          offline.append(try OfflineRole(member.key, member.node, keyholders))
        } else if member.node.has("one-time") {
          offline.append(try OfflineRole(oneTime: member.key, member.node))
        } else {
          online.append(try OnlineRole(member.key, member.node, onlineKeys))
        }
      }
    }
    return (offline, online)
  }
}

extension OfflineRole {
  init(_ name: String, _ node: ScriptNode, _ known: [String]) throws(Finding) {
    let fields = try ScriptFields(node, name == "root" ? OfflineRoleFields.group : TargetsRoleFields.group)
    place = node.place
    self.name = name
    threshold = fields[OfflineRoleFields.threshold]
    keyholders = fields.read(OfflineRoleFields.keyholders, or: []) { node throws(Finding) in
      try node.names(among: known, else: "is not a keyholder", "Keyholders are")
    }
    expires = fields[OfflineRoleFields.expires]
    slot = fields.value(OfflineRoleFields.slot, or: name == "root" ? .signature : .authentication)
    algorithm = fields[OfflineRoleFields.algorithm]
    pinPolicy = fields[OfflineRoleFields.pinPolicy]
    touchPolicy = fields[OfflineRoleFields.touchPolicy]
    self.fields = fields[OfflineRoleFields.fields]
    guard name != "root" else { return }
    signedFields = fields[TargetsRoleFields.signedFields]
    isDiscarded = fields[TargetsRoleFields.discarded]
    readTargets(fields)
  }

  /// A role whose keys are on no card.
  init(oneTime name: String, _ node: ScriptNode) throws(Finding) {
    let fields = try ScriptFields(node, OneTimeRoleFields.group)
    self.init(
      name: name, threshold: fields[OfflineRoleFields.threshold], keyholders: [],
      expires: fields[OfflineRoleFields.expires], slot: .signature, algorithm: .ed25519, pinPolicy: .always,
      touchPolicy: .always, fields: fields[OfflineRoleFields.fields], place: node.place,
      oneTime: fields[OneTimeRoleFields.oneTime])
    readTargets(fields)
  }

  /// What a role lists and delegates.
  private mutating func readTargets(_ fields: ScriptFields) {
    files = fields.has(TargetsRoleFields.files.row) ? fields[TargetsRoleFields.files] : nil
    delegations = fields.read(TargetsRoleFields.delegations, or: []) { node throws(Finding) in
      try node.named().compactMap { member in
        node.problems.attempt { () throws(Finding) in try Delegation(member) }
      }
    }
  }
}

extension Delegation {
  fileprivate init(_ member: ScriptNode.Member) throws(Finding) {
    let fields = try ScriptFields(member.node, DelegationFields.group)
    role = member.key
    place = member.keyPlace.description
    isTerminating = fields[DelegationFields.search]
    let given = [DelegationFields.paths.row, DelegationFields.hashPrefixes.row, DelegationFields.succinct.row]
      .filter(fields.has)
    guard given.count == 1, let one = given.first else {
      throw member.node.refused(
        "exactly one of “paths”, “hash-prefixes” and “succinct” says what is delegated", hint: "Keep one of them.")
    }
    switch one.name {
    case DelegationFields.paths.row.name: scope = .paths(fields[DelegationFields.paths])
    case DelegationFields.hashPrefixes.row.name: scope = .hashPrefixes(fields[DelegationFields.hashPrefixes])
    default: scope = .succinct(bitLength: fields[DelegationFields.succinct].trailingZeroBitCount)
    }
    if case .succinct = scope, fields.has(DelegationFields.search.row) {
      throw member.node.refused("bins have no “search”: each file is in one bin", hint: "Leave “search” out.")
    }
  }
}

extension Expiry {
  init(_ node: ScriptNode) throws(Finding) {
    if case .mapping = node.value {
      self = .days(try ScriptFields(node, ExpiryFields.group)[ExpiryFields.days])
    } else {
      self = .at(try node.time())
    }
  }
}

extension OnlineRole {
  init(_ name: String, _ node: ScriptNode, _ known: [String]) throws(Finding) {
    let fields = try ScriptFields(node, OnlineRoleFields.group)
    place = node.place
    self.name = name
    threshold = fields[OnlineRoleFields.threshold]
    keys = fields.read(OnlineRoleFields.keys, or: []) { node throws(Finding) in
      try node.names(among: known, else: "is not described under “online-keys”", "Online keys are")
    }
    self.fields = fields[OnlineRoleFields.fields]
  }
}
