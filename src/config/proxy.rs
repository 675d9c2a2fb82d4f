//! The proxy for https. The HTTP client reads its variables by itself and ignores in silence what is wrong in them.

use std::fmt;

use openidconnect::url::Url;

use super::ConfigError;
use crate::credential::unquoted;

/// Where the HTTP client looks for a proxy, in order.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// A proxy that requests to Make go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    variable: &'static str,
    /// Scheme, host and port; never the password.
    address: String,
}

impl Proxy {
    /// The proxy that variables name; None without one. An empty variable names none.
    pub(super) fn read(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let given = VARIABLES.into_iter().find_map(|name| {
            Some((name, variable(name)?)).filter(|(_, value)| !value.trim().is_empty())
        });
        let Some((variable, value)) = given else { return Ok(None) };
        let wrong = |problem: &str| {
            Err(ConfigError::new(variable, format!("{problem} (accepted: e.g. http://host:3128)")))
        };
        if unquoted(&value).1.is_some() {
            return wrong("has quotes in it; remove them");
        }
        if value.contains(['$', '%']) && !value.contains('@') {
            return wrong("has a variable in it that was not expanded");
        }
        let whole = if value.contains("://") { value } else { format!("http://{value}") };
        match Url::parse(&whole) {
            Ok(url) if url.has_host() => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                let host = url.host_str().unwrap_or_default();
                let address = format!("{}://{host}{port}", url.scheme());
                Ok(Some(Self { variable, address }))
            }
            _ => wrong("is not the address of a proxy"),
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (from {})", self.address, self.variable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let of = |name: &str| {
            let mut all = variables.iter();
            all.find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        };
        let proxy = Proxy::read(of).map_err(|error| error.to_string())?;
        Ok(proxy.map(|proxy| proxy.to_string()))
    }

    #[test]
    fn the_first_variable_that_is_set_counts_and_no_password_is_shown() {
        assert_eq!(read(&[("HTTPS_PROXY", ""), ("NO_PROXY", "x")]), Ok(None));
        for (value, shown) in [
            ("http://ann:s3cr%40t@proxy.example:3128", "http://proxy.example:3128"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("socks5h://[::1]:1080", "socks5h://[::1]:1080"),
        ] {
            let variables = [("HTTPS_PROXY", " "), ("https_proxy", value), ("ALL_PROXY", "x:1")];
            assert_eq!(read(&variables), Ok(Some(format!("{shown} (from https_proxy)"))));
        }
    }

    #[test]
    fn what_the_http_client_would_ignore_is_refused() {
        for wrong in ["\"http://proxy:3128\"", "'proxy:1'", "$PROXY", "%PROXY%", "http://", "a b"] {
            let error = read(&[("HTTPS_PROXY", wrong)]).expect_err(wrong);
            assert!(
                error.starts_with("HTTPS_PROXY ") && error.contains("http://host:3128"),
                "{error}"
            );
        }
    }
}
