import CanonicalJSON
import CeremonyRecords
import Keys
import PIV
import Products
import Synchronization

/// The secrets of a rehearsal: drawn by the program, and written on the keyholders' paper in `virtual-cards/`.
package final class RehearsalVault: SecretVault {
  private let entropy: any Entropy
  private let folder: ProductsFolder
  private let secrets = Mutex<[String: Secret]>([:])

  package init(_ entropy: any Entropy, _ folder: ProductsFolder) {
    self.entropy = entropy
    self.folder = folder
  }

  /// Takes up the keepers' paper where a rehearsal goes on.
  package convenience init(_ entropy: any Entropy, _ folder: ProductsFolder, readingPaper: Bool) throws {
    self.init(entropy, folder)
    guard readingPaper, let bytes = try? folder.read("virtual-cards/paper.json"),
      let paper = try? JSONValue(parsing: bytes).object
    else { return }
    for member in paper.members {
      let secret = try Secret(copying: Array((member.value.string ?? "").utf8))
      secrets.withLock { $0[member.name] = secret }
    }
  }

  package var origin: CeremonyConfiguration.Secrets { .made }

  /// Whether the operation was done; a PIN that nobody made cannot be entered.
  package func perform(_ operation: SecretOperation) throws -> Bool {
    let name = operation.handle.description
    switch operation.action {
    case .make:
      let secret =
        switch operation.kind {
        case .pin, .puk: try Secret.digits(8, from: entropy.secret(count:))
        case .managementKey: try entropy.secret(count: 24)
        }
      secrets.withLock { $0[name] = secret }
      // The management key is on nobody's paper: it is forgotten as soon as it is set.
      if operation.kind != .managementKey { try writePaper() }
      return true
    case .enter: return secrets.withLock { $0[name] != nil }
    case .forget:
      // Gone is gone, also where the program that made it ended before.
      secrets.withLock { $0[name] = nil }
      return true
    }
  }

  package func holds(in typed: Secret) -> Bool { typed.holds(any: secrets.withLock { Array($0.values) }) }

  package func reveal(_ handle: SecretHandle) throws -> Secret {
    if let factory = FactorySecret(handle) { return try Secret(copying: factory.value) }
    guard let secret = secrets.withLock({ $0[handle.description] }) else { throw PIVError.secretUnavailable }
    return secret
  }

  package func draw(count: Int) throws -> Secret { try entropy.secret(count: count) }

  package func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    try compute()
  }

  private func writePaper() throws {
    var paper = JSONObject()
    for (name, secret) in secrets.withLock({ $0 }) where !name.hasSuffix("/management-key") {
      paper[name] = .string(secret.withBytes { String(decoding: $0, as: UTF8.self) })
    }
    try folder.replace("virtual-cards/paper.json", JSONValue.object(paper).pretty())
  }
}
