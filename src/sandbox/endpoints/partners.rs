//! Managed organizations. All operations of a parent are there to be given.

use serde_json::{Value, json};

use crate::{
    make::{Method, OrganizationId, Reply},
    sandbox::{
        account::state::Row,
        http::{
            body,
            body::Body,
            request::{Visit, id},
            response::{Answer, invalid, not_found, ok},
        },
    },
};

/// What a parent starts with.
const POOL: u64 = 1_000_000;

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    let (method, path) = visit.asked();
    let ["organizations", parent, below @ ..] = path else {
        return None;
    };
    let parent = OrganizationId(id(parent).ok()?);
    let (read, write) = ("managed-organizations:read", "managed-organizations:write");
    Some(match (method, below) {
        (Method::Get, ["managed-organizations"]) => visit.with(read, |visit| list(visit, parent)),
        (Method::Post, ["managed-organizations"]) => {
            visit.with(write, |visit| create(visit, parent))
        }
        (Method::Get, ["managed-organizations-consumption"]) => {
            visit.with(read, |visit| consumption(visit, parent))
        }
        (Method::Patch, ["managed-organizations", child]) => {
            visit.with(write, |visit| set(visit, parent, child))
        }
        _ => return None,
    })
}

fn own(visit: &Visit<'_>, parent: OrganizationId) -> Result<Vec<Row>, Reply> {
    visit.allowed(parent, "organization edit")?;
    let rows = visit.state.managed.iter().filter(|row| row["parentId"] == parent.0);
    Ok(rows
        .cloned()
        .map(|mut row| {
            row.shift_remove("parentId");
            row
        })
        .collect())
}

/// What the parent has left.
fn left(visit: &Visit<'_>, parent: OrganizationId) -> u64 {
    let rows = visit.state.managed.iter().filter(|row| row["parentId"] == parent.0);
    let given: u64 = rows.filter_map(|row| row["operationsAllocated"].as_u64()).sum();
    POOL.saturating_sub(given)
}

fn list(visit: &Visit<'_>, parent: OrganizationId) -> Answer {
    let rows = own(visit, parent)?;
    ok(&json!({ "managedOrganizations": rows, "pg": { "sortBy": "name", "limit": 10000,
        "sortDir": "asc", "offset": 0 } }))
}

fn consumption(visit: &Visit<'_>, parent: OrganizationId) -> Answer {
    let used = |row: &Row| {
        json!({
            "organizationId": row["organizationId"], "centicreditsConsumed": "12345",
            "centicreditsExtra": "0",
            "operationsConsumed": 123, "operationsExtra": 0, "transferConsumed": "12345",
            "transferExtra": "0",
        })
    };
    let rows: Vec<_> = own(visit, parent)?.iter().map(used).collect();
    ok(&json!({ "managedOrganizationsConsumption": rows }))
}

fn operations(value: &Value) -> Result<u64, &'static str> {
    let number = body::number(value)?;
    if number.is_multiple_of(10_000) { Ok(number) } else { Err("expected a multiple of 10000") }
}

fn create(visit: &mut Visit<'_>, parent: OrganizationId) -> Answer {
    visit.allowed(parent, "organization edit")?;
    let mut body = Body::of(visit)?;
    let email = body.required("userEmail", body::email).to_owned();
    let user = body.required("userName", body::name).to_owned();
    let name = body.required("organizationName", body::name).to_owned();
    body.required("regionId", body::number);
    let country = body.required("countryId", body::number);
    let given = body.required("operations", operations);
    body.checked()?;
    if given > left(visit, parent) {
        return Err(invalid("Invalid value of parameter 'operations': more than the parent has."));
    }
    let child = visit.state.next_managed();
    let row = json!({
        "parentId": parent, "organizationId": child, "organizationName": name,
        "operationsAllocated": given,
        "countryId": country, "timezoneId": 113, "zoneId": 1, "zoneDomain": "eu1.make.com",
        "zoneName": "EU1",
    });
    if let Value::Object(row) = row {
        visit.state.managed.push(row);
    }
    let owner = visit.state.next_user();
    ok(&json!({
        "userId": owner, "userEmail": email, "userName": user, "userLanguage": "en",
        "userExisted": false,
        "childOrganizationId": child, "newParentOperations": left(visit, parent),
        "domain": "eu1.make.com",
    }))
}

fn set(visit: &mut Visit<'_>, parent: OrganizationId, child: &str) -> Answer {
    visit.allowed(parent, "organization edit")?;
    let child = id(child)?;
    let mut body = Body::of(visit)?;
    let given = body.required("operations", operations);
    body.checked()?;
    let mut rows = visit.state.managed.iter_mut();
    let row = rows
        .find(|row| row["parentId"] == parent.0 && row["organizationId"] == child)
        .ok_or_else(not_found)?;
    let before = row["operationsAllocated"].as_u64().unwrap_or_default();
    row.insert("operationsAllocated".to_owned(), given.into());
    ok(&json!({
        "newParentOperations": left(visit, parent), "newChildOperations": given,
        "operationsDiff": given.abs_diff(before), "limitIncreased": given > before,
    }))
}
