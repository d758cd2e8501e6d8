import CeremonyEngine
import Findings
import Mustache
import Products
import Transcript

/// The page about a ceremony: one HTML file without script, which loads nothing.
///
/// The ceremony is replayed for it, so that the verdict on the page is this program's own. The page depends on the
/// folder and the video alone: the same folder gives the same bytes.
public struct Report {
  /// What the replay found.
  public let verdict: ReplayVerdict
  /// That, and what else cannot be read.
  public let findings: [Finding]
  private let page: Page

  public init(_ source: any ProductsSource, video: Video? = nil) {
    let verdict = Replay(source).verdict()
    let content = TranscriptContent(
      transcript: (try? source.read("transcript.jsonl")) ?? [],
      sealing: try? source.read("sealing.jsonl")
    )
    let metadata = MetadataPart(source, verdict.facts)
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
      content: content,
      metadata: metadata,
      annex: AnnexFile.files(source),
      video: video
    )
  }

  /// UTF-8. Throws `INTERNAL` where the template of this program is broken.
  public func html() throws(Finding) -> [UInt8] {
    guard PageText.isRegistered else { throw Self.broken("the escaping of text") }
    do {
      let template = try MustacheTemplate(
        string: String(decoding: PackageResources.report_mustache, as: UTF8.self)
      )
      return Array(template.render(page).utf8)
    } catch {
      throw Self.broken("\(error)")
    }
  }

  private static func broken(_ what: String) -> Finding {
    Finding(
      .internalError,
      "The template of the report is broken: \(what).",
      hint: "Report this to the project; the folder is not at fault."
    )
  }
}

extension Finding.Code {
  public static let internalError = Finding.Code("INTERNAL")
}
