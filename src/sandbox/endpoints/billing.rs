//! Subscription, payments and plans. Nobody pays for anything.

use serde_json::{Value, json};

use super::security::rows_of;
use crate::{
    make::{Method, OrganizationId, Reply},
    sandbox::{
        account::state::Row,
        http::{
            body,
            body::Body,
            query::{Picked, Sorting},
            request::{Visit, id, wrong},
            response::{Answer, invalid, not_found, ok, unconfirmed},
        },
    },
};

const PAYMENTS: Sorting =
    Sorting { limit: 100, by: "created", descending: true, columns: &["created", "id"] };

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    let (method, path) = visit.asked();
    match (method, path) {
        (Method::Get, ["cashier", "products"]) => return Some(products(visit)),
        (Method::Get, ["cashier", "prices", price]) => return Some(price_of(visit, price)),
        _ => {}
    }
    let ["organizations", organization, below @ ..] = path else {
        return None;
    };
    let organization = OrganizationId(id(organization).ok()?);
    let read = "organizations:read";
    let write = "organizations:write";
    Some(match (method, below) {
        (Method::Get, ["payments"]) => visit.with(read, |visit| payments(visit, organization)),
        (Method::Get, ["subscription"]) => {
            visit.with(read, |visit| subscription(visit, organization))
        }
        (Method::Post, ["subscription"]) => visit.with(write, |visit| start(visit, organization)),
        (Method::Patch, ["subscription"]) => visit.with(write, |visit| change(visit, organization)),
        (Method::Delete, ["subscription"]) => {
            visit.with(write, |visit| cancel(visit, organization))
        }
        (Method::Post, ["subscription-free"]) => {
            visit.with(write, |visit| free(visit, organization))
        }
        (Method::Get, ["subscription", "payment-method-types"]) => visit.with(read, |visit| {
            visit.allowed(organization, "payment edit")?;
            ok(&json!({ "paymentMethodTypes": [{ "value": "card", "label": "Card",
            "canBeDefaultForSubscription": true, "canBeDefaultForExtras": true }] }))
        }),
        (Method::Get, ["subscription", "payment-methods"]) => visit.with(read, |visit| {
            visit.allowed(organization, "payment edit")?;
            let rows = rows_of(&visit.state.payment_methods, organization, false);
            ok(&json!({ "paymentMethods": rows, "pg": { "limit": 100, "offset": 0 } }))
        }),
        (Method::Delete, ["subscription", "payment-methods", method]) => {
            visit.with(write, |visit| remove_method(visit, organization, method))
        }
        (Method::Patch, ["subscription", "payment-methods", method, "default"]) => {
            visit.with(write, |visit| choose(visit, organization, method))
        }
        (Method::Get, ["universal-discount"]) => visit.with(read, |visit| {
            visit.allowed(organization, "payment edit")?;
            ok(&json!({ "universalDiscount": null }))
        }),
        _ => return None,
    })
}

fn payments(visit: &Visit<'_>, organization: OrganizationId) -> Answer {
    visit.allowed(organization, "payments get")?;
    let paging = PAYMENTS.asked(visit)?;
    let rows = rows_of(&visit.state.payments, organization, false)
        .into_iter()
        .map(Value::Object)
        .collect();
    ok(&json!({ "payments": paging.cut(rows, &Picked::All), "pg": paging.echo() }))
}

fn prices(visit: &Visit<'_>) -> impl Iterator<Item = (Row, Row)> {
    let products = visit.state.products.clone();
    products.into_iter().flat_map(|product| {
        let prices = product["prices"].as_array().cloned().unwrap_or_default();
        prices
            .into_iter()
            .filter_map(move |price| Some((product.clone(), price.as_object()?.clone())))
    })
}

fn products(visit: &Visit<'_>) -> Answer {
    let kind = visit.query("type");
    let invisible = visit.flag("includeInvisible")?;
    let shown = |product: &&Row| {
        kind.is_none_or(|kind| product["type"] == kind) && (invisible || product["visible"] == true)
    };
    ok(&json!({ "products": visit.state.products.iter().filter(shown).collect::<Vec<_>>() }))
}

fn price_of(visit: &Visit<'_>, price: &str) -> Answer {
    let price = id(price)?;
    let found = prices(visit).find(|(_, known)| known["id"] == price);
    ok(&Value::Object(found.ok_or_else(not_found)?.1))
}

/// The price that an organization pays.
fn paid(visit: &Visit<'_>, organization: OrganizationId) -> Option<u64> {
    let own =
        visit.state.subscriptions.iter().find(|row| row["organizationId"] == organization.0)?;
    own["priceId"].as_u64()
}

