//! Counts the members of every organization of the caller, in the made-up account of the sandbox.
//!
//! `cargo run --example list_members`. For a real account: `Make::new(Https::new(base), Some(Credential::new(token)))`.

use make_admin_mcp::{
    make::{Make, Page, Result},
    sandbox::Sandbox,
};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example shows what it reads")]
async fn main() -> Result<()> {
    let make = Make::new(Sandbox::default(), Some(Sandbox::credential()));
    for organization in make.organizations().list(None, &[], &Page::default()).await?.items {
        let Some(id) = organization.id else { continue };
        let members = make.organization_roles().members(id, &[]).await?;
        let name = organization.name.as_deref().unwrap_or("(no name)");
        println!("{name}: {} members", members.items.len());
    }
    Ok(())
}
