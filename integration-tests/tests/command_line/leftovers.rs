//! What a killed run may leave. Report C13: a stale temporary file resurrected an unassigned address.

use std::fs;

use serde_json::Value;

use crate::host::{Host, TREES};
use crate::trees;

const TEMPORARY: &str = ".ec2-net.Ab12Cd";

#[test]
fn c13_temporary_files_are_cleared_and_never_read() {
    let host = Host::with(&trees::read("04"));
    host.reconcile(&[]);
    let clean = host.files("run");
    for top in TREES {
        for directory in ["", "/70-ens5.network.d", "/70-ens6.network.d"] {
            host.write(&format!("{top}{directory}/{TEMPORARY}"), "[Address]\nAddress=10.9.9.9/32\n");
        }
    }
    assert!(!host.plan(&[]).to_string().contains("10.9.9.9"));
    host.reconcile(&[]);
    assert_eq!(host.files("run"), clean);
}

/// The links of scenario 11, as they are whatever files there are.
const LINKS: [&str; 4] = ["--link", "ens5=PRIMARY", "--link", "ens6=02:02:43:f6:4c:1f"];

fn links(tree: &Value) -> [String; 4] {
    LINKS.map(|option| option.replace("PRIMARY", tree["mac"].as_str().unwrap()))
}

/// A run that was killed between any two files: the next one converges.
#[test]
fn any_file_that_is_missing_comes_back() {
    let tree = trees::read("11");
    let host = Host::with(&tree);
    let links = links(&tree);
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    host.reconcile(&links);
    let complete = host.files("run");
    for path in complete.keys().filter(|path| path.contains("70-")) {
        fs::remove_file(host.path("run").join(path)).unwrap();
        assert_eq!(host.run(&[&["plan", "--exit-code"], &links[..]].concat()).status, 5, "{path}");
        host.reconcile(&links);
        assert_eq!(host.files("run"), complete, "{path}");
    }
    for top in TREES {
        fs::remove_dir_all(host.path(top)).unwrap();
        host.reconcile(&links);
        assert_eq!(host.files("run"), complete, "{top}");
    }
}

/// An ENI that has files in one of the trees only keeps its name, where links are invented.
#[test]
fn an_invented_link_keeps_its_name() {
    let host = Host::with(&trees::read("11"));
    host.reconcile(&[]);
    let complete = host.files("run");
    for top in TREES {
        fs::remove_file(host.path(top).join("70-ens6.network.d/eni.conf")).unwrap();
        fs::remove_file(host.path(top).join("70-ens5.network.d/eni.conf")).unwrap();
        host.reconcile(&[]);
        assert_eq!(host.files("run"), complete, "{top}");
    }
}

/// A file of ours that somebody changed or that a full disk cut off below its header is written again.
#[test]
fn any_file_that_is_damaged_is_mended() {
    let host = Host::with(&trees::read("11"));
    host.reconcile(&[]);
    let complete = host.files("run");
    for (path, text) in
        complete.iter().filter(|(path, text)| path.contains("70-") && !text.starts_with("-> "))
    {
        let header = &text[..=text.find('\n').unwrap()];
        for damaged in [
            format!("{text}\n[Route]\nDestination=192.0.2.0/24\n"),
            format!("{header}[Ro"),
            header.to_owned(),
        ] {
            fs::write(host.path("run").join(path), damaged).unwrap();
            host.reconcile(&[]);
            assert_eq!(host.files("run"), complete, "{path}");
        }
    }
}
