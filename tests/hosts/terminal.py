"""A person at a real terminal: login, approve, and call, which asks before it changes something."""

import fcntl
import http.server
import json
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import termios
import threading
import time

from checks import check, counted, fail
from server import Server

BINARY = sys.argv[1]
REMOVAL = {"userId": 2, "organizationId": 11}
EMAIL = "tomas.herrera@example.com"


def shows_typing(terminal):
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def in_terminal(*arguments, answers, hidden=False):
    """Runs a command in a pseudo-terminal and types each answer after its prompt. Exit code and what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BINARY, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    shown, seen, until = "", 0, time.monotonic() + 30
    answers = list(answers)
    while time.monotonic() < until:
        ready, _, _ = select.select([ours], [], [], 0.1)
        if ready:
            try:
                shown += os.read(ours, 65536).decode()
            except OSError:  # the other end is closed
                break
        if answers and answers[0][0] in shown[seen:] and not (hidden and shows_typing(ours)):
            prompt, typed = answers.pop(0)
            seen = shown.index(prompt, seen) + len(prompt)
            os.write(ours, (typed + "\n").encode())
        if process.poll() is not None and not ready:
            break
    else:
        process.kill()
        fail("the command ends", shown)
    os.close(ours)
    return process.wait(timeout=10), shown


def run(*arguments, **options):
    return subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, **options)


def progress(state):
    window = ["organizationId=11", "dateFrom=2025-06-01", "dateTo=2026-06-01"]
    code, shown = in_terminal("call", "make-audit-export", *window, "--sandbox", "--state-dir", state, answers=[])
    bars = [line for line in shown.split("\r") if "█" in line or "░" in line]
    check("a long call draws a bar", code == 0 and len(bars) > 5 and " 10 %" in bars[0] and "100 %" in bars[-1], bars)
    check("its answer begins on a line of its own", "\n{" in shown.replace("\r", ""), shown[-300:])
    quiet = run("call", "make-audit-export", *window, "--sandbox", "--state-dir", state)
    check("without a terminal there are lines", "█" not in quiet.stderr and "5000 entries written" in quiet.stderr, quiet.stderr)


def approve(state):
    place = ["--state-dir", state]
    with Server(BINARY, "--sandbox", *place) as server:
        plan = server.call("make-remove-user", **REMOVAL)["plan"]
        code = plan["id"]
        check("the plan says how it is approved", f"make-admin-mcp approve {code} --state-dir" in plan["how"], plan["how"])

        piped = subprocess.run([BINARY, "approve", code, *place], input=EMAIL + "\n", capture_output=True, text=True, timeout=30)
        check("a pipe is no person", piped.returncode == 2 and "in a terminal" in piped.stderr, piped)
        early = server.call("make-remove-user", **REMOVAL, confirmation=code)
        check("and approves nothing", "not approved yet" in early["error"]["message"], early)

        ended, shown = in_terminal("approve", code, *place, answers=[("To approve, type", "tomas@example.com")] * 3)
        check("another name, three times, refuses with exit 1", ended == 1 and "Not approved" in shown, (ended, shown))
        check("a slip may be typed again", shown.count("Try again") == 2, shown)
        check("it says what is to be typed", f'type the e-mail address "{EMAIL}"' in shown, shown)
        ended, shown = in_terminal("approve", "zzzzz-zzzzz", *place, answers=[])
        check("an unknown code ends with exit 2", ended == 2 and "no plan" in shown, (ended, shown))
        ended, shown = in_terminal("approve", "../../etc/passwd", *place, answers=[])
        check("a path is no code", ended == 2, (ended, shown))

        ended, shown = in_terminal("approve", code, *place, answers=[("To approve, type", EMAIL)])
        check("the name approves with exit 0", ended == 0 and "Approved" in shown, (ended, shown))
        for words in ["Remove", "Tomás Herrera", EMAIL, '"Member"', '"Acme"', "user 41 at sandbox"]:
            check(f"the terminal shows {words}", words in shown, shown)
        done = server.call("make-remove-user", **REMOVAL, confirmation=code)
        check("then the plan is carried out", done["outcome"] == "applied", done)
        ended, shown = in_terminal("approve", code, *place, answers=[])
        check("a used plan cannot be approved again", ended == 2, (ended, shown))

        plan = server.call("make-delete-org", organizationId=11)["plan"]
        sheet = pathlib.Path(state, "plans", plan["id"] + ".json")
        text = json.loads(sheet.read_text())
        text["expiresAt"] = "2020-01-01T00:00:00Z"
        sheet.write_text(json.dumps(text))
        ended, shown = in_terminal("approve", plan["id"], *place, answers=[])
        check("a plan that has ended ends with exit 2", ended == 2, (ended, shown))

        # A name that would clear the screen and turn the line round.
        person = {"email": "eve@example.com", "name": "Eve\u001b[2J\u202eevil"}
        plan = server.call("make-invite-user", organizationId=11, usersRoleId=12, **person)["plan"]
        ended, shown = in_terminal("approve", plan["id"], *place, answers=[("To approve, type", "no")] * 3)
        check("text of others is shown for what it is", "Eve\\u{1b}[2J\\u{202e}evil" in shown, repr(shown))
        check("and commands nothing", "\u001b" not in shown and "\u202e" not in shown, repr(shown))


TOKEN = "7615989d-d213-48dc-b625-27133ae3f1a8"


class Make(http.server.BaseHTTPRequestHandler):
    """Knows one token."""

    def do_GET(self):
        well = self.headers["Authorization"] == "Token " + TOKEN
        body = {"authUser": {"id": 41, "name": "Dana\u202eRivers", "email": "dana@example.com\u202e"}} if well else {"detail": "Access denied."}
        self.send_response(200 if well else 401)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


def login(home):
    make = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Make)
    threading.Thread(target=make.serve_forever, daemon=True).start()
    place = ["--base-url", f"http://127.0.0.1:{make.server_port}", "--config-dir", home, "--state-dir", home + "/state"]
    prompt = "API token"
    ended, shown = in_terminal("login", "--store", "file", *place, hidden=True, answers=[(prompt, "5c1f6a20-9b1e-4b7e-8d53-0e6b6f1f7a11")])
    check("a wrong token is refused", ended == 1 and "does not accept it" in shown and "Nothing was stored" in shown, shown)
    check("and nothing is kept", not os.path.exists(home + "/logins/default.json"), shown)
    ended, shown = in_terminal("login", "--store", "file", *place, hidden=True, answers=[(prompt, TOKEN)])
    check("the right one signs in", ended == 0 and "dana@example.com" in shown, shown)
    check("and is never shown", TOKEN not in shown and TOKEN[9:] not in shown, shown)
    check("nor is what a name hides", "\u202e" not in shown, repr(shown))
    piped = subprocess.run([BINARY, "login", "--store", "file", *place], input=TOKEN + "\n", capture_output=True, text=True, timeout=30)
    check("a token can be piped in", piped.returncode == 0, piped)
    left = sorted(path.suffix for path in pathlib.Path(home, "logins").iterdir())
    check("the login before is gone", left == [".json", ".lock", ".secret"], left)
    # The account is the login's; nothing else says where it is.
    there = ["--config-dir", home, "--state-dir", home + "/state"]
    told = json.loads(run("call", "make-get-user", *there).stdout)
    check("a tool works with it", told["authUser"]["id"] == 41, told)
    ended = run("logout", *there)
    check("logout says what is left to do", ended.returncode == 0 and "revoke it in Make" in ended.stdout, ended)
    make.shutdown()


def call(state):
    flags = ["--sandbox", "--state-dir", state, "call"]
    removal = ["make-remove-user", "userId=2", "organizationId=11"]
    ended, shown = in_terminal(*flags, *removal, answers=[("Name:", EMAIL)])
    check("call asks in a terminal and does it", ended == 0 and '"outcome": "applied"' in shown, (ended, shown))
    ended, shown = in_terminal(*flags, *removal, answers=[("Name:", "tomas"), ("Try again", EMAIL)])
    check("a slip may be typed again", ended == 0 and '"outcome": "applied"' in shown, (ended, shown))
    ended, shown = in_terminal(*flags, *removal, answers=[("Name:", "no")] * 3)
    check("another name changes nothing", ended == 1 and "cancelled" in shown, (ended, shown))
    token = ["make-create-token", '{"label":"x","scope":["user:read"]}']
    ended, shown = in_terminal(*flags, *token, answers=[("Do it? (yes/no)", "maybe")] * 3)
    check("what is neither yes nor no is asked again, then a no", ended == 1 and "declined" in shown, (ended, shown))
    ended, shown = in_terminal(*flags, *token, answers=[("Do it? (yes/no)", "Y")])
    check("y does it", ended == 0 and '"outcome": "applied"' in shown, (ended, shown))
    piped = run(*flags, *removal)
    waits = '"outcome": "confirmation_required"' in piped.stdout and "in a terminal" in piped.stderr
    check("without a terminal nothing is done", piped.returncode == 1 and waits, piped)


with counted(), tempfile.TemporaryDirectory() as home:
    login(home + "/zero")
    approve(home + "/one")
    call(home + "/two")
    progress(home + "/three")
    verified = run("--state-dir", home + "/two", "journal", "verify")
    check("the journal is whole", verified.returncode == 0, verified)
