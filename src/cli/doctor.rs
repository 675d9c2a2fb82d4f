//! `doctor`: checks what a start depends on, and says what to do about each failure.

use jiff::Timestamp;

use super::print;
use crate::{
    catalog::catalog,
    config::{Accounts, Settings},
    guard::verify,
    make::{Counter, ListRoles, Make, Organization, OrganizationId, Page, RetryBudget},
    server::Server,
    store::StateFolder,
    text::visible,
    tools::registry::{HOW_TO_SIGN_IN, ToolError},
};

/// More than this makes log times and plans confusing.
const MOST_SKEW_SECONDS: i64 = 120;

/// More would fill the screen.
const MOST_ORGANIZATIONS: usize = 20;

/// What a check found, and what to do if it is not well.
pub(super) type CheckResult = Result<String, (String, String)>;

pub(super) async fn run(accounts: &Accounts) -> u8 {
    let mut code = 0;
    for settings in accounts.all() {
        if let Some(profile) = &settings.profile {
            print(&format!("Profile {profile}:"));
        }
        code = code.max(checked(settings).await);
    }
    code
}

async fn checked(settings: &Settings) -> u8 {
    let mut well = true;
    let mut report = |check: &str, finding: CheckResult| match finding {
        Ok(text) => print(&format!("ok    {check:<13} {text}")),
        Err((problem, next)) => {
            well = false;
            print(&format!("FAIL  {check:<13} {problem}\n{:20}{next}", ""));
        }
    };
    report(
        "zone",
        Ok(if settings.sandbox {
            "the built-in account".to_owned()
        } else {
            settings.base.to_string()
        }),
    );
    if let Some(proxy) = &settings.proxy {
        report("proxy", Ok(proxy.to_string()));
    }
    report("token", token(settings).await);
    let folder = StateFolder::new(settings.state_dir.clone());
    report("state folder", state_folder(&folder));
    report("journal", journal(&folder));
    report("confirmation", Ok(format!("--confirm {}", settings.confirm.name())));
    match Server::new(settings).context(RetryBudget::default()).await {
        Err(error) => report("credential", failed(error)),
        Ok(cx) => {
            let connection = connection(&cx.make).await;
            let connected = connection.is_ok();
            report("connection", connection);
            if connected {
                report("credential", credential(&cx.make).await);
                report("scopes", scopes(&cx.make, settings).await);
                report("organizations", organizations(&cx.make).await);
                report("memory", Ok(cx.make.kept()));
            }
        }
    }
    settings.source.closed().await;
    u8::from(!well)
}

pub(super) fn failed(error: impl Into<ToolError>) -> CheckResult {
    // It cannot send the user to itself.
    let error = error.into().without_hints_of(|step| step.contains("make-admin-mcp doctor"));
    Err((error.message, error.hint.unwrap_or_default()))
}

async fn token(settings: &Settings) -> CheckResult {
    let from =
        if settings.sandbox { "the built-in account".to_owned() } else { settings.source.name() };
    match settings.source.current().await {
        Ok(Some(token)) if token.is_api_key() => Ok(format!("an API key, from {from}")),
        Ok(Some(_)) => Ok(format!("an OAuth access token, from {from}")),
        Ok(None) => Err(("there is none".to_owned(), HOW_TO_SIGN_IN.to_owned())),
        Err(error) => Err((format!("from {from}: {}", error.message), error.hint)),
    }
}

fn state_folder(folder: &StateFolder) -> CheckResult {
    let name = folder.path().display();
    match folder.exists() {
        Ok(true) => Ok(name.to_string()),
        Ok(false) => Ok(format!("{name} (made when first needed)")),
        Err(error) => Err((
            error.to_string(),
            format!("make it private (chmod 700 '{name}'), or choose another with --state-dir"),
        )),
    }
}

fn journal(folder: &StateFolder) -> CheckResult {
    let next = "see `make-admin-mcp journal verify`".to_owned();
    match verify(folder) {
        Ok(report) if report.problems.is_empty() => Ok(format!("{} lines", report.lines)),
        Ok(report) => Err((report.problems.join("; "), next)),
        Err(error) => Err((error.to_string(), next)),
    }
}

