//! Settings as they are written: a flag, or the variable named after it.

use clap::Args;

/// Settings as they are written: a flag, or the variable named after it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// File with the token; read again when it changes
    #[arg(
        long,
        global = true,
        env = "MAKE_API_KEY_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(super) api_key_file: Option<String>,
    /// Program that prints the token, with its arguments, e.g. "op read op://Private/Make/token"; no shell is involved
    #[arg(
        long,
        global = true,
        env = "MAKE_API_KEY_COMMAND",
        hide_env_values = true,
        value_name = "COMMAND"
    )]
    pub(super) api_key_command: Option<String>,
    /// Profile of profiles.toml to work with; then only its own credential counts
    #[arg(long, global = true, env = "MAKE_PROFILE", hide_env_values = true, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Profiles to serve at once, comma-separated; every tool then takes the one it works in
    #[arg(
        long,
        global = true,
        env = "MAKE_PROFILES",
        hide_env_values = true,
        value_name = "NAMES"
    )]
    pub(super) profiles: Option<String>,
    /// Host of the account, e.g. us1.make.com; a full base address is accepted too [default: that of the login, else eu1.make.com]
    #[arg(long, global = true, env = "MAKE_ZONE", hide_env_values = true, value_name = "HOST")]
    pub(super) zone: Option<String>,
    /// Base address, for proxies and tests; http only on loopback [default: from the zone]
    #[arg(long, global = true, env = "MAKE_BASE_URL", hide_env_values = true, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// Use the built-in account instead of Make; needs no token [default: off]
    #[arg(long, global = true, env = "MAKE_SANDBOX", hide_env_values = true, value_name = "BOOL",
    num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    pub(super) sandbox: Option<String>,
    /// Size of the built-in account, e.g. people=5000,audit=200000 [default: a small company]
    #[arg(
        long,
        global = true,
        env = "MAKE_SANDBOX_SIZE",
        hide_env_values = true,
        value_name = "SIZE"
    )]
    pub(super) sandbox_size: Option<String>,
    /// Offer only tools that change nothing in Make [default: off]
    #[arg(long, global = true, env = "MAKE_READ_ONLY", hide_env_values = true, value_name = "BOOL",
    num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    pub(super) read_only: Option<String>,
    /// Toolsets, comma-separated: default, all, or names [default: default]
    #[arg(
        long,
        global = true,
        env = "MAKE_TOOLSETS",
        hide_env_values = true,
        value_name = "NAMES"
    )]
    pub(super) toolsets: Option<String>,
    /// Tools to add, comma-separated; `*` stands for anything
    #[arg(long, global = true, env = "MAKE_TOOLS", hide_env_values = true, value_name = "NAMES")]
    pub(super) tools: Option<String>,
    /// Tools to leave out, comma-separated; `*` stands for anything. Read-only beats this, this beats the rest
    #[arg(
        long,
        global = true,
        env = "MAKE_EXCLUDE_TOOLS",
        hide_env_values = true,
        value_name = "NAMES"
    )]
    pub(super) exclude_tools: Option<String>,
    /// How guarded tools are confirmed: auto (as the host can), operator (by a person in a terminal), off [default: auto]
    #[arg(long, global = true, env = "MAKE_CONFIRM", hide_env_values = true, value_name = "HOW")]
    pub(super) confirm: Option<String>,
    /// Let new tokens have scopes that the credential in use lacks [default: off]
    #[arg(long, global = true, env = "MAKE_ALLOW_SCOPE_ESCALATION", hide_env_values = true,
    value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    pub(super) allow_scope_escalation: Option<String>,
    /// Further folder that exports and reports may be written to; may be given several times
    #[arg(
        long,
        global = true,
        env = "MAKE_EXPORT_DIR",
        hide_env_values = true,
        value_name = "FOLDER"
    )]
    pub(super) export_dir: Vec<String>,
    /// Policy file (TOML): limits to what may be changed, which no confirmation lifts
    #[arg(long, global = true, env = "MAKE_POLICY", hide_env_values = true, value_name = "FILE")]
    pub(super) policy: Option<String>,
    /// Where the value of a new token goes: file, keyring or reply [default: file]
    #[arg(
        long,
        global = true,
        env = "MAKE_SECRET_DELIVERY",
        hide_env_values = true,
        value_name = "HOW"
    )]
    pub(super) secret_delivery: Option<String>,
    /// Folder for journal, plans, new tokens and exports [default: the platform's state folder]
    #[arg(
        long,
        global = true,
        env = "MAKE_STATE_DIR",
        hide_env_values = true,
        value_name = "FOLDER"
    )]
    pub(super) state_dir: Option<String>,
    /// Folder for profiles and logins [default: the platform's config folder]
    #[arg(
        long,
        global = true,
        env = "MAKE_CONFIG_DIR",
        hide_env_values = true,
        value_name = "FOLDER"
    )]
    pub(super) config_dir: Option<String>,
    /// What is logged to stderr: error, warn, info, debug, trace, or a filter [default: warn]
    #[arg(long, global = true, env = "MAKE_LOG", hide_env_values = true, value_name = "FILTER")]
    pub(super) log: Option<String>,
}
