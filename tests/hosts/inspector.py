"""Drives the built binary with the command line of the MCP Inspector, in both protocol eras.

    python3 tests/hosts/inspector.py path/to/mcp-inspector target/release/make-admin-mcp

Proves that the Inspector, built on the TypeScript SDK, starts the server with flags and with variables, finds nothing
to say about the tools' schemas (`--strict`), reads, writes, and shows a refusal as the server sent it.
"""

import json
import os
import subprocess
import sys
import tempfile

from checks import check, counted, fail

# What the Inspector does when nobody says which era, and the era without sessions.
ERAS = {"default": [], "modern": ["--protocol-era", "modern"]}
PATIENCE = 60


def main(inspector, binary):
    printed = subprocess.run([binary, "tools", "--json", "--sandbox"], capture_output=True, check=True, timeout=PATIENCE)
    names = [tool["name"] for tool in json.loads(printed.stdout)["tools"]]
    with tempfile.TemporaryDirectory() as home:
        for era, flags in ERAS.items():
            drive(inspector, os.path.abspath(binary), home, era, flags, names)


def drive(inspector, binary, home, era, flags, names):
    # The state folder must not be the one that holds the Inspector's own files.
    state = os.path.join(home, "state", era)

    def run(*arguments, server=(binary, "--sandbox", "--state-dir", state)):
        command = [inspector, "--cli", *server, *flags, "--format", "json", *arguments]
        # The Inspector keeps its files in the home folder.
        environment = {**os.environ, "HOME": home}
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment)
        return done.returncode, done.stdout, done.stderr

    def call(tool, **arguments):
        code, out, err = run("--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments))
        if not out.strip():
            fail(f"{era}: {tool} is answered", err.strip())
        return code, json.loads(out)["result"]

    code, out, err = run("--method", "tools/list", "--strict")
    check(f"{era}: the list passes --strict", code == 0, err)
    check(f"{era}: the Inspector has nothing to say about the schemas", err.strip() == "", err)
    listed = [tool["name"] for tool in json.loads(out)["result"]["tools"]]
    check(f"{era}: {len(listed)} tools in catalog order", listed == names, listed)
    code, out, err = run("--method", "tools/list", "-e", "MAKE_SANDBOX=on", "-e", "MAKE_TOOLSETS=audit", server=[binary])
    check(f"{era}: variables do what flags do", code == 0, err)
    listed = [tool["name"] for tool in json.loads(out)["result"]["tools"]]
    check(f"{era}: a toolset by variable", listed and all(name.startswith("make-audit-") for name in listed), listed)

    config = os.path.join(home, "config")
    os.makedirs(config, mode=0o700, exist_ok=True)
    with open(os.path.join(config, "profiles.toml"), "w") as file:
        file.write("[profiles.acme]\nsandbox = true\n[profiles.beta]\nsandbox = true\nread-only = true\n")
    several = [binary, "--profiles", "acme,beta", "--config-dir", config, "--state-dir", state]
    code, out, err = run("--method", "tools/list", "--strict", server=several)
    check(f"{era}: the list of several accounts passes --strict", code == 0 and err.strip() == "", err)
    tools = {tool["name"]: tool for tool in json.loads(out)["result"]["tools"]}
    check(f"{era}: reads take all profiles", tools["make-list-orgs"]["inputSchema"]["properties"]["profile"]["enum"] == ["acme", "beta", "*"], tools["make-list-orgs"])
    arguments = json.dumps({"profile": "*", "organizationId": 11})
    code, out, err = run("--method", "tools/call", "--tool-name", "make-get-org", "--tool-args-json", arguments, server=several)
    answers = json.loads(out)["result"]["structuredContent"]["profiles"]
    check(f"{era}: and answer for each", [answer["profile"] for answer in answers] == ["acme", "beta"], out)

    code, seen = call("make-audit-org", organizationId=11, limit=2)
    check(f"{era}: a read", code == 0 and len(seen["structuredContent"]["auditLogs"]) == 2, seen)
    # This host cannot ask its person, and every command starts a server of its own.
    tom = {"organizationId": 11, "email": "tom@example.com", "name": "Tom", "usersRoleId": 13}
    code, seen = call("make-invite-user", **tom)
    answer = seen["structuredContent"]
    check(f"{era}: a guarded write waits", code == 0 and answer["outcome"] == "confirmation_required", seen)
    check(f"{era}: its plan says what and how", "Invite" in answer["plan"]["summary"] and "confirmation" in answer["plan"]["how"], seen)
    code, seen = call("make-invite-user", **tom, confirmation=answer["plan"]["id"])
    kind = seen["structuredContent"]["error"]["kind"]
    check(f"{era}: another process knows nothing of the plan", code != 0 and kind == "refused_by_policy", seen)

    def call_unasked(tool, **arguments):
        server = (binary, "--sandbox", "--state-dir", state, "--confirm", "off")
        arguments = ("--tool-name", tool, "--tool-args-json", json.dumps(arguments))
        code, out, err = run("--method", "tools/call", *arguments, server=server)
        return code, json.loads(out)["result"]

    code, seen = call_unasked("make-invite-user", **tom)
    check(f"{era}: a guarded write", code == 0 and seen["structuredContent"]["outcome"] == "applied", seen)
    code, seen = call_unasked("make-create-token", label="x", scope=["teams:read"])
    path = seen["structuredContent"]["secret"]["path"]
    check(f"{era}: a token goes to a file", code == 0 and os.path.isfile(path) and path.startswith(state), seen)

    code, seen = call("make-audit-org", organizationId=11, limit=501)
    refused = seen["isError"] and seen["structuredContent"]["error"]["kind"] == "invalid_arguments"
    check(f"{era}: a refusal fails the command and reaches the host whole", code != 0 and refused, seen)
    check(f"{era}: its text names the argument", "`limit`" in seen["content"][0]["text"], seen)


with counted():
    main(sys.argv[1], sys.argv[2])
