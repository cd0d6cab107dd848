#![cfg(test)]

use super::*;

fn files(texts: &[(&str, &str)]) -> Files {
    texts.iter().map(|(path, text)| (PathBuf::from(path), Content::Text((*text).to_owned()))).collect()
}

fn ens6() -> InterfaceName {
    "ens6".parse().unwrap()
}

fn empty(directory: &Path) -> Tree {
    Tree { directory: directory.to_owned(), links: BTreeMap::new() }
}

#[test]
fn what_is_written_is_read_back_and_needs_no_change() {
    let directory = tempfile::tempdir().unwrap();
    let mut wanted =
        files(&[("70-ens6.network.d/eni.conf", "a"), ("70-ens6.network.d/ec2net_alias.conf", "b")]);
    wanted.insert("70-ens6.network".into(), Content::Link("/usr/lib/systemd/network/80-ec2.network".into()));
    empty(directory.path()).write(&ens6(), wanted.clone()).unwrap();
    let mut tree = Tree::read(directory.path().to_owned()).unwrap();
    assert_eq!(*tree.files(&ens6()), wanted);
    assert!(difference(tree.files(&ens6()), &wanted).is_empty());

    tree.write(&ens6(), Files::new()).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn files_that_are_not_ours_stay() {
    let directory = tempfile::tempdir().unwrap();
    let mut tree = empty(directory.path());
    tree.write(&ens6(), files(&[("70-ens6.network.d/eni.conf", "a")])).unwrap();
    let theirs = directory.path().join("70-ens6.network.d/90-user.conf");
    fs::write(&theirs, "").unwrap();
    fs::write(directory.path().join("10-other.network"), "").unwrap();
    tree.write(&ens6(), Files::new()).unwrap();
    assert!(theirs.exists());
    assert!(Tree::read(directory.path().to_owned()).unwrap().files(&ens6()).is_empty());
}

/// Report C13: a stale temporary file resurrected an address.
#[test]
fn c13_leftovers_of_a_killed_run_are_cleared_and_never_read() {
    let directory = tempfile::tempdir().unwrap();
    let drop_ins = directory.path().join("70-ens6.network.d");
    fs::create_dir(&drop_ins).unwrap();
    fs::write(drop_ins.join(".ec2-net.Ab12"), "[Address]\nAddress=10.0.0.9/32\n").unwrap();
    let tree = Tree::read(directory.path().to_owned()).unwrap();
    assert!(tree.files(&ens6()).is_empty());
    tree.sweep().unwrap();
    assert!(!drop_ins.exists());
}

/// Only root can give something away; elsewhere everything has one owner anyway.
#[test]
fn what_is_made_belongs_to_the_owner_of_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let owner = if rustix::process::geteuid().is_root() { 1 } else { rustix::process::geteuid().as_raw() };
    lchown(directory.path(), Some(owner), None).unwrap();
    let mut wanted = files(&[("70-ens6.network.d/eni.conf", "a")]);
    wanted.insert("70-ens6.network".into(), Content::Link("/base".into()));
    empty(directory.path()).write(&ens6(), wanted).unwrap();
    for path in ["70-ens6.network", "70-ens6.network.d", "70-ens6.network.d/eni.conf"] {
        assert_eq!(fs::symlink_metadata(directory.path().join(path)).unwrap().uid(), owner, "{path}");
    }
}

#[test]
fn the_umask_does_not_leak_into_files() {
    let directory = tempfile::tempdir().unwrap();
    write_text(&directory.path().join("file"), "text").unwrap();
    let mode = fs::metadata(directory.path().join("file")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}
