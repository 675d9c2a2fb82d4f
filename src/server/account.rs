//! One account: its client, its credential, and what is offered of it. It shares nothing with another.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::FutureExt;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rmcp::{RoleServer, model::CallToolRequestParams, service::RequestContext};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{elicitation::StateSealer, progress::ProgressEvent};
use crate::{
    config::Settings,
    guard::{ChangeControl, Host, Journal, PendingPlans, TokenDelivery},
    make::{Https, Make, RetryBudget},
    report::AllowedDirs,
    sandbox,
    sandbox::Sandbox,
    store::StateFolder,
    tools::{
        call::{ANSWER_ROOM, CallResult},
        registry::{
            AccountEnv, Context, ErrorKind, Hidden, Progress, RETRY_BUDGET, Selection, Tool,
            ToolError,
        },
    },
};

/// How long the first list of tools waits for what the credential may do.
pub(super) const DECISION: Duration = Duration::from_millis(1500);

/// One account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) env: Arc<AccountEnv>,
    make: Make,
    selection: Selection,
    /// A fixed day, for the sandbox.
    today: Option<Date>,
}

impl Account {
    /// An account as the settings describe it. Nothing is read and nothing is connected yet.
    pub(super) fn new(settings: &Settings, catalog: &[Tool]) -> Self {
        let make = if settings.sandbox {
            Make::new(Sandbox::of_size(settings.sandbox_size), None)
        } else {
            Make::new(Https::new(settings.base.clone()), None)
        };
        Self::with_make(settings, make, catalog)
    }

    /// Takes the client instead of making one from the settings.
    pub(super) fn with_make(settings: &Settings, make: Make, catalog: &[Tool]) -> Self {
        let selection = settings.selection.clone();
        let state = StateFolder::new(settings.state_dir.clone());
        let control = ChangeControl {
            profile: settings.profile.clone(),
            zone: settings.zone(),
            confirm: settings.confirm,
            policy: settings.policy.clone(),
            pending_plans: PendingPlans::new(state.clone()),
            journal: Journal::new(state.clone()),
        };
        let env = AccountEnv {
            profile: settings.profile.clone(),
            zone: settings.zone(),
            read_only: selection.read_only,
            sandbox: settings.sandbox,
            control: Arc::new(control),
            organizations: settings.organizations.clone(),
            source: settings.source.clone(),
            secrets: TokenDelivery { delivery: settings.delivery, folder: state.clone() },
            folders: AllowedDirs::new(state, settings.export_dirs.clone()),
            scope_escalation: settings.scope_escalation,
            toolsets: selection.toolsets.iter().map(|toolset| toolset.name()).collect(),
            hidden: selection.hidden(catalog),
            unscoped: OnceLock::new(),
        };
        Self {
            env: Arc::new(env),
            make,
            selection,
            today: settings.sandbox.then_some(sandbox::TODAY),
        }
    }

    /// The name of its profile, where it has one.
    pub(super) fn profile(&self) -> Option<&str> {
        self.env.profile.as_deref()
    }

    /// Asks what the credential may do, so that the first list of tools finds it answered.
    pub(super) async fn prefetch(&self) {
        if !self.env.source.is_at_hand() {
            return;
        }
        if let Ok(cx) = self.context(RetryBudget::default()).await
            && cx.make.credential().is_some()
        {
            // Errors are ignored here; callers that need the value see them.
            let _ = cx.make.me().authorization().await;
        }
    }

    /// Reads which scopes the credential has, and so decides once and for all which tools are offered.
    ///
    /// What Make does not answer in time is not known, and hides nothing.
    pub(super) async fn decide(&self, catalog: &[Tool]) {
        let reading = async {
            let cx = self.context(RetryBudget::default()).await.ok()?;
            cx.make.credential()?;
            cx.make.me().authorization().await.ok()
        };
        let decided = &self.env.unscoped;
        if decided.get().is_some() || !self.env.source.is_at_hand() {
            return;
        }
        let authorization = timeout(DECISION, reading).await.ok().flatten();
        decided.get_or_init(|| match authorization {
            Some(known) => self.selection.unscoped(catalog, &known.scope),
            None => Vec::new(),
        });
    }

    /// Whether a tool is offered.
    pub(super) fn offers(&self, tool: &Tool) -> bool {
        self.why_not_offered(tool).is_none()
    }