async fn connection(make: &Make) -> CheckResult {
    let pong = match make.me().ping().await {
        Ok(pong) => pong,
        Err(error) => return failed(error),
    };
    let Some(theirs) = pong.date else {
        return Ok("Make answers".to_owned());
    };
    let skew = Timestamp::now().duration_since(theirs).as_secs();
    if skew.abs() > MOST_SKEW_SECONDS {
        let problem =
            format!("Make answers, but this machine's clock differs from Make's by {skew} s");
        return Err((problem, "set the clock".to_owned()));
    }
    Ok("Make answers, and the clocks agree".to_owned())
}

pub(super) async fn credential(make: &Make) -> CheckResult {
    match make.me().get().await {
        Ok(me) => Ok(format!(
            "belongs to {:?} <{}>",
            me.name.as_deref().unwrap_or("?"),
            visible(me.email.as_deref().unwrap_or("?"))
        )),
        Err(error) => failed(error),
    }
}

/// Whether the credential has what the tools that are on need. Without a scope to write only the tools that write are
/// off, which may be meant.
async fn scopes(make: &Make, settings: &Settings) -> CheckResult {
    let granted = match make.me().authorization().await {
        Ok(authorization) => authorization.scope.clone(),
        Err(error) => return failed(error),
    };
    let catalog = catalog();
    let lacking = |reads: bool| {
        let on = catalog.iter().filter(|tool| settings.selection.why_hidden(tool).is_none());
        let mut missing: Vec<_> = on
            .filter(|tool| tool.effect().is_read() == reads)
            .map(|tool| tool.spec.scopes)
            .filter(|scope| !scope.is_assumed() && !scope.is_within(&granted))
            .filter_map(|scope| scope.text())
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing.join(", ")
    };
    let (to_read, to_write) = (lacking(true), lacking(false));
    if !to_read.is_empty() {
        let next = "tools that need them will fail; create a token with them if you want those \
                    tools";
        return Err((format!("not granted: {to_read}"), next.to_owned()));
    }
    let count = granted.len();
    Ok(match to_write.is_empty() {
        true => format!("{count} granted, all that the tools that are on need"),
        false => {
            format!("{count} granted; tools that change things are off for lack of {to_write}")
        }
    })
}

/// The caller's role and the plan's limits, organization by organization.
async fn organizations(make: &Make) -> CheckResult {
    let cols = ["id", "name", "zone", "license"].map(str::to_owned);
    let (list, me) = match tokio::try_join!(
        async { make.organizations().list(None, &cols, &Page::default()).await },
        async { make.me().with_memberships().await },
    ) {
        Ok(found) => found,
        Err(error) => return failed(error),
    };
    // Without the scope for it, roles stay numbers.
    let roles = make.roles().list(&ListRoles::default()).await.unwrap_or_default();
    let role = |id: Option<OrganizationId>| {
        let memberships = me.user_organization_roles.iter().flatten();
        let own = memberships
            .filter(|role| role.organization_id == id)
            .find_map(|role| role.users_role_id);
        let name = roles.iter().find(|role| role.id == own).and_then(|role| role.name.clone());
        name.or_else(|| own.map(|id| format!("role {id}"))).unwrap_or_else(|| "no role".to_owned())
    };
    let number =
        |counter: Option<&Counter>| counter.map_or_else(|| "?".to_owned(), ToString::to_string);
    let one = |organization: &Organization| {
        let license = organization.license.as_ref();
        format!(
            "{} {:?}: {}, {} requests a minute, audit logs for {} days",
            organization.id.map_or_else(|| "?".to_owned(), |id| id.to_string()),
            organization.name.as_deref().unwrap_or("?"),
            role(organization.id),
            number(license.and_then(|license| license.api_limit.as_ref())),
            number(license.and_then(|license| license.audit_logs_days.as_ref())),
        )
    };
    let lines: Vec<_> =
        list.items.iter().take(MOST_ORGANIZATIONS).map(|organization| one(organization)).collect();
    if lines.is_empty() {
        return Err((
            "the caller is in none of this zone".to_owned(),
            "check the zone: another one may have them".to_owned(),
        ));
    }
    Ok(lines.join(&format!("\n{:20}", "")))
}
