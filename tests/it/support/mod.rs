//! What the tests share.

pub(crate) mod archive;
pub(crate) mod host;
pub(crate) mod openapi;
pub(crate) mod permit;
pub(crate) mod process;
pub(crate) mod script;
pub(crate) mod stage;
pub(crate) mod wire;

/// Compares a reviewed file with what the code says now; `UPDATE=1` writes it.
pub(crate) fn snapshot(path: &std::path::Path, now: &str) {
    let reviewed = std::fs::read_to_string(path).unwrap_or_default();
    if reviewed == now {
        return;
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, now).unwrap();
        return;
    }
    let line = reviewed.lines().zip(now.lines()).position(|(was, is)| was != is);
    let line = line.unwrap_or_else(|| reviewed.lines().count().min(now.lines().count()));
    panic!(
        "{} is out of date from line {}:\n  was: {}\n  is:  {}\nIf the change is meant: UPDATE=1 \
         cargo test, and read the diff.",
        path.display(),
        line + 1,
        reviewed.lines().nth(line).unwrap_or("(nothing)"),
        now.lines().nth(line).unwrap_or("(nothing)"),
    );
}
