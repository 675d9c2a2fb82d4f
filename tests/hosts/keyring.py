"""A real Secret Service: run inside dbus-run-session with gnome-keyring unlocked."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile

import secretstorage
from checks import check, counted

BINARY = sys.argv[1]
TOKEN = '{"label":"nightly backup","scope":["user:read"]}'


def run(*arguments, env=None):
    flags = ["--sandbox", "--confirm", "off", "--secret-delivery", "keyring"]
    done = subprocess.run([BINARY, *flags, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, env=env)
    return done, json.loads(done.stdout)


def stored(entry):
    """What the keyring holds, read by another library."""
    connection = secretstorage.dbus_init()
    collection = secretstorage.get_default_collection(connection)
    items = collection.search_items({"service": "make-admin-mcp", "username": entry})
    return [item.get_secret().decode() for item in items]


with counted(), tempfile.TemporaryDirectory() as home:
    place = ["--state-dir", home + "/state"]
    entries = []
    for _ in range(2):
        done, answer = run(*place, "call", "make-create-token", TOKEN)
        secret = answer["secret"]
        check("a token goes into the keyring", secret["delivery"] == "keyring" and secret["service"] == "make-admin-mcp", answer)
        values = stored(secret["entry"])
        check("another program finds one entry", len(values) == 1, len(values))
        digest = hashlib.sha256(values[0].encode()).hexdigest()
        check("it holds the value of the fingerprint", digest == secret["sha256"], answer)
        check("the value stands nowhere else", values[0][9:] not in done.stdout + done.stderr, "shown")
        entries.append(secret["entry"])
    check("nothing is overwritten", entries[1] == entries[0] + "-2", entries)
    check("no file holds a token", not os.path.exists(home + "/state/tokens"), os.listdir(home + "/state"))

    without = {name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    without["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + home + "/nobody"
    done, answer = run(*place, "call", "make-create-token", TOKEN, env=without)
    error = answer["error"]
    check("without a keyring nothing is created", done.returncode == 1 and "none was created" in error["message"], error)
    check("and the file is offered", "--secret-delivery file" in error["message"], error)
