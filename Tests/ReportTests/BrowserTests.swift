import CanonicalJSON
import CeremonyScript
import Foundation
import Judges
import Keys
import Report
import Testing

/// The page in a browser that others made.
@Suite struct BrowserTests {
  @Test func aBrowserShowsThePageAndAsksNobodyForAnything() throws {
    guard let chromium = ForeignProgram.path("chromium", skipping: 1, "the report in a browser") else {
      return
    }
    let page = try Report(try Ceremonies.golden).html()
    guard let seen = try Self.visit(page, chromium) else { return }
    #expect(seen.requests == [])
    for words in ["REHEARSAL", "REPLAYED", "What is proved, and what is not", "Evidence"] {
      #expect(seen.document.contains(words), "\(words)")
    }
    // The same eyes see a request where a page makes one.
    let loading = "<!DOCTYPE html><title>x</title><img src=\"http://pictures.example/x.png\">"
    let other = try #require(try Self.visit(Array(loading.utf8), chromium))
    #expect(other.requests.contains { $0.contains("pictures.example") })
    // And the policy on the page would have stopped it.
    let html = String(decoding: page, as: UTF8.self)
    let smuggled = try html.editing(
      "<main>",
      with: "<main><img src=\"http://pictures.example/x.png\"><p style=\"color:red\">x</p>"
    )
    #expect(try #require(try Self.visit(Array(smuggled.utf8), chromium)).requests == [])
  }

  @Test(arguments: ["Letter", "A4"])
  func everySheetOfTheFormHasTheWholeDigestOfTheScript(size: String) throws {
    let what = "the form on paper"
    guard let chromium = ForeignProgram.path("chromium", skipping: 1, what),
      let reader = ForeignProgram.path("pdftotext", skipping: 1, what)
    else { return }
    let script = try Ceremonies.script("pep458-genesis")
    let page = try Paper(script, for: [.rehearsal]).rendered(as: .html)
    guard let seen = try Self.visit(try Self.sized(page, size), chromium, printing: reader) else { return }
    #expect(seen.requests == [])
    let sheets = seen.document.split(separator: "\u{c}").map(String.init)
    #expect(sheets.count > 5)
    for (index, sheet) in sheets.enumerated() {
      #expect(sheet.contains(SHA256Digest(of: script).hex))
      #expect(sheet.contains("page \(index + 1) of \(sheets.count)"))
    }
    // The last row of the table, and the last signature, are on paper, too.
    let last = try #require(Plan(try Script(script)).steps.last)
    #expect(sheets.contains { $0.contains(last.id) && $0.contains(last.action.title) })
    #expect(try #require(sheets.last).contains("Emeka"))
  }

  /// A browser's own choice is Letter; another size is a change of style, which the page's policy forbids.
  private static func sized(_ page: [UInt8], _ size: String) throws -> [UInt8] {
    guard size != "Letter" else { return page }
    return Array(
      try String(decoding: page, as: UTF8.self).editing("Content-Security-Policy", with: "none")
        .editing("</style>", with: "@page { size: \(size); }</style>").utf8)
  }

  /// No sheet but the last is half empty: empty, filled in, and the page for viewers.
  @Test(arguments: ["Letter", "A4"])
  func noSheetIsHalfEmpty(size: String) throws {
    let what = "sheets of paper"
    guard let chromium = ForeignProgram.path("chromium", skipping: 1, what),
      let reader = ForeignProgram.path("pdftotext", skipping: 1, what)
    else { return }
    let script = try Ceremonies.script("pep458-genesis")
    let empty = try Paper(script, for: [.rehearsal])
    let filled = try Paper(script, filledFrom: try Ceremonies.played(script))
    for (name, page) in [
      ("empty", try empty.rendered(as: .html)), ("filled", try filled.rendered(as: .html)),
      ("viewers", try empty.renderedForViewers()),
    ] {
      guard let seen = try Self.visit(try Self.sized(page, size), chromium, printing: reader) else { return }
      #expect(seen.filled.count > 3)
      #expect(seen.filled.dropLast().allSatisfy { $0 > 50 }, "\(name): \(seen.filled)")
    }
  }

  /// On a phone: nothing is wider than the screen, with the evidence unfolded, too.
  @Test func nothingScrollsSidewaysOnAPhone() throws {
    let what = "the report on a phone"
    guard let chromium = ForeignProgram.path("chromium", skipping: 1, what) else { return }
    let products = try Ceremonies.played(try Ceremonies.script("pep458-genesis"))
    let page = String(decoding: try Report(products).html(), as: UTF8.self)
    #expect(try Self.excess(of: page, chromium) == 0)
    // The same eyes see what is too wide.
    let wide = try page.editing(
      "<main>", with: "<main><table><tr><td>\(String(repeating: "M", count: 99))</td></tr></table>"
    )
    .editing("</style>", with: "td { white-space: nowrap; } td:last-child { overflow-wrap: normal; }</style>")
    .editing("Content-Security-Policy", with: "none")
    #expect(try #require(try Self.excess(of: wide, chromium)) > 0)
  }

