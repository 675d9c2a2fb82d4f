//! Tools that change the subscription.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::BillingOfOrganization;
use crate::{
    guard::{Guard, Plan},
    make::{Customer, NewSubscription, OrganizationId, Price, Record, Subscription, WritePermit},
    text::{quoted, visible},
    tools::{
        lookup::{organizations, require},
        registry::{
            Context, Scopes, Tool, ToolError, ToolSpec, Toolset, Write, answer::Done, arguments,
        },
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Payer {
    /// E-mail for invoices; with it come name, isBusiness and countryId.
    customer_email: Option<String>,
    /// Name of the payer.
    customer_name: Option<String>,
    /// Whether the payer is a company.
    customer_is_business: Option<bool>,
    /// Country, from make-lookup `countries`.
    customer_country_id: Option<u64>,
    /// The company.
    customer_company_name: Option<String>,
    /// The company's tax number.
    customer_tax_id: Option<String>,
    /// Street and number.
    customer_line1: Option<String>,
    /// More of the address.
    customer_line2: Option<String>,
    /// Postal code.
    customer_postal_code: Option<String>,
    /// City.
    customer_city: Option<String>,
    /// State or province.
    customer_state: Option<String>,
}

impl Payer {
    /// None if nothing is said of the payer; an error if not enough is.
    fn customer(self) -> Result<Option<Customer>, ToolError> {
        let optional = [
            &self.customer_company_name, &self.customer_tax_id, &self.customer_line1,
            &self.customer_line2, &self.customer_postal_code, &self.customer_city,
            &self.customer_state,
        ];
        let anything = optional.iter().any(|field| field.is_some());
        match (
            self.customer_email, self.customer_name, self.customer_is_business,
            self.customer_country_id,
        ) {
            (Some(email), Some(name), Some(is_business), Some(country_id)) => {
                arguments::email("customerEmail", &email)?;
                Ok(Some(Customer {
                    email,
                    name,
                    is_business,
                    country_id,
                    company_name: self.customer_company_name,
                    tax_id: self.customer_tax_id,
                    line1: self.customer_line1,
                    line2: self.customer_line2,
                    postal_code: self.customer_postal_code,
                    city: self.customer_city,
                    state: self.customer_state,
                }))
            }
            (None, None, None, None) if !anything => Ok(None),
            _ => Err(ToolError::arguments(
                "of a customer `customerEmail`, `customerName`, `customerIsBusiness` and \
                 `customerCountryId` are needed together",
            )),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StartSubscription {
    /// The organization.
    #[schemars(example = 12)]
    organization_id: OrganizationId,
    /// The price, from make-list-products.
    #[schemars(example = 10)]
    price_id: u64,
    /// A coupon.
    coupon_code: Option<String>,
    #[serde(flatten)]
    payer: Payer,
}

#[derive(Serialize, JsonSchema)]
struct Checkout {
    /// The address at which a person pays, and the ids of session and subscription.
    checkout: Map<String, Value>,
}

pub(crate) fn start_subscription() -> Tool {
    ToolSpec {
        name: "make-start-subscription",
        title: "Start a paid subscription",
        description: "Starts a paid subscription. Costs money once a person has paid at the \
            answered address.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 12, "priceId": 10 }),
    }
    .guarded(
        Write::Create,
        Guard::G2,
        async |cx: Context, args: StartSubscription| {
            let (organization, price) = tokio::try_join!(
                organizations::organization(&cx, args.organization_id),
                priced(&cx, args.price_id)
            )?;
            args.payer.customer()?;
            let summary = format!(
                "Start a subscription of {} for the organization {}.",
                said(&price),
                quoted(&organization)
            );
            Ok(Plan::new(&organization, summary)
                .changes(json!({ "organization": organization }), json!({ "price": price }))
                .with_side_effect(
                    "A person pays at the address that is answered; from then on it costs money.",
                ))
        },
        async |cx: Context, args: StartSubscription, permit: WritePermit| {
            let new = NewSubscription {
                price_id: args.price_id,
                coupon_code: args.coupon_code,
                customer: args.payer.customer()?,
            };
            Ok(Checkout {
                checkout: cx.make.billing().start(&permit, args.organization_id, &new).await?,
            })
        },
    )
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeSubscription {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The new price, from make-list-products.
    #[schemars(example = 10)]
    price_id: u64,
    #[serde(flatten)]
    payer: Payer,
}

pub(crate) fn change_subscription() -> Tool {
    ToolSpec {
        name: "make-change-subscription",
        title: "Change the plan",
        description: "Changes an organization's subscription to another price at once. May charge \
            the payment method.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 11, "priceId": 10 }),
    }
    .guarded(
        Write::Update,
        Guard::G2,
        async |cx: Context, args: ChangeSubscription| {
            let (now, price) =
                tokio::try_join!(Paid::of(&cx, args.organization_id), priced(&cx, args.price_id))?;
            args.payer.customer()?;
            let summary = format!(
                "Change the subscription of the organization {} from {} to {}.",
                quoted(&now.organization),
                now.said(),
                said(&price)
            );
            Ok(Plan::new(&now.organization, summary)
                .changes(now.before(), json!({ "price": price }))
                .with_side_effect("The payment method may be charged at once."))
        },
        async |cx: Context, args: ChangeSubscription, permit: WritePermit| {
            let new = NewSubscription {
                price_id: args.price_id,
                coupon_code: None,
                customer: args.payer.customer()?,
            };
            cx.make.billing().change(&permit, args.organization_id, &new).await?;
            Ok(Done::default())
        },
    )
}

pub(crate) fn cancel_subscription() -> Tool {
    ToolSpec {
        name: "make-cancel-subscription",
        title: "Cancel the subscription",
        description: "Cancels an organization's subscription: it falls back to the free plan at \
            the end of what is paid. To end it at once use make-set-free-subscription.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 11 }),
    }
    .guarded(
        Write::Delete,
        Guard::G2,
        async |cx: Context, args: BillingOfOrganization| {
            let now = Paid::of(&cx, args.organization_id).await?;
            let summary = format!(
                "Cancel the subscription of the organization {} to {}.",
                quoted(&now.organization),
                now.said()
            );
            Ok(Plan::new(&now.organization, summary)
                .changes(now.before(), Value::Null)
                .with_side_effect(
                    "Limits of the free plan then apply to everybody: teams, scenarios and audit \
                     logs may be lost.",
                ))
        },
        async |cx: Context, args: BillingOfOrganization, permit: WritePermit| {
            cx.make.billing().cancel(&permit, args.organization_id).await?;
            Ok(Done::default())
        },
    )
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Free {
    /// Who paid.
    customer_id: Option<Value>,
    /// The free subscription.
    subscription_id: Option<Value>,
}

pub(crate) fn set_free_subscription() -> Tool {
    ToolSpec {
        name: "make-set-free-subscription",
        title: "Fall back to the free plan",
        description: "Puts an organization on the free plan at once, even if more is paid. For the \
            end of the paid time use make-cancel-subscription.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 11 }),
    }
    .guarded(
        Write::Update,
        Guard::G2,
        async |cx: Context, args: BillingOfOrganization| {
            let organization = organizations::organization(&cx, args.organization_id).await?;
            let summary =
                format!("Put the organization {} on the free plan at once.", quoted(&organization));
            Ok(Plan::new(&organization, summary)
                .changes(json!({ "organization": organization }), json!({ "product": "Free" }))
                .with_side_effect(
                    "Limits of the free plan apply to everybody at once: teams, scenarios and \
                     audit logs may be lost.",
                ))
        },
        async |cx: Context, args: BillingOfOrganization, permit: WritePermit| {
            let mut free = cx.make.billing().set_free(&permit, args.organization_id).await?;
            Ok(Free {
                customer_id: free.remove("customerId"),
                subscription_id: free.remove("subscriptionId"),
            })
        },
    )
}

/// What an organization pays for now.
struct Paid {
    organization: String,
    subscription: Record<Subscription>,
}

impl Paid {
    async fn of(cx: &Context, id: OrganizationId) -> Result<Self, ToolError> {
        let billing = cx.make.billing();
        let (organization, subscription) =
            tokio::try_join!(organizations::organization(cx, id), async {
                require(
                    billing.subscription(id).await,
                    "the subscription",
                    Scopes::all(&["organizations:read"]),
                )
            })?;
        Ok(Self { organization, subscription })
    }

    fn said(&self) -> String {
        self.subscription.name.as_deref().map_or_else(|| "what it has now".to_owned(), quoted)
    }

    fn before(&self) -> Value {
        json!({ "organization": self.organization, "product": self.subscription })
    }
}

async fn priced(cx: &Context, id: u64) -> Result<Record<Price>, ToolError> {
    Ok(cx.make.billing().price(id).await?)
}

/// `86.00 USD a month`.
fn said(price: &Record<Price>) -> String {
    let whole = json!(price);
    let amount = match &whole["price"] {
        Value::String(text) => visible(text).into_owned(),
        Value::Null => "an unknown price".to_owned(),
        other => other.to_string(),
    };
    let currency = price.currency_code.as_deref().unwrap_or_default();
    let period =
        price.period.as_deref().map(|period| format!(" a {}", visible(period))).unwrap_or_default();
    format!("{amount} {}{period}", visible(currency))
}
