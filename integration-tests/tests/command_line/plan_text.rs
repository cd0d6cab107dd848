//! The plan for people, literally. `UPDATE_GOLDEN=1` rewrites it; the difference is to be read.

use std::{env, fs};

use crate::host::Host;
use crate::trees;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/command_line/plan_text.txt");

#[test]
fn of_a_small_instance() {
    let host = Host::with(&trees::read("11"));
    let ran = host.run(&["plan"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let root = host.path("").to_str().unwrap().trim_end_matches('/').to_owned();
    let text = ran.stdout.replace(&root, "");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(GOLDEN, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(GOLDEN).unwrap());
}

#[test]
fn of_changes_and_of_an_eni_that_is_left() {
    let mut tree = trees::read("11");
    let host = Host::with(&tree);
    host.reconcile(&[]);
    let primary = tree["mac"].as_str().unwrap().to_owned();
    trees::eni(&mut tree, &primary).remove("local-ipv4s");
    trees::eni(&mut tree, "02:02:43:f6:4c:1f")
        .insert("ipv6s".to_owned(), serde_json::json!("2600:1f14:abc:de02::1222"));
    trees::eni(&mut tree, "02:02:43:f6:4c:1f").remove("ipv6-prefix");
    host.set_metadata(&tree.to_string());
    let text = host.run(&["plan"]).stdout.replace(host.path("").to_str().unwrap().trim_end_matches('/'), "");
    let left = format!(
        "ens5  {primary}\n  left as it is: `network/interfaces/macs/{primary}/local-ipv4s` is not there yet\n"
    );
    assert!(text.contains(&left), "{text}");
    let files = "\nupdate  /run/systemd/network/70-ens6.network.d/ec2net_alias.conf\n\
                 update  /run/systemd/network/70-ens6.network.d/ec2net_policy_6.conf\n\n\
                 Files: 0 to create, 2 to update, 0 to remove. Kernel: 0 changes.\n";
    assert!(text.ends_with(files), "{text}");
}

/// README shows the plan of scenario 11 as it is.
#[test]
fn the_readme_shows_it() {
    let readme = include_str!("../../../README.md");
    assert!(readme.contains(&format!("```text\n{}```", include_str!("plan_text.txt"))));
}

#[test]
fn the_changelog_has_this_version() {
    let heading = concat!("\n## ", env!("CARGO_PKG_VERSION"));
    assert!(include_str!("../../../CHANGELOG.md").contains(heading), "{heading}");
}
