//! The routes of the sandbox: method and path, the scope that is needed, and the handler.
//!
//! The order of the rows decides nothing: a literal segment beats a parameter, from left to right.

use super::{
    endpoints::*,
    http::{
        request::{SandboxRequest, id},
        response::{SandboxResult, denied, not_found},
    },
};
use crate::make::{Method, OrganizationId, Place, TeamId};

/// Answers a request; the parameters of the path come in order.
type Handler = fn(&mut SandboxRequest<'_>, &[&str]) -> SandboxResult;

struct Route {
    method: Method,
    /// Segments; `{…}` stands for a parameter.
    path: &'static str,
    /// Empty if none is needed.
    scope: &'static str,
    handler: Handler,
}

const fn get(path: &'static str, scope: &'static str, handler: Handler) -> Route {
    Route { method: Method::Get, path, scope, handler }
}

const fn post(path: &'static str, scope: &'static str, handler: Handler) -> Route {
    Route { method: Method::Post, path, scope, handler }
}

const fn put(path: &'static str, scope: &'static str, handler: Handler) -> Route {
    Route { method: Method::Put, path, scope, handler }
}

const fn patch(path: &'static str, scope: &'static str, handler: Handler) -> Route {
    Route { method: Method::Patch, path, scope, handler }
}

const fn delete(path: &'static str, scope: &'static str, handler: Handler) -> Route {
    Route { method: Method::Delete, path, scope, handler }
}

/// An organization of the path.
fn organization(segment: &str) -> Result<OrganizationId, crate::make::Response> {
    id(segment).map(OrganizationId)
}

/// A place of the path.
fn organization_place(segment: &str) -> Result<Place, crate::make::Response> {
    organization(segment).map(Place::Organization)
}

fn team_place(segment: &str) -> Result<Place, crate::make::Response> {
    id(segment).map(TeamId).map(Place::Team)
}

const USER_READ: &str = "user:read";
const USER_WRITE: &str = "user:write";
const ORGS_READ: &str = "organizations:read";
const ORGS_WRITE: &str = "organizations:write";
const TEAMS_READ: &str = "teams:read";
const TEAMS_WRITE: &str = "teams:write";
const MANAGED_READ: &str = "managed-organizations:read";
const MANAGED_WRITE: &str = "managed-organizations:write";
const SPACES_READ: &str = "private-spaces:read";
const SPACES_WRITE: &str = "private-spaces:write";
const ORG_VARS_READ: &str = "organization-variables:read";
const ORG_VARS_WRITE: &str = "organization-variables:write";
const TEAM_VARS_READ: &str = "team-variables:read";
const TEAM_VARS_WRITE: &str = "team-variables:write";

#[rustfmt::skip]
const ROUTES: &[Route] = &[
    // me, api_tokens, oauth_grants
    get("users/me", "", |r, _| me::profile(r)),
    get("users/me/current-authorization", "", |r, _| me::authorization(r)),
    get("users/me/api-tokens", USER_READ, |r, _| api_tokens::list(r)),
    post("users/me/api-tokens", USER_WRITE, |r, _| api_tokens::create(r)),
    delete("users/me/api-tokens/{created}", USER_WRITE, |r, p| api_tokens::delete(r, p[0])),
    get("users/me/oauth-connections", "", |r, _| oauth_grants::list(r)),
    delete("users/me/oauth-connections/{client}", "", |r, p| oauth_grants::delete(r, p[0])),
    // notifications
    get("users/unread-notifications", USER_READ, |_, _| notifications::unread()),
    get("users/{user}/user-team-notifications/{team}", USER_READ, |r, p| notifications::switches(r, p[0], p[1])),
    put("users/{user}/user-team-notifications/{team}/{number}", USER_WRITE, |r, p| notifications::switch(r, p[0], p[1], p[2])),
    get("mailhub/users/{user}/preferences", "", |r, p| notifications::preferences(r, p[0])),
    patch("mailhub/users/{user}/preferences", "", |r, p| notifications::prefer(r, p[0])),
    get("mailhub/users/{user}/organizations/{organization}/teams/{team}/preferences", "", |r, p| notifications::of_team(r, p[0], p[1], p[2])),
    patch("mailhub/users/{user}/organizations/{organization}/teams/{team}/preferences", "", |r, p| notifications::prefer_of_team(r, p[0], p[1], p[2], false)),
    patch("mailhub/users/{user}/organizations/{organization}/teams/{team}/native-preferences", "", |r, p| notifications::prefer_of_team(r, p[0], p[1], p[2], true)),
    // invitations
    get("users/me/organization-invitations", USER_READ, |r, _| invitations::mine(r)),
    get("organizations/invitation", ORGS_READ, |r, _| invitations::look(r)),
    post("organizations/accept-invitation", ORGS_WRITE, |r, _| invitations::accept(r)),
    post("organizations/{organization}/invite", ORGS_WRITE, |r, p| invitations::invite(r, p[0])),
    // users, roles
    get("users", USER_READ, |r, _| users::list(r)),
    patch("users/{user}", USER_WRITE, |r, p| users::update(r, p[0])),
    get("users/roles", USER_READ, |r, _| roles::list(r)),
    get("users/roles/permissions", USER_READ, |r, _| roles::permissions(r)),
    get("users/roles/{role}", USER_READ, |r, p| roles::one(r, p[0])),
    get("users/by-permission", USER_READ, |r, _| roles::holders(r)),
    post("users/custom-roles", USER_WRITE, |r, _| roles::create(r)),
    patch("users/custom-roles/{role}", USER_WRITE, |r, p| roles::update(r, p[0])),
    delete("users/custom-roles/{role}", USER_WRITE, |r, p| roles::delete(r, p[0])),
    // organization_roles
    get("users/{user}/user-organization-roles", USER_READ, |r, p| organization_roles::of_user(r, p[0])),
    get("users/{user}/user-organization-roles/{organization}", USER_READ, |r, p| organization_roles::one(r, p[0], p[1])),
    post("users/{user}/user-organization-roles/{organization}", USER_WRITE, |r, p| organization_roles::set_or_remove(r, p[0], p[1])),
    post("users/{user}/user-organization-roles/{organization}/transfer", USER_WRITE, |r, p| organization_roles::transfer(r, id(p[0])?, p[1])),
    get("organizations/{organization}/user-organization-roles", ORGS_READ, |r, p| organization_roles::of_organization(r, p[0])),
    get("organizations/{organization}/user-organization-roles/{user}", ORGS_READ, |r, p| organization_roles::one(r, p[1], p[0])),
    post("organizations/{organization}/user-organization-roles/transfer", ORGS_WRITE, |r, p| organization_roles::transfer_by_body(r, p[0])),
    // team_roles
    get("users/{user}/user-team-roles", USER_READ, |r, p| team_roles::of_user(r, p[0])),
    get("users/{user}/user-team-roles/{team}", USER_READ, |r, p| team_roles::one(r, p[0], p[1])),
    post("users/{user}/user-team-roles/{team}", USER_WRITE, |r, p| team_roles::set(r, p[0], p[1])),
    get("teams/{team}/user-team-roles", TEAMS_READ, |r, p| team_roles::members(r, p[0])),
    get("teams/{team}/user-team-roles/{user}", TEAMS_READ, |r, p| team_roles::one(r, p[1], p[0])),
    // organizations
    get("organizations", ORGS_READ, |r, _| organizations::list(r)),
    post("organizations", ORGS_WRITE, |r, _| organizations::create(r)),
    get("organizations/{organization}", ORGS_READ, |r, p| organizations::get(r, p[0])),
    patch("organizations/{organization}", ORGS_WRITE, |r, p| organizations::update(r, p[0])),
    delete("organizations/{organization}", ORGS_WRITE, |r, p| organizations::delete(r, p[0])),
    get("organizations/{organization}/usage", ORGS_READ, |r, p| organizations::usage(r, p[0])),
    // teams
    get("teams", TEAMS_READ, |r, _| teams::list(r)),
    post("teams", TEAMS_WRITE, |r, _| teams::create(r)),
    get("teams/{team}", TEAMS_READ, |r, p| teams::one(r, p[0])),
    patch("teams/{team}", TEAMS_WRITE, |r, p| teams::update(r, p[0])),
    delete("teams/{team}", TEAMS_WRITE, |r, p| teams::delete(r, p[0])),
    get("teams/{team}/usage", TEAMS_READ, |r, p| teams::usage(r, p[0])),
    get("teams/{team}/llm-configuration", TEAMS_READ, |r, p| teams::llm(r, p[0])),
    patch("teams/{team}/llm-configuration", TEAMS_WRITE, |r, p| teams::set_models(r, p[0])),
    // variables
    get("organizations/{organization}/variables", ORG_VARS_READ, |r, p| variables::list(r, organization_place(p[0])?)),
    post("organizations/{organization}/variables", ORG_VARS_WRITE, |r, p| variables::create(r, organization_place(p[0])?)),
    patch("organizations/{organization}/variables/{name}", ORG_VARS_WRITE, |r, p| variables::update(r, organization_place(p[0])?, p[1])),
    delete("organizations/{organization}/variables/{name}", ORG_VARS_WRITE, |r, p| variables::delete(r, organization_place(p[0])?, p[1])),
    get("organizations/{organization}/variables/{name}/history", ORG_VARS_READ, |r, p| variables::history(r, organization_place(p[0])?, p[1])),
    get("teams/{team}/variables", TEAM_VARS_READ, |r, p| variables::list(r, team_place(p[0])?)),
    post("teams/{team}/variables", TEAM_VARS_WRITE, |r, p| variables::create(r, team_place(p[0])?)),
    patch("teams/{team}/variables/{name}", TEAM_VARS_WRITE, |r, p| variables::update(r, team_place(p[0])?, p[1])),
    delete("teams/{team}/variables/{name}", TEAM_VARS_WRITE, |r, p| variables::delete(r, team_place(p[0])?, p[1])),
    get("teams/{team}/variables/{name}/history", TEAM_VARS_READ, |r, p| variables::history(r, team_place(p[0])?, p[1])),
    // security
    get("organizations/{organization}/sso-certificates", ORGS_READ, |r, p| security::certificates(r, p[0])),
    patch("organizations/{organization}/tfa-enforcement", ORGS_WRITE, |r, p| security::enforce(r, p[0])),
    get("organizations/{organization}/feature-controls", "", |r, p| security::controls(r, p[0])),
    patch("organizations/{organization}/feature-controls", "", |r, p| security::control(r, p[0])),
    get("teams/{team}/feature-controls", "", |r, p| security::of_team(r, p[0])),
    get("organizations/{organization}/apps", ORGS_READ, |r, p| security::apps(r, p[0])),
    get("organizations/{organization}/check-team-permission", "", |r, p| security::permitted(r, p[0])),
    // billing
    get("cashier/products", "", |r, _| billing::products(r)),
    get("cashier/prices/{price}", "", |r, p| billing::price_of(r, p[0])),
    get("organizations/{organization}/payments", ORGS_READ, |r, p| billing::payments(r, organization(p[0])?)),
    get("organizations/{organization}/subscription", ORGS_READ, |r, p| billing::subscription(r, organization(p[0])?)),
    post("organizations/{organization}/subscription", ORGS_WRITE, |r, p| billing::start(r, organization(p[0])?)),
    patch("organizations/{organization}/subscription", ORGS_WRITE, |r, p| billing::change(r, organization(p[0])?)),
    delete("organizations/{organization}/subscription", ORGS_WRITE, |r, p| billing::cancel(r, organization(p[0])?)),
    post("organizations/{organization}/subscription-free", ORGS_WRITE, |r, p| billing::free(r, organization(p[0])?)),
    get("organizations/{organization}/subscription/payment-method-types", ORGS_READ, |r, p| billing::method_types(r, organization(p[0])?)),
    get("organizations/{organization}/subscription/payment-methods", ORGS_READ, |r, p| billing::methods(r, organization(p[0])?)),
    delete("organizations/{organization}/subscription/payment-methods/{method}", ORGS_WRITE, |r, p| billing::remove_method(r, organization(p[0])?, p[1])),
    patch("organizations/{organization}/subscription/payment-methods/{method}/default", ORGS_WRITE, |r, p| billing::choose(r, organization(p[0])?, p[1])),
    get("organizations/{organization}/universal-discount", ORGS_READ, |r, p| billing::discount(r, organization(p[0])?)),
    // partners
    get("organizations/{organization}/managed-organizations", MANAGED_READ, |r, p| partners::list(r, organization(p[0])?)),
    post("organizations/{organization}/managed-organizations", MANAGED_WRITE, |r, p| partners::create(r, organization(p[0])?)),
    get("organizations/{organization}/managed-organizations-consumption", MANAGED_READ, |r, p| partners::consumption(r, organization(p[0])?)),
    patch("organizations/{organization}/managed-organizations/{child}", MANAGED_WRITE, |r, p| partners::set(r, organization(p[0])?, p[1])),
    // spaces
    get("private-spaces", SPACES_READ, |r, _| spaces::list(r)),
    get("private-spaces/{space}", SPACES_READ, |r, p| spaces::one(r, p[0])),
    patch("private-spaces/{space}", SPACES_WRITE, |r, p| spaces::update(r, p[0])),
    // audit_logs
    get("audit-logs/organization/{organization}", "", |r, p| audit_logs::list(r, &audit_logs::of_organization(r, p[0])?)),
    get("audit-logs/organization/{organization}/filters", "", |r, p| audit_logs::filters(r, &audit_logs::of_organization(r, p[0])?)),
    get("audit-logs/team/{team}", "", |r, p| audit_logs::list(r, &audit_logs::of_team(r, p[0])?)),
    get("audit-logs/team/{team}/filters", "", |r, p| audit_logs::filters(r, &audit_logs::of_team(r, p[0])?)),
    get("audit-logs/{organization}/{uuid}", "", |r, p| audit_logs::detail(r, &audit_logs::of_organization(r, p[0])?, p[1])),
    // enums
    get("enums/{name}", "", |_, p| enums::list(p[0])),
];

impl Route {
    /// The parameters of a path that fits; None if it does not.
    fn parameters<'a>(&self, path: &[&'a str]) -> Option<Vec<&'a str>> {
        let pattern: Vec<_> = self.path.split('/').collect();
        if pattern.len() != path.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (wanted, segment) in pattern.iter().zip(path) {
            if wanted.starts_with('{') {
                parameters.push(*segment);
            } else if wanted != segment {
                return None;
            }
        }
        Some(parameters)
    }

    /// Which segments are parameters. Of two routes that fit, the smaller one is the better.
    fn generality(&self) -> Vec<bool> {
        self.path.split('/').map(|segment| segment.starts_with('{')).collect()
    }
}

