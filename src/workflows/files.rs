//! Reports as files.

use std::path::PathBuf;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    report::{Provenance, Wrong, write_whole},
    store::hex,
    sync::blocking,
    tools::registry::{Context, ErrorKind, ToolError},
};

/// SHA-256 of a file's bytes, hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Who makes a report now, of these files. A caller whom Make does not name is unknown.
pub(crate) async fn provenance(cx: &Context, sha256: Vec<(String, String)>) -> Provenance {
    let me = cx.make.me().get().await.ok();
    // The built-in account has no clock.
    let made_at = match cx.account.sandbox {
        true => format!("{}T00:00:00Z", cx.today),
        false => format!("{:.0}", Timestamp::now()),
    };
    Provenance {
        zone: cx.account.zone.clone(),
        user_id: me.as_ref().and_then(|me| me.id).map(|id| id.0),
        name: me.as_ref().and_then(|me| me.name.clone()),
        email: me.as_ref().and_then(|me| me.email.clone()),
        tool: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
        made_at,
        sha256,
    }
}

/// Writes a new file where reports may be written.
pub(crate) fn write(cx: &Context, path: &str, bytes: &[u8]) -> Result<PathBuf, ToolError> {
    let place = cx.account.folders.new_file(path)?;
    blocking(|| write_whole(&place, bytes)).map_err(|error| {
        let message = format!("{} cannot be written: {error}", place.display());
        ToolError::new(ErrorKind::UnexpectedResponse, message)
            .with_hint("ask the user to free disk space, or give another path, and call again")
    })?;
    Ok(place)
}

/// A name in the folder for exports that nothing has: `stem`, else with a number behind it. Without the ending.
pub(crate) fn free_name(cx: &Context, stem: &str, ending: &str) -> Result<String, ToolError> {
    let own = cx.account.folders.own()?;
    let name = |number: u32| match number {
        1 => stem.to_owned(),
        _ => format!("{stem}-{number}"),
    };
    let free =
        |name: &String| std::fs::symlink_metadata(own.join(format!("{name}.{ending}"))).is_err();
    (1..10_000).map(name).find(free).ok_or_else(|| {
        ToolError::arguments(format!("there are too many files called {stem}"))
            .with_hint("give a path")
    })
}

impl From<Wrong> for ToolError {
    fn from(wrong: Wrong) -> Self {
        Self::new(ErrorKind::InvalidArguments, wrong.message).with_hint(wrong.hint)
    }
}
