import CeremonyEngine
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Keys
import Products
import ThisProgram
import Transcript

/// The folder of a ceremony that goes on. It may hold what the record accounts for, and what a program that ended left of
/// a file that it was writing; anything else is refused before anything is written and any card is asked.
final class ResumedFolder {
  /// Where the record ends.
  enum Extent { case inTranscript, inSealing, atEnd }

  private let folder: ProductsFolder
  private let mirror: Mirror?
  private let isRehearsal: Bool
  private let inputs: [String]
  /// Every product that the record accounts for.
  private var known: Set<String> = ["script.yaml"]
  /// Those that are not there.
  private var missing: [Product] = []
  /// What is left of files that were being written.
  private var partials: [String] = []
  private var isMended = false
  /// The product whose record was lost with the end of the file, or cut short, and comes again first.
  private(set) var next: String?
  /// What was done to a folder to whose record nothing was added, a sentence each.
  var repairs: [String] = []

  /// What is written after the end, and no longer true when records follow.
  private static let endings = [ReportFile.path, SumsFile.path]

  init(_ folder: ProductsFolder, mirror: Mirror?, _ script: Script, _ configuration: CeremonyConfiguration) {
    self.folder = folder
    self.mirror = mirror
    isRehearsal = configuration.isRehearsal
    let earlier = configuration.after?.isKept == true ? [CeremonyConfiguration.After.fileName] : []
    inputs = (script.files.map(\.name) + earlier).map { "inputs/\($0)" }
  }

  /// A product whose record stands is there, or was about to be made when the ceremony stopped.
  ///
  /// Throws `PRODUCT-CHANGED`, and `FILE-REFUSED` where it cannot be read.
  func account(for product: Product) throws {
    known.insert(product.path)
    guard try folder.exists(product.path) else {
      missing.append(product)
      if isMended { try writeMissing() }
      return
    }
    guard try folder.read(product.path) == product.bytes else {
      throw Finding(
        .productChanged, "\(product.path) is not what the ceremony wrote.",
        hint: "It was changed since. Go on from an unchanged copy of the folder.", place: product.path)
    }
  }

  /// The same for a file of `verify/`. Throws `RESUME-REFUSED` where it is missing and this release has another one.
  func account(for file: VerifierFile) throws {
    if let bytes = ShippedVerifier.content(of: file) { return try account(for: Product(file.path, bytes)) }
    known.insert(file.path)
    guard try folder.exists(file.path) else { throw Finding.suppliedByAnother(file) }
    guard try folder.digest(of: file.path) == file.digest else { throw Finding.verifierChanged(file) }
  }

  /// A file from elsewhere whose record stands.
  func account(forDelivered path: String) { known.insert(path) }

  /// A file from elsewhere whose record was not written any more: it is taken in again.
  private func isUntaken(_ path: String) -> Bool {
    guard path.hasPrefix("\(Delivered.folder)/"), let digest = try? folder.digest(of: path) else { return false }
    return ["tar", "json"].contains { path == "\(Delivered.folder)/\(digest.hex).\($0)" }
  }

  /// Writes nothing. Throws `FILE-UNKNOWN` for what nothing accounts for, by name, and `FILE-REFUSED` for a missing input.
  ///
  /// - Parameter product: the path of what is written first when the ceremony goes on. A disk may have kept it, or a part
  ///   of it, and lost its record.
  func check(_ extent: Extent, before product: String? = nil) throws(Finding) {
    next = product
    for input in inputs where try !folder.exists(input) {
      throw Finding(
        .fileRefused, "\(input) is not there.", hint: "Copy it back from where it came, then go on.", place: input)
    }
    let made = known.union(inputs).union(product.map { [$0] } ?? []).union(extent == .inTranscript ? [] : Self.endings)
    let records = [RecordFile.transcript.name] + (extent == .inTranscript ? [] : [RecordFile.sealing.name])
    let expected = made.union(records)
    var unknown: [String] = []
    for entry in try folder.list(besides: exempt) {
      if entry.isRegular, ProductsFolder.isSafe(entry.path) {
        if expected.contains(entry.path) { continue }
        if entry.path.hasSuffix(ProductsFolder.partialSuffix),
          made.contains(String(entry.path.dropLast(ProductsFolder.partialSuffix.count)))
        {
          partials.append(entry.path)
          continue
        }
        if isUntaken(entry.path) {
          partials.append(entry.path)
          continue
        }
      }
      unknown.append(entry.path)
    }
    // An empty folder where a file has to be is found by nothing else.
    let places = Set(expected.map { $0.split(separator: "/").dropLast().joined(separator: "/") })
      .union(
        ["inputs", Delivered.folder, "metadata", "pending", "requests", "cards", VerifierFile.folder, "annex"]
          + (isRehearsal ? ["virtual-cards"] : []))
    for path in try folder.folders(besides: exempt) {
      if !places.contains(path), !unknown.contains(where: { $0 == path || $0.hasPrefix(path + "/") }) {
        unknown.append(path)
      }
    }
    guard let first = unknown.first else { return }
    let names = unknown.prefix(8).map(printable).joined(separator: ", ")
    let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
    throw Finding(
      .fileUnknown, "The record of this ceremony does not account for \(names)\(more). Nothing was done.",
      hint: unknown.contains(RecordFile.sealing.name)
        ? "The transcript is not closed, so sealing.jsonl is of another ceremony, or the disk lost the end of the transcript. Compare with another copy; go on in that one, or move the file out of the folder."
        : "Move it out of the folder, and keep it: it is not this ceremony's, or the disk lost the record of it. Then go on.",
      place: first)
  }

