//! A program that prints the token: a password manager's command line.

use std::{fmt, process::Stdio, sync::Arc, time::Duration};

use tokio::{
    io::AsyncReadExt,
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{LONGEST, error::CommandError, normalize, supervisor};
use crate::{
    make::{Credential, CredentialError},
    text::visible,
};

/// Some password managers ask the user first.
const UNLOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// A token that Make refuses sooner than this after it was printed is not asked for again.
const FRESH: Duration = Duration::from_secs(60);

/// A program that prints the token, with its arguments; no shell is involved. What it prints is kept in memory only.
pub struct CredentialCommand {
    program: String,
    arguments: Vec<String>,
    latest: Mutex<Option<CommandRun>>,
}

/// The latest run of the program.
struct CommandRun {
    ended: Instant,
    printed: Result<Credential, CredentialError>,
}

impl CredentialCommand {
    /// Reads a program and its arguments: a JSON list of texts, or words between blanks, quoted as in a shell.
    ///
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        let words: Vec<String> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text)
                .map_err(|error| CommandError(format!("is not a JSON list of texts: {error}")))?
        } else {
            shlex::split(text)
                .ok_or_else(|| CommandError("has a quote that does not end".to_owned()))?
        };
        let mut words = words.into_iter();
        let program = words.next().filter(|program| !program.is_empty());
        Ok(Self {
            program: program.ok_or_else(|| CommandError("names no program".to_owned()))?,
            arguments: words.collect(),
            latest: Mutex::new(None),
        })
    }

    /// Program and arguments.
    pub fn words(self) -> Vec<String> {
        [vec![self.program], self.arguments].concat()
    }

    /// Whether it has run and printed a token.
    pub(super) fn has_run(&self) -> bool {
        self.latest.try_lock().is_ok_and(|latest| latest.is_some())
    }

    /// The program's name. Its arguments may be confidential.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// What was printed last; the program runs if nothing was, or if Make refuses that by now.
    pub(super) async fn credential(
        self: Arc<Self>,
        refused: Option<Credential>,
    ) -> Result<Option<Credential>, CredentialError> {
        let began = Instant::now();
        let mut latest = self.latest.lock().await;
        let is_refused = |token: &Credential| {
            refused.as_ref().is_some_and(|refused| refused.is_same_token(token))
        };
        match &*latest {
            Some(CommandRun { printed: Ok(token), .. }) if !is_refused(token) => {
                return Ok(Some(token.clone()));
            }
            Some(run) if run.printed.is_ok() && run.ended.elapsed() < FRESH => return Ok(None),
            // It failed while this call waited for its turn.
            Some(CommandRun { ended, printed: Err(error) }) if *ended >= began => {
                return Err(error.clone());
            }
            _ => {}
        }
        let printed = self.printed().await;
        *latest = Some(CommandRun { ended: Instant::now(), printed: printed.clone() });
        printed.map(|token| (!is_refused(&token)).then_some(token))
    }

    async fn printed(&self) -> Result<Credential, CredentialError> {
        let problem = |problem: &str| {
            CredentialError::lasting(
                format!("the command {:?} {problem}", visible(&self.program)),
                "run the command of --api-key-command in a terminal to see why, then call again",
            )
        };
        // Its stderr may hold secrets, so it is discarded.
        let child = supervisor::command(&self.program, &self.arguments)
            .stdin(if supervisor::is_supervised() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.map_err(|error| problem(&format!("cannot be started: {error}")))?;
        // Open as long as this process lives.
        let _alive = child.stdin.take();
        let running = async {
            let mut text = String::new();
            if let Some(output) = child.stdout.take() {
                output.take(LONGEST).read_to_string(&mut text).await?;
            }
            child.wait().await.map(|status| (status, text))
        };
        let (status, text) = timeout(UNLOCK_TIMEOUT, running)
            .await
            .map_err(|_| problem("did not end within a minute"))?
            .map_err(|_| problem("printed something that is not text"))?;
        if supervisor::is_supervised() && status.code() == Some(supervisor::NOT_STARTED) {
            return Err(problem("cannot be started"));
        }
        if !status.success() {
            return Err(problem(&format!("failed ({status})")));
        }
        let cleaned = normalize::normalize(&text)
            .map_err(|wrong| problem(&format!("printed what {wrong}")))?;
        cleaned.map(|cleaned| cleaned.credential).ok_or_else(|| problem("printed nothing"))
    }
}

impl fmt::Debug for CredentialCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("program", &self.program).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<String>, CommandError> {
        CredentialCommand::parse(text).map(CredentialCommand::words)
    }

    #[test]
    fn words_are_split_as_people_write_them_and_a_list_is_taken_as_it_is() {
        for (text, expected) in [
            ("op read op://x/y", vec!["op", "read", "op://x/y"]),
            ("pass 'make admin'", vec!["pass", "make admin"]),
            (
                r#"["C:\\op.exe", "read me", "$HOME; ls"]"#,
                vec!["C:\\op.exe", "read me", "$HOME; ls"],
            ),
        ] {
            assert_eq!(words(text).expect(text), expected);
        }
        for wrong in ["pass 'make", "[1]", "[]", "  ", "''"] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
    }
}
