//! The metadata trees of the folder `scenarios`, and ways to change them.

use std::fs;

use serde_json::{Map, Value};

pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

/// The names of all scenarios, each a directory with its `metadata.json`.
pub(crate) fn names() -> Vec<String> {
    let entries = fs::read_dir(FOLDER).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The scenario whose name begins with `number`.
pub(crate) fn read(number: &str) -> Value {
    let name = names().into_iter().find(|name| name.starts_with(number)).unwrap();
    serde_json::from_str(&fs::read_to_string(format!("{FOLDER}/{name}/metadata.json")).unwrap()).unwrap()
}

/// The ENIs of a tree by MAC address.
pub(crate) fn enis(tree: &mut Value) -> &mut Map<String, Value> {
    tree["network"]["interfaces"]["macs"].as_object_mut().unwrap()
}

/// The keys of one ENI.
pub(crate) fn eni<'a>(tree: &'a mut Value, mac: &str) -> &'a mut Map<String, Value> {
    enis(tree)[mac].as_object_mut().unwrap()
}
