#!/usr/bin/env python3
"""Says of each repository in a folder what python-tuf's client does with it, over HTTP on this machine.

usage: ngclient.py FOLDER

FOLDER/table.json is what Tests/Generators/foreign.py wrote; prints {name: ["ok" or "refuses", why]} as JSON.
"""

import functools
import http.server
import json
import pathlib
import sys
import tempfile
import threading
import warnings

from tuf.ngclient import Updater

warnings.simplefilter("ignore")


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def judged(folder, address, row):
    with tempfile.TemporaryDirectory() as scratch:
        try:
            root = (folder / row["name"] / "1.root.json").read_bytes()
            updater = Updater(
                scratch, f"{address}/{row['name']}/", target_dir=scratch, target_base_url=address, bootstrap=root)
            updater.refresh()
            updater.get_targetinfo(row["target"])
        except Exception as error:
            return "refuses", f"{type(error).__name__}: {error}"
        return "ok", ""


def main():
    folder = pathlib.Path(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    rows = json.loads((folder / "table.json").read_text())
    print(json.dumps({row["name"]: judged(folder, address, row) for row in rows}))
    server.shutdown()


if __name__ == "__main__":
    main()
