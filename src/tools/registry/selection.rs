//! Which tools are offered: toolsets, single tools, read-only.

use wildmatch::WildMatch;

use super::{Hidden, Tool, Toolset};

/// Which tools a person wants. Read-only beats exclusion, which beats the rest.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Toolsets that are on.
    pub toolsets: Vec<Toolset>,
    /// Globs of single tools that are on as well.
    pub tools: Vec<WildMatch>,
    /// Globs of tools that are off.
    pub exclude: Vec<WildMatch>,
    /// Only tools that change nothing.
    pub read_only: bool,
    /// Globs of tools that the policy file never allows.
    pub never: Vec<WildMatch>,
}

impl Selection {
    /// Why a tool is switched off; None if it is on.
    pub fn why_hidden(&self, tool: &Tool) -> Option<String> {
        if self.read_only && !tool.effect().is_read() {
            return Some("changes things, and the server is read-only (--read-only)".to_owned());
        }
        if self.never.iter().any(|glob| glob.matches(tool.spec.name)) {
            return Some("is never allowed by the policy file (rule `never`)".to_owned());
        }
        if self.exclude.iter().any(|glob| glob.matches(tool.spec.name)) {
            return Some("is excluded (--exclude-tools)".to_owned());
        }
        if self.toolsets.contains(&tool.spec.toolset)
            || self.tools.iter().any(|glob| glob.matches(tool.spec.name))
        {
            return None;
        }
        let toolset = tool.spec.toolset.name();
        Some(format!("belongs to the toolset `{toolset}`, which is off (--toolsets)"))
    }

    /// Whether nothing but the choice of toolsets keeps a tool off.
    pub fn is_only_unchosen(&self, tool: &Tool) -> bool {
        let chosen = Self { toolsets: vec![tool.spec.toolset], ..self.clone() };
        self.why_hidden(tool).is_some() && chosen.why_hidden(tool).is_none()
    }

    /// The tools that are on and whose scope is not among the granted ones.
    pub fn unscoped(&self, catalog: &[Tool], granted: &[String]) -> Vec<Hidden> {
        let on =
            catalog.iter().filter(|tool| self.why_hidden(tool).is_none()).map(|tool| &tool.spec);
        on.filter(|spec| !spec.scopes.is_assumed() && !spec.scopes.is_within(granted))
            .map(|spec| Hidden {
                name: spec.name,
                reason: format!(
                    "needs the scope {}, which the credential lacks",
                    spec.scopes.text().unwrap_or_default()
                ),
            })
            .collect()
    }

    /// All tools of the catalog that are switched off.
    pub fn hidden(&self, catalog: &[Tool]) -> Vec<Hidden> {
        let hidden = |tool: &Tool| {
            self.why_hidden(tool).map(|reason| Hidden { name: tool.spec.name, reason })
        };
        catalog.iter().filter_map(hidden).collect()
    }
}

impl Default for Selection {
    fn default() -> Self {
        let toolsets = Toolset::ALL.into_iter().filter(|toolset| toolset.is_default()).collect();
        Self {
            toolsets,
            tools: Vec::new(),
            exclude: Vec::new(),
            read_only: false,
            never: Vec::new(),
        }
    }
}
