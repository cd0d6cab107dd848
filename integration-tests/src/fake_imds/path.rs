//! The one spelling of a path that counters and faults use.

/// The path of the token in faults and counters.
pub const TOKEN_PATH: &str = "/latest/api/token";

/// The path of the index of the whole tree in faults and counters.
pub const ROOT_PATH: &str = "/latest/meta-data/";

/// Makes `path` relative to `/latest/meta-data/` where it lies below that, and absolute where it does not.
/// A path that is already relative stays as it is.
pub(super) fn key(path: &str) -> String {
    let path = path.trim_start_matches('/');
    match path.strip_prefix("latest/meta-data").map(|rest| rest.trim_start_matches('/')) {
        _ if path.is_empty() => ROOT_PATH.to_owned(),
        Some("") => ROOT_PATH.to_owned(),
        Some(below) => below.to_owned(),
        None if path == "latest" || path.starts_with("latest/") => format!("/{path}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        assert_eq!(key(path), expected);
    }

    #[test]
    fn below_the_tree_is_relative() {
        check("mac", "mac");
        check("/mac", "mac");
        check("/latest/meta-data/mac", "mac");
        check("latest/meta-data/network/", "network/");
        check("network/*", "network/*");
        check("*", "*");
    }

    #[test]
    fn the_rest_is_absolute() {
        check("latest/api/token", TOKEN_PATH);
        check("/latest/api/token", TOKEN_PATH);
        check("", ROOT_PATH);
        check("/latest/meta-data", ROOT_PATH);
        check("/latest/meta-data/", ROOT_PATH);
        check("/latest/", "/latest/");
        check("/latest", "/latest");
    }
}
