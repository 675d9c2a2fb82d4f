//! The process is killed in the middle of a write, and several processes write at once.

use std::{
    fs::File,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use make_admin_mcp::{
    guard::{JournalOutcome, show, verify},
    store::StateFolder,
};
use tempfile::TempDir;
use tokio::{process::Child, sync::mpsc, time::timeout};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use crate::support::{
    process::{SOON, command, run, stdout},
    wire::fixture,
};

/// What the fake does before it answers.
type Before = Box<dyn Fn(&Request) + Send + Sync>;

/// A fake that tells of each request before it answers it, at once or never.
struct Fake {
    told: mpsc::UnboundedSender<String>,
    /// Requests of this method are never answered.
    silent: Option<&'static str>,
    before: Before,
}

impl Respond for Fake {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let method = request.method.to_string();
        (self.before)(request);
        let answer = if method == "GET" {
            ResponseTemplate::new(200).set_body_json(fixture("me/get_current_user"))
        } else {
            ResponseTemplate::new(200).set_body_json(fixture("organizations/update_organization"))
        };
        let silent = self.silent == Some(method.as_str());
        let _ = self.told.send(method);
        if silent { answer.set_delay(Duration::from_secs(3600)) } else { answer }
    }
}

struct Scene {
    server: MockServer,
    told: mpsc::UnboundedReceiver<String>,
    home: TempDir,
}

impl Scene {
    async fn new(silent: Option<&'static str>, before: Before) -> Self {
        let server = MockServer::start().await;
        let (tell, told) = mpsc::unbounded_channel();
        let fake = Fake { told: tell, silent, before };
        Mock::given(any()).respond_with(fake).mount(&server).await;
        Self { server, told, home: tempfile::tempdir().unwrap() }
    }

    fn state(&self) -> StateFolder {
        StateFolder::new(self.home.path().join("state"))
    }

    /// Starts a write.
    fn write(&self) -> Child {
        let url = self.server.uri();
        let state = self.state();
        let flags =
            ["--base-url", &url, "--confirm", "off", "--state-dir", state.path().to_str().unwrap()];
        let call = ["call", "make-update-org", "organizationId=11", "name=Acme"];
        let mut command = command(&[&flags[..], &call[..]].concat());
        command.env("MAKE_API_KEY", "5c1f6a20-9b1e-4b7e-8d53-0e6b6f1f7a11").stdin(Stdio::null());
        command.spawn().unwrap()
    }

    /// Waits until the fake has got a request of this method.
    async fn got(&mut self, method: &str) {
        while timeout(SOON, self.told.recv()).await.unwrap().unwrap() != method {}
    }

    /// What the command shows, after the check that nothing looks like a change by someone else.
    async fn shown(&self) -> String {
        let state = self.state();
        let flags = ["--state-dir", state.path().to_str().unwrap(), "journal"];
        let verified = run(&[&flags[..], &["verify"]].concat()).await;
        assert_eq!(verified.status.code(), Some(0), "{}", stdout(&verified));
        stdout(&run(&[&flags[..], &["show"]].concat()).await)
    }
}

async fn kill(mut child: Child) {
    child.kill().await.unwrap();
}

#[tokio::test]
async fn killed_before_the_line_nothing_was_sent() {
    // While it reads who the caller is, which comes before the line.
    let mut scene = Scene::new(Some("GET"), Box::new(|_| {})).await;
    let child = scene.write();
    scene.got("GET").await;
    kill(child).await;
    assert_eq!(scene.shown().await, "");
}

