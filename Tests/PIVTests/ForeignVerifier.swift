import Crypto
import Foundation
import PIVTypes

/// swift-crypto's verdict on a signature, and the programs that others wrote.
enum ForeignVerifier {
  static func accepts(_ signature: [UInt8], over message: [UInt8], _ algorithm: KeyAlgorithm, _ key: [UInt8])
    -> Bool
  {
    switch algorithm {
    case .ed25519:
      (try? Curve25519.Signing.PublicKey(rawRepresentation: key))?.isValidSignature(signature, for: message)
        ?? false
    case .ecdsaP256:
      if let key = try? P256.Signing.PublicKey(x963Representation: key),
        let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
      {
        key.isValidSignature(signature, for: message)
      } else {
        false
      }
    case .ecdsaP384:
      if let key = try? P384.Signing.PublicKey(x963Representation: key),
        let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature)
      {
        key.isValidSignature(signature, for: message)
      } else {
        false
      }
    }
  }

  /// Runs `openssl` with arguments and input; its output and whether it was content.
  static func openssl(_ arguments: [String], input: [UInt8] = []) throws -> (output: [UInt8], isContent: Bool) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    let (into, out) = (Pipe(), Pipe())
    process.standardInput = into
    process.standardOutput = out
    process.standardError = FileHandle.nullDevice
    try process.run()
    try into.fileHandleForWriting.write(contentsOf: Data(input))
    try into.fileHandleForWriting.close()
    let output = try out.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (Array(output), process.terminationStatus == 0)
  }

  /// A folder that is gone after `body`.
  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "piv-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
