import CanonicalJSON
import Foundation
import Judges

/// What Python's HTML parser makes of a page.
struct ParsedPage {
  /// What people read, white space folded.
  let text: String
  /// What a page of ours must not have.
  let problems: [String]
  let links: [String]

  /// nil where there is no Python; that is said.
  init?(_ html: [UInt8], _ what: String) throws {
    guard let output = try Python.output(of: Self.script, input: html, skipping: 1, what) else { return nil }
    let answer = try JSONValue(parsing: Array(output.utf8))
    text = answer["text"]?.string ?? ""
    problems = (answer["problems"]?.array ?? []).compactMap(\.string)
    links = (answer["links"]?.array ?? []).compactMap(\.string)
  }

  private static let script = """
    import html.parser, json, re, sys

    VOID = {"meta", "wbr", "col"}
    KNOWN = VOID | set("html head title style body header main footer section article h1 h2 h3 h4 p ul li a dl div dt dd"
        " figure figcaption code span strong blockquote details summary table caption colgroup thead tbody tr th td".split())
    PLAIN = {"id", "class", "lang", "charset", "content", "name", "http-equiv", "href", "rel", "scope", "colspan", "aria-labelledby"}

    class Page(html.parser.HTMLParser):
        def __init__(self):
            super().__init__()
            self.open, self.problems, self.text, self.links, self.ids = [], [], [], [], []
            self.headings, self.references, self.table, self.style = [], [], None, ""
        def handle_starttag(self, tag, attributes):
            values = dict(attributes)
            if tag not in KNOWN: self.problems.append(f"element {tag}")
            for name in values:
                if name not in PLAIN: self.problems.append(f"attribute {name} of {tag}")
            if len(values) != len(attributes): self.problems.append(f"attribute of {tag} repeated")
            if "href" in values:
                if tag != "a" or not re.match(r"(#[a-z]+|https?://[^\\s\\"<>]+)$", values["href"], re.IGNORECASE):
                    self.problems.append(f"link {values['href']} of {tag}")
                self.links.append(values["href"])
            if "id" in values: self.ids.append(values["id"])
            if "aria-labelledby" in values: self.references.append(values["aria-labelledby"])
            if tag == "html" and values.get("lang") != "en": self.problems.append("no language")
            if re.match("h[1-6]$", tag): self.headings.append(int(tag[1]))
            if tag == "th" and "scope" not in values: self.problems.append("th without scope")
            if self.open and self.open[-1] == "table" and self.table == "":
                if tag != "caption": self.problems.append("table without caption")
                self.table = None
            if tag == "table": self.table = ""
            if tag not in VOID: self.open.append(tag)
        def handle_endtag(self, tag):
            if not self.open or self.open.pop() != tag: self.problems.append(f"end of {tag} out of place")
        def handle_data(self, data):
            if self.open and self.open[-1] == "style": self.style += data
            else: self.text.append(data)
        def handle_comment(self, data): self.problems.append("a comment")
        def handle_pi(self, data): self.problems.append("a processing instruction")

    source = sys.stdin.buffer.read().decode()
    page = Page()
    page.feed(source)
    page.close()
    if page.open: page.problems.append(f"not closed: {page.open}")
    if not source.startswith("<!DOCTYPE html>\\n"): page.problems.append("no doctype")
    if re.search(r"url\\(|@import|expression", page.style): page.problems.append("the style loads something")
    if page.headings[:1] != [1] or page.headings.count(1) != 1: page.problems.append("not one h1, first")
    for before, after in zip(page.headings, page.headings[1:]):
        if after > before + 1: page.problems.append(f"h{after} follows h{before}")
    if len(page.ids) != len(set(page.ids)): page.problems.append("an id stands twice")
    for target in page.references + [link[1:] for link in page.links if link.startswith("#")]:
        if target not in page.ids: page.problems.append(f"nothing has the id {target}")
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', source)
    if not policy or not policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-"):
        page.problems.append("no content security policy")
    text = re.sub(r"\\s+", " ", "".join(page.text))
    json.dump({"text": text, "problems": page.problems, "links": page.links}, sys.stdout)
    """
}