fn subscription(visit: &Visit<'_>, organization: OrganizationId) -> Answer {
    visit.allowed(organization, "payments get")?;
    let price = paid(visit, organization).ok_or_else(not_found)?;
    let (product, price) =
        prices(visit).find(|(_, known)| known["id"] == price).ok_or_else(not_found)?;
    ok(&json!({ "product": {
        "id": product["id"], "name": product["name"]["en"], "nextBill": "2026-07-01T00:00:00.000Z",
        "price": { "id": price["id"], "price": price["price"],
        "currencyCode": price["currencyCode"], "period": "1 month" },
        "coupon": null,
    } }))
}

fn asked_price(visit: &Visit<'_>) -> Result<u64, Reply> {
    let mut body = Body::of(visit)?;
    let price = body.required("priceId", body::number);
    body.checked()?;
    if prices(visit).any(|(_, known)| known["id"] == price) {
        Ok(price)
    } else {
        Err(wrong("priceId"))
    }
}

fn pay(visit: &mut Visit<'_>, organization: OrganizationId, price: Option<u64>) {
    visit.state.subscriptions.retain(|row| row["organizationId"] != organization.0);
    if let Some(price) = price {
        let row = [("organizationId", organization.0), ("priceId", price)];
        visit
            .state
            .subscriptions
            .push(row.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect());
    }
}

fn start(visit: &mut Visit<'_>, organization: OrganizationId) -> Answer {
    visit.allowed(organization, "payment edit")?;
    let price = asked_price(visit)?;
    if paid(visit, organization).is_some() {
        return Err(invalid("The organization has a subscription already."));
    }
    pay(visit, organization, Some(price));
    ok(&json!({ "sessionId": 123, "url": "https://checkout.example.com/s/123",
        "subscriptionId": 519 }))
}

fn change(visit: &mut Visit<'_>, organization: OrganizationId) -> Answer {
    visit.allowed(organization, "payment edit")?;
    let price = asked_price(visit)?;
    paid(visit, organization).ok_or_else(not_found)?;
    pay(visit, organization, Some(price));
    ok(&json!({ "ok": 1 }))
}

fn cancel(visit: &mut Visit<'_>, organization: OrganizationId) -> Answer {
    visit.allowed(organization, "payment edit")?;
    paid(visit, organization).ok_or_else(not_found)?;
    pay(visit, organization, None);
    ok(&json!({ "ok": 1 }))
}

fn free(visit: &mut Visit<'_>, organization: OrganizationId) -> Answer {
    visit.allowed(organization, "payment edit")?;
    if !visit.flag("confirmed")? {
        return Err(unconfirmed());
    }
    pay(visit, organization, Some(1));
    ok(&json!({ "customerId": 213, "subscriptionId": 371 }))
}

fn is_method(row: &Row, organization: OrganizationId, method: &str) -> bool {
    row["organizationId"] == organization.0 && row["id"] == method
}

fn remove_method(visit: &mut Visit<'_>, organization: OrganizationId, method: &str) -> Answer {
    visit.allowed(organization, "payment edit")?;
    let before = visit.state.payment_methods.len();
    visit.state.payment_methods.retain(|row| !is_method(row, organization, method));
    if visit.state.payment_methods.len() == before {
        return Err(not_found());
    }
    ok(&json!({ "ok": 1 }))
}

fn choose(visit: &mut Visit<'_>, organization: OrganizationId, method: &str) -> Answer {
    visit.allowed(organization, "payment edit")?;
    let mut body = Body::of(visit)?;
    let target = body.optional("target", body::text).unwrap_or("both");
    body.checked()?;
    let fields: &[&str] = match target {
        "subscription" => &["customerDefaultMethod"],
        "extras" => &["customerDefaultExtrasMethod"],
        "both" => &["customerDefaultMethod", "customerDefaultExtrasMethod"],
        _ => return Err(wrong("target")),
    };
    if !visit.state.payment_methods.iter().any(|row| is_method(row, organization, method)) {
        return Err(not_found());
    }
    let mut answer = json!({ "paymentMethodId": method, "paymentMethodType": "card" });
    for row in
        visit.state.payment_methods.iter_mut().filter(|row| row["organizationId"] == organization.0)
    {
        let chosen = row["id"] == method;
        for field in fields {
            row.insert((*field).to_owned(), chosen.into());
        }
        if chosen {
            answer["isDefaultForSubscription"] = row["customerDefaultMethod"].clone();
            answer["isDefaultForExtras"] = row["customerDefaultExtrasMethod"].clone();
        }
    }
    ok(&answer)
}
