//! The built binary as a host starts it: what stands on stdout, how it ends, what it survives.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

use crate::support::process::{SOON, command};

struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
    next_id: u64,
}

impl Process {
    fn start(flags: &[&str]) -> Self {
        let mut child = command(flags).spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, stdin, stdout, next_id: 0 }
    }

    async fn initialized(flags: &[&str]) -> Self {
        let mut process = Self::start(flags);
        process.initialize().await;
        process
    }

    async fn initialize(&mut self) {
        let client = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let answer = self.ask("initialize", params).await;
        assert_eq!(answer["result"]["serverInfo"]["name"], "make-admin-mcp");
        self.write(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
    }

    async fn write(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line).await.unwrap();
        stdin.write_all(b"\n").await.unwrap();
    }

    /// Sends a request and leaves the answer for later.
    async fn send(&mut self, method: &str, params: Value) -> u64 {
        self.next_id += 1;
        let request =
            json!({ "jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params });
        self.write(request.to_string().as_bytes()).await;
        self.next_id
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params).await;
        loop {
            let message = self.message().await.expect("an answer");
            if message["id"] == id {
                return message;
            }
        }
    }

    /// The next line of stdout, which must be a JSON-RPC message; None at the end.
    async fn message(&mut self) -> Option<Value> {
        let line = timeout(SOON, self.stdout.next_line()).await.expect("in time").unwrap()?;
        let message: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON on stdout: {line:?}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        Some(message)
    }

    /// The exit code, after which stdout must have held nothing but messages.
    async fn end(mut self) -> (Option<i32>, Vec<Value>) {
        drop(self.stdin.take());
        self.ended().await
    }

    async fn ended(mut self) -> (Option<i32>, Vec<Value>) {
        let mut rest = Vec::new();
        while let Some(message) = self.message().await {
            rest.push(message);
        }
        let status = timeout(SOON, self.child.wait()).await.expect("it ends").unwrap();
        (status.code(), rest)
    }
}

#[tokio::test]
async fn it_answers_and_leaves_at_the_end_of_input() {
    let mut process = Process::initialized(&["--sandbox"]).await;
    let answer =
        process.ask("tools/call", json!({ "name": "make-list-orgs", "arguments": {} })).await;
    assert_eq!(answer["result"]["structuredContent"]["organizations"][0]["id"], 11);
    assert_eq!(process.end().await, (Some(0), vec![]));

    assert_eq!(Process::start(&["--sandbox"]).end().await, (Some(0), vec![]), "before any message");
}

#[tokio::test]
async fn nonsense_is_survived_and_stdout_stays_clean() {
    let mut process = Process::start(&["--sandbox"]);
    let early: [&[u8]; 5] = [
        b"",
        b"{ not json",
        b"\xff\xfe\x00",
        br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        br#"{"jsonrpc":"2.0","id":77,"result":{}}"#,
    ];
    for line in early {
        process.write(line).await;
    }
    process.initialize().await;
    for line in [
        &b"{ not json"[..],
        b"[]",
        b"null",
        br#"{"jsonrpc":"2.0","method":"notifications/unknown"}"#,
    ] {
        process.write(line).await;
    }
    assert_eq!(process.ask("make/nothing", json!({})).await["error"]["code"], -32601);
    assert_eq!(process.ask("tools/call", json!({ "name": 5 })).await["error"]["code"], -32602);
    assert_eq!(
        process.ask("tools/call", json!({ "name": "make-nothing" })).await["error"]["code"],
        -32602
    );
    assert!(
        process.ask("tools/list", json!({})).await["result"]["tools"].is_array(),
        "it lives on"
    );
    assert_eq!(process.end().await.0, Some(0));
}

#[tokio::test]
async fn a_line_of_20_mib_is_refused_and_the_next_one_answered() {
    let mut process = Process::initialized(&["--sandbox"]).await;
    let mut line =
        br#"{"jsonrpc":"2.0","id":1000,"method":"tools/call","params":{"name":""#.to_vec();
    line.resize(20 << 20, b'x');
    process.write(&line).await;
    assert!(process.ask("tools/list", json!({})).await["result"]["tools"].is_array());
    assert_eq!(process.end().await.0, Some(0));
}

#[tokio::test]
async fn calls_that_come_all_at_once_are_all_answered() {
    let mut process = Process::initialized(&["--sandbox"]).await;
    let mut open = std::collections::BTreeSet::new();
    for offset in 0..64 {
        let arguments = json!({ "organizationId": 11, "offset": offset, "limit": 20 });
        open.insert(
            process
                .send("tools/call", json!({ "name": "make-audit-org", "arguments": arguments }))
                .await,
        );
    }
    while !open.is_empty() {
        let message = process.message().await.expect("an answer");
        assert_eq!(message["result"]["structuredContent"]["page"]["returned"], 20);
        assert!(open.remove(&message["id"].as_u64().unwrap()), "answered once");
    }
    assert_eq!(process.end().await, (Some(0), vec![]));
}

