import CeremonyRecords
import CeremonyReplay
import CeremonyScript
import Findings
import Keys
import Products

/// The paper form of a ceremony: one row a step of the plan, in the words of the console, with the script's digest on
/// every page. Empty for the pen, or filled in from the folder of a ceremony, to be laid beside the scan.
package struct Paper {
  package enum Format: String, CaseIterable, Sendable {
    /// One page without script, which loads nothing.
    case html
    /// CommonMark with GitHub's tables.
    case md
  }

  /// Warnings of the replay, and how it ended where it is not complete; empty for an empty form.
  package let findings: [Finding]
  /// Whether the form is filled in from what another engine version made, and nothing was re-executed.
  package let isByFilesAlone: Bool
  private let form: PaperForm

  /// An empty form.
  ///
  /// - Parameters:
  ///   - script: the bytes that will run. Throws where they are no script.
  ///   - kinds: what the script can be used for, as its lint has found.
  ///   - baseline: the root that it goes on from; nil where it founds one.
  ///   - program: of the program that is to run it, as its first screen shows it.
  package init(
    _ script: [UInt8], for kinds: [Mode], after baseline: Baseline? = nil, program: SHA256Digest? = nil
  ) throws(Finding) {
    form = PaperForm(
      try Script(script).going(on: baseline), SHA256Digest(of: script), kinds: kinds, program: program, nil)
    findings = []
    isByFilesAlone = false
  }

  /// The form filled in.
  ///
  /// - Parameters:
  ///   - script: the bytes that ran. Throws where they are no script.
  ///   - source: the folder. Throws `SCRIPT-CHANGED` where it is of another script, and the first error of its replay,
  ///     except that the ceremony was given up, did not end or was never sealed: the form says that first.
  package init(_ script: [UInt8], filledFrom source: any ProductsSource) throws(Finding) {
    let digest = SHA256Digest(of: script)
    var parsed = try Script(script)
    if let baseline = try Self.baseline(of: parsed, source) { parsed = parsed.going(on: baseline) }
    let record = try PaperRecord(source, parsed, digest)
    let program = record.verdict.configuration?.program.executable
    form = PaperForm(
      record.playsOnTwin ? Self.onTwin(parsed, source) : parsed, digest, kinds: [],
      program: program == .zero ? nil : program, record)
    findings = record.verdict.findings
    isByFilesAlone = record.verdict.isByFilesAlone
  }

  /// The root that a script goes on from, as the folder keeps it; nil where it founds one.
  private static func baseline(of script: Script, _ source: any ProductsSource) throws(Finding) -> Baseline? {
    try script.baseline(in: "inputs/") { file throws(Finding) in try source.read("inputs/\(file.name)") }
  }

  /// With the steps in which a twin is made, where the folder holds the root that it is of.
  private static func onTwin(_ script: Script, _ source: any ProductsSource) -> Script {
    guard let baseline = try? baseline(of: script, source) else { return script }
    return (try? script.going(on: baseline).withStandIns()) ?? script
  }

  /// A page for whoever watches: what is read aloud, with room to write it, and what to do with it afterwards. HTML in
  /// UTF-8. Throws `INTERNAL` where the template of this program is broken.
  package func renderedForViewers() throws(Finding) -> [UInt8] {
    try PageTemplate.render(PackageResources.viewer_mustache, form)
  }

  /// UTF-8. Throws `INTERNAL` where the template of this program is broken.
  package func rendered(as format: Format) throws(Finding) -> [UInt8] {
    switch format {
    case .html: try PageTemplate.render(PackageResources.paper_mustache, form)
    case .md: try PageTemplate.render(PackageResources.paper_md_mustache, form)
    }
  }
}
