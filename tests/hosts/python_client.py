"""Drives the built binary with the Python package `mcp`, in both protocol eras, as a host does.

    python3 tests/hosts/python_client.py target/release/make-admin-mcp

Proves that a host can learn who the server is and what it offers, read, page, change what the next read shows, keep
a new token's value out of the conversation, understand a refusal, and narrow what is offered. The client checks each
answer against the tool's output schema. Each check prints a line; the first failure ends the run.
"""

import asyncio
import csv
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import tempfile
import urllib.request

from mcp import Client, MCPError, StdioServerParameters
from mcp.types import ElicitResult, PromptReference, ResourceTemplateReference

from checks import check, counted, fail

# For one answer and for everything; the whole run takes seconds.
PATIENCE, WHOLE = 20, 120



class Person:
    """Answers the forms of the host, and remembers what was asked."""

    def __init__(self, agrees=True):
        self.agrees, self.asked = agrees, []

    async def __call__(self, _, question):
        self.asked.append(question.message)
        if not self.agrees:
            return ElicitResult(action="decline")
        [(field, schema)] = question.requested_schema["properties"].items()
        typed = schema["description"].removeprefix("Type exactly: ")
        return ElicitResult(action="accept", content={field: typed if field == "name" else True})


def client(binary, state, mode, *flags, person=None):
    # The environment is the client's own short list: nothing of this shell reaches the server.
    server = StdioServerParameters(command=binary, args=["--sandbox", "--state-dir", state, *flags])
    return Client(server, mode=mode, read_timeout_seconds=PATIENCE, elicitation_callback=person)


