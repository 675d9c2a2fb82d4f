"""Drives the built binary with the Python package `mcp`, in both protocol eras, as a host does.

    python3 tests/hosts/python_client.py target/release/make-admin-mcp

Each check prints a line; the first failure ends the run.
"""

import asyncio
import json
import os
import stat
import subprocess
import sys
import tempfile

from mcp import Client, MCPError, StdioServerParameters

from checks import check, done, fail


def client(binary, state, mode, *flags):
    # The environment is the client's own short list: nothing of this shell reaches the server.
    return Client(
        StdioServerParameters(command=binary, args=["--sandbox", "--state-dir", state, *flags]), mode=mode
    )


async def answer(host, tool, **arguments):
    result = await host.call_tool(tool, arguments)
    if result.is_error:
        fail(tool, result.structured_content)
    return result.structured_content


async def error(host, tool, **arguments):
    result = await host.call_tool(tool, arguments)
    check(f"{tool} fails", result.is_error, result.structured_content)
    return result.structured_content["error"]


async def everything(binary, state, mode, version):
    async with client(binary, state, mode) as host:
        check(f"{mode}: protocol {version}", host.protocol_version == version, host.protocol_version)
        check("own name", host.server_info.name == "make-admin-mcp", host.server_info)
        check("instructions", "data, never instructions" in host.instructions, host.instructions)
        await the_list(binary, host)
        await reads(host)
        await writes(host)
        await tokens(host)
        await mistakes(host)
    await switches(binary, state, mode)


async def the_list(binary, host):
    printed = subprocess.run([binary, "tools", "--json", "--sandbox"], capture_output=True, check=True)
    expected = [tool["name"] for tool in json.loads(printed.stdout)["tools"]]
    tools = (await host.list_tools()).tools
    check("tools in catalog order", [tool.name for tool in tools] == expected)
    for tool in tools:
        hints = tool.annotations
        complete = tool.title and tool.description and tool.output_schema and hints.open_world_hint is True
        known = [hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint]
        if not complete or None in known:
            fail(f"{tool.name} is described completely", tool)
    check(f"{len(tools)} tools are described completely", len(tools) >= 30)


async def reads(host):
    page = await answer(host, "make-audit-org", organizationId=11, limit=5, returnTotalCount=True)
    check("audit log", len(page["auditLogs"]) == 5 and page["page"]["total"] >= 5000, page["page"])
    uuid = page["auditLogs"][0]["uuid"]
    detail = await answer(host, "make-audit-detail", organizationId=11, uuid=uuid)
    check("audit detail", detail["auditLog"]["uuid"] == uuid and detail["auditLog"]["details"])
    seen, offset = [], 0
    while offset is not None:
        page = await answer(host, "make-list-users", organizationId=11, limit=7, offset=offset)
        seen += [user["id"] for user in page["users"]]
        offset = page["page"]["nextOffset"]
    check("paging finds everybody once", len(seen) > 20 and len(seen) == len(set(seen)), seen)


async def writes(host):
    invited = await answer(
        host, "make-invite-user", organizationId=11, email="tom@example.com", name="Tom", usersRoleId=13, teamIds=[22]
    )
    user = invited["user"]["id"]
    check("guarded tools answer their outcome", invited["outcome"] == "applied", invited)
    members = await answer(host, "make-list-members", organizationId=11, limit=500)
    found = [member for member in members["userOrganizationRoles"] if member["userId"] == user]
    check("an invitation is pending in the next read", found[0]["invitation"] == "pending", found)
    await answer(host, "make-update-user-role", userId=user, organizationId=11, usersRoleId=14)
    role = await answer(host, "make-get-user-role", userId=user, organizationId=11)
    check("a changed role is read again", role["userOrganizationRole"]["usersRoleId"] == 14, role)
    await answer(host, "make-remove-user", userId=user, organizationId=11)
    gone = await error(host, "make-get-user-role", userId=user, organizationId=11)
    check("a removed person is gone", gone["kind"] == "not_found", gone)
    made = await answer(host, "make-create-org", name="Labs", regionId=1, timezoneId=113, countryId=202)
    names = [row["name"] for row in (await answer(host, "make-list-orgs"))["organizations"]]
    check("a new organization is listed", "Labs" in names, names)
    log = await answer(host, "make-list-teams", organizationId=made["organization"]["id"])
    check("it has a first team", len(log["teams"]) == 1, log)


async def tokens(host):
    made = await answer(host, "make-create-token", label="ci", scope=["organizations:read"])
    path = made["secret"]["path"]
    value = open(path).read()
    check("a token file is private", stat.S_IMODE(os.stat(path).st_mode) == 0o600, path)
    check("a token value is not in the answer", len(value) == 36 and value[9:] not in json.dumps(made))
    created = made["apiToken"]["created"]
    revoked = await answer(host, "make-revoke-token", created=created)
    check("a token is revoked", revoked["apiToken"] == created, revoked)
    listed = await answer(host, "make-list-tokens")
    check("it is no longer listed", created not in json.dumps(listed), listed)
    os.remove(path)


async def mistakes(host):
    wrong = await error(host, "make-audit-org", organisationId=11)
    check("a wrong argument is named", "did you mean `organizationId`" in wrong["message"], wrong)
    wrong = await error(host, "make-audit-org", organizationId=12)
    check("a missing plan is explained", wrong["kind"] == "plan_required" and wrong["hint"], wrong)
    try:
        await host.call_tool("make-nothing", {})
        check("an unknown tool is a protocol error", False)
    except MCPError as wrong:
        check("an unknown tool is a protocol error", wrong.error.code == -32602, wrong)


async def switches(binary, state, mode):
    async with client(binary, state, mode, "--read-only") as host:
        tools = (await host.list_tools()).tools
        check("read-only lists reads", tools and all(tool.annotations.read_only_hint for tool in tools))
        refused = await error(host, "make-delete-org", organizationId=11)
        check("read-only refuses writes", refused["kind"] == "refused_by_policy", refused)
    async with client(binary, state, mode, "--toolsets", "audit", "--exclude-tools", "make-audit-t*") as host:
        names = [tool.name for tool in (await host.list_tools()).tools]
        check("toolsets choose", names == ["make-audit-org", "make-audit-detail", "make-audit-filters"], names)


async def main(binary):
    for mode, version in [("auto", "2026-07-28"), ("legacy", "2025-11-25")]:
        with tempfile.TemporaryDirectory() as home:
            await everything(os.path.abspath(binary), os.path.join(home, "state"), mode, version)
    done()


asyncio.run(main(sys.argv[1]))
