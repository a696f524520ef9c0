"""Chromium without a window. Its pages come from a server of the test's, which also hears from them what they did."""

import base64
import hashlib
import http.server
import itertools
import json
import os
import pathlib
import queue
import subprocess
import threading
import urllib.parse

from .process import PATIENCE_S, Process

SYSTEM = pathlib.Path(__file__).parents[1]
FILES = {"/page.html": (SYSTEM / "browser/page.html", "text/html"),
         "/scenarios.js": (SYSTEM / "browser/scenarios.js", "text/javascript"),
         "/mqtt.js": (SYSTEM / "node/node_modules/mqtt/dist/mqtt.min.js", "text/javascript"),
         "/amqp.mjs": (SYSTEM / "node/node_modules/@cloudamqp/amqp-client/dist/amqp-websocket-client.mjs", "text/javascript"),
         "/paho.js": (SYSTEM / "node/node_modules/paho-mqtt/paho-mqtt.js", "text/javascript")}

# Nothing but the pages and the broker: no updates, no name outside of this machine.
ALONE = ["--headless", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check", "--no-proxy-server",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
         "--metrics-recording-only", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


def key_fingerprint(certificate):
    """Of its public key, as Chromium wants to be told which server to trust."""
    text = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True, text=True, timeout=30).stdout
    der = base64.b64decode("".join(line for line in text.splitlines() if not line.startswith("-")))
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Browser:
    """One page at a time: each page, once done, waits to be told which is next."""

    def __init__(self, folder, certificate):
        self._pages, self._reports, self._numbers = queue.Queue(), queue.Queue(), itertools.count()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.process = Process(["chromium", *ALONE, *sandbox, f"--user-data-dir={folder}/profile",
                                f"--ignore-certificate-errors-spki-list={key_fingerprint(certificate)}",
                                f"http://127.0.0.1:{self._server.server_port}/page.html"], env={**os.environ, "HOME": str(folder)})

    def _handler(self):
        pages, reports = self._pages, self._reports

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = urllib.parse.urlsplit(self.path).path
                if path == "/next":
                    return self.answer(200, pages.get().encode(), "text/plain")
                if path not in FILES:
                    return self.answer(404, b"", "text/plain")
                file, kind = FILES[path]
                return self.answer(200, file.read_bytes(), kind)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                reports.put(json.loads(body))
                self.answer(200, b"", "text/plain")

            def answer(self, status, body, kind):
                self.send_response(status)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def open(self, scenario, **arguments):
        """Leaves the page that is open, and opens one that plays this scenario; what it returned is the answer of the returned function."""
        number = next(self._numbers)
        self._pages.put("/page.html?" + urllib.parse.urlencode({"number": number, "scenario": scenario, "arguments": json.dumps(arguments)}))
        return lambda: self._report(number, scenario)

    def _report(self, number, scenario):
        while True:
            try:
                report = self._reports.get(timeout=2 * PATIENCE_S)
            except queue.Empty:
                raise AssertionError(f"the page never said how '{scenario}' went; the browser said:\n{self.process.output()[-4000:]}") from None
            if report["number"] == number:
                assert "error" not in report, f"in the page: {report['error']}"
                return report["answer"]

    def play(self, scenario, **arguments):
        return self.open(scenario, **arguments)()

    def leave(self):
        """Goes to a page that does nothing."""
        self.play("nothing")

    def close(self):
        self.process.kill()
        self._pages.put("/page.html")  # nobody waits at the server any more
        self._server.shutdown()
        self._server.server_close()
