//! Tools that change payment methods.

use crate::{
    guard::{Guard, Plan},
    make::{DefaultPaymentMethod, OrganizationId, PaymentMethod, Record, WritePermit},
    text::quoted,
    tools::{
        lookup::{organizations, require},
        registry::{
            Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write, answer::Done,
        },
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum PaymentTarget {
    Subscription,
    Extras,
    #[default]
    Both,
}

impl PaymentTarget {
    fn name(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Extras => "extras",
            Self::Both => "both",
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SetDefaultPaymentMethod {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The payment method, from make-list-payment-methods.
    #[schemars(length(min = 1), example = &"pm_2")]
    payment_method_id: String,
    /// What is charged to it.
    #[serde(default)]
    target: PaymentTarget,
}

pub(crate) fn set_default_payment_method() -> Tool {
    ToolSpec {
        name: "make-set-default-payment-method",
        title: "Set the default payment method",
        description: "Sets the default payment method, for the subscription, for extras, or for \
            both. Charges nothing now.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 11, "paymentMethodId": "pm_2" }),
    }
    .guarded(
        Write::Update,
        Guard::G1,
        async |cx: Context, args: SetDefaultPaymentMethod| {
            let (organization, method) =
                stored(&cx, args.organization_id, &args.payment_method_id).await?;
            let what = match args.target {
                PaymentTarget::Subscription => "its subscription",
                PaymentTarget::Extras => "extras",
                PaymentTarget::Both => "its subscription and extras",
            };
            let summary = format!(
                "Make {} the default payment method of the organization {} for {what}.",
                card(&method),
                quoted(&organization)
            );
            Ok(Plan::new(&organization, summary).changes(
                json!({ "organization": organization, "paymentMethod": method }),
                json!({ "target": args.target.name() }),
            ))
        },
        async |cx: Context,
               args: SetDefaultPaymentMethod,
               permit: WritePermit|
               -> Result<Record<DefaultPaymentMethod>, _> {
            let billing = cx.make.billing();
            let (organization, method) = (args.organization_id, &args.payment_method_id);
            Ok(billing
                .set_default_payment_method(&permit, organization, method, args.target.name())
                .await?)
        },
    )
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeletePaymentMethod {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The payment method, from make-list-payment-methods.
    #[schemars(length(min = 1), example = &"pm_2")]
    payment_method_id: String,
}

pub(crate) fn delete_payment_method() -> Tool {
    ToolSpec {
        name: "make-delete-payment-method",
        title: "Remove a payment method",
        description: "Removes a stored payment method. Without another one the next bill cannot be \
            paid.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 11, "paymentMethodId": "pm_2" }),
    }
    .guarded(
        Write::Delete,
        Guard::G2,
        async |cx: Context, args: DeletePaymentMethod| {
            let (organization, method) =
                stored(&cx, args.organization_id, &args.payment_method_id).await?;
            let summary = format!(
                "Remove {} from the organization {}.",
                card(&method),
                quoted(&organization)
            );
            let plan = Plan::new(&organization, summary).changes(
                json!({ "organization": organization, "paymentMethod": method }),
                Value::Null,
            );
            Ok(if method.customer_default_method == Some(true) {
                plan.with_side_effect(
                    "It is the one that the subscription is charged to: the next bill may fail.",
                )
            } else {
                plan
            })
        },
        async |cx: Context, args: DeletePaymentMethod, permit: WritePermit| {
            cx.make
                .billing()
                .delete_payment_method(&permit, args.organization_id, &args.payment_method_id)
                .await?;
            Ok(Done::default())
        },
    )
}

async fn stored(
    cx: &Context,
    organization: OrganizationId,
    method: &str,
) -> Result<(String, Record<PaymentMethod>), ToolError> {
    let billing = cx.make.billing();
    let (name, methods) = tokio::try_join!(organizations::organization(cx, organization), async {
        require(
            billing.payment_methods(organization).await,
            "the payment methods",
            Scopes::all(&["organizations:read"]),
        )
    })?;
    let found = methods.items.into_iter().find(|found| found.id.as_deref() == Some(method));
    let found = found.ok_or_else(|| {
        ToolError::new(
            ErrorKind::NotFound,
            format!("{} has no payment method {}", quoted(&name), quoted(method)),
        )
        .with_hint("make-list-payment-methods shows those it has")
    })?;
    Ok((name, found))
}

/// `the card "visa" ending in "4242"`.
fn card(method: &PaymentMethod) -> String {
    let detail = |name: &str| {
        method.method_details.as_ref().and_then(|details| details.get(name)).and_then(Value::as_str)
    };
    match (detail("brand"), detail("last4")) {
        (Some(brand), Some(last)) => {
            format!("the card {} ending in {}", quoted(brand), quoted(last))
        }
        _ => format!("the payment method {}", quoted(method.id.as_deref().unwrap_or_default())),
    }
}