    fn why_not_offered(&self, tool: &Tool) -> Option<&Hidden> {
        let mut hidden = self.env.not_offered();
        hidden.find(|hidden| hidden.name == tool.spec.name)
    }

    /// Whether the answer of a reading tool may be had as a resource, which toolsets do not limit.
    pub(super) fn may_read(&self, tool: &Tool) -> Result<(), ToolError> {
        match self.why_not_offered(tool) {
            Some(hidden) if !self.selection.is_only_unchosen(tool) => {
                Err(not_offered(tool, &hidden.reason))
            }
            _ => Ok(()),
        }
    }

    /// Whether a tool may be called.
    pub(super) fn may_call(&self, tool: &Tool) -> Result<(), ToolError> {
        match self.why_not_offered(tool) {
            Some(hidden) => Err(not_offered(tool, &hidden.reason)),
            None => Ok(()),
        }
    }

    /// What a tool gets, with the credential of this moment.
    pub(super) async fn context(&self, budget: RetryBudget) -> Result<Context, ToolError> {
        let source = &self.env.source;
        let credential = source.current().await.map_err(crate::make::Error::from)?;
        let today =
            self.today.unwrap_or_else(|| TimeZone::UTC.to_datetime(Timestamp::now()).date());
        let make = self
            .make
            .with_credential(credential)
            .renewed_by(source.renewal())
            .with_retry_budget(budget);
        Ok(Context {
            make,
            account: self.env.clone(),
            today,
            progress: Progress::default(),
            room: ANSWER_ROOM,
        })
    }

    /// How the host of a call can ask its user, unless the tool is not offered.
    pub(super) fn admitted(
        &self,
        tool: &Tool,
        request: &mut CallToolRequestParams,
        sealer: &StateSealer,
        host: &RequestContext<RoleServer>,
    ) -> Result<Host, ToolError> {
        let asking = self.may_call(tool).and_then(|()| sealer.host(request, host));
        asking.inspect_err(|refused| {
            let nothing = serde_json::Map::new();
            let arguments = request.arguments.as_ref().unwrap_or(&nothing);
            tool.note_refusal(&self.env, arguments, refused);
        })
    }

    /// Runs a tool until it answers, with `share` of the room for answers.
    pub(super) async fn run(
        &self,
        tool: &Tool,
        request: CallToolRequestParams,
        asking: Host,
        events: mpsc::UnboundedSender<ProgressEvent>,
        share: usize,
    ) -> Result<CallResult, ToolError> {
        let (waits, steps) = (events.clone(), events);
        let budget = RetryBudget {
            until: Some(Instant::now() + RETRY_BUDGET),
            each: None,
            on_wait: Some(Arc::new(move |wait| {
                let _ = waits.send(ProgressEvent::Wait(wait));
            })),
        };
        let cx = Context {
            progress: Progress::to(move |step| {
                let _ = steps.send(ProgressEvent::Step(step));
            }),
            room: ANSWER_ROOM / share.max(1),
            ..self.context(budget).await?
        };
        let arguments = request.arguments.unwrap_or_default();
        let running = AssertUnwindSafe(tool.call(cx, arguments, asking)).catch_unwind();
        running.await.unwrap_or_else(|_| Err(broken(tool)))
    }
}

fn not_offered(tool: &Tool, reason: &str) -> ToolError {
    if reason.starts_with("needs the scope") {
        let message = format!("`{}` {reason}", tool.spec.name);
        return ToolError::new(ErrorKind::MissingScope, message).with_hint(
            "start the server with a token that has it; make-auth-status shows the granted scopes",
        );
    }
    let message = format!("`{}` is switched off: it {reason}", tool.spec.name);
    ToolError::new(ErrorKind::RefusedByPolicy, message)
        .with_hint("only the person who starts the server can switch it on")
}

/// A panic is our mistake; the server lives on, and the model learns that nothing can be said about the effect.
fn broken(tool: &Tool) -> ToolError {
    let message = format!("`{}` failed in a way that is a mistake of this server", tool.spec.name);
    let hint = if tool.effect().is_read() {
        "try other arguments and report the mistake"
    } else {
        "read the present state before anything else, and report the mistake"
    };
    ToolError::new(ErrorKind::UnexpectedResponse, message).with_hint(hint)
}
