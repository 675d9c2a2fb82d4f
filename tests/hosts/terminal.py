"""A person at a real terminal: approve, and call, which asks before it changes something."""

import json
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import time

from checks import check, counted, fail
from server import Server

BINARY = sys.argv[1]
REMOVAL = {"userId": 2, "organizationId": 11}
EMAIL = "tomas.herrera@example.com"


def in_terminal(*arguments, answers):
    """Runs a command in a pseudo-terminal and types each answer after its prompt. Exit code and what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([BINARY, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
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
        if answers and answers[0][0] in shown[seen:]:
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
    check("without a terminal there are lines", "█" not in quiet.stderr and "of 5000 entries read" in quiet.stderr, quiet.stderr)


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

        ended, shown = in_terminal("approve", code, *place, answers=[("To approve, type", "tomas@example.com")])
        check("another name refuses with exit 1", ended == 1 and "Not approved" in shown, (ended, shown))
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
        ended, shown = in_terminal("approve", plan["id"], *place, answers=[("To approve, type", "no")])
        check("text of others is shown for what it is", "Eve\\u{1b}[2J\\u{202e}evil" in shown, repr(shown))
        check("and commands nothing", "\u001b" not in shown and "\u202e" not in shown, repr(shown))


def call(state):
    flags = ["--sandbox", "--state-dir", state, "call"]
    removal = ["make-remove-user", "userId=2", "organizationId=11"]
    ended, shown = in_terminal(*flags, *removal, answers=[("Name:", EMAIL)])
    check("call asks in a terminal and does it", ended == 0 and '"outcome": "applied"' in shown, (ended, shown))
    ended, shown = in_terminal(*flags, *removal, answers=[("Name:", "no")])
    check("another name changes nothing", ended == 1 and "cancelled" in shown, (ended, shown))
    token = ["make-create-token", '{"label":"x","scope":["user:read"]}']
    ended, shown = in_terminal(*flags, *token, answers=[("Do it? (yes/no)", "y")])
    check("only yes is yes", ended == 1 and "declined" in shown, (ended, shown))
    ended, shown = in_terminal(*flags, *token, answers=[("Do it? (yes/no)", "yes")])
    check("yes does it", ended == 0 and '"outcome": "applied"' in shown, (ended, shown))
    piped = run(*flags, *removal)
    waits = '"outcome": "confirmation_required"' in piped.stdout and "in a terminal" in piped.stderr
    check("without a terminal nothing is done", piped.returncode == 1 and waits, piped)


with counted(), tempfile.TemporaryDirectory() as home:
    approve(home + "/one")
    call(home + "/two")
    progress(home + "/three")
    verified = run("--state-dir", home + "/two", "journal", "verify")
    check("the journal is whole", verified.returncode == 0, verified)
