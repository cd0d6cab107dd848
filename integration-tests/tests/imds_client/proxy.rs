//! Proxies are for the web, and the service refuses a token to whoever comes through one.

use std::env;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::Command;

use imds_client::Options;

use crate::fixture::{MAC, check, metadata, service};

/// Set in the second process: the endpoint to read from.
const ENDPOINT: &str = "IMDS_CLIENT_TEST_ENDPOINT";
const VARIABLES: [&str; 6] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// Reads in a process of its own, since an environment belongs to a process.
#[test]
fn a_proxy_in_the_environment_is_not_used() {
    if let Ok(endpoint) = env::var(ENDPOINT) {
        let options = Options::default().with_endpoints(vec![endpoint.parse().unwrap()]);
        return check(&mut metadata(options), "mac", MAC);
    }
    let imds = service();
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "proxy::a_proxy_in_the_environment_is_not_used"]).env(ENDPOINT, imds.url());
    child
        .envs(VARIABLES.map(|variable| (variable, url.as_str())))
        .env_remove("no_proxy")
        .env_remove("NO_PROXY");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(proxy.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "the proxy was connected to");
    assert_eq!(imds.counters().of("mac"), 1);
}