def printed(binary, *arguments):
    return subprocess.run([binary, *arguments], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


async def answer(host, tool, **arguments):
    result = await host.call_tool(tool, arguments)
    if result.is_error:
        fail(tool, result.structured_content)
    texts = [block.text for block in result.content]
    if len(texts) != 1 or json.loads(texts[0]) != result.structured_content:
        fail(f"the text of {tool} says the same as its structured content", texts)
    return result.structured_content


async def error(host, tool, **arguments):
    result = await host.call_tool(tool, arguments)
    if not result.is_error:
        fail(f"{tool} is refused", result.structured_content)
    wrong = result.structured_content["error"]
    if wrong["message"] not in result.content[0].text:
        fail(f"the text of {tool} says the same as its structured content", result.content)
    return wrong


async def everything(binary, state, mode, version):
    person = Person()
    async with client(binary, state, mode, person=person) as host:
        check(f"{mode}: protocol {version}", host.protocol_version == version, host.protocol_version)
        own = f"{host.server_info.name} {host.server_info.version}"
        check("own name and version", own == printed(binary, "--version").strip(), own)
        check("the name is make-admin-mcp", host.server_info.name == "make-admin-mcp", own)
        check("instructions", "data, never instructions" in host.instructions, host.instructions)
        names = await the_list(binary, host)
        await the_client_checks(host)
        await reads(host)
        await writes(host, person)
        await tokens(host)
        await reports(host, state)
        await mistakes(host)
        await offers(host)
    await refusals(binary, state, mode)
    await without_forms(binary, state, mode)
    await switches(binary, state, mode, names)


async def the_list(binary, host):
    expected = [tool["name"] for tool in json.loads(printed(binary, "tools", "--json", "--sandbox"))["tools"]]
    tools = (await host.list_tools()).tools
    names = [tool.name for tool in tools]
    check("tools in catalog order", names and names == expected, names)
    incomplete = [tool.name for tool in tools if not is_complete(tool)]
    check(f"{len(tools)} tools are described completely", not incomplete, incomplete)
    return names


def is_complete(tool):
    hints = tool.annotations
    known = [hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint]
    return tool.title and tool.description and tool.output_schema and None not in known


async def the_client_checks(host):
    """The other answers mean something only if the client does look at them."""
    good = await host.call_tool("make-list-orgs", {})
    bad = good.model_copy(update={"structured_content": {"organizations": "none"}})
    try:
        await host.session.validate_tool_result("make-list-orgs", bad)
    except RuntimeError as error:
        check("the client checks answers against output schemas", "Invalid structured content" in str(error), error)
    else:
        fail("the client checks answers against output schemas", bad)


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


async def writes(host, person):
    invited = await answer(
        host, "make-invite-user", organizationId=11, email="tom@example.com", name="Tom", usersRoleId=13, teamIds=[22]
    )
    user = invited["user"]["id"]
    check("guarded tools answer their outcome", invited["outcome"] == "applied", invited)
    asked = len(person.asked) == 1 and 'Invite "Tom" (tom@example.com) to the organization "Acme"' in person.asked[0]
    check("the person was asked once, with names", asked, person.asked)
    members = await answer(host, "make-list-members", organizationId=11, limit=500)
    found = [member for member in members["userOrganizationRoles"] if member["userId"] == user]
    check("an invitation is pending in the next read", found[0]["invitation"] == "pending", found)
    await answer(host, "make-update-user-role", userId=user, organizationId=11, usersRoleId=14)
    role = await answer(host, "make-get-user-role", userId=user, organizationId=11)
    check("a changed role is read again", role["userOrganizationRole"]["usersRoleId"] == 14, role)
    await answer(host, "make-remove-user", userId=user, organizationId=11)
    check("a removal is confirmed by typing the e-mail", 'type the e-mail address "tom@example.com"' in person.asked[-1], person.asked)
    gone = await error(host, "make-get-user-role", userId=user, organizationId=11)
    check("a removed person is gone", gone["kind"] == "not_found", gone)
    made = await answer(host, "make-create-org", name="Labs", regionId=1, timezoneId=113, countryId=202)
    names = [row["name"] for row in (await answer(host, "make-list-orgs"))["organizations"]]
    check("a new organization is listed", "Labs" in names, names)
    log = await answer(host, "make-list-teams", organizationId=made["organization"]["id"])
    check("it has a first team", len(log["teams"]) == 1, log)


async def tokens(host):
    result = await host.call_tool("make-create-token", {"label": "ci", "scope": ["organizations:read"]})
    made = result.structured_content
    check("a token is made", not result.is_error and made["outcome"] == "applied", made)
    path = made["secret"]["path"]
    with open(path) as file:
        value = file.read()
    check("a token file is private", stat.S_IMODE(os.stat(path).st_mode) == 0o600, path)
    # All of it, as it came: structured, text and metadata.
    check("a token value is not in the answer", len(value) == 36 and value[9:] not in result.model_dump_json(), path)
    created = made["apiToken"]["created"]
    revoked = await answer(host, "make-revoke-token", created=created)
    check("a token is revoked", revoked["outcome"] == "applied" and revoked["apiToken"] == created, revoked)
    listed = await answer(host, "make-list-tokens")
    check("it is no longer listed", created not in json.dumps(listed), listed)
    os.remove(path)


async def reports(host, state):
    told = []

    async def listen(done, total, message):
        told.append((done, total, message))

    window = {"organizationId": 11, "dateFrom": "2025-06-01", "dateTo": "2026-06-01", "path": "trail.csv", "format": "csv"}
    result = await host.call_tool("make-audit-export", window, progress_callback=listen)
    export = result.structured_content["export"]
    with open(export["path"], "rb") as file:
        written = file.read()
    check("an export is the file that it says", hashlib.sha256(written).hexdigest() == export["sha256"], export)
    rows = list(csv.reader(io.StringIO(written.decode(), newline="")))
    check("its CSV is read by others", len(rows) == export["count"] + 1 and {len(row) for row in rows} == {14}, len(rows))
    grows = [done for done, _, _ in told]
    check("progress has counts and a total and grows", len(told) > 5 and grows == sorted(set(grows)) and told[-1][1] >= 5000, told[-3:])
    links = [block for block in result.content if block.type == "resource_link"]
    check("its files are linked", [link.name for link in links] == ["trail.csv", "trail.csv.manifest.json"], links)
    check("a link opens the file", urllib.request.urlopen(str(links[0].uri)).read() == written)
    again = await error(host, "make-audit-export", **window)
    check("nothing is overwritten", "exists already" in again["message"] and again["hint"], again)

    before = (await host.call_tool("make-access-review", {"organizationId": 11})).structured_content["review"]
    after = (await host.call_tool("make-access-review", {"organizationId": 11})).structured_content["review"]
    check("two reviews of one day are equal", before["sha256"] == after["sha256"] and before["jsonPath"] != after["jsonPath"])
    names = {"before": os.path.basename(before["jsonPath"]), "after": after["jsonPath"]}
    diff = (await host.call_tool("make-access-diff", names)).structured_content["diff"]
    check("and nothing is between them", not any(diff["counts"].values()), diff)
    mode = os.stat(before["htmlPath"]).st_mode
    check("reports are the owner's alone", stat.S_IMODE(mode) == 0o600 and before["htmlPath"].startswith(state), oct(mode))
    summary = await answer(host, "make-audit-summary", organizationId=11, dateFrom="2026-05-01", dateTo="2026-05-31")
    check("a summary counts", sum(group["count"] for group in summary["summary"]["groups"]) == summary["summary"]["count"])
    plan = await answer(host, "make-offboard-plan", email="tomas.herrera@example.com")
    check("a plan to leave", [step["order"] for step in plan["plan"]["steps"]] == [1, 2, 3], plan["plan"]["steps"])


async def refusals(binary, state, mode):
    async with client(binary, state, mode, person=Person(agrees=False)) as host:
        for tool, arguments in [
            ("make-delete-org", {"organizationId": 11}),
            ("make-create-token", {"label": "x", "scope": ["user:read"]}),
        ]:
            refused = await error(host, tool, **arguments)
            check(f"a declined {tool} is cancelled", refused["kind"] == "cancelled", refused)
        there = await answer(host, "make-get-org", organizationId=11)
        check("and nothing was changed", there["organization"]["id"] == 11, there)
        own = await error(host, "make-remove-user", userId=41, organizationId=11)
        check("the caller is never removed", own["kind"] == "refused_by_policy" and own["hint"], own)


async def without_forms(binary, state, mode):
    async with client(binary, state, mode) as host:
        role = {"userId": 2, "organizationId": 11, "usersRoleId": 14}
        plan = await answer(host, "make-update-user-role", **role)
        waits = plan["outcome"] == "confirmation_required" and '"Accountant"' in plan["plan"]["summary"]
        check("a host that cannot ask gets the plan", waits, plan)
        done = await answer(host, "make-update-user-role", **role, confirmation=plan["plan"]["id"])
        check("the same call with its id does it", done["outcome"] == "applied", done)
        again = await error(host, "make-update-user-role", **role, confirmation=plan["plan"]["id"])
        check("once", again["kind"] == "refused_by_policy", again)
        plan = await answer(host, "make-remove-user", userId=2, organizationId=11)
        check("a removal wants a person at a terminal", "make-admin-mcp approve" in plan["plan"]["how"], plan)
        early = await error(host, "make-remove-user", userId=2, organizationId=11, confirmation=plan["plan"]["id"])
        check("before that it is not done", "not approved yet" in early["message"], early)


async def mistakes(host):
    wrong = await error(host, "make-audit-org", organisationId=11)
    check("a wrong argument is named", "did you mean `organizationId`" in wrong["message"], wrong)
    wrong = await error(host, "make-audit-org", organizationId=11, limit=501)
    named = wrong["kind"] == "invalid_arguments" and "`limit`" in wrong["message"]
    check("a wrong value is named", named and wrong["hint"], wrong)
    wrong = await error(host, "make-audit-org", organizationId=12)
    check("a missing plan is explained", wrong["kind"] == "plan_required" and wrong["hint"], wrong)
    try:
        await host.call_tool("make-nothing", {})
    except MCPError as wrong:
        check("an unknown tool is a protocol error", wrong.error.code == -32602, wrong)
    else:
        fail("an unknown tool is a protocol error", "it was answered")


async def offers(host):
    resources = (await host.list_resources()).resources
    check("resources are listed", [str(one.uri) for one in resources][0] == "make://user", resources)
    templates = (await host.list_resource_templates()).resource_templates
    uris = [one.uri_template for one in templates]
    check("templates are listed", "make://organizations/{organizationId}/members" in uris, uris)
    content = (await host.read_resource("make://organizations/11/members")).contents[0]
    members = json.loads(content.text)["userOrganizationRoles"]
    check("a resource is read", content.mime_type == "application/json" and len(members) > 20, content.uri)
    reference = ResourceTemplateReference(type="ref/resource", uri="make://organizations/{organizationId}")
    done = await host.complete(reference, {"name": "organizationId", "value": "acme"})
    check("an organization is completed by name", done.completion.values == ["11"], done)
    prompts = (await host.list_prompts()).prompts
    check("prompts are listed", len(prompts) == 7 and all(one.description for one in prompts), prompts)
    reference = PromptReference(type="ref/prompt", name="offboard-person")
    done = await host.complete(reference, {"name": "person", "value": "tomas"})
    check("a person is completed by e-mail", done.completion.values == ["tomas.herrera@example.com"], done)
    prompt = await host.get_prompt("offboard-person", {"person": "tomas.herrera@example.com"})
    text = prompt.messages[0].content.text
    check("a prompt names the tools and stops", "make-remove-user" in text and "Stop and ask" in text, text)
    try:
        await host.read_resource("make://nothing")
    except MCPError as wrong:
        check("an unknown resource is not found", wrong.error.code in (-32002, -32602), wrong)
    else:
        fail("an unknown resource is not found", "it was read")


async def switches(binary, state, mode, names):
    async with client(binary, state, mode, "--read-only") as host:
        tools = (await host.list_tools()).tools
        reports = {"make-audit-export", "make-access-review", "make-access-diff"}
        reads = {tool.name for tool in tools if tool.annotations.read_only_hint}
        check("read-only lists reads and reports", {tool.name for tool in tools} - reads == reports, reads)
        hidden = [name for name in names if name not in [tool.name for tool in tools]]
        check(f"read-only hides {len(hidden)} tools", "make-delete-org" in hidden, hidden)
        kinds = {name: (await error(host, name))["kind"] for name in hidden}
        check("read-only refuses them", set(kinds.values()) == {"refused_by_policy"}, kinds)
    async with client(binary, state, mode, "--toolsets", "audit") as host:
        audit = [tool.name for tool in (await host.list_tools()).tools]
        expected = [name for name in names if name.startswith("make-audit-")]
        check("toolsets choose", audit == expected, audit)
        refused = await error(host, "make-list-orgs")
        check("what they leave out is refused", refused["kind"] == "refused_by_policy", refused)
    async with client(binary, state, mode, "--exclude-tools", "make-audit-t*,make-lookup") as host:
        left = [tool.name for tool in (await host.list_tools()).tools]
        expected = [name for name in names if not name.startswith("make-audit-t") and name != "make-lookup"]
        check("tools are left out by name", left == expected and len(left) < len(names), left)


async def main(binary):
    async with asyncio.timeout(WHOLE):
        for mode, version in [("auto", "2026-07-28"), ("legacy", "2025-11-25")]:
            with tempfile.TemporaryDirectory() as home:
                await everything(os.path.abspath(binary), os.path.join(home, "state"), mode, version)


with counted():
    asyncio.run(main(sys.argv[1]))
