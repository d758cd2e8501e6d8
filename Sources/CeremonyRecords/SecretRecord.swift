import CanonicalJSON
import PIV
import Transcript

/// What the secret port is asked to do with a secret that the engine knows by name only.
package struct SecretOperation: Hashable, Sendable {
  package enum Action: String, Sendable {
    /// A new one is made, or typed twice.
    case make
    /// Its keeper enters it for use.
    case enter
    /// It is wiped.
    case forget
  }

  package enum Kind: String, Sendable {
    case pin
    case puk
    case managementKey = "management-key"
  }

  package let action: Action
  package let kind: Kind
  package let handle: SecretHandle

  package init(action: Action, kind: Kind, handle: SecretHandle) {
    self.action = action
    self.kind = kind
    self.handle = handle
  }
}

/// A secret was made, entered, compared or forgotten; never the secret.
package enum SecretRecord: ReadableRecordBody {
  case operation(SecretOperation, isDone: Bool)
  /// A yes or no that was computed from the secret; nil where what that needs was not to be had.
  case verdict(SecretHandle, question: String, Bool?)

  package static let kind = RecordKind.secret

  package var json: JSONObject {
    switch self {
    case .operation(let operation, let isDone):
      [
        "secret": .string(operation.handle.description), "kind": .string(operation.kind.rawValue),
        "work": .string(operation.action.rawValue), "done": .bool(isDone),
      ]
    case .verdict(let handle, let question, let verdict?):
      ["secret": .string(handle.description), "question": .string(question), "verdict": .bool(verdict)]
    case .verdict(let handle, let question, nil):
      ["secret": .string(handle.description), "question": .string(question), "unavailable": true]
    }
  }

  package init?(fields body: JSONObject) {
    guard let name = body["secret"]?.string else { return nil }
    let handle = SecretHandle(name)
    if let kind = body["kind"]?.string.flatMap(SecretOperation.Kind.init(rawValue:)),
      let action = body["work"]?.string.flatMap(SecretOperation.Action.init(rawValue:)), let isDone = body["done"]?.bool
    {
      self = .operation(SecretOperation(action: action, kind: kind, handle: handle), isDone: isDone)
    } else if let question = body["question"]?.string, let verdict = body["verdict"]?.bool {
      self = .verdict(handle, question: question, verdict)
    } else if let question = body["question"]?.string, body["unavailable"] == true {
      self = .verdict(handle, question: question, nil)
    } else {
      return nil
    }
  }
}
