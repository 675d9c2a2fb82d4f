"""Drives the built binary with the command line of the MCP Inspector, in both protocol eras.

    python3 tests/hosts/inspector.py path/to/mcp-inspector target/release/make-admin-mcp

`--strict` lets the Inspector judge how portable the tools' schemas are.
"""

import json
import os
import subprocess
import sys
import tempfile

from checks import check, done

ERAS = ["legacy", "modern"]


def main(inspector, binary):
    with tempfile.TemporaryDirectory() as home:
        for era in ERAS:
            drive(inspector, os.path.abspath(binary), home, era)
    done()


def drive(inspector, binary, home, era):
    # The state folder must not be the one that holds the Inspector's own files.
    state = os.path.join(home, "state", era)

    def run(*arguments):
        server = [binary, "--sandbox", "--state-dir", state]
        command = [inspector, "--cli", *server, "--protocol-era", era, *arguments]
        environment = {**os.environ, "MCP_CATALOG_PATH": os.path.join(home, "mcp.json")}
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
        return done.returncode, done.stdout, done.stderr

    def call(tool, *pairs):
        arguments = ["--tool-arg", *pairs] if pairs else []
        code, out, err = run("--method", "tools/call", "--tool-name", tool, *arguments)
        return code, json.loads(out)["structuredContent"] if out.strip() else err

    code, out, err = run("--method", "tools/list", "--strict")
    check(f"{era}: the list passes --strict", code == 0, err)
    check(f"{era}: the Inspector has nothing to say about the schemas", err.strip() == "", err)
    names = [tool["name"] for tool in json.loads(out)["tools"]]
    check(f"{era}: {len(names)} tools", names[0] == "make-auth-status" and len(names) >= 30, names)

    code, seen = call("make-audit-org", "organizationId=11", "limit=2")
    check(f"{era}: a read", code == 0 and len(seen["auditLogs"]) == 2, seen)
    code, seen = call("make-invite-user", "organizationId=11", "email=tom@example.com", "name=Tom", "usersRoleId=13")
    check(f"{era}: a guarded write", code == 0 and seen["outcome"] == "applied", seen)
    code, seen = call("make-create-token", "label=x", 'scope=["teams:read"]')
    check(f"{era}: a token goes to a file", code == 0 and os.path.isfile(seen["secret"]["path"]), seen)
    code, seen = call("make-audit-org", "organizationId=11", "limit=501")
    check(f"{era}: an error reaches the host whole", code != 0 and seen["error"]["kind"] == "invalid_arguments", seen)


main(sys.argv[1], sys.argv[2])
