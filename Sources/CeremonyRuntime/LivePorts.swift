import CanonicalJSON
import CeremonyEngine
import Findings
import Keys
import PIV
import Products
import Report
import SmartCard
import UTC

/// The world as a ceremony reaches it.
public final class LivePorts: Ports {
  private let folder: ProductsFolder
  /// The folder in which the script stands.
  private let scriptFolder: String
  private let console: any Console
  private let rack: any CardRack
  private let entropy: any Entropy
  private let secrets: any SecretPort
  private let clock: any Clock

  public init(
    folder: ProductsFolder, scriptFolder: String, console: any Console, rack: any CardRack, entropy: any Entropy,
    secrets: any SecretPort, clock: any Clock
  ) {
    self.folder = folder
    self.scriptFolder = scriptFolder
    self.console = console
    self.rack = rack
    self.entropy = entropy
    self.secrets = secrets
    self.clock = clock
  }

  public func show(_ screen: Screen) { console.show(screen) }
  public func answer(to screen: Screen) throws -> Reply {
    try console.reply(to: screen) { [secrets] typed in try secrets.holdsAny(in: typed) }
  }

  public func now() -> UTCTime { clock.read().at }

  public func takeIn(_ name: String) throws {
    // It was copied before the first record, so that the folder is all that a resumed ceremony needs.
    if (try? folder.read("inputs/\(name)")) == nil {
      try folder.create("inputs/\(name)", try FileContent.beside(scriptFolder, name))
    }
  }

  public func stored(_ path: String) throws -> [UInt8] { try folder.read(path) }
  public func digest(of path: String) throws -> SHA256Digest { try folder.digest(of: path) }
  public func create(_ product: Product) throws { try folder.create(product.path, product.bytes) }

  public func report(_ account: ReplayVerdict) throws {
    try folder.create(ReportFile.path, try Report.page(account, folder))
  }

  public func awaitCard(keyholder: String, serial: UInt32?) throws -> JSONObject {
    try rack.awaitCard(keyholder: keyholder, serial: serial)
  }

  public var cardChannel: (any CardChannel)? { rack.channel }
  public func releaseCard() throws { try rack.release() }
  public func random(count: Int) throws -> [UInt8] { try entropy.bytes(count: count) }
  public func work(_ task: SecretTask) throws -> Bool { try secrets.work(task) }
  public var vault: any SecretVault { secrets }
}

extension FileContent {
  /// A file that a script names, from the script's folder. Throws `FILE-REFUSED` where it cannot be read.
  public static func beside(_ scriptFolder: String, _ name: String) throws(Finding) -> [UInt8] {
    guard
      let bytes = try read(
        scriptFolder.isEmpty ? name : "\(scriptFolder)/\(name)", atMost: 1 << 20, place: name, followsLinks: true)
    else {
      throw Finding(
        .fileRefused, "The script names the file \(name), which cannot be read.",
        hint: "Put it into the script's folder.", place: name)
    }
    return bytes
  }
}
