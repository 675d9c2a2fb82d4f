//! Reports as files.

use std::path::PathBuf;

use crate::{
    report::{Wrong, write_whole},
    tools::registry::{Context, ErrorKind, ToolError},
};

/// Writes a new file where reports may be written.
pub(crate) fn write(cx: &Context, path: &str, bytes: &[u8]) -> Result<PathBuf, ToolError> {
    let place = cx.account.folders.new_file(path)?;
    write_whole(&place, bytes).map_err(|error| {
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
