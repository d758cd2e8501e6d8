"""The issue that the action keeps: the real `gh` against a GitHub on this machine."""
import http.server
import json
import re
import shutil
import threading
import unittest

from ci_tests import IN_TIME, NEAR, PAST, PYTHON, WARNING, ActingRepository
from programs import FINE, NO_INPUT, VIOLATION

HERE, ISSUES = "owner/name", "/repos/owner/name/issues"


class GitHub(http.server.BaseHTTPRequestHandler):
    """What `gh` asks of api.github.localhost, which it reaches through us as its proxy. `server.issues` holds them."""

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def act(self):
        path = self.path.removeprefix("http://api.github.localhost")
        given = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        assert self.headers["Authorization"] == "token secret", self.headers["Authorization"]
        asked = self.command, path
        if path.split("?")[0] in self.server.broken or self.command in self.server.broken:
            return self.answer(500, {"message": "broken"})
        if asked == ("POST", "/graphql"):
            return self.answer(200, self.listed(given))
        self.server.written += [asked] if self.command != "GET" else []
        if asked == ("POST", ISSUES):
            self.server.issues.append({"state": "open", "mine": True, "comments": []} | given)
            return self.answer(201, {"html_url": f"https://github.example{ISSUES}/{len(self.server.issues)}"})
        number, comments = re.fullmatch(ISSUES + r"/(\d+)(/comments)?", path).groups()
        issue = self.server.issues[int(number) - 1]
        if comments:
            issue["comments"].append(given["body"])
        elif self.command == "PATCH":
            issue |= given
        self.answer(201 if comments else 200, {"body": issue["body"]})

    do_GET = do_POST = do_PATCH = act

    def listed(self, given):
        """Two open issues a page."""
        self.server.asked_of = given["variables"]["owner"] + "/" + given["variables"]["name"]
        start = int(given["variables"].get("endCursor") or 0)
        opened = [(n, issue) for n, issue in enumerate(self.server.issues, 1) if issue["state"] == "open"]
        nodes = [
            {"number": n, "title": issue["title"], "body": issue["body"], "viewerDidAuthor": issue["mine"]}
            for n, issue in opened[start:start + 2]
        ]
        page = {"hasNextPage": start + 2 < len(opened), "endCursor": str(start + 2)}
        return {"data": {"repository": {"issues": {"nodes": nodes, "pageInfo": page}}}}

    def log_message(self, *_):
        pass


