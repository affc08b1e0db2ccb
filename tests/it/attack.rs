//! Input made to break the program: too many of something, figures beyond all bounds, files that are none. Each ends in an answer.

use super::world::{World, order_mail};
use podesk::intake::sources::{SourceError, SourceLimits, collect, read_file};
use podesk::model::{Code, Draft};
use podesk::reading::ReadingContext;
use podesk::reading::document::{self, Limits};
use podesk::reading::extraction;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

fn read(text: &str, name: &str) -> Draft {
    extraction::read(&document::read(text.as_bytes(), name, &Limits::default()), &ReadingContext::default())
}

const ISA: &str = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260301*1200*U*00401*000000001*0*P*>~\
    GS*PO*A*B*20260301*1200*1*X*004010~";

fn ubl(lines: usize, figure: &str) -> String {
    let line = |number| {
        format!(
            "<OrderLine><LineItem><ID>{number}</ID><Quantity unitCode=\"EA\">{figure}</Quantity>\
             <LineExtensionAmount currencyID=\"EUR\">{figure}</LineExtensionAmount><Price><PriceAmount>{figure}</PriceAmount></Price>\
             <Item><SellersItemIdentification><ID>A-{number}</ID></SellersItemIdentification></Item></LineItem></OrderLine>"
        )
    };
    format!(
        "<Order xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Order-2\"><ID>4711</ID>\
         <DocumentCurrencyCode>EUR</DocumentCurrencyCode><AnticipatedMonetaryTotal><AllowanceTotalAmount>-{figure}</AllowanceTotalAmount>\
         <ChargeTotalAmount>{figure}</ChargeTotalAmount><PayableAmount>{figure}</PayableAmount></AnticipatedMonetaryTotal>{}</Order>",
        (1..=lines).map(line).collect::<String>()
    )
}

#[test]
fn figures_beyond_all_bounds_are_compared_without_overflow() {
    let most = "79228162514264337593543950335";
    for figure in [most, "9999999999999999999999999999", "999999999999999999", "0.0000000000000000000000000001", "0", "1e30"] {
        for lines in [1, 7, 9] {
            let draft = read(&ubl(lines, figure), "order.xml");
            assert_eq!(draft.orders[0].lines.len(), lines, "{figure}");
        }
    }
    // quantity x price is just below what a decimal holds, the printed total is far on the other side.
    let text = "PURCHASE ORDER\nPO Number: 4711\nCurrency: EUR\n\nLine  Item   Description  Qty  Unit  Price  Total\n\
        1  AB-1  Widget  792281625142643375  EA  100000000000  -999999999999999999\n\
        2  AB-2  Widget  792281625142643375  EA  100000000000  999999999999999999\n\
        Shipping 999999999999999999\nTax 999999999999999999\nTotal EUR 999999999999999999\n";
    assert!(!read(text, "order.txt").findings.is_empty());
}

#[test]
fn too_many_of_anything_is_a_finding() {
    let messages = "UNH+1+ORDERS:D:96A:UN'BGM+220+4711+9'UNT+3+1'".repeat(30_000);
    let lines = "PO1*1*10*EA*2.5**VP*AB-1~".repeat(99_000);
    for (name, text, orders) in [
        ("messages", format!("UNA:+.? 'UNB+UNOC:3+A+B+260301:1200+1'{messages}UNZ+30000+1'"), 500),
        ("sets", format!("{ISA}{}", "ST*850*0001~BEG*00*SA*4711**20260301~SE*3*0001~".repeat(30_000)), 500),
        ("elements", format!("{ISA}ST*850*0001~BEG{}~", "*".repeat(3_000_000)), 1),
        ("segments", format!("{ISA}ST*850*0001~BEG*00*SA*4711**20260301~{lines}{lines}"), 1),
    ] {
        let draft = read(&text, "order.edi");
        assert_eq!(draft.orders.len(), orders, "{name}");
        assert!(draft.findings.iter().any(|finding| finding.code == Code::LimitReached), "{name}");
        let last = format!("/orders/{orders}");
        assert!(draft.findings.iter().all(|finding| !finding.field.starts_with(&last)), "{name}: findings of what was left out");
    }
}

