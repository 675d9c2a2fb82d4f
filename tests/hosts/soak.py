"""Mixed work for a while: tests/hosts/soak.py BINARY [SECONDS, 600 unless told]

One server, a fake Make that fails now and then, distinct ids, lines that are no messages, a host that stops reading for
a while. At the end memory and descriptors must be flat and the journal must verify. Talks to 127.0.0.1 only.
"""

import http.server
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TOKEN = "5c1f6a20-9b1e-4b7e-8d53-0e6b6f1f7a11"
# After the first part everything that is kept has its size.
WARM_UP = 0.25
MOST_GROWTH = 6 << 20


class Make(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(length)
        luck = random.random()
        if luck < 0.02:
            self.connection.close()
            return
        path = self.path.split("?")[0]
        organization = {"id": 11, "name": "Acme", "license": {"apiLimit": 100000, "auditLogsDays": 365}}
        body = {
            "organization": organization, "organizations": [organization], "teams": [], "users": [],
            "authUser": {"id": 41, "name": "Dana"}, "usersRoles": [], "team": {"id": 22, "organizationId": 11},
            "authorization": {"authUsed": "token", "scope": ["organizations:read"]}, "auditLogs": [],
            "userOrganizationRoles": [], "apiTokens": [], "pad": "x" * random.randrange(2000),
        }
        status = 200
        if luck < 0.06:
            status = random.choice([400, 403, 404, 500, 502])
        if luck > 0.999:
            body["users"] = [{"id": n, "name": f"Person {n}", "email": f"p{n}@example.com"} for n in range(20000)]
        text = json.dumps(body).encode()
        if 0.06 < luck < 0.07:
            text = text[: len(text) // 2] + b"\xff"
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        del path

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise SystemExit("FAILED: the server is gone")


def call(number):
    """A message of the mix."""
    tool, arguments = random.choice([
        ("make-get-org", {"organizationId": random.randrange(1, 1 << 40)}),
        ("make-list-teams", {"organizationId": random.randrange(1, 1 << 40)}),
        ("make-list-users", {"organizationId": 11}),
        ("make-get-team", {"teamId": random.randrange(1, 1 << 40)}),
        ("make-audit-org", {"organizationId": 11, "limit": 5}),
        ("make-auth-status", {}),
        ("make-update-org", {"organizationId": 11, "name": f"Acme {number}"}),
        ("make-no-such-tool" * 50, {}),
        ("make-get-org", {"organizationId": "x" * 5000}),
    ])
    method = random.choice(["tools/call"] * 12 + ["tools/list", "prompts/list", "ping", "resources/list"])
    params = {"name": tool, "arguments": arguments} if method == "tools/call" else {}
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def main():
    binary, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 600.0
    random.seed(7)
    fake = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Make)
    fake.daemon_threads = True
    threading.Thread(target=fake.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as home:
        token = pathlib.Path(home, "token")
        token.write_text(TOKEN)
        token.chmod(0o600)
        state = os.path.join(home, "state")
        own = ["--state-dir", state, "--config-dir", os.path.join(home, "config")]
        server = subprocess.Popen(
            [binary, "--base-url", f"http://127.0.0.1:{fake.server_port}", "--api-key-file", str(token),
             "--confirm", "off", "--toolsets", "all", "--log", "info", *own],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        answered, pause = [0], threading.Event()

        def read():
            for line in server.stdout:
                json.loads(line)
                answered[0] += 1
                if pause.is_set():
                    time.sleep(0.05)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()

        def send(message):
            line = message if isinstance(message, bytes) else json.dumps(message).encode()
            server.stdin.write(line + b"\n")
            server.stdin.flush()

        send({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "soak", "version": "1"}}})
        send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        began, number, samples = time.monotonic(), 0, []
        while (elapsed := time.monotonic() - began) < seconds:
            for _ in range(100):
                number += 1
                send(call(number))
                if number % 97 == 0:
                    send(random.choice([b"{ not json", b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', b"[]", b"\xff"]))
                    answered[0] -= 1
            # A host that is slow for a while.
            (pause.set if int(elapsed) % 30 < 3 else pause.clear)()
            while number - answered[0] > 300:
                time.sleep(0.01)
            samples.append((elapsed, resident(server.pid), len(os.listdir(f"/proc/{server.pid}/fd"))))
        pause.clear()
        deadline = time.monotonic() + 60
        while answered[0] <= number and time.monotonic() < deadline:
            time.sleep(0.05)
        server.stdin.close()
        code = server.wait(timeout=60)
        reader.join(timeout=10)
        verified = subprocess.run([binary, "journal", "verify", *own], capture_output=True, text=True)
        warm = [sample for sample in samples if sample[0] > seconds * WARM_UP]
        half = len(warm) // 2
        first, second = warm[:half], warm[half:]
        # Single answers of megabytes make peaks; what stays is the middle.
        middle = [statistics.median(s[1] for s in part) for part in (first, second)]
        grown = int(middle[1] - middle[0])
        descriptors = (max(s[2] for s in first), max(s[2] for s in second))
        print(f"{number} messages in {seconds:.0f} s, {answered[0]} answers; memory "
              f"{int(middle[0]) >> 10} KiB in the middle of the first half and {int(middle[1]) >> 10} KiB in that of the "
              f"second, at most {max(s[1] for s in warm) >> 10} KiB; descriptors at most {descriptors[0]} and {descriptors[1]}; {verified.stdout.strip()}")
        failures = [what for what, wrong in [
            (f"the server ended with {code}", code != 0),
            (f"{number + 1 - answered[0]} messages have no answer", answered[0] != number + 1),
            (f"memory grew by {grown >> 10} KiB", grown > MOST_GROWTH),
            (f"descriptors grew from {descriptors[0]} to {descriptors[1]}", descriptors[1] > descriptors[0] + 4),
            (f"the journal does not verify: {verified.stdout}{verified.stderr}", verified.returncode != 0),
        ] if wrong]
        for failure in failures:
            print(f"FAILED: {failure}", file=sys.stderr)
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