@unittest.skipUnless(PYTHON, "TUF_CEREMONY_PYTHON is not set")
@unittest.skipUnless(shutil.which("gh"), "gh is not installed")
class IssueTests(ActingRepository):
    def setUp(self):
        super().setUp()
        self.title = f"TUF root of {self.inputs['repository']} needs attention"
        # Everything that looks like ours and is not.
        self.others = [
            {"title": self.title, "body": "<!-- root-expiry: exit 3 -->\nme too", "mine": False},
            {"title": "TUF root of https://other.example needs attention", "body": "<!-- root-expiry: exit 3 -->", "mine": True},
            {"title": "needs attention", "body": "", "mine": True},
        ]
        self.others = [issue | {"state": "open", "comments": []} for issue in self.others]
        self.github = http.server.ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
        self.github.issues, self.github.written, self.github.broken = [dict(issue) for issue in self.others], [], set()
        thread = threading.Thread(target=self.github.serve_forever)
        thread.start()
        self.addCleanup(lambda: (self.github.shutdown(), thread.join(), self.github.server_close()))
        self.environment |= {
            "GH_HOST": "github.localhost", "HTTP_PROXY": f"http://127.0.0.1:{self.github.server_port}",
            "GH_CONFIG_DIR": str(self.scratch / "gh"), "GH_NO_UPDATE_NOTIFIER": "1",
        }

    def ends(self, code, ended=None, **inputs):
        time = {FINE: IN_TIME, WARNING: NEAR, VIOLATION: PAST}[code]
        usual = FINE if code == WARNING else code
        return self.assertActs(usual if ended is None else ended, code, at=time, **{"open_issue": "true"} | inputs)

    @property
    def ours(self):
        return self.github.issues[len(self.others):]

    def test_its_life(self):
        """Verdict after verdict: how many issues there are, of those open, and comments on the last."""
        for code, count, opened, comments, words in [
            (FINE, 0, 0, None, ""), (WARNING, 1, 1, 0, ""), (WARNING, 1, 1, 0, ""),
            (VIOLATION, 1, 1, 1, "the exit code was 3"), (VIOLATION, 1, 1, 1, ""),
            (WARNING, 1, 1, 2, "the exit code was 1"), (FINE, 1, 0, 3, "ended with exit code 0"), (FINE, 1, 0, 3, ""),
            (VIOLATION, 2, 1, 0, ""), (FINE, 2, 0, 1, "the exit code was 1"),
        ]:
            with self.subTest(code):
                self.ends(code)
                self.assertEqual(self.github.asked_of, HERE)
                self.assertEqual((len(self.ours), sum(i["state"] == "open" for i in self.ours)), (count, opened))
                if comments is not None:
                    self.assertEqual(len(self.ours[-1]["comments"]), comments)
                    self.assertIn(words, "".join(self.ours[-1]["comments"][-1:]))
        self.assertEqual([issue["state_reason"] for issue in self.ours], ["completed", "completed"])
        self.assertEqual(self.github.issues[:len(self.others)], self.others)

    def test_what_it_says(self):
        self.ends(WARNING)
        [issue] = self.ours
        self.assertEqual(issue["title"], self.title)
        self.assertTrue(issue["body"].startswith("<!-- root-expiry: exit 3 -->\ntuf-audit ended with exit code 3."))
        self.assertIn(f"    warning EXPIRES-SOON ({self.served}/5.root.json)".replace("%3A", ":"), issue["body"])
        # Somebody wrote a plan into it.
        issue["body"] += "\n- [ ] find the cards"
        self.ends(VIOLATION)
        self.assertTrue(issue["body"].startswith("<!-- root-expiry: exit 1 -->\ntuf-audit ended with exit code 3."))
        self.assertTrue(issue["body"].endswith("\n- [ ] find the cards"))
        self.assertIn("    error ROOT-EXPIRED", issue["comments"][0])
        # The mark is gone: what was last said is not known, so it is said again.
        issue["body"] = "cleaned up"
        self.ends(VIOLATION)
        self.assertIn("the exit code was unknown", issue["comments"][1])
        self.assertEqual(issue["body"], "<!-- root-expiry: exit 1 -->\ncleaned up")

    def test_it_is_left_alone(self):
        self.ends(WARNING, open_issue="false")
        self.assertEqual(self.github.written, [])
        self.ends(WARNING)
        self.github.written.clear()
        # A repository that cannot be read is no news about its root.
        self.serve(3, 500)
        self.assertActs(NO_INPUT, NO_INPUT, open_issue="true")
        self.assertEqual(self.github.written, [])

    def test_github_that_does_not_answer(self):
        for broken, code, ended, words in [
            ("/graphql", WARNING, 1, "::error title=root expiry::The open issues cannot be listed"),
            ("/graphql", FINE, FINE, "::warning title=root expiry::The open issues cannot be listed"),
            (ISSUES, WARNING, 1, "::error title=root expiry::The issue could not be opened."),
            ("PATCH", VIOLATION, 1, "::error title=root expiry::Issue 4 could not be changed."),
            ("PATCH", FINE, FINE, "::warning title=root expiry::Issue 4 could not be closed."),
            (f"{ISSUES}/4/comments", VIOLATION, 1, "::error title=root expiry::Issue 4 could not be commented on."),
        ]:
            with self.subTest(broken, code=code):
                self.github.broken.clear()
                self.github.issues = [dict(issue) for issue in self.others]
                if "PATCH" in broken or "comments" in broken:
                    self.ends(WARNING)
                self.github.broken.add(broken)
                self.assertIn(words, self.ends(code, ended))
