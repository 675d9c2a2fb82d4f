//! `approve`: a person reads a plan in a terminal and types the name of what it affects.

use std::io::{self, BufRead, IsTerminal};

use super::{USAGE, print, say};
use crate::{config::Settings, guard::approve, store::StateFolder, text::quoted};

/// How often a slip may be typed.
pub(super) const TRIES: u32 = 3;

pub(super) fn run(settings: &Settings, code: &str) -> u8 {
    if !io::stdin().is_terminal() {
        say("error: a plan is approved in a terminal, and stdin is not a terminal");
        return USAGE;
    }
    let approval = match approve(&StateFolder::new(settings.state_dir.clone()), code) {
        Ok(Some(approval)) => approval,
        Ok(None) => {
            say(&format!(
                "error: no plan {} waits in {:?}: it ended, it was used, or the server has another \
                 --state-dir",
                quoted(code),
                settings.state_dir
            ));
            return USAGE;
        }
        Err(error) => {
            say(&format!("error: {error}"));
            return USAGE;
        }
    };
    print(&approval.text());
    let name = approval.name();
    for left in (0..TRIES).rev() {
        print(&format!("To approve, type {} {}:", name.kind(), quoted(name.as_str())));
        let mut typed = String::new();
        match io::stdin().lock().read_line(&mut typed) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                say(&format!("error: {error}"));
                return 1;
            }
        }
        match approval.confirm(&typed) {
            Ok(true) => {
                print("Approved. The assistant can now carry the plan out, once.");
                return 0;
            }
            Ok(false) if left > 0 => print("That is something else. Try again, or press Ctrl-C."),
            Ok(false) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                print("The plan is approved already.");
                return 0;
            }
            Err(error) => {
                say(&format!("error: the approval cannot be written: {error}"));
                return 1;
            }
        }
    }
    print("Not approved. Nothing was changed.");
    1
}
