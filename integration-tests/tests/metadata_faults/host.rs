//! A root directory, and `ec2-net` run on it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use integration_tests::program;
use tempfile::TempDir;

use crate::files::Files;
use crate::instance::ENIS;

/// So long a run may take, whatever happens; the program's own limit is 20 seconds.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Host {
    root: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stderr: String,
}

impl Host {
    pub(crate) fn new() -> Self {
        // In memory where that can be: ext4 is slow to make many files after many others were deleted.
        let root = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { root: root.unwrap() }
    }

    /// Runs a verb with the metadata of a service.
    pub(crate) fn run(&self, url: &str, arguments: &[&str]) -> Run {
        self.run_with(&["--imds", url], arguments)
    }

    /// Runs a verb with the metadata of a file.
    pub(crate) fn run_with_file(&self, tree: &Path, arguments: &[&str]) -> Run {
        self.run_with(&["--metadata", tree.to_str().unwrap()], arguments)
    }

    pub(crate) fn files(&self) -> Files {
        Files::read(self.root.path())
    }

    fn run_with(&self, source: &[&str], arguments: &[&str]) -> Run {
        let mut command = Command::new(program::ec2_net());
        command.env_remove("EC2_NET_LOG").env_remove("JOURNAL_STREAM");
        command.arg("--root").arg(self.root.path()).args(source).args(arguments);
        for eni in ENIS {
            command.arg("--link").arg(format!("{}={}", eni.name, eni.mac));
        }
        let start = Instant::now();
        let output = command.output().unwrap();
        assert!(start.elapsed() < LIMIT, "a run took {:?}", start.elapsed());
        let stderr = String::from_utf8(output.stderr).unwrap();
        Run { status: output.status.code().unwrap_or_else(|| panic!("{}: {stderr}", output.status)), stderr }
    }
}
