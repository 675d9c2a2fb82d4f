//! Tools about subscription and payments. Those that change them are in `subscription` and `payment_methods`.

mod payment_methods;
mod subscription;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::registry::{
    Context, Scopes, Tool, ToolSpec, Toolset,
    paging::{PageInfo, Paging},
};
use crate::make::{
    ListProducts, OrganizationId, Payment, PaymentMethod, Price, Product, Record, SortDir,
    Subscription,
};

pub(crate) use payment_methods::{delete_payment_method, set_default_payment_method};
pub(crate) use subscription::{
    cancel_subscription, change_subscription, set_free_subscription, start_subscription,
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BillingOfOrganization {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
}

#[derive(Serialize, JsonSchema)]
struct Active {
    /// The product with its price and the next bill.
    product: Record<Subscription>,
}

pub(crate) fn get_subscription() -> Tool {
    ToolSpec {
        name: "make-get-subscription",
        title: "Get the subscription",
        description: "Gets the plan that an organization pays for, its price and the next bill.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: BillingOfOrganization| {
        Ok(Active { product: cx.make.billing().subscription(args.organization_id).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListPayments {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    #[serde(flatten)]
    paging: Paging,
    /// Column to sort by, e.g. created.
    sort_by: Option<String>,
    /// Direction.
    sort_dir: Option<SortDir>,
}

#[derive(Serialize, JsonSchema)]
struct Payments {
    /// The payments, with addresses of the invoices.
    payments: Vec<Record<Payment>>,
    page: PageInfo,
}

pub(crate) fn list_payments() -> Tool {
    ToolSpec {
        name: "make-list-payments",
        title: "List payments",
        description: "Lists what an organization paid, with invoices. How it pays is in \
            make-list-payment-methods.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ListPayments| {
        let page = args.paging.page(args.sort_by, args.sort_dir);
        let (payments, page) =
            args.paging.paged(cx.make.billing().payments(args.organization_id, &page).await?);
        Ok(Payments { payments, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListPaymentMethods {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Also the kinds of payment methods on offer.
    #[serde(default)]
    include_types: bool,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Methods {
    /// The stored payment methods.
    payment_methods: Vec<Record<PaymentMethod>>,
    /// The kinds on offer, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method_types: Option<Vec<Map<String, Value>>>,
    page: PageInfo,
}

pub(crate) fn list_payment_methods() -> Tool {
    ToolSpec {
        name: "make-list-payment-methods",
        title: "List payment methods",
        description: "Lists the stored payment methods of an organization, on request with the \
            kinds on offer.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11, "includeTypes": true }),
    }
    .reads(async |cx: Context, args: ListPaymentMethods| {
        let billing = cx.make.billing();
        let (methods, types) =
            tokio::try_join!(billing.payment_methods(args.organization_id), async {
                match args.include_types {
                    true => billing.payment_method_types(args.organization_id).await.map(Some),
                    false => Ok(None),
                }
            })?;
        let (payment_methods, page) = args.paging.cut(methods);
        Ok(Methods { payment_methods, payment_method_types: types, page })
    })
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
enum PriceKind {
    Plan,
    Extra,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AskProducts {
    /// One price instead of all products.
    price_id: Option<u64>,
    /// Only plans or only extras.
    r#type: Option<PriceKind>,
    /// Those for this organization.
    organization_id: Option<OrganizationId>,
    /// Those that go with this price.
    related_price_id: Option<u64>,
    /// Also those that are not on show.
    #[serde(default)]
    include_invisible: bool,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
struct Products {
    /// The plans and extras with their prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    products: Option<Vec<Record<Product>>>,
    /// The price that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Record<Price>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageInfo>,
}

pub(crate) fn list_products() -> Tool {
    ToolSpec {
        name: "make-list-products",
        title: "List plans and prices",
        description: "Lists the plans and extras on offer with price ids, or one price.",
        toolset: Toolset::Billing,
        scopes: Scopes::NONE,
        example: json!({ "type": "PLAN" }),
    }
    .reads(async |cx: Context, args: AskProducts| {
        let billing = cx.make.billing();
        if let Some(price) = args.price_id {
            let price = billing.price(price).await?;
            return Ok(Products { products: None, price: Some(price), page: None });
        }
        let asked = ListProducts {
            kind: args.r#type.map(|kind| match kind {
                PriceKind::Plan => "PLAN".to_owned(),
                PriceKind::Extra => "EXTRA".to_owned(),
            }),
            include_invisible: args.include_invisible,
            related_price: args.related_price_id,
            organization: args.organization_id,
        };
        let (products, page) = args.paging.cut(billing.products(&asked).await?);
        Ok(Products { products: Some(products), price: None, page: Some(page) })
    })
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Discount {
    /// The discount on offer; null if there is none.
    universal_discount: Value,
}

pub(crate) fn get_discount() -> Tool {
    ToolSpec {
        name: "make-get-discount",
        title: "Get the discount on offer",
        description: "Gets the discount that Make offers an organization at present, if any.",
        toolset: Toolset::Billing,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: BillingOfOrganization| {
        Ok(Discount { universal_discount: cx.make.billing().discount(args.organization_id).await? })
    })
}
