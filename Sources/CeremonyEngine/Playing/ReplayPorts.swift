import CanonicalJSON
import Findings
import Keys
import PIV
import Products
import SmartCard
import UTC

extension Finding.Code {
  /// A file that this engine did not write stands in the folder.
  public static let fileUnknown = Finding.Code("FILE-UNKNOWN")
}

/// The world of a replay: the products folder, and nothing that could happen.
final class ReplayPorts: Ports {
  private let source: any ProductsSource
  /// Every file that the ceremony accounts for.
  private var known: Set<String> = ["script.yaml", "transcript.jsonl", "sealing.jsonl"]
  /// Those that are read in pieces, and hashed on the way.
  private var streams: [String: HashedStream] = [:]
  private(set) var compared = 0

  init(_ source: any ProductsSource) { self.source = source }

  func show(_ screen: Screen) {}
  func answer(to screen: Screen) throws -> Reply { throw NothingHappens() }
  func takeIn(_ name: String) throws { throw NothingHappens() }

  func stored(_ path: String) throws -> [UInt8] {
    known.insert(path)
    return try source.read(path)
  }

  /// A file that is read once, from its beginning to its end.
  func stream(_ path: String) throws(Finding) -> HashedStream {
    let stream = HashedStream(try source.open(path))
    streams[path] = stream
    return stream
  }

  func digest(of path: String) throws -> SHA256Digest { try streams[path]?.digest ?? source.digest(of: path) }

  func create(_ product: Product) throws {
    known.insert(product.path)
    let there = try source.read(product.path)
    guard there == product.bytes else {
      if product.path == "SHA256SUMS", let path = Self.difference(product.bytes, there) {
        throw Finding(
          .productChanged, "SHA256SUMS does not agree with \(path).",
          hint: "One of the two was changed later. Compare the folder with another copy.", place: path)
      }
      throw Finding(
        .productChanged, "\(product.path) is not what the ceremony wrote.",
        hint: "It was changed later. Compare the folder with another copy.", place: product.path)
    }
    compared += 1
  }

  /// The path in the first line of a list of sums that the other list does not have.
  private static func difference(_ expected: [UInt8], _ there: [UInt8]) -> String? {
    let lines = Set(there.split(separator: 0x0a))
    return expected.split(separator: 0x0a).first { !lines.contains($0) }
      .map { String(decoding: $0.dropFirst(66), as: UTF8.self) }
  }

  func awaitCard(keyholder: String, serial: UInt32?) throws -> JSONObject { throw NothingHappens() }
  var cardChannel: (any CardChannel)? { nil }
  func releaseCard() {}
  func random(count: Int) throws -> [UInt8] { throw NothingHappens() }
  func now() throws -> UTCTime { throw NothingHappens() }
  func work(_ task: SecretTask) throws -> Bool { throw NothingHappens() }
  var vault: any SecretVault { NoSecrets() }

  /// A finding for each file that the ceremony does not account for, links and devices among them.
  ///
  /// - Parameter exempt: folders that are not products.
  func unknownFiles(exempt: [String]) throws(Finding) -> [Finding] {
    try source.list().filter { entry in
      !exempt.contains { entry.path.hasPrefix("\($0)/") } && !(entry.isRegular && known.contains(entry.path))
    }.map {
      Finding(
        .fileUnknown, "\($0.path) is no file of this ceremony.",
        hint: "It was added later. Photographs and scans belong into annex/.", place: $0.path)
    }
  }
}

/// Asked of a port in a replay: the transcript should have answered.
private struct NothingHappens: Error {}

/// A vault without secrets: in a replay nobody asks it.
public final class NoSecrets: SecretVault {
  public init() {}
  public func reveal(_ handle: SecretHandle) throws -> Secret { throw PIVError.secretUnavailable }
  public func draw(count: Int) throws -> Secret { throw PIVError.secretUnavailable }
  public func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    throw PIVError.secretUnavailable
  }
}