#[tokio::test]
async fn a_call_under_way_is_answered_after_the_end_of_input() {
    let make = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let token = home.path().join("token");
    std::fs::write(&token, crate::support::host::TOKEN).unwrap();
    let url = format!("http://{}", make.local_addr().unwrap());
    let mut process =
        Process::initialized(&["--base-url", &url, "--api-key-file", token.to_str().unwrap()])
            .await;
    let id = process.send("tools/call", json!({ "name": "make-list-orgs", "arguments": {} })).await;

    let answer = |body: &str| {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
    };
    let mut connection = loop {
        let (mut connection, _) = timeout(SOON, make.accept()).await.unwrap().unwrap();
        let mut asked = [0; 4096];
        let length = connection.read(&mut asked).await.unwrap();
        if asked[..length].starts_with(b"GET /api/v2/organizations") {
            break connection;
        }
        // What the credential may do, which is asked after the handshake.
        let scopes = answer(r#"{"authorization":{"scope":[]}}"#);
        connection.write_all(scopes.as_bytes()).await.unwrap();
    };
    drop(process.stdin.take());
    let body = answer(r#"{"organizations":[]}"#);
    connection.write_all(body.as_bytes()).await.unwrap();

    let (code, messages) = process.ended().await;
    assert_eq!(code, Some(0));
    assert_eq!(messages.iter().filter(|message| message["id"] == id).count(), 1, "{messages:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let process = Process::initialized(&["--sandbox"]).await;
        let id = process.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(process.ended().await, (Some(0), vec![]), "{signal}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_host_that_stops_reading_does_not_keep_it_alive() {
    let mut process = Process::initialized(&["--sandbox"]).await;
    let arguments = json!({ "organizationId": 11, "limit": 500 });
    process.send("tools/call", json!({ "name": "make-audit-org", "arguments": arguments })).await;
    // The answer has begun, and is longer than a pipe holds.
    assert!(!timeout(SOON, process.stdout.get_mut().fill_buf()).await.unwrap().unwrap().is_empty());
    let id = process.child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let status = timeout(SOON, process.child.wait()).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(0));
}

/// Hosts that use sockets, and systems without `/proc`, get reads that cannot be cancelled.
#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_even_while_a_read_cannot_be_cancelled() {
    // Whether the read has begun when the signal comes is chance.
    for _ in 0..8 {
        end_by_signal_on_a_socket().await;
    }
}

#[cfg(unix)]
async fn end_by_signal_on_a_socket() {
    let (theirs, ours) = std::os::unix::net::UnixStream::pair().unwrap();
    let stdin = std::os::fd::OwnedFd::from(theirs);
    let mut child = command(&["--sandbox"]).stdin(stdin).spawn().unwrap();
    ours.set_nonblocking(true).unwrap();
    let mut stdin = tokio::net::UnixStream::from_std(ours).unwrap();
    stdin.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n").await.unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let pong = timeout(SOON, stdout.next_line()).await.unwrap().unwrap().unwrap();
    assert!(pong.contains("\"id\":1"), "{pong}");
    let id = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let status = timeout(SOON, child.wait()).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn every_revision_with_a_handshake_is_answered_in_its_own_version() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut process = Process::start(&["--sandbox"]);
        let client = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client });
        let answer = process.ask("initialize", params).await;
        assert_eq!(answer["result"]["protocolVersion"], version);
        let answer =
            process.ask("tools/call", json!({ "name": "make-list-orgs", "arguments": {} })).await;
        assert_eq!(answer["result"]["isError"], false);
        assert_eq!(process.end().await.0, Some(0));
    }
}

