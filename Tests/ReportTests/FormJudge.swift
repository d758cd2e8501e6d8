import CanonicalJSON
import Foundation
import Judges
import Report

/// What Python's HTML parser makes of a form; a form in Markdown goes through cmark-gfm first.
struct ParsedForm {
  struct Row {
    /// Number, who, step, words, begun, ended, initials of both, exceptions: white space folded.
    let cells: [String]
    /// What stands below it over the whole width.
    let below: String
    /// The names of the digests that have their place there; in HTML alone.
    let digests: [String]
  }

  let rows: [Row]
  /// Everything that people read.
  let text: String

  /// nil where there is no Python or no cmark-gfm; that is said.
  init?(_ form: [UInt8], _ format: Paper.Format, _ what: String) throws {
    var arguments: [String] = []
    if format == .md {
      guard let path = ForeignProgram.path("cmark-gfm", skipping: 1, what) else { return nil }
      arguments = [path]
    }
    guard let output = try Python.output(of: Self.script, arguments, input: form, skipping: 1, what) else {
      return nil
    }
    let answer = try JSONValue(parsing: Array(output.utf8))
    text = answer["text"]?.string ?? ""
    rows = (answer["rows"]?.array ?? []).map { row in
      Row(
        cells: (row["cells"]?.array ?? []).compactMap(\.string), below: row["below"]?.string ?? "",
        digests: (row["digests"]?.array ?? []).compactMap(\.string))
    }
  }

  /// What on a filled form is not what the transcript and the report of its folder say, each read anew; and how many
  /// times, initials and exceptions were compared. nil where there is no Python.
  static func disagreements(
    _ form: [UInt8], _ products: MemoryProducts
  ) throws -> (found: [String], compared: [String: Int64])? {
    let parts = try ["form": form, "report": products.read("report.html")].merging(
      ["transcript.jsonl", "sealing.jsonl"].map { ($0, try products.read($0)) }, uniquingKeysWith: { $1 })
    let input = JSONObject(
      parts.keys.sorted().map { ($0, .string(String(decoding: parts[$0] ?? [], as: UTF8.self))) })
    guard
      let output = try Python.output(
        of: script + comparison, ["compare"], input: JSONValue.object(input).canonical(), skipping: 1, "a filled form")
    else { return nil }
    let answer = try JSONValue(parsing: Array(output.utf8))
    let compared = (answer["compared"]?.object?.members ?? []).map { ($0.name, $0.value.integer ?? 0) }
    return ((answer["found"]?.array ?? []).compactMap(\.string), Dictionary(uniqueKeysWithValues: compared))
  }

  private static let script = """
    import html.parser, json, re, subprocess, sys

    def folded(text): return re.sub(r"\\s+", " ", text).strip()

    class Page(html.parser.HTMLParser):
        # The rows of the table of steps, the articles of a report, and all text.
        def __init__(self, source):
            super().__init__()
            self.rows, self.articles, self.text = [], [], []
            self.row, self.cell, self.in_head, self.in_style, self.in_steps = [], None, False, False, False
            self.digest = None
            self.feed(source)
            self.close()
        def handle_starttag(self, tag, attributes):
            if tag == "article": self.articles.append("")
            if tag == "style": self.in_style = True
            if tag == "p" and dict(attributes).get("class") == "digest": self.digest = ""
            if tag == "thead": self.in_head = True
            if tag == "tr": self.row = []
            if tag in ("td", "th"): self.cell = ""
        def handle_endtag(self, tag):
            if tag == "style": self.in_style = False
            if tag == "strong" and self.digest is not None and self.in_steps:
                self.rows[-1]["digests"].append(folded(self.digest))
                self.digest = None
            if tag == "p": self.digest = None
            if tag == "thead": self.in_head = False
            if tag == "table": self.in_steps = False
            if tag in ("td", "th"):
                self.row.append(folded(self.cell))
                self.cell = None
            if tag == "tr" and self.in_head: self.in_steps = self.row[:3] == ["No.", "Who", "Step"]
            elif tag == "tr" and self.in_steps:
                if len(self.row) == 9: self.rows.append({"cells": self.row, "below": "", "digests": []})
                else: self.rows[-1]["below"] = folded(self.rows[-1]["below"] + " " + " ".join(self.row))
        def handle_data(self, data):
            if self.in_style: return
            self.text.append(data)
            if self.digest is not None: self.digest += data
            if self.cell is not None: self.cell += data
            if self.articles: self.articles[-1] += data

    source = sys.stdin.buffer.read().decode()
    if sys.argv[1:] != ["compare"]:
        if sys.argv[1:]:
            source = subprocess.run(
                [sys.argv[1], "-e", "table"], input=source, stdout=subprocess.PIPE, text=True, check=True).stdout
            if "raw HTML omitted" in source: sys.exit("the Markdown has HTML in it")
        page = Page(source)
        json.dump({"rows": page.rows, "text": folded("".join(page.text))}, sys.stdout)
        sys.exit()
    """

  private static let comparison = """

    parts = json.loads(source, strict=False)
    steps, found, compared = {}, [], {"times": 0, "initials": 0, "exceptions": 0, "signatures": 0}
    records = [json.loads(line) for line in (parts["transcript.jsonl"] + parts["sealing.jsonl"]).splitlines()]
    for before, record in zip([{"step": ""}] + records, records):
        if not record["step"]: continue
        step = steps.setdefault(
            record["step"],
            {"at": [], "numbers": set(), "initials": {}, "exceptions": [], "keys": []})
        if before["step"] != record["step"]: step["at"].append(record["at"])
        if record["kind"] == "screen": step["numbers"].add(record["body"]["step"])
        if record["kind"] == "initials": step["initials"][record["body"]["person"]] = record["body"]["initials"]
        if record["kind"] == "signature": step["keys"].append(record["body"]["keyid"])
        if record["kind"] == "exception": step["exceptions"].append(str(record["body"]["number"]))
    articles = [folded(article) for article in Page(parts["report"]).articles]
    for row in Page(parts["form"]).rows:
        number, _, step, _, begun, ended, administrator, witness, exceptions = row["cells"]
        id_ = re.sub(r" planned \\d+ min, took \\d+ min$", "", step).split(" ")[-1]
        recorded = steps.pop(id_, None)
        def check(what, holds):
            if not holds: found.append(f"{number} {id_}: {what}")
        if not recorded:
            check("it never began", (begun, ended, administrator, witness, exceptions) == ("",) * 5)
            continue
        check("the times", begun.split(" ") == recorded["at"])
        check("the end", ended >= begun)
        check("the number", recorded["numbers"] <= {int(number)})
        check("the initials", [administrator, witness] == [
            recorded["initials"].get(person, "") for person in ("administrator", "witness")])
        check("the exceptions", exceptions == ", ".join(recorded["exceptions"]))
        check("the key", all(key in row["below"] for key in recorded["keys"]))
        article = [text for text in articles if re.search(rf"· {re.escape(id_)}(?!\\S)", text)][:1]
        check("it is not in the report", article)
        for text in article:
            check("the report's time", f"{recorded['at'][0]} (" in text)
            check("the report's number", not recorded["numbers"] or f"step {number} of " in text)
        compared["times"] += len(recorded["at"])
        compared["initials"] += len(recorded["initials"])
        compared["signatures"] += len(recorded["keys"])
        compared["exceptions"] += len(recorded["exceptions"])
    found += [f"{step}: not on the form" for step in steps]
    json.dump({"found": found, "compared": compared}, sys.stdout)
    """
}