  /// On paper the evidence is folded away, and it is still a document that somebody reads.
  @Test func onPaperItIsShort() throws {
    let what = "the report on paper"
    guard let chromium = ForeignProgram.path("chromium", skipping: 1, what),
      let reader = ForeignProgram.path("pdftotext", skipping: 1, what)
    else { return }
    let products = try Ceremonies.played(try Ceremonies.script("pep458-genesis"))
    guard let seen = try Self.visit(try Report(products).html(), chromium, printing: reader) else { return }
    let sheets = seen.document.split(separator: "\u{c}")
    #expect(sheets.count > 5 && sheets.count <= 30)
    #expect(!seen.document.contains("Evidence:"))
    #expect(seen.document.contains("Check it yourself"))
    #expect(try #require(sheets.first).contains("and who left"))
  }

  /// By how many pixels a page is wider than a screen of 390, everything unfolded; nil where there is no Python.
  private static func excess(of page: String, _ chromium: String) throws -> Int? {
    let quoted = page.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
    let frame = """
      <!DOCTYPE html><title>x</title><iframe style="width: 390px; border: 0" srcdoc="\(quoted)"></iframe><script>
      document.querySelector("iframe").onload = event => {
        const page = event.target.contentDocument
        for (const each of page.querySelectorAll("details")) each.open = true
        const root = page.documentElement
        document.title = "excess " + (root.scrollWidth - root.clientWidth)
      }
      </script>
      """
    guard let seen = try visit(Array(frame.utf8), chromium) else { return nil }
    let title = try #require(seen.document.firstMatch(of: /<title>excess (\d+)<\/title>/))
    return Int(title.output.1)
  }

  /// The document as the browser has it after loading, or the text on the sheets that it prints; what it asked a proxy for
  /// that we listen at; and how far each sheet is filled, in percent.
  private static func visit(
    _ html: [UInt8], _ chromium: String, printing reader: String? = nil, tries: Int = 4
  ) throws -> (document: String, requests: [String], filled: [Int64])? {
    guard
      let output = try Python.output(
        of: script,
        [chromium] + (reader.map { [$0] } ?? []),
        input: html,
        skipping: 1,
        "the report in a browser"
      )
    else { return nil }
    let answer = try JSONValue(parsing: Array(output.utf8))
    // What the browser asks its maker for is none of the page's doing.
    let own = ["google.com", "googleapis.com", "gvt1.com"]
    let requests = (answer["requests"]?.array ?? []).compactMap(\.string)
    let rest = requests.filter { request in !own.contains { request.contains($0) } }
    // Of a connection on which nothing was sent before the browser ended nobody knows whose it was: a page's own comes
    // again.
    if tries > 1, !rest.isEmpty, rest.allSatisfy({ $0 == "a silent connection" }) {
      return try visit(html, chromium, printing: reader, tries: tries - 1)
    }
    return (answer["document"]?.string ?? "", rest, (answer["filled"]?.array ?? []).compactMap(\.integer))
  }

  private static let script = """
    import json, pathlib, re, socket, subprocess, sys, tempfile, threading

    listener = socket.create_server(("127.0.0.1", 0))
    requests, filled = [], []
    def listen():
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(2)
                try: asked = connection.recv(4096).decode("latin-1").split("\\r\\n")[0]
                except OSError: asked = ""
                requests.append(asked or "a silent connection")
    threading.Thread(target=listen, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, "page.html")
        page.write_bytes(sys.stdin.buffer.read())
        done = subprocess.run(
            [sys.argv[1], "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
             "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage",
             f"--proxy-server=127.0.0.1:{listener.getsockname()[1]}", "--virtual-time-budget=2000",
             *(["--no-pdf-header-footer", f"--print-to-pdf={folder}/page.pdf"] if sys.argv[2:] else ["--dump-dom"]),
             page.as_uri()],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300, env={"HOME": folder, "PATH": "/usr/bin:/bin"})
        if sys.argv[2:]:
            done = subprocess.run([sys.argv[2], f"{folder}/page.pdf", "-"], stdout=subprocess.PIPE, check=True)
            boxes = subprocess.run([sys.argv[2], "-bbox", f"{folder}/page.pdf", "-"], stdout=subprocess.PIPE, check=True)
            # How far down a sheet the last word stands, in percent, the line at its foot apart.
            for page in boxes.stdout.decode().split("<page ")[1:]:
                height = float(re.search('height="([\\d.]+)"', page)[1])
                bottoms = [float(y) for y in re.findall('yMax="([\\d.]+)"', page)]
                filled.append(round(100 * max([y for y in bottoms if y < height - 45], default=0) / height))
    json.dump({"document": done.stdout.decode(), "requests": requests, "filled": filled}, sys.stdout)
    """
}
