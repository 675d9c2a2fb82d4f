//! `logout`: revokes a login where it can be, and deletes it here.

use super::{USAGE, print, say};
use crate::{
    config::Settings,
    credential::{DEFAULT, Login, Logins, LogoutError},
};

pub(super) async fn run(settings: &Settings) -> u8 {
    let name = settings.profile.as_deref().unwrap_or(DEFAULT);
    match Login::log_out(&Logins::new(&settings.config_dir), name).await {
        Ok(record) if record.oauth.is_some() => {
            print("Signed out: the tokens are revoked, and nothing of them is left here.");
            0
        }
        Ok(_) => {
            print(
                "The API token is deleted here. Make still accepts it: revoke it in Make (Profile, \
                 API access) if nothing else uses it.",
            );
            0
        }
        Err(LogoutError::NoLogin) => {
            say("error: there is no login to remove");
            USAGE
        }
        Err(LogoutError::NotDeleted(problem)) => {
            say(&format!("error: the login is still there: {problem}"));
            1
        }
        Err(LogoutError::NotRevoked(problem)) => {
            say(&format!(
                "error: the login is deleted here, but its tokens could not be revoked: {problem}. \
                 Withdraw the client's access in your Make profile."
            ));
            1
        }
    }
}
