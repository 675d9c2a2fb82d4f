//! The calls that take a person out, in order.

use serde_json::{Value, json};

use super::{access::OffboardStep, search::Inside};
use crate::{make::UserId, text::quoted, tools::lookup::people::PersonRef};

/// Ownership first: an owner cannot be removed.
pub(crate) fn steps(
    person: &PersonRef,
    id: UserId,
    found: &[Inside],
    notes: &mut Vec<String>,
) -> Vec<OffboardStep> {
    let mut steps: Vec<OffboardStep> = Vec::new();
    let mut step = |tool, arguments: Value, why| {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let order = steps.len() + 1;
        steps.push(OffboardStep { order, tool, arguments, why });
    };
    let who = person.quoted();
    for place in found.iter().filter(|place| place.owns) {
        let organization = place.membership.organization_id;
        let name = quoted(place.membership.name.as_deref().unwrap_or_default());
        let why = format!(
            "{who} owns {name}; only the owner can do this, and another successor may be chosen."
        );
        match place.successors.first() {
            Some(next) => step(
                "make-transfer-ownership",
                json!({ "organizationId": organization, "userId": next }),
                why,
            ),
            None => notes.push(format!(
                "{who} owns {name}, and no other member can manage people: make somebody an admin \
                 first, then plan again."
            )),
        }
        if place.successors.len() > 1 {
            let others: Vec<_> = place.successors.iter().map(ToString::to_string).collect();
            notes.push(format!(
                "The next owner of {name} is for a person to choose; users who could be: {}.",
                others.join(", ")
            ));
        }
    }
    let leaves = |place: &&Inside| !place.owns || !place.successors.is_empty();
    for place in found.iter().filter(leaves) {
        let organization = place.membership.organization_id;
        let name = quoted(place.membership.name.as_deref().unwrap_or_default());
        let arguments = json!({ "organizationId": organization, "userId": id });
        let why = if place.membership.invitation.is_some() {
            format!("Withdraws the invitation of {who} to {name}.")
        } else {
            format!(
                "Removes {who} from {name} and all its teams. Ask first whether deleteConnections \
                 is wanted: scenarios that use them stop."
            )
        };
        step("make-remove-user", arguments.clone(), why);
        step("make-get-user-role", arguments, "Must answer not_found.".to_owned());
    }
    if !found.is_empty() {
        let arguments = json!({ "userId": id });
        step("make-offboard-plan", arguments, "Must find nothing any more.".to_owned());
    }
    steps
}
