//! Proxies and certificates between the built binary and Make, told apart in its errors.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};

use crate::support::{
    host::TOKEN,
    process::{SOON, command, stderr, stdout},
};

/// A proxy that answers every request so, and its address.
async fn proxy(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = connection.read(&mut request).await;
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            let _ = connection.write_all(answer.as_bytes()).await;
        }
    });
    address
}

/// What `doctor` prints behind this proxy.
async fn doctor(variables: &[(&str, &str)]) -> (String, String) {
    let mut doctor = command(&["doctor"]);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
        doctor.env_remove(name);
    }
    let home = tempfile::tempdir().unwrap();
    doctor.env("MAKE_API_KEY", TOKEN).env("MAKE_STATE_DIR", home.path());
    let output = timeout(SOON, doctor.envs(variables.iter().copied()).output()).await;
    let output = output.unwrap().unwrap();
    (stdout(&output), stderr(&output))
}

#[tokio::test]
async fn a_proxy_that_does_not_open_the_way_is_named() {
    for (status, hint) in [
        ("403 Forbidden", "the proxy named by HTTPS_PROXY"),
        ("407 Proxy Authentication Required", "the proxy wants a name and password"),
    ] {
        let address = proxy(status).await;
        // An empty name of a certificate file is none.
        let (out, _) = doctor(&[("HTTPS_PROXY", &address), ("SSL_CERT_FILE", "")]).await;
        assert!(out.contains(&format!("{address} (from HTTPS_PROXY)")), "{out}");
        assert!(out.contains(hint), "{out}");
        assert!(!out.contains("make-admin-mcp doctor"), "{out}");
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_one_ends_the_start() {
    let (out, error) = doctor(&[("HTTPS_PROXY", "\"http://127.0.0.1:9\"")]).await;
    assert!(error.starts_with("error: HTTPS_PROXY has quotes in it"), "{error}");
    assert_eq!(out, "");
}
