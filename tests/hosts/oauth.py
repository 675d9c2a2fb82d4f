"""Signing in for real: python3 tests/hosts/oauth.py NODE_MODULES CHROMIUM BINARY

Against an OpenID provider that others wrote and certified, on loopback, with PKCE required, rotation and detection of
reuse; in a session with a real keyring.
"""

import concurrent.futures
import http.client
import http.cookiejar
import json
import os
import random
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import secretstorage
from checks import check, counted
from server import Server

modules, chromium, binary = sys.argv[1:]
SECRET = "s3cret/with+signs"
SCOPES = "user:read,organizations:read"
AGAIN = "make-admin-mcp login` again"


class StopAtCallback(urllib.request.HTTPRedirectHandler):
    """Follows redirects as a browser does, and stops at the one that leaves the provider."""

    def redirect_request(self, request, body, code, text, headers, target):
        if not target.startswith(provider["issuer"]):
            return None
        return super().redirect_request(request, body, code, text, headers, target)


def agree(address):
    """The person agrees in a browser; the address that the browser is sent back to."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(StopAtCallback, jar)
    try:
        browser.open(address, timeout=10)
    except urllib.error.HTTPError as stopped:
        return stopped.headers["Location"]
    raise AssertionError("the provider did not send the browser back")


def get(address, method="GET", host=None, **headers):
    """Asks without following anything; status and text."""
    url = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, f"{url.path}?{url.query}", headers={**headers, **({"Host": host} if host else {})})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def control(**settings):
    query = urllib.parse.urlencode({name: json.dumps(value) for name, value in settings.items()})
    return json.loads(get(f"{provider['control']}?{query}")[1])


class Login:
    """`login` waiting for the browser."""

    def __init__(self, home, client="confidential", scope=SCOPES, store="file", secret=SECRET, more=()):
        self.home = home
        flags = ["--oauth", "--client-id", client, "--issuer", provider["issuer"], "--scope", scope, "--no-browser"]
        flags += ["--store", store, *more]
        if secret:
            flags.append("--client-secret-stdin")
        self.process = subprocess.Popen(
            [binary, "login", *flags, "--base-url", provider["base"], "--config-dir", str(home)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.process.stdin.write((secret or "") + "\n")
        self.process.stdin.close()
        self.said, self.address = "", None
        for line in self.process.stderr:
            self.said += line
            if line.startswith("http"):
                self.address = line.strip()
                break

    def end(self):
        out, err = self.process.stdout.read(), self.process.stderr.read()
        self.process.wait(timeout=20)
        return self.process.returncode, out + self.said + err


def sign_in(home, **options):
    login = Login(home, **options)
    callback = agree(login.address)
    page = get(callback)
    code, said = login.end()
    assert code == 0 and page[0] == 200, (code, said, page)
    return callback, said


def secret_file(home):
    [file] = Path(home, "logins").glob("*.secret")
    return file


def kept(home):
    return json.loads(secret_file(home).read_text())


def change(home, **fields):
    """Changes what is kept of the grant, as time would."""
    secret = kept(home)
    secret["grant"].update(fields)
    secret_file(home).write_text(json.dumps(secret))


def check_quietly(what, truth, seen):
    if not truth:
        check(what, truth, seen)


LONG_AGO = "2020-01-01T00:00:00Z"


def command(home, *arguments):
    return [binary, *arguments, "--base-url", provider["base"], "--config-dir", str(home), "--state-dir", str(home) + "/state"]


def run(home, *arguments):
    return subprocess.run(command(home, *arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def status(home):
    ran = run(home, "call", "make-list-orgs")
    return json.loads(ran.stdout)


def works(home):
    return "organizations" in status(home)


def first_sign_in(home):
    callback, said = sign_in(home)
    check("a sign-in says who it is", "Dana Rivers" in said and "renewed by itself" in said, said)
    secret = kept(home)
    tokens = [secret["grant"]["accessToken"], secret["grant"]["refreshToken"], SECRET]
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(callback).query)["code"][0]
    check("and shows no secret", not any(token in said for token in [*tokens, code]), said)
    modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (secret_file(home), secret_file(home).parent)]
    check("its file is its owner's alone", modes == [0o600, 0o700], [oct(mode) for mode in modes])
    check("a tool works with it", works(home), status(home))
    told = json.loads(run(home, "call", "make-auth-status").stdout)
    check("make-auth-status says where it is from", "OAuth sign-in at http" in told["credentialSource"], told)
    check("and no secret", not any(token in json.dumps(told) for token in tokens), told)
    doctor = run(home, "doctor").stdout
    check("doctor says it too", "an OAuth access token, from an OAuth sign-in" in doctor, doctor)
    return callback


def callbacks(home):
    login = Login(home)
    check("a request for the code has PKCE and state", all(
        part in login.address for part in ("code_challenge=", "code_challenge_method=S256", "state=")), login.address)
    good = agree(login.address)
    url = urllib.parse.urlsplit(good)
    query = dict(urllib.parse.parse_qsl(url.query))
    other = lambda **changed: url._replace(query=urllib.parse.urlencode({**query, **changed})).geturl()
    without = url._replace(query=urllib.parse.urlencode({"code": query["code"]})).geturl()
    for what, expected, answer in [
        ("a wrong state", 400, get(other(state="x" * len(query["state"])))),
        ("a missing state", 400, get(without)),
        ("an error with a wrong state", 400, get(other(state="x", error="access_denied"))),
        ("a state that stands there twice", 400, get(good + "&state=x")),
        ("another origin", 403, get(good, Origin="https://evil.example")),
        ("a script of another page", 403, get(good, Sec_Fetch_Mode="no-cors", Sec_Fetch_Site="cross-site")),
        ("an image of another page", 403, get(good, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="image")),
        ("another host name", 403, get(good, host=f"evil.example:{url.port}")),
        ("another port in the name", 403, get(good, host=f"127.0.0.1:{url.port + 1}")),
        ("a stray icon", 404, get(url._replace(path="/favicon.ico", query="").geturl())),
        ("a form", 405, get(good, method="POST")),
    ]:
        check(f"{what} is refused", answer[0] == expected, answer)
        check(f"{what} ends nothing", login.process.poll() is None, what)
    before = control()["exchanges"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = []
        for asked in [pool.submit(get, good) for _ in range(8)]:
            try:
                answers.append(asked.result()[0])
            except OSError:
                answers.append(0)  # closed already
    code, said = login.end()
    check("the good one signs in", code == 0 and answers.count(200) == 1, (code, said, answers))
    check("a second use is refused", set(answers) <= {200, 409, 0}, answers)
    check("one code is exchanged once", control()["exchanges"] == before + 1, control())
    try:
        closed = get(good)
    except ConnectionRefusedError:
        closed = None
    check("after that nobody listens", closed is None, closed)

    for what, change_issuer in [
        ("another issuer", lambda query: {**query, "iss": "https://evil.example"}),
        ("no issuer", lambda query: {name: query[name] for name in ("code", "state")}),
    ]:
        login = Login(home)
        url = urllib.parse.urlsplit(agree(login.address))
        query = dict(urllib.parse.parse_qsl(url.query))
        check_quietly("the provider says who it is", query["iss"] == provider["issuer"], query)
        page = get(url._replace(query=urllib.parse.urlencode(change_issuer(query))).geturl())
        code, said = login.end()
        check(f"{what} ends the sign-in", page[0] == 400 and code == 1 and "not trusted" in said, (page, code, said))

    control(agrees=False)
    login = Login(home)
    page = get(agree(login.address))
    code, said = login.end()
    control(agrees=True)
    check("a refusal is said", page[0] == 400 and code == 1 and "access_denied (the person said no)" in said, (page, said))
    check("a login before stays", works(home), status(home))
    check("nothing else is exchanged", control()["exchanges"] == before + 1, control())


def other_clients(home):
    _, said = sign_in(home + "/header", client="header", scope="openid," + SCOPES)
    check("a secret in the header and a checked ID token sign in", "renewed by itself" in said, said)
    change(home + "/header", expiresAt=LONG_AGO)
    check("and are renewed", works(home + "/header"), status(home + "/header"))
    check("and revoked", run(home + "/header", "logout").returncode == 0, "logout")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    callback, _ = sign_in(home + "/port", more=["--port", str(port)])
    check("a fixed port is the one that the browser comes back to", callback.startswith(f"http://127.0.0.1:{port}/callback?"), callback)
    control(lifetime=120)
    _, said = sign_in(home + "/public", client="public", secret=None)
    control(lifetime=300)
    check("without a refresh token it says for how long", "works for 1" in said and "no refresh token" in said, said)
    change(home + "/public", expiresAt=LONG_AGO)
    error = status(home + "/public")["error"]
    check("and then how to go on", error["kind"] == "unauthorized" and AGAIN in error["hint"], error)
    login = Login(home + "/unknown", client="unknown")
    page = get(login.address)
    check("an unknown client is told by the provider", page[0] == 400 and "invalid_client" in page[1], page)
    login.process.kill()
    login.process.wait()


def renewal(home):
    control(lifetime=2)
    sign_in(home)
    before = control()["refreshes"]
    first = kept(home)["grant"]
    with Server(binary, *command(home)[1:]) as server:
        until = time.monotonic() + 20
        while control()["refreshes"] == before and time.monotonic() < until:
            answer = server.call("make-list-orgs")
            check_quietly("a tool works all the time", "organizations" in answer, answer)
    control(lifetime=300)
    second = kept(home)["grant"]
    check("a running server renews before the end", control()["refreshes"] > before, control())
    check("the newest refresh token is kept", first["refreshToken"] != second["refreshToken"], "the same")

    change(home, expiresAt=LONG_AGO)
    loud = run(home, "call", "make-list-orgs", "--log", "trace")
    grants = [second, kept(home)["grant"]]
    secrets = [SECRET, *(grant[name] for grant in grants for name in ("accessToken", "refreshToken"))]
    said = loud.stdout + loud.stderr
    check("the loudest log shows no token", loud.returncode == 0 and len(said) > 2000 and not any(secret in said for secret in secrets), said)

    sign_in(home)
    before = control()["refreshes"]
    control(without=kept(home)["grant"]["accessToken"])
    error = status(home)["error"]
    check("a fresh token that Make refuses is not renewed", error["kind"] == "unauthorized" and control()["refreshes"] == before, error)
    change(home, issuedAt=LONG_AGO)
    check("an older one is, and the call goes on", works(home) and control()["refreshes"] == before + 1, control())
    control(without=None)


def in_parallel(home):
    sign_in(home)
    before = control()
    for _ in range(5):
        change(home, expiresAt=LONG_AGO)
        servers = [Server(binary, *command(home)[1:]) for _ in range(2)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(lambda server: [server.call("make-list-orgs") for _ in range(10)], server) for server in servers]
            calls += [pool.submit(works, home) for _ in range(2)]
            answers = [call.result() for call in calls]
        for server in servers:
            server.__exit__()
        well = all(answer is True or all("organizations" in one for one in answer) for answer in answers)
        check_quietly("every call of every process works", well, answers)
    after = control()
    check("four processes at once renew once", after["refreshes"] == before["refreshes"] + 5, (before, after))
    check("and no refresh token is used twice", after["reused"] == before["reused"], (before, after))


def the_end(home):
    sign_in(home)
    stale = secret_file(home).read_text()
    change(home, expiresAt=LONG_AGO)
    check("it is renewed", works(home), status(home))
    secret_file(home).write_text(stale)
    change(home, expiresAt=LONG_AGO)
    with Server(binary, *command(home)[1:]) as server:
        error = server.call("make-list-orgs")["error"]
        check("a used refresh token ends the login", error["kind"] == "unauthorized" and AGAIN in error["hint"], error)
        check("the provider saw it once", control()["reused"] == 1, control())
        for _ in range(5):
            server.call("make-list-orgs")
    check_quietly("another process says it too", AGAIN in status(home)["error"]["hint"], status(home))
    check("and nobody asks again and again", control()["reused"] == 1, control())
    sign_in(home)
    check("a new login works", works(home), status(home))

    control(down=True)
    change(home, expiresAt="2099-01-01T00:00:00Z", issuedAt=LONG_AGO)
    check("a provider that is down disturbs nobody yet", works(home), status(home))
    change(home, expiresAt=LONG_AGO)
    error = status(home)["error"]
    check("and then is an error that passes", error["kind"] == "network" and "minute" in error["hint"], error)
    control(down=False)
    check("which passes", works(home), status(home))


def crashes(home):
    sign_in(home)
    ended = whole = 0
    random.seed(7)
    rounds = 60
    for _ in range(rounds):
        change(home, expiresAt=LONG_AGO)
        old = kept(home)["grant"]["refreshToken"]
        process = subprocess.Popen(command(home, "call", "make-list-orgs"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=random.uniform(0.002, 0.06))
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
        grant = kept(home)["grant"]
        whole += bool(grant["refreshToken"] and grant["accessToken"])
        if not works(home):
            ended += 1
            check_quietly("a login is lost only where the answer was on its way", kept(home)["grant"]["refreshToken"] == old, "another")
            check_quietly("which is said", AGAIN in status(home)["error"]["hint"], status(home))
            sign_in(home)
    check("a kill leaves the old or the new tokens, whole", whole == rounds, whole)
    check("and seldom a login that must be repeated", ended <= rounds // 4, ended)
    print(f"    of {rounds} kills {ended} fell between the provider's answer and the disk")
    leftovers = [path.name for path in Path(home, "logins").iterdir()]
    check("and one secret", sum(name.endswith(".secret") for name in leftovers) == 1, leftovers)


def logout(home):
    sign_in(home)
    token = kept(home)["grant"]["accessToken"]
    before = control()["revoked"]
    ran = run(home, "logout")
    check("logout says so", ran.returncode == 0 and "revoked" in ran.stdout, ran)
    check("the refresh token is revoked", control()["revoked"] > before, control())
    refused = get(provider["base"] + "/users/me", Authorization="Bearer " + token)
    check("the access token too", refused[0] == 401, refused)
    left = [path.name for path in Path(home, "logins").iterdir()]
    check("nothing but the lock is left", left == ["default.lock"], left)
    error = status(home)["error"]
    check("and a tool says how to sign in", "make-admin-mcp login" in error["hint"], error)
    check("there is nothing to log out of", run(home, "logout").returncode == 2, "logout")


def browser(home):
    login = Login(home)
    own = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as profile:
        flags = ["--headless", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}", "--dump-dom", *own]
        page = subprocess.run([chromium, *flags, login.address], capture_output=True, text=True, timeout=60).stdout
    code, said = login.end()
    check("a real browser signs in", code == 0 and "Dana Rivers" in said, (said, page))
    check("and shows where to look", "The terminal says how the sign-in ended" in page, page)


def collection():
    return secretstorage.get_default_collection(secretstorage.dbus_init())


def entries():
    items = collection().search_items({"service": "make-admin-mcp"})
    return {item.get_attributes()["username"]: item.get_secret().decode() for item in items}


def keyring(home):
    before = set(entries())
    _, said = sign_in(home, store="keyring")
    check("a login goes into the keyring", "system's keyring" in said and not list(Path(home, "logins").glob("*.secret")), said)
    own = {name: value for name, value in entries().items() if name not in before}
    check("under its profile and its issuer", all(name.startswith(f"login default {provider['issuer']} ") for name in own), list(own))
    check("and works", works(home), status(home))
    # Longer than Windows takes in one entry: a renewal that fails writes it back, one that works makes it short again.
    [name] = own
    grant = json.loads(own[name].removeprefix("="))
    grant["grant"].update(expiresAt=LONG_AGO, scope=["x" * 30 for _ in range(150)])
    [item] = collection().search_items({"service": "make-admin-mcp", "username": name})
    item.set_secret(("=" + json.dumps(grant)).encode())
    control(down=True)
    works(home)
    control(down=False)
    own = {name: value for name, value in entries().items() if name not in before}
    parts = [own[part] for part in sorted(own, key=lambda part: int(part.rpartition(".")[2]) if part != name else 0) if part != name]
    check("a long secret is split", own[name] == f"#1:{len(parts)}" and len(parts) > 3 and max(map(len, parts)) <= 1200, own)
    check("and whole", json.loads("".join(parts)) == grant, parts)
    check("and read again", works(home), status(home))
    left = [part for part in entries() if part not in before]
    check("and its parts go when it is short again", left == [name], left)
    sign_in(home, store="keyring")
    after = {name for name in entries() if name not in before}
    check("a new login takes the place of the old with all its parts", len(after) == 1, after)
    check("logout takes it out", run(home, "logout").returncode == 0 and not set(entries()) - before, entries().keys())

    without = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": "unix:path=" + home + "/nobody"}
    flags = ["login", "--oauth", "--client-id", "confidential", "--issuer", provider["issuer"], "--no-browser"]
    ran = subprocess.run(command(home, *flags), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, env=without)
    check("without a keyring a file is offered", ran.returncode == 1 and "--store file" in ran.stderr and "http" not in ran.stderr, ran)


process = subprocess.Popen(["node", str(Path(__file__).parent / "oauth/provider.mjs"), modules], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
provider = json.loads(process.stdout.readline())
try:
    with counted(), tempfile.TemporaryDirectory() as home:
        for part in (first_sign_in, callbacks, other_clients, renewal, in_parallel, the_end, crashes, logout, browser, keyring):
            part(f"{home}/{part.__name__}")
finally:
    process.stdin.close()
    process.wait(timeout=10)
