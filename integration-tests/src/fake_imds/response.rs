//! Writing HTTP responses.

use std::fmt::Write as _;

/// A response before it is known how it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

/// How a head announces what follows it.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) http10: bool,
    pub(super) keep_alive: bool,
    /// The Content-Length, if there is one.
    pub(super) length: Option<u64>,
}

impl Response {
    pub(super) fn text(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, content_type: "text/plain", headers: Vec::new(), body: body.into() }
    }

    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        let body = format!("{body}\n").into_bytes();
        Self { status, content_type: "application/json", headers: Vec::new(), body }
    }

    /// The page that the real service sends with a status that is not 200.
    pub(super) fn page(status: u16) -> Self {
        let title = format!("{status} - {}", reason(status));
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n\
             <!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n\
             \t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
             <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n \
             <head>\n  <title>{title}</title>\n </head>\n \
             <body>\n  <h1>{title}</h1>\n </body>\n</html>\n"
        );
        Self { status, content_type: "text/html", headers: Vec::new(), body: body.into_bytes() }
    }

    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Everything up to the body.
    pub(super) fn head(&self, form: Form) -> Vec<u8> {
        let version = if form.http10 { "1.0" } else { "1.1" };
        let mut head = format!("HTTP/{version} {} {}\r\n", self.status, reason(self.status));
        let mut header = |name: &str, value: &str| {
            let _ = write!(head, "{name}: {value}\r\n");
        };
        header("Content-Type", self.content_type);
        self.headers.iter().for_each(|(name, value)| header(name, value));
        if let Some(length) = form.length {
            header("Content-Length", &length.to_string());
        }
        header("Server", "EC2ws");
        header("Connection", if form.keep_alive { "keep-alive" } else { "close" });
        head.push_str("\r\n");
        head.into_bytes()
    }

    pub(super) fn length(&self) -> u64 {
        self.body.len() as u64
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Other",
    }
}
