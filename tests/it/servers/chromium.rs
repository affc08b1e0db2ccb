//! A headless Chromium, driven through chromedriver's W3C WebDriver protocol by as small a client as will do.
//!
//! Blocking on purpose: a page test reads as a list of what a person does. In an async test, call it from `spawn_blocking`.

use super::tied::{EndBy, Tied};
use super::{START_LIMIT, program, wait_for};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

/// The key under which WebDriver hands out element ids (W3C WebDriver, section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long `find` waits for an element to appear.
const FIND_LIMIT: Duration = Duration::from_secs(20);

/// A browser with one window; it ends when this is dropped.
#[derive(Debug)]
pub struct Chromium {
    port: u16,
    session: String,
    _process: Tied,
}

/// An element of the page that is open.
#[derive(Debug)]
pub struct Element<'a> {
    browser: &'a Chromium,
    id: String,
}

impl Chromium {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("podesk-chromium-").tempdir().expect("a temporary folder").keep();
        let driver = program("chromedriver", "chromium-driver", &["/usr/bin", "/usr/local/bin"]);
        let browser = program("chromium", "chromium", &["/usr/bin", "/usr/local/bin"]);
        let command = [driver.to_str().expect("paths are UTF-8"), "--port=0"];
        let process = Tied::start(&folder, "chromedriver.log", EndBy::Terminate, &command);
        let port = wait_for(START_LIMIT, || {
            assert!(!process.has_ended(), "chromedriver does not start: {}", process.log());
            let log = process.log();
            log.split_once("started successfully on port ")?.1.split('.').next()?.parse().ok()
        });
        let port = port.unwrap_or_else(|| panic!("chromedriver does not answer: {}", process.log()));
        let answer = request(port, "POST", "/session", Some(&capabilities(&browser, &folder.join("profile"))));
        let answer = answer.unwrap_or_else(|problem| panic!("no browser session: {problem}\n{}", process.log()));
        let session = answer["sessionId"].as_str().expect("a new session has an id").to_owned();
        Self { port, session, _process: process }
    }

    pub fn goto(&self, url: &str) {
        self.command("POST", "/url", Some(&json!({ "url": url })));
    }

    pub fn url(&self) -> String {
        text(&self.command("GET", "/url", None))
    }

    pub fn title(&self) -> String {
        text(&self.command("GET", "/title", None))
    }

    /// The page as the browser sees it now, as HTML.
    pub fn source(&self) -> String {
        text(&self.command("GET", "/source", None))
    }

    /// The first element that the CSS selector names; waits for it, and fails with the page's text when it does not come.
    pub fn find(&self, css: &str) -> Element<'_> {
        wait_for(FIND_LIMIT, || self.find_all(css).into_iter().next())
            .unwrap_or_else(|| panic!("no element `{css}` on {}:\n{}", self.url(), self.body_text()))
    }

    /// All elements that the CSS selector names now; does not wait.
    pub fn find_all(&self, css: &str) -> Vec<Element<'_>> {
        let found = self.command("POST", "/elements", Some(&json!({ "using": "css selector", "value": css })));
        let found = found.as_array().cloned().unwrap_or_default();
        found.iter().map(|element| Element { browser: self, id: text(&element[ELEMENT]) }).collect()
    }

    /// Waits until the visible text of the page holds `words`.
    pub fn wait_for_text(&self, words: &str) {
        let seen = wait_for(FIND_LIMIT, || self.body_text().contains(words).then_some(()));
        assert!(seen.is_some(), "`{words}` did not appear on {}:\n{}", self.url(), self.body_text());
    }

    pub fn body_text(&self) -> String {
        text(&self.execute("return document.body ? document.body.innerText : ''", json!([])))
    }

    /// Runs a function body in the page; `arguments[0]` is the first of `arguments`.
    pub fn execute(&self, script: &str, arguments: Value) -> Value {
        self.command("POST", "/execute/sync", Some(&json!({ "script": script, "args": arguments })))
    }

    /// The window as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.decode(text(&self.command("GET", "/screenshot", None))).expect("base64")
    }

    /// Errors on the browser's console since the last call: scripts that failed, resources that the content policy refused.
    pub fn console_errors(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", Some(&json!({ "type": "browser" })));
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().filter(|entry| entry["level"] == "SEVERE").map(|entry| text(&entry["message"])).collect()
    }

    fn command(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        request(self.port, method, &format!("/session/{}{path}", self.session), body)
            .unwrap_or_else(|problem| panic!("the browser refuses {method} {path}: {problem}"))
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = request(self.port, "DELETE", &format!("/session/{}", self.session), None);
    }
}

impl Element<'_> {
    pub fn click(&self) {
        self.command("POST", "/click", Some(&json!({})));
    }

    /// Types as from a keyboard, behind what is there already.
    pub fn type_text(&self, keys: &str) {
        self.command("POST", "/value", Some(&json!({ "text": keys })));
    }

    pub fn clear(&self) {
        self.command("POST", "/clear", Some(&json!({})));
    }

    /// The text that can be seen.
    pub fn text(&self) -> String {
        text(&self.command("GET", "/text", None))
    }

    pub fn attribute(&self, name: &str) -> Option<String> {
        self.command("GET", &format!("/attribute/{name}"), None).as_str().map(str::to_owned)
    }

    /// A property of the element as it is now: `value` of an input after typing.
    pub fn property(&self, name: &str) -> Value {
        self.command("GET", &format!("/property/{name}"), None)
    }

    pub fn is_displayed(&self) -> bool {
        self.command("GET", "/displayed", None) == true
    }

    fn command(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.browser.command(method, &format!("/element/{}{path}", self.id), body)
    }
}

/// Headless, with an empty profile, and without the calls home that a browser makes by itself.
fn capabilities(browser: &std::path::Path, profile: &std::path::Path) -> Value {
    let profile: PathBuf = profile.to_owned();
    let arguments = [
        "--headless".to_owned(),
        "--no-sandbox".into(),
        "--disable-gpu".into(),
        "--disable-dev-shm-usage".into(),
        "--disable-quic".into(),
        "--no-first-run".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        "--window-size=1400,1000".into(),
        format!("--user-data-dir={}", profile.display()),
    ];
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": browser, "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
    } } })
}

/// One WebDriver request; the answer's `value`, or the driver's own words about what went wrong.
fn request(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(120))).map_err(|error| error.to_string())?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes()).map_err(|error| error.to_string())?;
    let json = read_body(&mut BufReader::new(stream)).map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_str(&json).map_err(|error| format!("{error}: {json}"))?;
    match answer["value"]["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", answer["value"]["message"])),
        None => Ok(answer["value"].clone()),
    }
}

/// The body of an HTTP answer; chromedriver keeps the line open, so its end is told by the length alone.
fn read_body(answer: &mut impl BufRead) -> std::io::Result<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().unwrap_or(0),
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