#[tokio::test]
async fn killed_between_two_lines_nothing_more_is_claimed() {
    // Someone holds the journal, so the line cannot be written yet.
    let held: Arc<Mutex<Option<File>>> = Arc::default();
    let scene = Scene::new(None, Box::new(|_| {})).await;
    std::fs::create_dir(scene.state().path()).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(
        scene.state().path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .unwrap();
    let lock = File::create(scene.state().path().join("journal.lock")).unwrap();
    lock.lock().unwrap();
    *held.lock().unwrap() = Some(lock);
    let mut scene = scene;
    let child = scene.write();
    scene.got("GET").await;
    kill(child).await;
    held.lock().unwrap().take();
    assert_eq!(scene.shown().await, "");
    let requests = scene.server.received_requests().await.unwrap();
    assert!(
        requests.iter().all(|request| request.method.as_str() == "GET"),
        "not sent without its line"
    );
}

#[tokio::test]
async fn killed_during_the_request_the_journal_says_that_nobody_knows() {
    let mut scene = Scene::new(Some("PATCH"), Box::new(|_| {})).await;
    let child = scene.write();
    scene.got("PATCH").await;
    kill(child).await;
    let shown = scene.shown().await;
    assert!(
        shown.contains("sent") && shown.contains("may or may not have been carried out"),
        "{shown}"
    );
}

#[tokio::test]
async fn killed_after_the_answer_and_before_its_line_the_journal_says_that_nobody_knows() {
    // The fake holds the journal from the moment of the write on, so that the answer cannot be noted.
    let held: Arc<Mutex<Option<File>>> = Arc::default();
    let (hold, home) = (held.clone(), Arc::new(Mutex::new(None::<std::path::PathBuf>)));
    let place = home.clone();
    let mut scene = Scene::new(
        None,
        Box::new(move |request| {
            if request.method.as_str() == "PATCH" {
                let lock = File::open(place.lock().unwrap().as_ref().unwrap()).unwrap();
                lock.lock().unwrap();
                *hold.lock().unwrap() = Some(lock);
            }
        }),
    )
    .await;
    *home.lock().unwrap() = Some(scene.state().path().join("journal.lock"));
    let child = scene.write();
    scene.got("PATCH").await;
    // It has the answer as soon as it tries the lock; whether it did or not, it may not claim an end.
    kill(child).await;
    held.lock().unwrap().take();
    let shown = scene.shown().await;
    assert!(shown.contains("may or may not have been carried out"), "{shown}");
    assert!(!shown.contains("applied"), "{shown}");
}

#[tokio::test]
async fn a_write_that_ended_is_not_open() {
    let scene = Scene::new(None, Box::new(|_| {})).await;
    let output = timeout(SOON, scene.write().wait_with_output()).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = scene.shown().await;
    assert!(shown.contains("applied (200)") && !shown.contains("Nobody knows"), "{shown}");
}

/// Kills at many moments that nobody chose: what Make got always has its line.
#[tokio::test]
async fn whenever_it_is_killed_every_write_has_its_line_before() {
    let mut open = 0;
    for round in 0..12_u64 {
        let mut scene = Scene::new(None, Box::new(|_| {})).await;
        let child = scene.write();
        scene.got("GET").await;
        // From before the line to after the answer.
        tokio::time::sleep(Duration::from_micros(round * round * 60)).await;
        kill(child).await;
        let requests = scene.server.received_requests().await.unwrap();
        let sent = requests.iter().filter(|request| request.method.as_str() == "PATCH").count();
        let report = verify(&scene.state()).unwrap();
        assert_eq!(report.problems, [""; 0]);
        let shown = show(&scene.state(), 50).unwrap();
        let noted = shown.lines.iter().filter(|line| line.contains("  sent  ")).count();
        assert!(noted >= sent, "round {round}: {sent} sent, noted: {:?}", shown.lines);
        open += shown.open.len();
    }
    assert!(open <= 12);
}

#[tokio::test]
async fn two_servers_that_write_at_once_lose_no_line() {
    let scene = Scene::new(None, Box::new(|_| {})).await;
    let children: Vec<_> = (0..12).map(|_| scene.write()).collect();
    for child in children {
        let output = timeout(SOON, child.wait_with_output()).await.unwrap().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let report = verify(&scene.state()).unwrap();
    assert_eq!((report.lines, report.problems.len(), report.notes.len()), (24, 0, 0), "{report:?}");
    let text = std::fs::read_to_string(scene.state().path().join("journal.jsonl")).unwrap();
    let lines: Vec<make_admin_mcp::guard::Line> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for outcome in [JournalOutcome::Sent, JournalOutcome::Applied] {
        let pids: std::collections::BTreeSet<_> =
            lines.iter().filter(|line| line.outcome == outcome).map(|line| line.pid).collect();
        assert_eq!(pids.len(), 12, "{outcome:?} by each");
    }
}
