use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use integration_tests::fake_imds::{ControlClient, Fault};

use crate::client::{Answer, ask_at, exchange, get_with, put_token};

const PROGRAM: &str = env!("CARGO_BIN_EXE_fake-imds");

struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let tree = format!("{}/scenarios/17-hotplug-timeline/metadata.json", env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(PROGRAM)
            .args(["--tree", &tree])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    fn address(&mut self) -> SocketAddr {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.strip_prefix("listening on http://").unwrap().trim_end().parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

fn client(directory: &Path) -> (String, ControlClient) {
    let path = directory.join("control");
    (format!("unix:{}", path.display()), ControlClient::new(path))
}

#[test]
fn serves_a_tree_and_takes_orders() {
    let directory = tempfile::tempdir().unwrap();
    let (address, client) = client(directory.path());
    let mut program = Program::start(&["--listen", "127.0.0.1:0", "[::1]:0", "--control", &address]);
    let (four, six) = (program.address(), program.address());
    assert!(four.is_ipv4() && six.is_ipv6());
    let token = put_token(four, "60").body;
    let get = |path: &str| get_with(six, &token, &format!("/latest/meta-data/{path}")).unwrap();
    assert_eq!(get("mac").body, "06:dc:00:00:00:01");
    client.fault("mac", &Fault::status(503).times(1)).unwrap();
    assert_eq!(get("mac").status, 503);
    client.set("mac", "x").unwrap();
    assert_eq!(get("mac").body, "x");
    assert_eq!(client.counters().unwrap().of("mac"), 3);
}

#[test]
fn takes_its_settings_from_the_command_line() {
    let mut program = Program::start(&["--listen", "127.0.0.1:0", "--http10", "--no-content-length"]);
    let answer = ask_at(program.address(), "GET", "/latest/meta-data/mac", &[]).unwrap();
    assert_eq!((answer.version.as_str(), answer.header("Content-Length")), ("HTTP/1.0", None));
    let mut program = Program::start(&["--listen", "127.0.0.1:0", "--keep-alive"]);
    let requests = "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    let bytes = exchange(program.address(), requests).unwrap();
    assert_eq!(Answer::parse(&bytes).unwrap().header("Connection"), Some("keep-alive"));
    assert_eq!(String::from_utf8_lossy(&bytes).matches("HTTP/1.1 401 ").count(), 2);
}

#[test]
fn ends_on_sigterm() {
    use std::os::unix::process::ExitStatusExt;
    let mut program = Program::start(&["--listen", "127.0.0.1:0"]);
    program.address();
    let pid = program.child.id().to_string();
    assert!(Command::new("sh").args(["-c", "kill \"$0\"", &pid]).status().unwrap().success());
    assert_eq!(program.child.wait().unwrap().signal(), Some(15));
    let mut rest = String::new();
    program.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn says_what_is_wrong() {
    let output = run(&["--tree", "/nonexistent", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "fake-imds: cannot read `/nonexistent`: No such file or directory (os error 2)\n"
    );
    assert_eq!(run(&["--tree", "/dev/null"]).status.code(), Some(2));
    let output = run(&["--tree", "/dev/null", "--listen", "127.0.0.1:0"]);
    let error = "fake-imds: `/dev/null`: EOF while parsing a value at line 1 column 0\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), error);
}

#[test]
fn help_tells_the_control_endpoints() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for word in ["--tree <FILE>", "--no-content-length", "PUT /fault/PATH", "POST /expire-tokens"] {
        assert!(help.contains(word), "{help}");
    }
}
