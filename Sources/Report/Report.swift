import CeremonyReplay
import CeremonyResults
import Findings
import FolderAudit
import Products
import Transcript

/// The page about a ceremony: one HTML file without script, which loads nothing.
///
/// The ceremony is replayed for it, so that the verdict on the page is this program's own. The page depends on the
/// folder and the video alone: the same folder gives the same bytes.
package struct Report {
  /// What the replay found.
  package let verdict: ReplayVerdict
  /// That, and what else cannot be read.
  package let findings: [Finding]
  private let page: Page

  package init(_ source: any ProductsSource, video: Video? = nil) {
    self.init(Replay(source, report: Self.page).verdict(), source, video)
  }

  /// `report.html` of the folder itself: from the ceremony's own account, and from the folder without `annex/`,
  /// `report.html` and `SHA256SUMS`, which come later.
  package static func page(_ account: ReplayVerdict, _ source: any ProductsSource) throws -> [UInt8] {
    try Report(account, source, nil).html()
  }

  private init(_ given: ReplayVerdict, _ source: any ProductsSource, _ video: Video?) {
    var verdict = given
    let shown = ShownRecords(source, given)
    let content = shown.content
    if given.isOwnAccount {
      verdict.records = Int64(content.records.count)
      for record in content.records {
        verdict.cards.note(record)
        verdict.incidents.note(record)
      }
    }
    let metadata = MetadataPart(source, verdict.facts, among: given.isOwnAccount ? given.ownFiles : nil)
    self.verdict = verdict
    findings =
      verdict.findings
      + (metadata.findings + [content.finding].compactMap(\.self)).filter { finding in
        // The replay names each place once, and an interrupted ceremony has nothing to seal.
        finding.code != .transcriptEmpty && !verdict.findings.contains { $0.place == finding.place }
      }
    page = Page(
      verdict: verdict,
      findings: findings,
      shown: shown,
      metadata: metadata,
      // What is added later is on no page that was written before.
      annex: given.isOwnAccount ? [] : AnnexFile.files(source),
      video: video
    )
  }

  /// UTF-8. Throws `INTERNAL` where the template of this program is broken.
  package func html() throws(Finding) -> [UInt8] {
    try PageTemplate.render(PackageResources.report_mustache, page)
  }
}
