//! No argument leaves its place on the wire, whatever it holds.

use make_admin_mcp::make::{Method, Request};
use proptest::prelude::*;

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

proptest! {
    #[test]
    fn a_segment_stays_one_segment(text in any::<String>()) {
        match Request::new(Method::Get, &[&"users", &text, &"end"]) {
            Err(_) => prop_assert!(matches!(text.as_str(), "" | "." | "..")),
            Ok(call) => {
                let target = call.target();
                let segments: Vec<_> = target.split('/').collect();
                prop_assert_eq!(segments.len(), 4, "{}", target);
                prop_assert_eq!(decoded(segments[2]), text);
                prop_assert!(!target.contains(['?', '#', '\\']));
                // As a URL parser resolves it.
                let url = reqwest::Url::parse(&format!("https://host/api/v2{target}")).unwrap();
                prop_assert_eq!(url.path(), format!("/api/v2{target}"));
            }
        }
    }

    #[test]
    fn a_query_value_stays_one_value(name in "[a-z\\[\\]]{1,8}", value in any::<String>()) {
        let mut call = Request::new(Method::Get, &[&"users"]).unwrap();
        call.query = vec![(name.clone(), value.clone()), ("last".to_owned(), "1".to_owned())];
        let target = call.target();
        let (_, query) = target.split_once('?').unwrap();
        let pairs: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
        prop_assert_eq!(pairs.len(), 2);
        prop_assert_eq!((decoded(pairs[0].0), decoded(pairs[0].1)), (name, value));
    }
}
