use crate::client::{Answer, ask, check, exchange, get_with, put_token, service, wait_for};

const TTL: &str = "X-aws-ec2-metadata-token-ttl-seconds";

#[test]
fn a_token_opens_the_tree() {
    let imds = service();
    let token = put_token(imds.addr(), "21600");
    assert_eq!(token.status, 200);
    assert_eq!(token.header("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), Some("21600"));
    assert_eq!(token.body.len(), 56);
    let answer = get_with(imds.addr(), &token.body, "/latest/meta-data/mac").unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "02:00:00:00:00:01"));
    assert_ne!(put_token(imds.addr(), "21600").body, token.body);
}

#[test]
fn every_byte_of_an_answer() {
    let imds = service();
    let token = put_token(imds.addr(), "60").body;
    let request = format!("GET /latest/meta-data/mac HTTP/1.1\r\nx-aws-ec2-METADATA-token:{token}\r\n\r\n");
    let answer = String::from_utf8(exchange(imds.addr(), &request).unwrap()).unwrap();
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n\
         Content-Length: 17\r\nServer: EC2ws\r\nConnection: close\r\n\r\n02:00:00:00:00:01"
    );
}

#[test]
fn a_refusal_is_a_page() {
    let answer = ask(&service(), "GET", "/latest/meta-data/mac", &[]).unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("Content-Type"), Some("text/html"));
    assert_eq!(answer.header("Server"), Some("EC2ws"));
    assert!(answer.body.starts_with("<?xml"), "{}", answer.body);
    assert!(answer.body.contains("<title>401 - Unauthorized</title>"), "{}", answer.body);
    assert_eq!(answer.header("Content-Length"), Some(answer.body.len().to_string().as_str()));
}

#[test]
fn the_time_to_live_has_limits() {
    let imds = service();
    for (ttl, status) in [("0", 400), ("1", 200), ("21600", 200), ("21601", 400), ("-1", 400), ("x", 400)] {
        assert_eq!(put_token(imds.addr(), ttl).status, status, "{ttl}");
    }
    assert_eq!(ask(&imds, "PUT", "/latest/api/token", &[]).unwrap().status, 400);
    assert_eq!(imds.counters().tokens, 2);
}

#[test]
fn a_forwarded_request_gets_no_token() {
    let headers = [(TTL, "60"), ("X-Forwarded-For", "10.0.0.1")];
    assert_eq!(ask(&service(), "PUT", "/latest/api/token", &headers).unwrap().status, 403);
}

#[test]
fn wrong_methods() {
    let imds = service();
    assert_eq!(ask(&imds, "GET", "/latest/api/token", &[]).unwrap().status, 405);
    assert_eq!(ask(&imds, "POST", "/latest/api/token", &[(TTL, "60")]).unwrap().status, 405);
    assert_eq!(ask(&imds, "PUT", "/latest/meta-data/mac", &[(TTL, "60")]).unwrap().status, 405);
}

#[test]
fn what_is_no_request_is_a_bad_one() {
    let imds = service();
    let bad =
        ["GET\r\n\r\n", "GET mac HTTP/1.1\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET / HTTP/1.1\r\nx\r\n\r\n"];
    for request in bad {
        let answer = Answer::parse(&exchange(imds.addr(), request).unwrap()).unwrap();
        assert_eq!(answer.status, 400, "{request}");
    }
}

#[test]
fn a_token_lives_as_long_as_it_said() {
    let imds = service();
    let token = put_token(imds.addr(), "1").body;
    let status = || get_with(imds.addr(), &token, "/latest/meta-data/mac").unwrap().status;
    let start = std::time::Instant::now();
    assert_eq!(status(), 200);
    wait_for("end of the token", || status() == 401);
    assert!(start.elapsed().as_millis() > 900, "{:?}", start.elapsed());
}

#[test]
fn tokens_can_be_ended() {
    let imds = service();
    let token = put_token(imds.addr(), "21600").body;
    imds.expire_tokens();
    assert_eq!(get_with(imds.addr(), &token, "/latest/meta-data/mac").unwrap().status, 401);
    check(&imds, "mac", "02:00:00:00:00:01");
}

#[test]
fn requests_are_counted() {
    let imds = service();
    let token = put_token(imds.addr(), "60").body;
    for path in ["mac", "mac", "a/", "absent"] {
        get_with(imds.addr(), &token, &format!("/latest/meta-data/{path}")).unwrap();
    }
    get_with(imds.addr(), "wrong", "/latest/meta-data/").unwrap();
    drop(crate::client::connect(imds.addr()));
    wait_for("count of the connection", || imds.counters().connections == 7);
    let counters = imds.counters();
    assert_eq!((counters.total, counters.tokens), (6, 1));
    let requests = counters.requests.iter().map(|(path, count)| (path.as_str(), *count)).collect::<Vec<_>>();
    assert_eq!(
        requests,
        [("/latest/api/token", 1), ("/latest/meta-data/", 1), ("a/", 1), ("absent", 1), ("mac", 2)]
    );
    assert_eq!(counters.of("mac"), 2);
    assert_eq!(counters.of("a"), 0);
    imds.reset_counters();
    assert_eq!(imds.counters(), integration_tests::fake_imds::Counters::default());
}
