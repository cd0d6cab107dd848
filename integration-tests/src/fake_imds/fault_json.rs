//! A fault as JSON, as the control socket takes it.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::fault::{Fault, Kind};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Json {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "is_false")]
    drop: bool,
    #[serde(skip_serializing_if = "is_false")]
    hang: bool,
    #[serde(skip_serializing_if = "is_false")]
    truncate: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    oversize: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<Vec<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = Json { times: self.times, ..Json::default() };
        if !self.delay.is_zero() || self.kind == Kind::Late {
            json.delay_ms = Some(u64::try_from(self.delay.as_millis()).unwrap_or(u64::MAX));
        }
        match &self.kind {
            Kind::Late => {}
            Kind::Status(status) => json.status = Some(*status),
            Kind::Drop => json.drop = true,
            Kind::Hang => json.hang = true,
            Kind::Truncate => json.truncate = true,
            Kind::Oversize(bytes) => json.oversize = Some(*bytes),
            Kind::Body(body) => match String::from_utf8(body.clone()) {
                Ok(text) => json.body = Some(text),
                Err(bytes) => json.bytes = Some(bytes.into_bytes()),
            },
        }
        json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        if let Some(status) = json.status.filter(|status| !(200..=599).contains(status)) {
            return Err(de::Error::custom(format!("`status` {status} is not between 200 and 599")));
        }
        if json.times == Some(0) {
            return Err(de::Error::custom("`times` must be at least 1"));
        }
        let mut kinds = [
            json.status.map(Kind::Status),
            json.drop.then_some(Kind::Drop),
            json.hang.then_some(Kind::Hang),
            json.truncate.then_some(Kind::Truncate),
            json.oversize.map(Kind::Oversize),
            json.body.map(|body| Kind::Body(body.into_bytes())),
            json.bytes.map(Kind::Body),
        ]
        .into_iter()
        .flatten();
        let kind = match (kinds.next(), kinds.next(), json.delay_ms) {
            (Some(kind), None, _) => kind,
            (None, None, Some(_)) => Kind::Late,
            _ => {
                return Err(de::Error::custom(
                    "a fault is one of `status`, `drop`, `hang`, `truncate`, `oversize`, `body`, `bytes`, \
                     or `delay_ms` alone",
                ));
            }
        };
        let delay = Duration::from_millis(json.delay_ms.unwrap_or_default());
        Ok(Self { kind, delay, times: json.times })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fault: &Fault, json: &str) {
        assert_eq!(serde_json::to_string(fault).unwrap(), json);
        assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), *fault);
    }

    #[test]
    fn round_trip() {
        let second = Duration::from_secs(1);
        check(&Fault::status(503).times(2).after(second), r#"{"status":503,"delay_ms":1000,"times":2}"#);
        check(&Fault::delay(second), r#"{"delay_ms":1000}"#);
        check(&Fault::drop_connection(), r#"{"drop":true}"#);
        check(&Fault::hang(), r#"{"hang":true}"#);
        check(&Fault::truncate(), r#"{"truncate":true}"#);
        check(&Fault::oversize(9), r#"{"oversize":9}"#);
        check(&Fault::body(""), r#"{"body":""}"#);
        check(&Fault::body([255, 0]), r#"{"bytes":[255,0]}"#);
    }

    #[track_caller]
    fn check_refused(json: &str, expected: &str) {
        let error = serde_json::from_str::<Fault>(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn says_what_is_wrong() {
        let one = "a fault is one of `status`, `drop`, `hang`, `truncate`, `oversize`, `body`, `bytes`, \
                   or `delay_ms` alone";
        check_refused("{}", one);
        check_refused(r#"{"drop":true,"status":500}"#, one);
        check_refused(r#"{"status":99}"#, "`status` 99 is not between 200 and 599");
        check_refused(r#"{"drop":true,"times":0}"#, "`times` must be at least 1");
        check_refused(r#"{"statsu":500}"#, "unknown field `statsu`");
    }
}
