//! Files that others may have damaged or written wrongly: none of them panics, and none is taken for good.

use std::{fs, os::unix::fs::PermissionsExt};

use make_admin_mcp::{
    config::Profiles,
    guard::{Journal, JournalEntry, JournalOutcome, Policy, show, verify},
    store::StateFolder,
};
use proptest::{collection::vec, prelude::*};
use serde_json::Map;

/// Bytes that are almost what belongs into such a file, or nothing like it.
fn almost(good: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let whole = proptest::sample::select(good).prop_map(|text| text.as_bytes().to_vec());
    let edited = (whole, 0..10_000_usize, any::<u8>(), any::<bool>()).prop_map(
        |(mut bytes, place, byte, cut)| {
            let place = place % bytes.len().max(1);
            if cut {
                bytes.truncate(place);
            } else if let Some(at) = bytes.get_mut(place) {
                *at = byte;
            }
            bytes
        },
    );
    prop_oneof![edited, vec(any::<u8>(), 0..300)]
}

const POLICIES: &[&str] = &[
    "organizations = [11]\nhighest_role = \"Member\"\nforbidden_scopes = [\"user:write\"]\n",
    "writes_per_hour = 18446744073709551615\nnever = [\"make-delete-*\"]\n",
    "invite_domains = [\"example.com\"]\nhighest_team_role = \"Team Member\"\n",
];
const PROFILES: &[&str] = &[
    "[profiles.acme]\nzone = \"eu1.make.com\"\norganizations = [9223372036854775807]\n",
    "[profiles.acme]\nsandbox = true\ntoolsets = [\"all\"]\nread-only = true\n",
];

fn entry() -> JournalEntry {
    JournalEntry::new("make-update-org", &Map::new())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_policy_is_read_or_refused(bytes in almost(POLICIES)) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("policy.toml");
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let _ = Policy::read(&path).map(|policy| policy.quota());
    }

    #[test]
    fn profiles_are_read_or_refused(bytes in almost(PROFILES)) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("profiles.toml");
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let _ = Profiles::read(home.path());
    }

    #[test]
    fn a_journal_with_any_byte_changed_is_never_called_whole(
        place in 0..100_000_usize, byte in any::<u8>(), cut in any::<bool>()
    ) {
        let home = tempfile::tempdir().unwrap();
        let folder = StateFolder::new(home.path().join("state"));
        let journal = Journal::new(folder.clone());
        for _ in 0..2 {
            journal.append(&entry(), JournalOutcome::Sent, None, None).unwrap();
            journal.append(&entry(), JournalOutcome::Applied, Some(200), None).unwrap();
        }
        let path = folder.path().join("journal.jsonl");
        let mut bytes = fs::read(&path).unwrap();
        let place = place % bytes.len();
        let same = !cut && bytes[place] == byte;
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] = byte;
        }
        fs::write(&path, bytes).unwrap();
        let found = verify(&folder).unwrap();
        let whole = found.problems.is_empty() && found.notes.is_empty();
        prop_assert_eq!(whole, same, "{:?}", found);
        let _ = show(&folder, 10).unwrap();
        let _ = journal.append(&entry(), JournalOutcome::Refused, None, None);
    }
}
