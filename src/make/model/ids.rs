//! Ids as types, so that a team's id cannot stand where an organization's is asked.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

macro_rules! id {
    ($(#[$doc:meta] $name:ident),* $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $name(#[schemars(range(min = 1))] pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                number_or_text(deserializer).map(Self)
            }
        }
    )*};
}

id! {
    /// A person.
    UserId,
    /// An organization.
    OrganizationId,
    /// A team.
    TeamId,
    /// An organization role or a team role.
    RoleId,
}

/// Make documents integers; a numeric string is taken too.
fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Id;
    impl de::Visitor<'_> for Id {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an id: a whole number")
        }

        fn visit_u64<E: de::Error>(self, id: u64) -> Result<u64, E> {
            Ok(id)
        }

        fn visit_str<E: de::Error>(self, id: &str) -> Result<u64, E> {
            id.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(id), &self))
        }
    }
    deserializer.deserialize_any(Id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numeric_string_is_an_id_too() {
        assert_eq!(serde_json::from_str::<UserId>("41").expect("number"), UserId(41));
        assert_eq!(serde_json::from_str::<UserId>("\"41\"").expect("text"), UserId(41));
        assert!(serde_json::from_str::<UserId>("\"../41\"").is_err());
        assert!(serde_json::from_str::<UserId>("-1").is_err());
    }
}
