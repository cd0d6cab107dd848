use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use integration_tests::fake_imds::{FakeImds, Fault};
use serde_json::json;

use crate::client::{check, connect, get_with, put_token, service, wait_for};

#[test]
fn two_addresses_are_one_service() {
    let addresses: [SocketAddr; 2] = ["127.0.0.1:0".parse().unwrap(), "[::1]:0".parse().unwrap()];
    let imds = FakeImds::listen(json!({"mac": "m"}), &addresses).unwrap();
    let token = put_token(imds.addrs()[0], "60").body;
    let answer = get_with(imds.addrs()[1], &token, "/latest/meta-data/mac").unwrap();
    assert_eq!(answer.body, "m");
    assert_eq!(imds.counters().connections, 2);
    assert!(imds.addrs()[1].is_ipv6());
}

#[test]
fn an_address_in_use_is_named() {
    let imds = service();
    let address = imds.addr();
    let error = FakeImds::listen(json!({}), &[address]).map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen on `{address}`: ")), "{error}");
    let error = FakeImds::listen(json!({}), &[]).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "no address to listen on");
}

#[test]
fn hundreds_of_connections_at_once() {
    let imds = service();
    let token = put_token(imds.addr(), "600").body;
    let mut idle = (0..200).map(|_| connect(imds.addr())).collect::<Vec<_>>();
    wait_for("all connections", || imds.counters().connections == 201);
    thread::scope(|scope| {
        for _ in 0..150 {
            scope.spawn(|| get_with(imds.addr(), &token, "/latest/meta-data/mac").unwrap());
        }
    });
    assert_eq!(imds.counters().of("mac"), 150);
    idle.truncate(1);
    check(&imds, "mac", "02:00:00:00:00:01");
}

/// A listener is closed only after the last of its threads, so a refused connection proves that they ended.
#[test]
fn a_drop_ends_everything() {
    let imds = service();
    let address = imds.addr();
    imds.fault("mac", Fault::delay(Duration::from_secs(3600)));
    imds.fault("a/lines", Fault::hang());
    let token = put_token(address, "60").body;
    let waiting = ["mac", "a/lines"].map(|path| {
        let mut stream = connect(address);
        let header = format!("X-aws-ec2-metadata-token: {token}");
        write!(stream, "GET /latest/meta-data/{path} HTTP/1.1\r\n{header}\r\n\r\n").unwrap();
        stream
    });
    let idle = connect(address);
    wait_for("requests", || imds.counters().total == 3 && imds.counters().connections == 4);
    let start = Instant::now();
    drop(imds.clone());
    assert!(TcpStream::connect(address).is_ok());
    drop(imds);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(TcpStream::connect(address).is_err());
    drop((waiting, idle));
}

#[test]
fn hundreds_of_services_leave_nothing() {
    let count = |what| fs::read_dir(format!("/proc/self/{what}")).unwrap().count();
    let (files, threads) = (count("fd"), count("task"));
    for _ in 0..300 {
        let imds = service();
        check(&imds, "mac", "02:00:00:00:00:01");
    }
    // Other tests run meanwhile: some slack, but far from one per service.
    wait_for("end of the threads", || count("task") < threads + 150);
    wait_for("end of the sockets", || count("fd") < files + 150);
}

#[test]
fn the_port_is_free_again() {
    let imds = service();
    let address = imds.addr();
    check(&imds, "mac", "02:00:00:00:00:01");
    drop(imds);
    assert!(TcpListener::bind(address).is_ok());
}
