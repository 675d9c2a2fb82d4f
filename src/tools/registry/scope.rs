//! The scopes that a tool needs.

/// The scopes that a credential needs for a tool, as Make spells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes {
    names: &'static [&'static str],
    /// Whether one of them is enough.
    any: bool,
    assumed: bool,
}

impl Scopes {
    /// No scope: any credential will do.
    pub const NONE: Self = Self::all(&[]);

    /// All of these scopes.
    pub const fn all(names: &'static [&'static str]) -> Self {
        Self { names, any: false, assumed: false }
    }

    /// One of these scopes, by the place that is asked.
    pub const fn any(names: &'static [&'static str]) -> Self {
        Self { names, any: true, assumed: false }
    }

    /// Marks the scopes as assumed: Make declares none, and these are what its documentation suggests.
    pub const fn assumed(self) -> Self {
        Self { assumed: true, ..self }
    }

    /// The names of all scopes.
    pub fn names(self) -> &'static [&'static str] {
        self.names
    }

    /// The scopes as one text; None if there are none.
    pub fn text(self) -> Option<String> {
        let names: Vec<_> = self.names.iter().map(|name| format!("`{name}`")).collect();
        let between = if self.any { " or " } else { " and " };
        (!names.is_empty()).then(|| names.join(between))
    }

    /// Whether the granted scopes are enough.
    pub fn is_within(self, granted: &[String]) -> bool {
        let has = |name: &&str| granted.iter().any(|scope| scope == name);
        if self.any { self.names.iter().any(has) } else { self.names.iter().all(has) }
    }

    /// Whether the scopes are assumed and not documented.
    pub fn is_assumed(self) -> bool {
        self.assumed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_needs_all_of_its_scopes_and_other_tools_one_of_theirs() {
        let granted = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        const ALL: [&str; 3] = ["user:read", "organizations:read", "teams:read"];
        let variables = Scopes::any(&["organization-variables:read", "team-variables:read"]);
        assert!(Scopes::all(&ALL).is_within(&granted(&ALL)));
        assert!(!Scopes::all(&ALL).is_within(&granted(&ALL[..2])));
        assert!(variables.is_within(&granted(&["team-variables:read"])));
        assert!(!variables.is_within(&granted(&ALL)));
        assert!(Scopes::NONE.is_within(&[]));
    }
}
