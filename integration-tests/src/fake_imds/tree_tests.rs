use serde_json::json;

use super::*;

fn tree(root: &Value) -> io::Result<Tree> {
    Tree::new(root.as_object().unwrap().clone())
}

fn leaf(text: &str) -> Node {
    Node::Leaf(text.to_owned())
}

fn directory(index: &str) -> Node {
    Node::Directory(index.to_owned())
}

#[test]
fn finds_values_lines_and_indexes() {
    let tree = tree(&json!({"z": "1", "a": {"b": ["x", "y"], "e": {}}, "a-b": ""})).unwrap();
    assert_eq!(tree.find(""), Some(directory("a/\na-b\nz")));
    assert_eq!(tree.find("a"), Some(directory("b\ne/")));
    assert_eq!(tree.find("a/b"), Some(leaf("x\ny")));
    assert_eq!(tree.find("a/e"), Some(directory("")));
    assert_eq!(tree.find("a-b"), Some(leaf("")));
    assert_eq!(tree.find("z"), Some(leaf("1")));
    assert_eq!(tree.find("z/1"), None);
    assert_eq!(tree.find("a/c"), None);
    assert_eq!(tree.find("a//b"), None);
}

#[test]
fn set_makes_the_directories_above() {
    let mut tree = Tree::default();
    tree.set("a/b/c", json!("1")).unwrap();
    tree.set("/a/d/", json!(["2", "3"])).unwrap();
    assert_eq!(tree.find("a"), Some(directory("b/\nd")));
    assert_eq!(tree.find("a/b/c"), Some(leaf("1")));
    tree.set("a/b", json!("leaf now")).unwrap();
    assert_eq!(tree.find("a/b"), Some(leaf("leaf now")));
    assert_eq!(tree.find("a/b/c"), None);
}

#[test]
fn remove_takes_all_below() {
    let mut tree = tree(&json!({"a": {"b": {"c": "1"}, "d": "2"}})).unwrap();
    tree.remove("a/b/").unwrap();
    assert_eq!(tree.find("a"), Some(directory("d")));
    assert_eq!(tree.remove("a/b").unwrap_err().to_string(), "there is no `a/b`");
    assert_eq!(tree.remove("a/d/e").unwrap_err().to_string(), "there is no `a/d/e`");
}

#[track_caller]
fn check_refused(result: io::Result<()>, expected: &str) {
    assert_eq!(result.unwrap_err().to_string(), expected);
}

#[test]
fn refuses_what_cannot_be_served() {
    let refused = |root: Value| tree(&root).map(|_| ());
    check_refused(
        refused(json!({"a": {"b": 1}})),
        "`a/b` is neither a string, a list of strings nor an object: 1",
    );
    check_refused(
        refused(json!({"a": ["x", null]})),
        "`a` is neither a string, a list of strings nor an object: [\"x\",null]",
    );
    check_refused(refused(json!({"a": {"b/c": "x"}})), "`b/c` in `a/` cannot be the name of a key");
    let mut tree = tree(&json!({"a": "x"})).unwrap();
    check_refused(tree.set("a/b", json!("y")), "`a` in `a/b` is a value, not a directory");
    check_refused(tree.set("/", json!({})), "the path names no key");
    check_refused(tree.set("c//d", json!("y")), "`` in `/` cannot be the name of a key");
}
