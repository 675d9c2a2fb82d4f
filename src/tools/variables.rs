//! Tools about custom variables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::registry::{
    Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write,
    answer::Done,
    arguments::{place, some_change},
    paging::{PageInfo, Paging},
};
use crate::{
    guard::{Guard, Plan},
    make::{
        OrganizationId, Place, Record, TeamId, UpdateVariable, Variable, VariableChange,
        WritePermit,
    },
    text::quoted,
    tools::lookup::{organizations, require},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListVariables {
    /// Variables of this organization. Give this or teamId.
    #[schemars(example = 11)]
    organization_id: Option<OrganizationId>,
    /// Variables of this team. Give this or organizationId.
    team_id: Option<TeamId>,
    #[serde(flatten)]
    paging: Paging,
}

/// Make's envelope is named after the place.
fn named<T>(place: Place, value: T) -> (Option<T>, Option<T>) {
    match place {
        Place::Organization(_) => (Some(value), None),
        Place::Team(_) => (None, Some(value)),
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VariableList {
    /// The organization's variables, those of the system included.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_variables: Option<Vec<Record<Variable>>>,
    /// The team's variables, those of the system included.
    #[serde(skip_serializing_if = "Option::is_none")]
    team_variables: Option<Vec<Record<Variable>>>,
    page: PageInfo,
}

pub(crate) fn list_variables() -> Tool {
    ToolSpec {
        name: "make-list-variables",
        title: "List custom variables",
        description: "Lists the custom variables of an organization or a team with their values.",
        toolset: Toolset::Variables,
        scopes: Scopes::any(&["organization-variables:read", "team-variables:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ListVariables| {
        let place = place(args.organization_id, args.team_id)?;
        let (variables, page) = args.paging.cut(cx.make.variables().list(place).await?);
        let (organization_variables, team_variables) = named(place, variables);
        Ok(VariableList { organization_variables, team_variables, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CreateVariable {
    /// For this organization. Give this or teamId.
    #[schemars(example = 11)]
    organization_id: Option<OrganizationId>,
    /// For this team. Give this or organizationId.
    team_id: Option<TeamId>,
    /// Its name: letters, digits, `_` and `$`.
    #[schemars(length(min = 1), example = &"costCentre")]
    name: String,
    /// 1 number, 2 text, 3 true or false, 4 date.
    #[schemars(range(min = 1, max = 4), example = 2)]
    type_id: u8,
    /// Its value, written as text whatever the type.
    #[schemars(example = &"CC-17")]
    value: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OneVariable {
    /// The organization's variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_variable: Option<Record<Variable>>,
    /// The team's variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    team_variable: Option<Record<Variable>>,
}

impl OneVariable {
    fn of(place: Place, variable: Record<Variable>) -> Self {
        let (organization_variable, team_variable) = named(place, variable);
        Self { organization_variable, team_variable }
    }
}

pub(crate) fn create_variable() -> Tool {
    ToolSpec {
        name: "make-create-variable",
        title: "Create a custom variable",
        description: "Creates a custom variable, which scenarios can read. Not found means that \
            the plan has none.",
        toolset: Toolset::Variables,
        scopes: Scopes::any(&["organization-variables:write", "team-variables:write"]),
        example: json!({ "organizationId": 11, "name": "costCentre", "typeId": 2,
        "value": "CC-17" }),
    }
    .writes(Write::Create, async |cx: Context, args: CreateVariable, permit: WritePermit| {
        let place = place(args.organization_id, args.team_id)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        if !args.name.chars().all(plain) {
            return Err(ToolError::arguments("`name` may have letters, digits, `_` and `$` only"));
        }
        let value = typed(args.type_id, &args.value)?;
        Ok(OneVariable::of(
            place,
            cx.make.variables().create(&permit, place, &args.name, args.type_id, &value).await?,
        ))
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeVariable {
    /// Of this organization. Give this or teamId.
    #[schemars(example = 11)]
    organization_id: Option<OrganizationId>,
    /// Of this team. Give this or organizationId.
    team_id: Option<TeamId>,
    /// Its name.
    #[schemars(length(min = 1), example = &"region")]
    name: String,
    /// New type: 1 number, 2 text, 3 true or false, 4 date.
    #[schemars(range(min = 1, max = 4))]
    type_id: Option<u8>,
    /// New value, written as text whatever the type.
    value: Option<String>,
}

pub(crate) fn update_variable() -> Tool {
    ToolSpec {
        name: "make-update-variable",
        title: "Change a custom variable",
        description: "Changes value or type of a custom variable; scenarios read the new value at \
            once. Names never change.",
        toolset: Toolset::Variables,
        scopes: Scopes::any(&["organization-variables:write", "team-variables:write"]),
        example: json!({ "organizationId": 11, "name": "region", "value": "EMEA" }),
    }
    .writes(Write::Update, async |cx: Context, args: ChangeVariable, permit: WritePermit| {
        some_change(&[("typeId", args.type_id.is_some()), ("value", args.value.is_some())])?;
        let place = place(args.organization_id, args.team_id)?;
        let value = match (args.value, args.type_id) {
            (None, _) => None,
            (Some(text), Some(type_id)) => Some(typed(type_id, &text)?),
            (Some(text), None) => {
                let known = cx.make.variables().list(place).await?;
                let known =
                    known.iter().find(|variable| variable.name.as_deref() == Some(&args.name));
                Some(typed(known.and_then(|variable| variable.type_id).unwrap_or(2), &text)?)
            }
        };
        let change = UpdateVariable { type_id: args.type_id, value };
        Ok(OneVariable::of(
            place,
            cx.make.variables().update(&permit, place, &args.name, &change).await?,
        ))
    })
    .clearing(&["value"])
}

/// The value in the form of its type.
fn typed(type_id: u8, text: &str) -> Result<Value, ToolError> {
    let wrong = |what: &str| {
        ToolError::arguments(format!(
            "`value` must be {what}, since the variable's type is {type_id}"
        ))
    };
    match type_id {
        1 => serde_json::from_str::<serde_json::Number>(text.trim())
            .map(Value::from)
            .map_err(|_| wrong("a number")),
        3 => text.trim().parse::<bool>().map(Value::from).map_err(|_| wrong("true or false")),
        _ => Ok(text.into()),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ByName {
    /// Of this organization. Give this or teamId.
    #[schemars(example = 11)]
    organization_id: Option<OrganizationId>,
    /// Of this team. Give this or organizationId.
    team_id: Option<TeamId>,
    /// Its name.
    #[schemars(length(min = 1), example = &"region")]
    name: String,
}

pub(crate) fn delete_variable() -> Tool {
    ToolSpec {
        name: "make-delete-variable",
        title: "Delete a custom variable",
        description: "Deletes a custom variable; scenarios that use it fail. Cannot be undone.",
        toolset: Toolset::Variables,
        scopes: Scopes::any(&["organization-variables:write", "team-variables:write"]),
        example: json!({ "organizationId": 11, "name": "region" }),
    }
    .guarded(
        Write::Delete,
        Guard::G1,
        async |cx: Context, args: ByName| plan_deletion(&cx, &args).await,
        async |cx: Context, args: ByName, permit: WritePermit| {
            let place = place(args.organization_id, args.team_id)?;
            cx.make.variables().delete(&permit, place, &args.name).await?;
            Ok(Done::default())
        },
    )
}

async fn plan_deletion(cx: &Context, args: &ByName) -> Result<Plan, ToolError> {
    let place = place(args.organization_id, args.team_id)?;
    let whose = match place {
        Place::Organization(id) => {
            format!("the organization {}", quoted(&organizations::organization(cx, id).await?))
        }
        Place::Team(id) => {
            let team = organizations::team(cx, id).await?;
            format!("the team {}", quoted(team.name.as_deref().unwrap_or("without a name")))
        }
    };
    let variables = require(
        cx.make.variables().list(place).await,
        "the variable",
        Scopes::any(&["organization-variables:read", "team-variables:read"]),
    )?;
    let found = variables.iter().find(|variable| variable.name.as_deref() == Some(&args.name));
    let found = found.ok_or_else(|| {
        ToolError::new(
            ErrorKind::NotFound,
            format!("{whose} has no variable {}", quoted(&args.name)),
        )
        .with_hint("make-list-variables shows those there are")
    })?;
    // Its value may be a secret of some other service.
    let before = json!({ "name": found.name, "typeId": found.type_id });
    let summary = format!("Delete the variable {} of {whose}.", quoted(&args.name));
    Ok(Plan::new(&args.name, summary)
        .changes(before, Value::Null)
        .with_side_effect("Scenarios that use it fail. Its value and its history are deleted."))
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VariableHistory {
    /// The changes of the organization's variable, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_variable_history: Option<Vec<Record<VariableChange>>>,
    /// The changes of the team's variable, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    team_variable_history: Option<Vec<Record<VariableChange>>>,
}

pub(crate) fn variable_history() -> Tool {
    ToolSpec {
        name: "make-variable-history",
        title: "Get the history of a custom variable",
        description: "Gets who changed a custom variable when, and from which value to which.",
        toolset: Toolset::Variables,
        scopes: Scopes::any(&["organization-variables:read", "team-variables:read"]),
        example: json!({ "organizationId": 11, "name": "region" }),
    }
    .reads(async |cx: Context, args: ByName| {
        let place = place(args.organization_id, args.team_id)?;
        let history = cx.make.variables().history(place, &args.name).await?;
        let (organization_variable_history, team_variable_history) = named(place, history);
        Ok(VariableHistory { organization_variable_history, team_variable_history })
    })
}
