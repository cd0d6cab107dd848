//! Kept alive or closed, with and without a length: the reads are the same.

use imds_client::Answer;
use integration_tests::fake_imds::{FakeImds, Fault, Settings};

use crate::fixture::{MAC, check, metadata, options, service};

fn every_kind() -> impl Iterator<Item = Settings> {
    let bools = [false, true];
    bools.into_iter().flat_map(move |keep_alive| {
        bools.into_iter().flat_map(move |http10| {
            bools.into_iter().map(move |content_length| Settings {
                keep_alive,
                http10,
                content_length,
                ..Settings::default()
            })
        })
    })
}

fn with(settings: Settings) -> FakeImds {
    let imds = service();
    imds.settings(settings);
    imds
}

#[test]
fn every_kind_of_connection_is_read() {
    for settings in every_kind() {
        let imds = with(settings);
        let mut metadata = metadata(options(&imds));
        for _ in 0..3 {
            check(&mut metadata, "mac", MAC);
            check(&mut metadata, "directory/lines", "10.0.0.1\n10.0.0.2");
            assert_eq!(metadata.text("nothing"), Ok(Answer::Empty), "{settings:?}");
            assert_eq!(metadata.text("absent"), Ok(Answer::Absent), "{settings:?}");
            assert_eq!(metadata.index("directory/").unwrap().value().unwrap().len(), 2);
        }
        assert_eq!(imds.counters().total, 1 + 3 * 5, "no request was repeated: {settings:?}");
    }
}

#[test]
fn m1_a_connection_that_is_kept_alive_is_used_for_all_reads() {
    let imds = with(Settings { keep_alive: true, ..Settings::default() });
    let mut metadata = metadata(options(&imds));
    for _ in 0..10 {
        check(&mut metadata, "mac", MAC);
        assert_eq!(metadata.index("directory/").unwrap().value().unwrap().len(), 2);
    }
    assert_eq!((imds.counters().connections, imds.counters().total), (1, 21));
}

#[test]
fn a_closed_connection_costs_one_connection_a_read() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    for _ in 0..5 {
        check(&mut metadata, "mac", MAC);
    }
    assert_eq!((imds.counters().connections, imds.counters().total), (6, 6));
}

#[test]
fn a_kept_connection_that_breaks_is_replaced() {
    let imds = with(Settings { keep_alive: true, ..Settings::default() });
    let mut metadata = metadata(options(&imds));
    for fault in [Fault::drop_connection(), Fault::truncate(), Fault::status(503)] {
        check(&mut metadata, "mac", MAC);
        imds.fault("mac", fault.times(1));
        check(&mut metadata, "mac", MAC);
    }
    assert_eq!(imds.counters().tokens, 1);
}

/// After a body that was given up, its rest must not be taken for the next answer.
#[test]
fn a_body_that_was_given_up_spoils_nothing() {
    let imds = with(Settings { keep_alive: true, ..Settings::default() });
    let mut metadata = metadata(options(&imds));
    imds.fault("mac", Fault::oversize(1 << 20).times(1));
    assert!(metadata.text("mac").is_err());
    check(&mut metadata, "number", "7");
    imds.fault("mac", Fault::status(404).times(1));
    assert_eq!(metadata.text("mac"), Ok(Answer::Absent));
    check(&mut metadata, "mac", MAC);
}
