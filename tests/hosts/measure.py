"""Measures the release binary as a host starts it: time to the first answer, and memory when idle.

    python3 tests/hosts/measure.py target/release/make-admin-mcp

Prints the median of 50 starts, the resident memory after the tools were listed, after one call, and after 300, and what
an export of 200,000 audit entries and a review of 5,000 people take.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 50
CLIENT = {"name": "measure", "version": "1"}
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}


class Server:
    def __init__(self, binary):
        self.begun = time.perf_counter()
        command = [binary, "--sandbox"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.id = 0

    def ask(self, method, params):
        self.id += 1
        request = {"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["id"] == self.id and "result" in answer, answer
        return answer["result"]

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0


def peak(binary, size, tool, arguments):
    """Seconds and the most memory of one call, from a process of its own."""
    with tempfile.TemporaryDirectory() as state:
        command = [binary, "call", tool, json.dumps(arguments), "--sandbox", "--sandbox-size", size, "--state-dir", f"{state}/s"]
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0, status
        return time.perf_counter() - begun, usage.ru_maxrss / 1024


def main(binary):
    firsts, lists, calls = [], [], []
    for _ in range(STARTS):
        server = Server(binary)
        server.ask("initialize", INITIALIZE)
        firsts.append(time.perf_counter() - server.begun)
        begun = time.perf_counter()
        server.ask("tools/list", {})
        lists.append(time.perf_counter() - begun)
        server.end()
    server = Server(binary)
    server.ask("initialize", INITIALIZE)
    server.ask("tools/list", {})
    idle = server.memory()
    call = {"name": "make-list-orgs", "arguments": {}}
    server.ask("tools/call", call)
    after_one = server.memory()
    for _ in range(300):
        begun = time.perf_counter()
        server.ask("tools/call", call)
        calls.append(time.perf_counter() - begun)
    after_many = server.memory()
    server.end()
    milliseconds = lambda times: f"{statistics.median(times) * 1000:.2f} ms"
    print(f"start to the answer of initialize  {milliseconds(firsts)}")
    print(f"first tools/list                   {milliseconds(lists)}")
    print(f"a call, answered from memory       {milliseconds(calls)}")
    print(f"memory after tools/list            {idle:.1f} MiB")
    print(f"memory after one sandbox call      {after_one:.1f} MiB")
    print(f"memory after 300 more              {after_many:.1f} MiB")
    window = {"organizationId": 11, "dateFrom": "2025-06-01", "dateTo": "2026-06-01"}
    for what, size, tool, arguments in (
        ("export of 200,000 entries", "audit=200000", "make-audit-export", window),
        ("summary of 200,000 entries", "audit=200000", "make-audit-summary", window),
        ("review of 5,000 people", "people=5000", "make-access-review", {"organizationId": 11}),
    ):
        seconds, most = peak(binary, size, tool, arguments)
        print(f"{what:34} {seconds:.1f} s, at most {most:.1f} MiB")
    print(f"binary                             {pathlib.Path(binary).stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main(sys.argv[1])
