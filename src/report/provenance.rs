//! Who made a report, when, with what and of what. It stands in the page and in a file beside it, since the snapshot's
//! own bytes stay the same for the same access.

use serde::Serialize;

/// Who made a report, when, with what and of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// The account's host.
    pub zone: String,
    /// The caller; None where Make was not asked or did not say.
    pub user_id: Option<u64>,
    /// The caller's name.
    pub name: Option<String>,
    /// The caller's address.
    pub email: Option<String>,
    /// Program and version.
    pub tool: &'static str,
    /// The moment, RFC 3339 in UTC.
    pub made_at: String,
    /// SHA-256, hex, of each file that it is made of or describes, by name.
    pub sha256: Vec<(String, String)>,
}

impl Provenance {
    /// The caller, for people.
    pub fn account(&self) -> String {
        let name = self.name.clone().or_else(|| self.email.clone());
        let email = self.email.as_ref().filter(|_| self.name.is_some());
        let email = email.map(|email| format!(", {email}")).unwrap_or_default();
        match (name, self.user_id) {
            (Some(name), Some(id)) => format!("{name}{email} (user {id})"),
            (Some(name), None) => format!("{name}{email}"),
            (None, Some(id)) => format!("user {id}"),
            (None, None) => "unknown".to_owned(),
        }
    }
}