  /// Folders in which anything may be.
  private var exempt: Set<String> { ProductsFolder.exempt(isRehearsal: isRehearsal) }

  // MARK: - A ceremony that had ended

  /// The SHA-256 of the page: as it is there, or as it will be written.
  private(set) var page: SHA256Digest?
  private var isGivenUp = false
  /// Another release wrote the page, which is why nobody here can say whether it is right.
  private var otherRelease: String?

  /// The folder as it is when what is missing was written.
  var mended: some ProductsSource { MendedFolder(folder: folder, missing: missing) }

  /// The page is as this release writes it, or missing. Throws `PRODUCT-CHANGED`, and `RESUME-REFUSED` where it is missing
  /// and another release has to write it.
  func account(forPage bytes: [UInt8], writtenBy release: String?, isGivenUp: Bool) throws(Finding) {
    self.isGivenUp = isGivenUp
    if release != ProgramVersion.current { otherRelease = release ?? "unknown" }
    guard try folder.exists(ReportFile.path) else {
      if let otherRelease { throw Self.needs(otherRelease, for: ReportFile.path) }
      missing.append(Product(ReportFile.path, bytes, isRecorded: false))
      page = SHA256Digest(of: bytes)
      return
    }
    page = try folder.digest(of: ReportFile.path)
    guard otherRelease != nil || page == SHA256Digest(of: bytes) else {
      throw Self.contradicts(
        ReportFile.path, "\(ReportFile.path) is not what this release writes for these records.")
    }
  }

  /// Everything else agrees. Compares the sums with all of it, and only then writes what is missing.
  ///
  /// Throws `PRODUCT-CHANGED` with nothing written.
  func end(_ sums: Product) throws(Finding) {
    if try folder.exists(SumsFile.path) {
      if let finding = SumsFile(sums.bytes).finding(against: try folder.read(SumsFile.path)) {
        throw Self.contradicts(finding.place ?? SumsFile.path, finding.what)
      }
    } else {
      if let otherRelease { throw Self.needs(otherRelease, for: SumsFile.path) }
      missing.append(sums)
    }
    // One that was given up and lacks nothing is refused.
    if isGivenUp, missing.isEmpty, partials.isEmpty { return }
    try copy(.atEnd)
    try mend(.atEnd)
  }

  private static func contradicts(_ place: String, _ what: String) -> Finding {
    Finding(
      .productChanged, "\(what) The ceremony had ended, and nothing was written.",
      hint: "One of the two was changed later. Compare the folder with another copy.", place: place)
  }

  private static func needs(_ release: String, for path: String) -> Finding {
    Finding(
      .resumeRefused, "\(path) is missing, and release \(release) wrote the page of this ceremony.",
      hint: "Let that release write it again.", place: path)
  }

  // MARK: -

  /// Fills the second copy with what is there and stays.
  func copy(_ extent: Extent) throws(Finding) {
    try mirror?.fill(from: folder, without: Set(partials + (extent == .atEnd ? [] : Self.endings)))
  }

  /// Takes away what is left over, and writes what is missing.
  func mend(_ extent: Extent) throws(Finding) {
    for partial in partials {
      try folder.remove(partial)
      repairs.append("\(partial), left over from writing, was taken away.")
    }
    // A disk may lose the last records and keep what was written about them: that is written again.
    if extent == .inSealing {
      for stale in Self.endings where try folder.exists(stale) {
        try folder.remove(stale)
        repairs.append("\(stale) was about records that are not here, and is written anew.")
      }
    }
    isMended = true
    try writeMissing()
  }

  private func writeMissing() throws(Finding) {
    for product in missing {
      try folder.create(product.path, product.bytes)
      mirror?.create(product.path, product.bytes)
      repairs.append("\(product.path) was missing, and was written again.")
    }
    missing = []
  }
}
