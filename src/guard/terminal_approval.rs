//! Approval in a terminal: the plan goes out as a file, the approval comes back as one, sealed with the plan's key.
//!
//! A program that runs as the same user could write both. The files keep a model that can only call tools from
//! approving its own plans.

use std::{fs, io, path::PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{AccountId, ConfirmationName, Plan, PlannedCall, Refused};
use crate::{
    store::{StateFolder, hex, random, unhex, write_new},
    text::visible,
};

const FOLDER: &str = "plans";

/// The file in which a plan waits for a person: what they need in order to decide, and the key that seals the decision.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApprovalFile {
    id: String,
    tool: String,
    account: AccountId,
    #[serde(flatten)]
    plan: Plan,
    name: ConfirmationName,
    /// Every field that is sent, a line each.
    details: Vec<String>,
    expires_at: Timestamp,
    key: String,
}

/// Why an approval does not hold, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ApprovalError(pub(crate) String);

/// What this process remembers of a plan that waits in a file.
#[derive(Debug)]
pub(super) struct Seal {
    key: String,
    digest: String,
}

impl Seal {
    /// Writes the plan where `approve` finds it. Expired plans are removed.
    pub(super) fn show(
        folder: &StateFolder,
        id: &str,
        pending: &PlannedCall,
        ends: Timestamp,
    ) -> Result<Self, Refused> {
        let mut key = [0; 32];
        random(&mut key).map_err(|error| Refused::no_random_numbers(&error))?;
        let file = ApprovalFile {
            id: id.to_owned(),
            tool: pending.tool.to_owned(),
            account: pending.account.clone(),
            plan: pending.plan.clone(),
            name: pending.plan.name.clone(),
            details: pending.plan.details(&pending.arguments),
            expires_at: ends,
            key: hex(&key),
        };
        let text = serde_json::to_string(&file).unwrap_or_default();
        let written = folder.inner(FOLDER).and_then(|plans| {
            clear(&plans);
            write_new(&plans.join(format!("{id}.json")), &text)
        });
        written.map_err(|error| {
            Refused::new(
                format!("the plan cannot be shown to a person, so nothing was sent: {error}"),
                "make the state folder private and writable, or choose another with --state-dir",
            )
        })?;
        Ok(Self { key: file.key, digest: digest(&text) })
    }

    /// Whether `approve` has left an answer.
    pub(super) fn is_answered(&self, folder: &StateFolder, id: &str) -> bool {
        folder
            .inner(FOLDER)
            .is_ok_and(|plans| fs::symlink_metadata(plans.join(format!("{id}.approved"))).is_ok())
    }

    /// Checks the approval, and deletes it and the plan.
    pub(super) fn open(&self, folder: &StateFolder, id: &str) -> Result<(), ApprovalError> {
        let unreadable =
            |error: io::Error| ApprovalError(format!("the approval cannot be read: {error}"));
        let plans = folder.inner(FOLDER).map_err(unreadable)?;
        let path = plans.join(format!("{id}.approved"));
        let plain = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let sealed =
            if plain { fs::read_to_string(&path) } else { Err(io::ErrorKind::NotFound.into()) };
        // Gone before it counts: an approval is good for one call.
        let removed = fs::remove_file(&path);
        let _ = fs::remove_file(plans.join(format!("{id}.json")));
        let sealed = sealed.map_err(unreadable)?;
        removed
            .map_err(|error| ApprovalError(format!("the approval cannot be deleted: {error}")))?;
        let valid = sealed_with(&self.key, id, &self.digest).is_some_and(|mac| {
            unhex(sealed.trim()).is_some_and(|sealed| mac.verify_slice(&sealed).is_ok())
        });
        if valid {
            Ok(())
        } else {
            Err(ApprovalError("the approval does not belong to this plan".to_owned()))
        }
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn sealed_with(key: &str, id: &str, digest: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&unhex(key)?).ok()?;
    mac.update(format!("approved {id} {digest}").as_bytes());
    Some(mac)
}

/// Removes plans whose time is over, of whichever process.
fn clear(plans: &std::path::Path) {
    let Ok(files) = fs::read_dir(plans) else {
        return;
    };
    for path in files.filter_map(Result::ok).map(|file| file.path()) {
        let over = match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => read(&path).is_none_or(|(file, _)| Timestamp::now() >= file.expires_at),
            Some("approved") => !path.with_extension("json").exists(),
            _ => false,
        };
        if over {
            let _ = fs::remove_file(path);
        }
    }
}

fn read(path: &std::path::Path) -> Option<(ApprovalFile, String)> {
    let plain = fs::symlink_metadata(path).ok()?.is_file();
    let text = plain.then(|| fs::read_to_string(path).ok())??;
    Some((serde_json::from_str(&text).ok()?, text))
}

/// A plan that waits for a person at a terminal.
#[derive(Debug)]
pub struct Approval {
    file: ApprovalFile,
    digest: String,
    path: PathBuf,
}

/// Finds the plan of a code; None if it does not exist or has expired.
pub fn approve(folder: &StateFolder, id: &str) -> io::Result<Option<Approval>> {
    let id = id.trim().to_lowercase();
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Ok(None);
    }
    if !folder.path().exists() {
        return Ok(None);
    }
    let plans = folder.inner(FOLDER)?;
    let Some((file, text)) = read(&plans.join(format!("{id}.json"))) else {
        return Ok(None);
    };
    if file.id != id || Timestamp::now() >= file.expires_at {
        return Ok(None);
    }
    let digest = digest(&text);
    Ok(Some(Approval { path: plans.join(format!("{id}.approved")), file, digest }))
}

impl Approval {
    /// The plan, for a terminal.
    pub fn text(&self) -> String {
        let ApprovalFile { account, tool, plan, details, expires_at, .. } = &self.file;
        let mut text = format!("{}\n", visible(&plan.summary));
        for effect in &plan.side_effects {
            text.push_str(&format!("  - {}\n", visible(effect)));
        }
        text.push('\n');
        for line in details {
            text.push_str(&format!("  {}\n", visible(line)));
        }
        text.push_str(&format!(
            "\ntool     {}\naccount  user {} at {}\nends     {expires_at:.0}\n",
            visible(tool),
            account.user_id,
            visible(&account.zone)
        ));
        text
    }

    /// What the person must type.
    pub fn name(&self) -> &ConfirmationName {
        &self.file.name
    }

    /// Approves if the name is right; false if it is not.
    pub fn confirm(&self, typed: &str) -> io::Result<bool> {
        if !self.file.name.matches(typed) {
            return Ok(false);
        }
        if Timestamp::now() >= self.file.expires_at {
            return Err(io::Error::other("the plan has expired"));
        }
        let mac = sealed_with(&self.file.key, &self.file.id, &self.digest)
            .ok_or_else(|| io::Error::other("the plan's file is damaged"))?;
        write_new(&self.path, &hex(&mac.finalize().into_bytes()))?;
        Ok(true)
    }
}
