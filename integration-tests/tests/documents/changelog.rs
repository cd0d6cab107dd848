const CHANGELOG: &str = include_str!("../../../CHANGELOG.md");

#[test]
fn the_newest_version_of_the_changelog_is_that_of_the_workspace() {
    let heading = CHANGELOG.lines().find_map(|line| line.strip_prefix("## ")).unwrap();
    assert_eq!(heading.split(' ').next(), Some(env!("CARGO_PKG_VERSION")));
}
