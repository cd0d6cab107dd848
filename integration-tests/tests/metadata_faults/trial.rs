//! One fault at one key, on one host.

use std::collections::BTreeMap;
use std::sync::Mutex;

use integration_tests::fake_imds::FakeImds;
use serde_json::{Value, json};

use crate::faults::{INJECTED, Wrong};
use crate::files::Files;
use crate::host::{Host, Run};
use crate::instance::{ENIS, Eni, PRIMARY, first_line};

/// What is tried.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// The metadata without the fault.
    pub(crate) tree: Value,
    /// The ENI whose key it is; none if the whole instance depends on it.
    pub(crate) eni: Option<Eni>,
    pub(crate) path: String,
    pub(crate) wrong: Wrong,
    /// Whether the fault is there from the first run on.
    pub(crate) is_first: bool,
}

/// What must come of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The ENI stays as it was, and a message says why.
    Left,
    /// Nothing is missing that the ENI had, so there is nothing to say. All else holds.
    Unnoticed,
    /// It is the answer of an ENI that has none of these.
    Answer,
}

impl Trial {
    /// Makes it, and returns what was not as it should be.
    pub(crate) fn objections(&self) -> Vec<String> {
        let found = Findings::new(self);
        let about =
            format!("{:?} at `{}`{}", self.wrong, self.path, if self.is_first { ", at first" } else { "" });
        found.objections(self).into_iter().map(|objection| format!("{about}: {objection}")).collect()
    }

    fn outcome(&self) -> Outcome {
        let key = self.path.rsplit('/').next().unwrap_or_default();
        let can_be_empty = ["ipv6s", "ipv4-prefix", "ipv6-prefix"].contains(&key);
        match self.wrong {
            Wrong::Empty if can_be_empty && self.is_first => Outcome::Answer,
            // The primary has no rules, so its files have nothing of a prefix.
            Wrong::Empty if key.ends_with("-prefix") && self.eni == Some(PRIMARY) => Outcome::Unnoticed,
            _ => Outcome::Left,
        }
    }

    /// Another ENI than the one of the fault, which changes meanwhile.
    fn other(&self) -> Eni {
        ENIS.into_iter().rev().find(|eni| Some(*eni) != self.eni).unwrap_or(ENIS[0])
    }
}

/// What was seen before, with, and after the fault.
struct Findings {
    before: Files,
    run: Run,
    with: Files,
    next: Run,
    after: Files,
    again: Run,
    untouched: Files,
    /// What an undisturbed host has in the end.
    expected: Files,
}

impl Findings {
    fn new(trial: &Trial) -> Self {
        let imds = FakeImds::start(trial.tree.clone()).unwrap();
        let host = if trial.is_first { Host::new() } else { configured(&imds) };
        let before = host.files();
        let other = trial.other();
        let mut addresses = other.addresses().to_vec();
        addresses.push(other.next_address());
        imds.set(&other.path("local-ipv4s"), json!(addresses)).unwrap();
        imds.fault(&trial.path, trial.wrong.fault(&trial.path, &first_line(&trial.tree, &trial.path)));
        let run = host.run(&imds.url(), &["reconcile"]);
        let with = host.files();

        imds.clear_faults();
        let next = host.run(&imds.url(), &["reconcile"]);
        let after = host.files();
        let again = host.run(&imds.url(), &["plan", "--exit-code"]);
        let untouched = host.files();
        let expected = undisturbed(&trial.tree, &other.path("local-ipv4s"), &json!(addresses));
        Self { before, run, with, next, after, again, untouched, expected }
    }

    fn objections(&self, trial: &Trial) -> Vec<String> {
        let mut objections = Vec::new();
        let mut object = |is_wrong: bool, what: String| objections.extend(is_wrong.then_some(what));
        let outcome = trial.outcome();

        let touched = match trial.eni {
            Some(eni) => self.before.of(eni).differences(&self.with.of(eni)),
            None => self.before.differences(&self.with),
        };
        // A first run that fails may make the directories.
        let touched: Vec<String> = touched.into_iter().filter(|path| path.contains("/70-")).collect();
        object(outcome != Outcome::Answer && !touched.is_empty(), format!("touched {touched:?}"));
        let injected: Vec<&str> = INJECTED.into_iter().filter(|text| self.with.contain(text)).collect();
        object(!injected.is_empty(), format!("wrote {injected:?}"));

        if let Some(eni) = trial.eni {
            for other in ENIS.into_iter().filter(|other| *other != eni) {
                let is_done = self.with.of(other).contents() == self.expected.of(other).contents();
                object(!is_done, format!("{} is not done; status {}", other.name, self.run.status));
            }
        }
        if outcome == Outcome::Left {
            let Run { status, stderr } = &self.run;
            object(![3, 4].contains(status), format!("status {status}"));
            let names_eni = trial.eni.is_none_or(|eni| stderr.contains(&format!("{} (", eni.name)));
            object(!names_eni, format!("no ENI named: {stderr}"));
            object(!stderr.contains(trial.path.trim_start_matches('/')), format!("no key named: {stderr}"));
            let names_cause = trial.wrong.causes().iter().any(|cause| stderr.contains(cause));
            object(!names_cause, format!("no cause named: {stderr}"));
            object(stderr.lines().any(|line| line.len() > 500), format!("an endless line: {stderr}"));
        } else {
            object(self.run.status != 0, format!("status {}: {}", self.run.status, self.run.stderr));
        }

        object(self.next.status != 0 || !self.next.stderr.is_empty(), format!("then {:?}", self.next));
        let differs = self.after.contents() != self.expected.contents();
        object(differs, "the next run does not make it as if nothing had been".to_owned());
        object(self.again.status != 0, format!("the run after has something to do: {:?}", self.again));
        object(self.untouched != self.after, "the run after touches files".to_owned());
        objections
    }
}

/// The files of a host that sees the tree with one other value, and no fault. Each is made once.
fn undisturbed(tree: &Value, path: &str, value: &Value) -> Files {
    static MADE: Mutex<BTreeMap<String, Files>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    let files = made.entry(format!("{tree} {path} {value}")).or_insert_with(|| {
        let imds = FakeImds::start(tree.clone()).unwrap();
        imds.set(path, value.clone()).unwrap();
        configured(&imds).files()
    });
    files.clone()
}

/// A host after a first run without any fault.
pub(crate) fn configured(imds: &FakeImds) -> Host {
    let host = Host::new();
    let run = host.run(&imds.url(), &["reconcile"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    host
}
