//! Deterministic stand-ins for clocks, UUIDs and random data.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
};

/// The day on which everything happens.
pub const TODAY: Date = date(2026, 6, 1);

/// Spreads `number` over all 64 bits, one to one; 0 stays 0.
pub(crate) fn spread(number: u64) -> u64 {
    // The finalizer of SplitMix64.
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A kind of generated UUID; two kinds share no value.
#[derive(Clone, Copy)]
pub(crate) enum UuidKind {
    /// An entry of the audit history. The first is the one of Make's published examples.
    GeneratedHistory,
    /// An entry that a write appended.
    SandboxEvent,
    /// An API token.
    SandboxToken,
    /// An invitation.
    Invitation,
}

/// The UUID of version 4 at `place` of its kind.
pub(crate) fn uuid(kind: UuidKind, place: u64) -> u128 {
    const VERSION_AND_VARIANT: u128 = 0xf << 76 | 0xc << 60;
    const VERSION_4: u128 = 0x4 << 76 | 0x8 << 60;
    let first: u128 = match kind {
        UuidKind::GeneratedHistory => 0xc37c_7292_35cd_4dc4_9113_21b2_3bea_ea7d,
        UuidKind::SandboxEvent => 0x5d1a_90e4_62f8_4b37_8c0d_e47f_1b96_a352,
        UuidKind::SandboxToken => 0x91b4_f6c0_8e23_4d5a_b7f1_06c9_d83e_5a14,
        UuidKind::Invitation => 0x2fe7_05b8_d149_4a6c_9e53_7b0a_c4d8_16f3,
    };
    let spread = u128::from(spread(place)) << 64 | u128::from(spread(place << 1));
    (first ^ spread) & !VERSION_AND_VARIANT | VERSION_4
}

/// A UUID as text.
pub(crate) fn hyphenated(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The moment of the write number `place`: a second apart, on the morning of [`TODAY`].
pub(crate) fn moment(place: u64) -> Timestamp {
    let seconds = i64::try_from(place).unwrap_or(i64::MAX);
    midnight() + SignedDuration::from_hours(9) + SignedDuration::from_secs(seconds)
}

/// The start of [`TODAY`] in UTC.
pub(crate) fn midnight() -> Timestamp {
    let start = jiff::tz::TimeZone::UTC.to_timestamp(TODAY.at(0, 0, 0, 0));
    start.expect("a day of 2026 is in range")
}

/// A moment as Make writes it: UTC with milliseconds.
pub(crate) fn written(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::make::Credential;

    #[test]
    fn uuids_are_of_version_4_and_the_first_entry_is_the_documented_one() {
        assert_eq!(
            hyphenated(uuid(UuidKind::GeneratedHistory, 0)),
            "c37c7292-35cd-4dc4-9113-21b23beaea7d"
        );
        for place in 0..1000 {
            let uuid = hyphenated(uuid(UuidKind::SandboxToken, place));
            assert!(Credential::new(&uuid).is_api_key(), "{uuid}");
        }
    }

    #[test]
    fn moments_have_milliseconds() {
        assert_eq!(written(moment(61)), "2026-06-01T09:01:01.000Z");
    }
}
