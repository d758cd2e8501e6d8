import CanonicalJSON
import Foundation
import Judges
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
    let smuggled = html.replacing(
      "<main>",
      with: "<main><img src=\"http://pictures.example/x.png\"><p style=\"color:red\">x</p>"
    )
    #expect(try #require(try Self.visit(Array(smuggled.utf8), chromium)).requests == [])
  }

  /// The document as the browser has it after loading, and what it asked a proxy for that we listen at.
  private static func visit(_ html: [UInt8], _ chromium: String) throws -> (
    document: String, requests: [String]
  )? {
    guard
      let output = try Python.output(
        of: script,
        [chromium],
        input: html,
        skipping: 1,
        "the report in a browser"
      )
    else { return nil }
    let answer = try JSONValue(parsing: Array(output.utf8))
    // What the browser asks its maker for is none of the page's doing.
    let own = ["google.com", "googleapis.com", "gvt1.com"]
    let requests = (answer["requests"]?.array ?? []).compactMap(\.string)
    return (
      answer["document"]?.string ?? "", requests.filter { request in !own.contains { request.contains($0) } }
    )
  }

  private static let script = """
    import json, pathlib, socket, subprocess, sys, tempfile, threading

    listener = socket.create_server(("127.0.0.1", 0))
    requests = []
    def listen():
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(2)
                try: requests.append(connection.recv(4096).decode("latin-1").split("\\r\\n")[0])
                except OSError: requests.append("a silent connection")
    threading.Thread(target=listen, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, "page.html")
        page.write_bytes(sys.stdin.buffer.read())
        done = subprocess.run(
            [sys.argv[1], "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
             "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage",
             f"--proxy-server=127.0.0.1:{listener.getsockname()[1]}", "--virtual-time-budget=2000",
             "--dump-dom", page.as_uri()],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, env={"HOME": folder, "PATH": "/usr/bin:/bin"})
    json.dump({"document": done.stdout.decode(), "requests": requests}, sys.stdout)
    """
}
