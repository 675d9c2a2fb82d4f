//! What a host can attach without a tool call: each resource is the answer of one reading tool.

use serde_json::{Map, Value, json};

/// A resource, or a family of them with `{variables}` in the address.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    /// `make://…`, with a name in braces where an id stands.
    pub uri: &'static str,
    /// A short name.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it holds.
    pub description: &'static str,
    /// The tool whose answer it is.
    pub tool: &'static str,
    /// Arguments of the tool beside the variables.
    arguments: fn() -> Value,
}

fn nothing() -> Value {
    json!({})
}

fn everything() -> Value {
    json!({ "limit": 500 })
}

/// All of them, in the order of the lists.
pub const RESOURCES: [Resource; 9] = [
    Resource {
        uri: "make://user",
        name: "user",
        title: "Me",
        description: "The caller with all organization and team roles.",
        tool: "make-get-user",
        arguments: || json!({ "includeMemberships": true }),
    },
    Resource {
        uri: "make://organizations",
        name: "organizations",
        title: "My organizations",
        description: "The organizations that the caller belongs to, of every zone.",
        tool: "make-list-orgs",
        arguments: everything,
    },
    Resource {
        uri: "make://organizations/{organizationId}",
        name: "organization",
        title: "An organization",
        description: "An organization with its plan, limits and use.",
        tool: "make-get-org",
        arguments: nothing,
    },
    Resource {
        uri: "make://organizations/{organizationId}/members",
        name: "members",
        title: "Members of an organization",
        description: "Who has which role, with open invitations.",
        tool: "make-list-members",
        arguments: everything,
    },
    Resource {
        uri: "make://organizations/{organizationId}/teams",
        name: "teams",
        title: "Teams of an organization",
        description: "The teams of an organization.",
        tool: "make-list-teams",
        arguments: everything,
    },
    Resource {
        uri: "make://organizations/{organizationId}/roles",
        name: "roles",
        title: "Roles of an organization",
        description: "The roles that can be given there, custom ones included.",
        tool: "make-list-roles",
        arguments: nothing,
    },
    Resource {
        uri: "make://teams/{teamId}",
        name: "team",
        title: "A team",
        description: "A team with its limits and use.",
        tool: "make-get-team",
        arguments: nothing,
    },
    Resource {
        uri: "make://audit/{organizationId}/{uuid}",
        name: "audit-entry",
        title: "An audit log entry",
        description: "One entry of the audit log with its details.",
        tool: "make-audit-detail",
        arguments: nothing,
    },
    Resource {
        uri: "make://token-scopes",
        name: "token-scopes",
        title: "Scopes of API tokens",
        description: "What API tokens can be allowed.",
        tool: "make-lookup",
        arguments: || json!({ "list": "token-scopes", "limit": 500 }),
    },
];

impl Resource {
    /// Whether the address has variables.
    pub fn is_template(&self) -> bool {
        self.uri.contains('{')
    }

    /// The arguments of the tool, if the address is one of this resource.
    fn matched(&self, uri: &str) -> Option<Map<String, Value>> {
        let (own, given): (Vec<_>, Vec<_>) =
            (self.uri.split('/').collect(), uri.split('/').collect());
        if own.len() != given.len() {
            return None;
        }
        let Value::Object(mut arguments) = (self.arguments)() else {
            return None;
        };
        for (own, given) in own.into_iter().zip(given) {
            match own.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !given.is_empty() => {
                    let given = percent_encoding::percent_decode_str(given);
                    arguments.insert(name.to_owned(), given.decode_utf8().ok()?.into());
                }
                None if own == given => {}
                _ => return None,
            }
        }
        Some(arguments)
    }
}

/// The resource of an address, with the arguments of its tool.
pub fn find(uri: &str) -> Option<(&'static Resource, Map<String, Value>)> {
    RESOURCES.iter().find_map(|resource| Some((resource, resource.matched(uri)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_resource_with_its_arguments() {
        for (uri, tool, arguments) in [
            ("make://organizations/11", "make-get-org", json!({ "organizationId": "11" })),
            (
                "make://organizations/11/members",
                "make-list-members",
                json!({ "limit": 500, "organizationId": "11" }),
            ),
            (
                "make://audit/11/a%2Fb",
                "make-audit-detail",
                json!({ "organizationId": "11", "uuid": "a/b" }),
            ),
        ] {
            let (resource, found) = find(uri).expect(uri);
            assert_eq!((resource.tool, Value::Object(found)), (tool, arguments));
        }
        for unknown in [
            "make://", "make://organizations/", "make://organizations/11/x", "file:///etc/passwd",
            "make://user/2",
        ] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
    }
}
