//! A long TCP connection, and how long it was ever silent.
//!
//! `tcp-flow listen PORT` sends back what it gets, on all addresses. `tcp-flow connect ADDRESS` sends a byte every few
//! milliseconds once the last one has come back, and prints each new longest pause in milliseconds, or that the connection
//! has broken.

use std::io::{self, Read, Write};
use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// The pause between two bytes.
const INTERVAL: Duration = Duration::from_millis(20);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["listen", port] => listen(port.parse().unwrap_or_default()),
        ["connect", address] => connect(address),
        _ => {
            eprintln!("usage: tcp-flow listen PORT | connect ADDRESS:PORT");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = result {
        println!("broken: {error}");
    }
    ExitCode::FAILURE
}

fn listen(port: u16) -> io::Result<()> {
    for connection in TcpListener::bind((Ipv6Addr::UNSPECIFIED, port))?.incoming() {
        let connection = connection?;
        thread::spawn(move || echo(&connection));
    }
    Ok(())
}

fn echo(mut connection: &TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut byte = [0];
    while connection.read(&mut byte)? > 0 {
        connection.write_all(&byte)?;
    }
    Ok(())
}

fn connect(address: &str) -> io::Result<()> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    let mut longest = 0;
    loop {
        let start = Instant::now();
        connection.write_all(&[0])?;
        connection.read_exact(&mut [0])?;
        let pause = start.elapsed().as_millis();
        if longest == 0 || pause > longest {
            longest = pause.max(1);
            println!("{longest}");
        }
        thread::sleep(INTERVAL);
    }
}