#[test]
fn a_pipe_is_refused_not_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("order.pdf");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    assert!(matches!(read_file(&pipe, SourceLimits::default()), Err(SourceError::NotAFile(_))));
    let all: Vec<_> = collect(folder.path(), SourceLimits::default()).collect();
    assert!(matches!(all.as_slice(), [Err(SourceError::NotAFile(_))]), "{all:?}");
    assert!(matches!(read_file(folder.path(), SourceLimits::default()), Err(SourceError::Read { .. })));
}

#[test]
fn what_a_mail_says_does_not_steer_the_terminal() {
    let world = World::new("");
    let mails = tempfile::tempdir().expect("a folder");
    let mail = String::from_utf8_lossy(&order_mail("4500-1", 10))
        .replace("Subject: ", "Subject: =?utf-8?Q?=1B[31mred=1B]0;title=07=E2=80=AE?= ");
    let file = mails.path().join("a\x1b[2Jb.eml");
    std::fs::write(&file, mail).expect("written");
    std::fs::write(mails.path().join("c\x1b[2Jd.txt"), "PURCHASE ORDER\nPO Number: 1\x1b[2J\nDescription \x1b]0;t\x07\n")
        .expect("written");
    for arguments in [&["ingest"][..], &["extract"]] {
        for entry in std::fs::read_dir(mails.path()).expect("a folder").flatten() {
            let path = entry.path();
            let output = world.podesk(&[arguments, &[path.to_str().expect("text")]].concat());
            for said in [output.stdout, output.stderr] {
                let said = String::from_utf8_lossy(&said).into_owned();
                assert!(!said.contains(['\x1b', '\x07', '\u{202e}']), "{said:?}");
            }
        }
    }
    let said = world.podesk(&["review", "list", "--all"]).stdout;
    assert!(!said.contains(&0x1b), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn two_ingests_at_once_share_the_work_and_both_tell_every_outcome() {
    let world = World::new("");
    let mails = tempfile::tempdir().expect("a folder");
    for number in 1..=12 {
        let mail = order_mail(&format!("4500-{number}"), number);
        std::fs::write(mails.path().join(format!("{number}.eml")), mail).expect("written");
    }
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podesk"));
        command.args(["--config"]).arg(world.path().join("agent.toml")).arg("--data").arg(world.path().join("data"));
        command.args(["--json", "ingest"]).arg(mails.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts")
    };
    let both = [start(), start()];
    for child in both {
        let output = child.wait_with_output().expect("ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 12);
    }
    assert_eq!((world.orders().len(), world.messages().len(), world.stock_drift()), (12, 12, 0));
}

/// One request over a socket of its own; the answer as text.
fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the desk listens");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn wrong_passwords_are_counted_by_the_address_they_come_from() {
    let mut world = World::new("");
    world.serve("");
    world.wait_until("the desk listens", |world| world.log().contains("the review desk is at"));
    let log = world.log();
    let address = log.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
    let page = ask(&address, &format!("GET /login HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"));
    let key = page.split("podesk-form=").nth(1).and_then(|rest| rest.split(';').next()).expect("a form key");
    let form = format!("form={key}&name=mallory&password=wrong+password");
    let answer = ask(
        &address,
        &format!(
            "POST /login HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: podesk-form={key}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    world.stop();
    let count = |source: &'static str| {
        world.look(async move |db| {
            db.failed_logins("nobody", source, jiff::Timestamp::UNIX_EPOCH).await.expect("counted").from_source
        })
    };
    assert_eq!((count("127.0.0.1"), count("127.0.0.2"), count("")), (1, 0, 0));
}