/// Answers a request by the route that fits it best, if the token has its scope.
pub(super) fn answer(request: &mut SandboxRequest<'_>) -> SandboxResult {
    let fitting = ROUTES.iter().filter(|route| route.method == request.call.method);
    let fitting = fitting.filter_map(|route| Some((route, route.parameters(request.path)?)));
    let best = fitting.min_by_key(|(route, _)| route.generality());
    let (route, parameters) = best.ok_or_else(not_found)?;
    let granted = request.scope.iter().any(|scope| scope == route.scope);
    if !route.scope.is_empty() && !granted {
        return Err(denied());
    }
    (route.handler)(request, &parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_routes_fit_a_path_equally_well() {
        for (place, one) in ROUTES.iter().enumerate() {
            for other in &ROUTES[place + 1..] {
                let (own, theirs): (Vec<_>, Vec<_>) =
                    (one.path.split('/').collect(), other.path.split('/').collect());
                let both = one.method == other.method
                    && own.len() == theirs.len()
                    && own
                        .iter()
                        .zip(&theirs)
                        .all(|(a, b)| a == b || a.starts_with('{') || b.starts_with('{'));
                assert!(
                    !both || one.generality() != other.generality(),
                    "{} and {}",
                    one.path,
                    other.path
                );
            }
        }
    }
}
