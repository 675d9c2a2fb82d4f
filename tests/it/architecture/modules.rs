//! The modules of `src` and what each of them uses, read from its `use` declarations and paths.

use std::collections::{BTreeMap, BTreeSet};

/// A path of the crate as segments, without `crate`.
type Path = Vec<String>;

/// The modules by path (`make::endpoints::users`), each with its code.
pub(super) struct Modules(BTreeMap<String, String>);

impl Modules {
    /// The modules of sources, which come as (path below `src`, code).
    pub(super) fn of(sources: Vec<(String, String)>) -> Self {
        let name = |path: &str| {
            let path = path.strip_suffix(".rs")?;
            let path = path.strip_suffix("/mod").unwrap_or(path);
            (!matches!(path, "lib" | "main")).then(|| path.replace('/', "::"))
        };
        let modules = sources.into_iter().filter_map(|(path, code)| Some((name(&path)?, code)));
        Self(modules.collect())
    }

    /// What each module uses of the others. A module that only re-exports another one does not use it.
    pub(super) fn uses(&self) -> BTreeMap<String, BTreeSet<String>> {
        let exported = self.exported();
        let of = |module: &String, code: &String| {
            let mut used = BTreeSet::new();
            for path in paths(code) {
                let Some(path) = self.absolute(module, &path) else { continue };
                used.extend(self.owner(&exported, path).filter(|owner| owner != module));
            }
            used
        };
        self.0.iter().map(|(module, code)| (module.clone(), of(module, code))).collect()
    }

    /// Where what a module re-exports stands.
    fn exported(&self) -> BTreeMap<String, Path> {
        let mut exported = BTreeMap::new();
        for (module, code) in &self.0 {
            for tree in declarations(code).filter(|one| one.starts_with("pub")) {
                for path in flat(tree.split_once("use ").map_or("", |(_, tree)| tree)) {
                    if let Some(path) = self.absolute(module, &path) {
                        exported.insert(format!("{module}::{}", path[path.len() - 1]), path);
                    }
                }
            }
        }
        exported
    }

    fn absolute(&self, module: &str, path: &str) -> Option<Path> {
        let mut here: Vec<&str> = module.split("::").collect();
        let mut rest: Vec<&str> = path.split(" as ").next()?.split("::").collect();
        match rest.first().copied()? {
            "crate" => here.clear(),
            "self" => {}
            "super" => {
                here.pop();
                while rest.get(1) == Some(&"super") {
                    here.pop();
                    rest.remove(0);
                }
            }
            first => {
                let inner = format!("{module}::{first}");
                self.0.contains_key(&inner).then_some(())?;
                rest.insert(0, "self");
            }
        }
        Some(here.into_iter().chain(rest.into_iter().skip(1)).map(str::to_owned).collect())
    }

    /// The module in which what a path names is defined.
    fn owner(&self, exported: &BTreeMap<String, Path>, mut path: Path) -> Option<String> {
        for _ in 0..8 {
            let known = (1..=path.len())
                .rev()
                .find_map(|count| Some((count, exported.get(&path[..count].join("::"))?)));
            match known {
                Some((count, at)) => path = [at.as_slice(), &path[count..]].concat(),
                None => break,
            }
        }
        let prefixes = (1..=path.len()).rev().map(|count| path[..count].join("::"));
        prefixes.into_iter().find(|prefix| self.0.contains_key(prefix))
    }
}

/// The `use` declarations of a text, with their visibility.
fn declarations(code: &str) -> impl Iterator<Item = &str> {
    code.split(';').filter_map(|part| {
        let start = part.rfind("use ")?;
        let line = part[..start].rfind('\n').map_or(0, |end| end + 1);
        let before = part[line..start].trim();
        let is_tree = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_:{},*".contains(c);
        let declares = before.is_empty() || before.starts_with("pub");
        (declares && part[start..].chars().all(is_tree)).then(|| part[line..].trim())
    })
}

/// All paths that a text uses, re-exports left out.
fn paths(code: &str) -> Vec<String> {
    let mut found: Vec<String> = declarations(code)
        .filter_map(|declaration| declaration.strip_prefix("use "))
        .flat_map(flat)
        .collect();
    for start in ["crate::", "super::"] {
        for (place, _) in code.match_indices(start) {
            let end = code[place..].find(|c: char| !(c.is_alphanumeric() || "_:".contains(c)));
            let path = &code[place..place + end.unwrap_or(code.len() - place)];
            // The head of a tree is read with its declaration.
            if !path.ends_with(':') {
                found.push(path.to_owned());
            }
        }
    }
    // What is re-exported also matches as a path.
    let exports: BTreeSet<String> = declarations(code)
        .filter(|declaration| declaration.starts_with("pub"))
        .flat_map(|declaration| flat(declaration.split_once("use ").map_or("", |(_, tree)| tree)))
        .collect();
    found.retain(|path| !exports.contains(path));
    found
}

/// The paths of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn flat(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        return if tree.is_empty() { Vec::new() } else { vec![tree.to_owned()] };
    };
    let (head, body) = (&tree[..open], &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())]);
    let (mut depth, mut start, mut paths) = (0, 0, Vec::new());
    for (place, c) in body.char_indices().chain([(body.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let inner = flat(&body[start..place]);
                paths.extend(inner.into_iter().map(|path| format!("{head}{path}")));
                start = place + 1;
            }
            _ => {}
        }
    }
    paths
}

/// A circle in what uses what, as a list of modules that comes back to its first; None if there is none.
pub(super) fn circle(uses: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn visit(
        module: &String,
        uses: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|seen| seen == module) {
            return Some([&way[start..], std::slice::from_ref(module)].concat());
        }
        if done.contains(module) {
            return None;
        }
        way.push(module.clone());
        let found = uses.get(module).into_iter().flatten();
        let found = found.into_iter().find_map(|next| visit(next, uses, way, done));
        way.pop();
        done.insert(module.clone());
        found
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|module| visit(module, uses, &mut Vec::new(), &mut done))
}

#[test]
fn a_circle_is_found_and_a_re_export_is_none() {
    let modules = |b: &str| {
        let text = |path: &str, code: &str| (path.to_owned(), code.to_owned());
        Modules::of(vec![
            text("a/mod.rs", "mod b;\nmod c;\npub use b::B;\nuse c::C;\nfn f() {}\n"),
            text("a/b.rs", b),
            text("a/c.rs", "pub struct C;"),
        ])
    };
    assert_eq!(circle(&modules("use super::c::C;\npub struct B;").uses()), None);
    let uses = modules("use super::{\n    f,\n};\npub struct B;").uses();
    assert!(uses["a::b"].contains("a") && uses["a"].contains("a::c"), "{uses:?}");
    let through = Modules::of(vec![
        ("a.rs".to_owned(), "use crate::d::E;\npub struct A;".to_owned()),
        ("d/mod.rs".to_owned(), "mod e;\npub use e::E;".to_owned()),
        ("d/e.rs".to_owned(), "use crate::a::A;\npub struct E;".to_owned()),
    ]);
    assert_eq!(circle(&through.uses()).unwrap(), ["a", "d::e", "a"]);
}