#[tokio::test]
async fn a_wrong_setting_is_refused_at_the_start_with_code_2_and_nothing_on_stdout() {
    for (flags, words) in [
        (&["--zone", "make.com/eu1"][..], "--zone (MAKE_ZONE)"),
        (&["--toolsets", "nothing"], "--toolsets (MAKE_TOOLSETS)"),
        (&["--log", "make=loud"], "--log (MAKE_LOG)"),
        (&["--unknown"], "--unknown"),
    ] {
        let output = timeout(SOON, command(flags).output()).await.unwrap().unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert_eq!(output.stdout, b"", "{flags:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn a_token_in_the_environment_is_cleaned_and_never_shown() {
    let token = crate::support::host::TOKEN;
    let mut command =
        command(&["--base-url", "http://127.0.0.1:1", "--log", "trace", "call", "make-list-orgs"]);
    let output = timeout(SOON, command.env("MAKE_API_KEY", format!("\"Token {token}\"")).output())
        .await
        .unwrap()
        .unwrap();
    let said =
        String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("removed"), "{said}");
    assert!(said.contains("network"), "{said}");
    assert!(!said.contains(&token[9..]), "{said}");
}

#[tokio::test]
async fn the_command_line_prints_answers_and_exits_with_their_code() {
    for (flags, code, words) in [
        (&["call", "make-list-orgs", "--sandbox"][..], 0, "\"organizations\": ["),
        (
            &["call", "make-get-org", r#"{"organizationId":11}"#, "--sandbox"],
            0,
            "\"organization\": {",
        ),
        (
            &["call", "make-get-org", "organizationId=x", "--sandbox"],
            1,
            "\"kind\": \"invalid_arguments\"",
        ),
        (&["call", "make-get-organisation", "--sandbox"], 2, ""),
        (&["call", "make-get-org", "11", "--sandbox"], 2, ""),
        (&["tools", "--sandbox", "--toolsets", "audit"], 0, "make-audit-org"),
        (&["tools", "--json", "--sandbox"], 0, "\"inputSchema\""),
        (&["doctor", "--sandbox"], 0, "ok    credential"),
        (&["doctor", "--base-url", "http://127.0.0.1:1"], 1, "FAIL  token"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut command = command(flags);
        let output =
            timeout(SOON, command.env("MAKE_STATE_DIR", home.path().join("state")).output())
                .await
                .unwrap()
                .unwrap();
        let (shown, said) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(code), "{flags:?}\n{shown}\n{said}");
        assert!(shown.contains(words), "{flags:?}\n{shown}");
        assert_eq!(said.is_empty(), code == 0 || flags[0] == "doctor", "{flags:?}\n{said}");
    }
}

#[tokio::test]
async fn every_message_with_an_id_is_answered_under_it() {
    let mut process = Process::start(&["--sandbox"]);
    let odd = json!({ "protocolVersion": "2025-11-25", "capabilities": { "roots": true },
        "clientInfo": { "name": "test", "version": "1" } });
    let answer = process.ask("initialize", odd).await;
    assert_eq!(answer["result"]["serverInfo"]["name"], "make-admin-mcp");
    process.write(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
    for (line, id, code) in [
        (r#"{"jsonrpc":"2.0","id":501,"method":"ping","params":{"a":"\ud83c"}}"#, "501", -32700),
        (r#"{"jsonrpc":"2.0","id":502,"method":"ping","params":{},}"#, "502", -32700),
        (r#"{"jsonrpc":"2.0","id":503,"method":"tools/list","params":[]}"#, "503", -32602),
        (
            r#"{"jsonrpc":"2.0","id":18446744073709551616,"method":"ping"}"#,
            "18446744073709551616",
            -32600,
        ),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, "1.5", -32600),
    ] {
        process.write(line.as_bytes()).await;
        let answer = timeout(SOON, process.stdout.next_line()).await.unwrap().unwrap().unwrap();
        assert!(answer.contains(&format!("\"id\":{id},")), "{line}: {answer}");
        assert!(answer.contains(&code.to_string()), "{line}: {answer}");
    }
    assert!(process.ask("tools/list", json!({})).await["result"]["tools"].is_array());
    assert_eq!(process.end().await.0, Some(0));
}

#[tokio::test]
async fn stdout_that_is_gone_ends_the_process_whatever_stdin_does() {
    let process = Process::initialized(&["--sandbox"]).await;
    let Process { mut child, stdin, stdout, .. } = process;
    let mut stdin = stdin.unwrap();
    drop(stdout);
    let ping = b"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}\n";
    stdin.write_all(ping).await.unwrap();
    // Stdin stays open.
    let status = timeout(SOON, child.wait()).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(0));
    drop(stdin);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_host_that_does_not_read_gets_no_more_work_done_for_it() {
    const MANY: usize = 800;
    let mut process = Process::initialized(&["--sandbox"]).await;
    let pid = process.child.id().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let writing = tokio::spawn(async move {
        for id in 1000..1000 + MANY {
            let line = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/list\"}}\n");
            stdin.write_all(line.as_bytes()).await.unwrap();
        }
        stdin
    });
    // It stops reading once enough waits: then its memory no longer grows.
    let mut last = 0;
    let resident = loop {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let now: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        if now == last {
            break now;
        }
        last = now;
        for _ in 0..50 {
            // A moment, by work instead of a clock.
            process_moment().await;
        }
    };
    assert!(resident < 64 << 10, "{resident} KiB");
    for _ in 0..MANY {
        let message = process.message().await.expect("an answer");
        let told = message["error"]["message"].as_str().unwrap_or_default();
        assert!(message["result"].is_object() || told.contains("under way"), "{message}");
    }
    drop(writing.await.unwrap());
}

/// As long as a small program takes to start and end.
#[cfg(target_os = "linux")]
async fn process_moment() {
    tokio::process::Command::new("true").status().await.unwrap();
}

#[tokio::test]
async fn nobody_reading_stderr_costs_lines_and_nothing_else() {
    for closed in [true, false] {
        let mut process = Process::start(&["--sandbox", "--log", "trace"]);
        let stderr = process.child.stderr.take();
        let unread = if closed { None } else { stderr };
        process.initialize().await;
        for _ in 0..500 {
            let arguments = json!({ "name": "make-list-orgs", "arguments": {} });
            let answer = process.ask("tools/call", arguments).await;
            assert_eq!(answer["result"]["isError"], false);
        }
        assert_eq!(process.end().await.0, Some(0), "closed: {closed}");
        drop(unread);
    }
}

/// A program that never prints a token, and the file in which it says that it runs.
#[cfg(target_os = "linux")]
fn waiting_program(home: &std::path::Path) -> (String, std::path::PathBuf) {
    let started = home.join("started");
    let script =
        format!("echo $$ > '{0}.part'; mv '{0}.part' '{0}'; exec sleep 600", started.display());
    (serde_json::to_string(&["sh", "-c", &script]).unwrap(), started)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_credential_program_runs_when_needed_and_ends_with_the_server_however_that_ends() {
    for signal in ["-KILL", "-TERM"] {
        let home = tempfile::tempdir().unwrap();
        let (command, started) = waiting_program(home.path());
        let mut process = Process::initialized(&[
            "--base-url", "http://127.0.0.1:1", "--api-key-command", &command,
        ])
        .await;
        assert!(process.ask("tools/list", json!({})).await["result"]["tools"].is_array());
        assert!(!started.exists(), "the list needs no credential");
        process.send("tools/call", json!({ "name": "make-list-orgs", "arguments": {} })).await;
        while !started.exists() {
            process_moment().await;
        }
        let program = std::fs::read_to_string(&started).unwrap().trim().to_owned();
        let id = process.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        let gone = async {
            let is_running = || {
                let line = std::fs::read_to_string(format!("/proc/{program}/cmdline"));
                line.is_ok_and(|line| line.starts_with("sleep"))
            };
            while is_running() {
                process_moment().await;
            }
        };
        timeout(SOON, gone).await.unwrap_or_else(|_| panic!("{signal}: the program lives on"));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_held_journal_keeps_no_other_message_waiting() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    let flags = ["--sandbox", "--confirm", "off", "--state-dir", state.to_str().unwrap()];
    let mut process = Process::initialized(&flags).await;
    let write =
        json!({ "name": "make-update-org", "arguments": { "organizationId": 11, "name": "A" } });
    assert_eq!(process.ask("tools/call", write.clone()).await["result"]["isError"], false);
    let lock = std::fs::File::options().append(true).open(state.join("journal.lock")).unwrap();
    lock.lock().unwrap();
    let waiting = process.send("tools/call", write).await;
    let ping = process.send("ping", json!({})).await;
    assert_eq!(process.message().await.unwrap()["id"], ping, "while the journal is held");
    drop(lock);
    assert_eq!(process.message().await.unwrap()["id"], waiting);
    assert_eq!(process.end().await.0, Some(0));
}

#[tokio::test]
async fn a_review_of_many_people_keeps_no_other_message_waiting() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    let flags = [
        "--sandbox",
        "--sandbox-size",
        "people=2000",
        "--toolsets",
        "all",
        "--state-dir",
        state.to_str().unwrap(),
    ];
    let mut process = Process::initialized(&flags).await;
    let review = json!({ "name": "make-access-review", "arguments": { "organizationId": 11 } });
    let review = process.send("tools/call", review).await;
    for _ in 0..20 {
        let ping = process.send("ping", json!({})).await;
        let answer = process.message().await.unwrap();
        assert_eq!(answer["id"], ping, "before the review");
    }
    let answer = process.message().await.unwrap();
    assert_eq!((&answer["id"], &answer["result"]["isError"]), (&json!(review), &json!(false)));
}

#[tokio::test]
async fn a_tool_name_of_a_megabyte_is_refused_at_once_and_not_repeated() {
    let mut process = Process::initialized(&["--sandbox"]).await;
    let name = "make-list-org".repeat(80_000);
    let error = process.ask("tools/call", json!({ "name": name })).await["error"].clone();
    assert_eq!(error["code"], -32602);
    assert!(error.to_string().len() < 500, "{error}");
    assert_eq!(process.end().await.0, Some(0));
}
