//! Tools about the AI models that a team uses.

use super::ByTeam;
use crate::{
    make::{LlmConfiguration, Record, TeamId, UpdateLlmConfiguration, WritePermit},
    tools::registry::{Context, Scopes, Tool, ToolSpec, Toolset, Write, arguments::some_change},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Llm {
    /// The AI models; null means Make's own.
    llm_configuration: Record<LlmConfiguration>,
}

pub(crate) fn get_team_llm() -> Tool {
    ToolSpec {
        name: "make-get-team-llm",
        title: "Get the AI models of a team",
        description: "Gets which AI models a team uses for mapping and for the toolkit.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["teams:read"]),
        example: json!({ "teamId": 22 }),
    }
    .reads(async |cx: Context, args: ByTeam| {
        Ok(Llm { llm_configuration: cx.make.teams().llm_configuration(args.team_id).await? })
    })
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Tier {
    Small,
    Medium,
    Large,
}

impl Tier {
    fn name(self) -> String {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
        .to_owned()
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UpdateLlm {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    /// Account for mapping.
    #[schemars(range(min = 1))]
    ai_mapping_account_id: Option<u64>,
    /// Model for mapping, from make-lookup `llm-models`.
    #[schemars(length(max = 255))]
    ai_mapping_model_name: Option<String>,
    /// Built-in tier for mapping.
    ai_mapping_builtin_tier: Option<Tier>,
    /// Account for the toolkit.
    #[schemars(range(min = 1))]
    ai_toolkit_account_id: Option<u64>,
    /// Model for the toolkit.
    #[schemars(length(max = 255))]
    ai_toolkit_model_name: Option<String>,
    /// Built-in tier for the toolkit.
    ai_toolkit_builtin_tier: Option<Tier>,
}

pub(crate) fn update_team_llm() -> Tool {
    ToolSpec {
        name: "make-update-team-llm",
        title: "Change the AI models of a team",
        description: "Changes which AI models a team uses for mapping and for the toolkit.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["teams:write"]),
        example: json!({ "teamId": 22, "aiMappingBuiltinTier": "large" }),
    }
    .writes(Write::Update, async |cx: Context, args: UpdateLlm, permit: WritePermit| {
        some_change(&[
            ("aiMappingAccountId", args.ai_mapping_account_id.is_some()),
            ("aiMappingModelName", args.ai_mapping_model_name.is_some()),
            ("aiMappingBuiltinTier", args.ai_mapping_builtin_tier.is_some()),
            ("aiToolkitAccountId", args.ai_toolkit_account_id.is_some()),
            ("aiToolkitModelName", args.ai_toolkit_model_name.is_some()),
            ("aiToolkitBuiltinTier", args.ai_toolkit_builtin_tier.is_some()),
        ])?;
        let change = UpdateLlmConfiguration {
            ai_mapping_account_id: args.ai_mapping_account_id,
            ai_mapping_model_name: args.ai_mapping_model_name,
            ai_mapping_builtin_tier: args.ai_mapping_builtin_tier.map(Tier::name),
            ai_toolkit_account_id: args.ai_toolkit_account_id,
            ai_toolkit_model_name: args.ai_toolkit_model_name,
            ai_toolkit_builtin_tier: args.ai_toolkit_builtin_tier.map(Tier::name),
        };
        Ok(Llm {
            llm_configuration: cx
                .make
                .teams()
                .update_llm_configuration(&permit, args.team_id, &change)
                .await?,
        })
    })
}
