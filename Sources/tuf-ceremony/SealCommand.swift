import ArgumentParser
import Bundles
import CeremonyResults
import Findings
import FolderAudit
import Keys
import Products

struct SealCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seal", abstract: "Seals a ceremony that ended UNSEALED, by answers from elsewhere.",
    discussion: """
      An answer is what 'sign' made of a request that 'request --seal' wrote, or a DSSE envelope of another program over \
      the same statement. Each is verified. Then they are kept in DIR/seals, named by their SHA-256, and seal.dsse.json is \
      written, once. No other file of the folder is touched: SHA256SUMS and report.html stay what the ceremony wrote.

      Example: tuf-ceremony seal ceremony-3 seal-ada.tar
      """)

  @Argument(help: ArgumentHelp("The folder of a ceremony that ended UNSEALED.", valueName: "dir"))
  var folder: String

  @Argument(help: ArgumentHelp("Answers, in any order.", valueName: "answer"))
  var answers: [String]

  func run() throws {
    try ending {
      let products = try namedFolder(folder)
      let ceremony = try UnsealedCeremony.named(products, folder)
      var named: [(name: String, bytes: [UInt8])] = []
      for path in answers { named.append((path, try tuf_ceremony.named(path, atMost: Answer.limit))) }
      for file in try ceremony.files(by: named) {
        // What was interrupted goes on: a file that is named by what is in it is there already.
        if file.path != SealCount.path, try products.exists(file.path) { continue }
        try products.create(file.path, file.bytes)
        put("written  \(printable("\(folder)/\(file.path)"))\n")
      }
      say("  → Look at it as an auditor does: tuf-audit replay \(folder)")
      return .fine
    }
  }
}

extension UnsealedCeremony {
  /// Throws what is wrong with a folder, and `SEAL-NOT-AWAITED` where it is sealed, or is no ceremony that may be.
  static func named(_ folder: ProductsFolder, _ path: String) throws(Finding) -> UnsealedCeremony {
    let verifier = FolderVerifier(folder)
    // Answers that were kept before the seal was written: it was interrupted then.
    let findings = verifier.findings.filter {
      $0.severity == .error && !($0.code == .fileUnknown && $0.place?.hasPrefix("\(Self.folder)/") == true)
    }
    if let first = findings.first { throw first }
    guard let ceremony = verifier.unsealed, verifier.seal?.isAwaited == true else {
      throw Finding.sealNotAwaited.at(path)
    }
    return ceremony
  }
}
