import Findings
import Keys
import Mustache

/// A template of this program, and what a page without script may load: nothing but its own style.
enum PageTemplate {
  /// UTF-8. Throws `INTERNAL` where the template is broken.
  static func render(_ template: [UInt8], _ content: Any) throws(Finding) -> [UInt8] {
    guard isRegistered else { throw broken("the escaping of text") }
    do {
      let template = try MustacheTemplate(string: String(decoding: template, as: UTF8.self))
      return Array(template.render(TemplateContent.parts(of: content) ?? [:]).utf8)
    } catch {
      throw broken("\(error)")
    }
  }

  /// The content security policy of a page with one style sheet, which is allowed by its digest.
  static func policy(style: String) -> String {
    let digest = Base64.encode(SHA256Digest(of: Array(style.utf8)).bytes)
    return "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
  }

  /// Registers the ways to escape under the names that the templates ask for, once.
  private static let isRegistered: Bool = {
    MustacheContentTypes.register(PageText(), named: "PAGE")
    MustacheContentTypes.register(MarkdownText(), named: "MARKDOWN")
    return true
  }()

  private static func broken(_ what: String) -> Finding {
    Finding(
      .internalError, "A template of this program is broken: \(what).",
      hint: "Report this to the project; neither script nor folder is at fault.")
  }
}
