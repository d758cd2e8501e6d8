import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

extension RootAdvice {
  /// A part for people, without the findings.
  package var text: String {
    let root = document.root
    var lines = ["root version \(root.version), expires \(root.expires): \(printable(document.place))"]
    for section in sections where !section.sentences.isEmpty {
      lines += ["", section.title] + section.sentences.map { "  " + printable($0) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One object with stable names; `Runbook/schemas` describes it.
  package var json: JSONObject {
    let root = document.root
    return [
      "path": .string(document.place), "version": .integer(root.version),
      "expires": .string(root.expires.description), "rehearsal": .bool(root.isRehearsal),
      "losses": .array(losses.map(\.json)), "shared": .array(shared.map(\.json)),
      "same_key": .array(repeated.map { .array($0.keyIDs.map { .string($0) }) }), "signing": signing.json,
      "online_key_changes": .array(changes.map(\.json)), "clients": .array(clients.map(\.json)),
      "horizon": horizon.json,
      "words": .array(
        sections.flatMap { section in
          section.sentences.map { says -> JSONValue in ["about": .string(section.title), "says": .string(says)] }
        }),
    ]
  }
}

extension Losses {
  fileprivate var json: JSONValue {
    [
      "roles": roles.json, "threshold": number(threshold), "keys": .array(keyIDs.map { .string($0) }),
      "not_checked": .array(unchecked.map { .string($0) }), "fatal": fatal.map(number) ?? .null,
      "each_needed": .bool(isEachNeeded), "one_enough": .bool(isOneEnough),
    ]
  }
}

extension SharedKeys {
  fileprivate var json: JSONValue { ["roles": roles.json, "keys": .array(keyIDs.map { .string($0) })] }
}

extension SigningTime {
  fileprivate var json: JSONValue {
    [
      "latest": .string(latest.description), "due": .bool(isDue), "days": .integer(days),
      "source": .string(source.rawValue),
    ]
  }
}

extension OnlineKeyChange {
  fileprivate var json: JSONValue { ["from": .integer(from), "to": .integer(to), "roles": roles.json] }
}

extension ClientAdvice {
  fileprivate var json: JSONValue {
    [
      "client": .string(client.rawValue), "verdict": .string(verdict.rawValue),
      "reasons": .array(reasons.map { .string($0) }), "basis": .string(client.basis.rawValue),
    ]
  }
}

extension Horizon {
  fileprivate var json: JSONValue {
    [
      "limit": number(limit), "limited": .bool(isLimited), "fits": .bool(fits), "bytes": number(bytes),
      "root_keys": number(keys), "digest_keys": number(digestKeys), "unknown_keys": number(unknownKeys),
      "rooms": .array(
        rooms.map { room -> JSONValue in
          [
            "kind": .string(room.algorithm.rawValue), "more": isLimited ? number(room.more) : .null,
            "bytes": isLimited ? number(room.bytes) : .null, "beyond": isLimited ? number(room.beyond) : .null,
          ]
        }),
      "bridge": [
        "kind": .string(bridge.algorithm.rawValue), "keys": number(bridge.count), "bytes": number(bridge.bytes),
        "most": bridge.most.map { ["keys": number($0.count), "bytes": number($0.bytes)] } ?? .null,
      ],
      "online_ml_dsa_44": number(onlineMLDSA44),
    ]
  }
}

extension [TopLevelRole] {
  fileprivate var json: JSONValue { .array(map { .string($0.rawValue) }) }
}

private func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }
