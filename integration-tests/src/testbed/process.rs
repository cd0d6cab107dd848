//! Programs: those that end by themselves, and those that live as long as the test.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::wait::holds_within;

/// How long a program may take to obey its signal before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Runs the program in `$@`, tells its process id, and ends it when standard input ends. The
/// pipe ends with the test process too, so that nothing outlives a test that was killed.
const SUPERVISOR: &str = r#"
signal=$1; shift
"$@" </dev/null >&2 &
program=$!
echo "$program"
read -r _ || :
kill -s "$signal" "$program"
wait "$program"
"#;

/// Runs a command to its end; panics when it can not be started or fails.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    run_with_input(command, "")
}

/// Runs a command that reads `input`; panics when it can not be started or fails.
#[track_caller]
pub(crate) fn run_with_input(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.spawn().and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            // A program that has failed already does not read; its status tells.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output()
    });
    let output = match output {
        Ok(output) => output,
        Err(error) => panic!("can not run {command:?}: {error}"),
    };
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{input}{stdout}{stderr}", output.status);
    output
}

/// A program in the background, ended on drop, and when the test process is killed.
pub struct Daemon {
    supervisor: Child,
    pid: u32,
    log: PathBuf,
}

impl Daemon {
    /// Starts `command`, whose output is appended to the file `log`. `signal` (as kill(1) names
    /// it) asks it to end.
    #[track_caller]
    pub fn start(command: &Command, signal: &str, log: &Path) -> Self {
        let appended = match File::options().create(true).append(true).open(log) {
            Ok(file) => file,
            Err(error) => panic!("can not open `{}`: {error}", log.display()),
        };
        let mut shell = Command::new("sh");
        shell.args(["-c", SUPERVISOR, "sh", signal]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        // An own process group: a Ctrl-C at the terminal must not end the supervisor before it
        // has ended its program.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(appended);
        let mut supervisor = match shell.spawn() {
            Ok(child) => child,
            Err(error) => panic!("can not run {command:?}: {error}"),
        };
        let mut line = String::new();
        if let Some(stdout) = supervisor.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let Ok(pid) = line.trim().parse() else { panic!("no process id of {command:?}: `{line}`") };
        Self { supervisor, pid, log: log.to_path_buf() }
    }

    /// The process id of the program itself.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What it has written so far, after what was in the file already.
    pub fn log(&self) -> String {
        read_lossy(&self.log)
    }

    /// Whether the program runs. A program that has ended stays a zombie of its supervisor.
    pub fn is_running(&self) -> bool {
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)) else { return false };
        stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
    }

    /// Waits until `ready`; panics with `what` and the log when that does not happen.
    #[track_caller]
    pub fn wait_ready(&self, what: &str, mut ready: impl FnMut(&Self) -> bool) {
        let mut is_ready = false;
        holds_within(Duration::from_secs(10), || {
            is_ready = ready(self);
            is_ready || !self.is_running()
        });
        assert!(is_ready, "{what} does not start:\n{}", self.log());
    }

    /// Ends the program and waits until it is gone.
    fn end(&mut self) {
        drop(self.supervisor.stdin.take());
        if !holds_within(GRACE, || !matches!(self.supervisor.try_wait(), Ok(None))) {
            let _ = signal(self.pid, "KILL");
        }
        let _ = self.supervisor.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends a signal. A process that is gone already is no error.
pub(crate) fn signal(pid: u32, name: &str) -> std::io::Result<Output> {
    Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", name, &pid.to_string()]).output()
}

/// A file's text, empty when there is none.
pub(crate) fn read_lossy(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
