//! A small world for whole-program tests: a data folder with master data, mails that order something from it, and the real program
//! running as a service. What the service did is looked up in its database and in the mailbox, not asked of the service.

use super::servers::Dovecot;
use podesk::model::OrderNumber;
use podesk::orders::Order;
use podesk::store::{Db, MessageRecord, OrderFilter, StoreSettings};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up: generous, for loaded machines.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A data folder, settings and, while it runs, the service.
pub struct World {
    folder: tempfile::TempDir,
    service: Option<Child>,
    pub database_url: String,
}

/// The master data that `order_mail` orders from: one customer, two articles, one warehouse.
const MASTER: [(&str, &str); 8] = [
    (
        "products.csv",
        "sku,name,uom,price,currency,weight_kg,lead_time_days\nAB-100,Ball bearing 6204,EA,4.20,EUR,0.1,10\nAB-200,Shaft 20 mm,EA,12.50,EUR,1.5,10\n",
    ),
    (
        "customers.csv",
        "account,name,email_domains,currency,language,country,allow_backorder,allow_partial\nMUSTER,Muster Maschinenbau GmbH,muster.example,EUR,de,DE,true,true\n",
    ),
    (
        "addresses.csv",
        "account,code,name,street,city,postal_code,country,is_default\nMUSTER,WERK1,Muster Maschinenbau GmbH,Werkstr. 5,Ulm,89073,DE,true\n",
    ),
    ("part_refs.csv", "account,customer_part,sku\nMUSTER,M-1,AB-100\nMUSTER,M-2,AB-200\n"),
    ("nodes.csv", "node,name,kind,country,postal_code,timezone,handling_days\nHAM,Hamburg,warehouse,DE,20457,Europe/Berlin,1\n"),
    ("stock.csv", "node,sku,on_hand\nHAM,AB-100,100000\nHAM,AB-200,100000\n"),
    (
        "rates.csv",
        "carrier,service,node,country,postal_prefix,max_weight_kg,price,currency,transit_days\nDHL,Paket,HAM,DE,,1000,6.90,EUR,2\n",
    ),
    ("uoms.csv", "sku,uom,numerator,denominator\nAB-100,BX,50,1\n"),
];

impl World {
    /// A world on SQLite with master data imported.
    pub fn new(settings: &str) -> Self {
        Self::with_database(settings, "")
    }

    /// The same on a database by URL; empty for SQLite.
    pub fn with_database(settings: &str, database_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let common = format!(
            "[company]\nname = \"Nordwerk Supply GmbH\"\ndomains = [\"nordwerk.example\"]\ncountry = \"DE\"\nlanguage = \"en\"\n\
             [data]\ndir = {:?}\n[store]\nurl = {database_url:?}\n[web]\nlisten = \"127.0.0.1:0\"\n[service]\nlease_seconds = 2\n{settings}",
            folder.path().join("data"),
        );
        std::fs::write(folder.path().join("agent.toml"), common).expect("settings are written");
        let master = folder.path().join("master");
        std::fs::create_dir_all(&master).expect("a folder");
        for (name, rows) in MASTER {
            std::fs::write(master.join(name), rows).expect("master data is written");
        }
        let world = Self { folder, service: None, database_url: database_url.to_owned() };
        let imported = world.podesk(&["import", &master.display().to_string()]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        world
    }

    /// Settings that read this Dovecot over TLS, with drafts left in it.
    pub fn mailbox(dovecot: &Dovecot) -> String {
        format!(
            "[mailbox]\nhost = \"localhost\"\nport = {}\nsecurity = \"tls\"\nuser = {:?}\npassword_env = \"WORLD_IMAP_PASSWORD\"\nca_file = {:?}\n\
             after = \"move\"\npoll_seconds = 1\n",
            dovecot.imaps_port, dovecot.user, dovecot.ca_pem_path,
        )
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podesk"));
        command.arg("--config").arg(self.folder.path().join("agent.toml")).env("WORLD_IMAP_PASSWORD", "correct horse");
        command
    }

    /// Runs one command of the program to its end.
    pub fn podesk(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).stdin(Stdio::null()).output().expect("the program starts")
    }

    /// Starts the service; with a breakpoint it will die there.
    pub fn serve(&mut self, breakpoint: &str) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log_path()).expect("a log file");
        let mut command = self.command();
        command.arg("serve").env("PODESK_BREAKPOINT", breakpoint).env("PODESK_LOG__FILTER", "info");
        command.stdout(log.try_clone().expect("a log file")).stderr(log).stdin(Stdio::null());
        self.service = Some(command.spawn().expect("the program starts"));
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("service.log")
    }

    /// What the service said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Waits until the service has died by itself.
    pub fn wait_for_death(&mut self) {
        let mut service = self.service.take().expect("the service runs");
        let end = Instant::now() + PATIENCE;
        while service.try_wait().expect("a child can be waited for").is_none() {
            assert!(Instant::now() < end, "the service did not die at its breakpoint:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// SIGTERM, and a clean end.
    pub fn stop(&mut self) {
        let mut service = self.service.take().expect("the service runs");
        let stopped = Command::new("kill").arg("-TERM").arg(service.id().to_string()).status().expect("kill is there");
        assert!(stopped.success());
        let status = service.wait().expect("it can be waited for");
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// Waits until `condition` holds; fails with the service's log.
    pub fn wait_until(&self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < end, "waited in vain until {what}; the service said:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub fn messages(&self) -> Vec<MessageRecord> {
        self.look(async |db: Db| db.messages(10_000).await.expect("messages can be read"))
    }

    pub fn orders(&self) -> Vec<Order> {
        let filter = OrderFilter::default();
        let orders = self.look(async |db: Db| db.orders(&filter, 10_000).await.expect("orders can be read"));
        orders.into_iter().map(|summary| summary.order).collect()
    }

    /// How many reservations differ from what their stock rows say: always none.
    pub fn stock_drift(&self) -> usize {
        self.look(async |db: Db| db.stock_drift().await.expect("stock can be read").len())
    }

    /// Looks into the database beside the service.
    pub fn look<T>(&self, question: impl AsyncFnOnce(Db) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let settings = StoreSettings { url: self.database_url.clone() };
            let db = Db::open(&settings, &self.folder.path().join("data")).await.expect("the database opens");
            let answer = question(db.clone()).await;
            db.close().await;
            answer
        })
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(mut service) = self.service.take() {
            let _ = service.kill();
            let _ = service.wait();
        }
    }
}

/// A mail that orders `quantity` of AB-100 as a UBL document, for two weeks from now.
pub fn order_mail(po_number: &str, quantity: u32) -> Vec<u8> {
    order_mail_from("einkauf@muster.example", po_number, quantity, "")
}

/// The same from another sender, or with other header lines.
pub fn order_mail_from(sender: &str, po_number: &str, quantity: u32, more_headers: &str) -> Vec<u8> {
    let now = now();
    let today = podesk::app::clock::date_of(now);
    let wanted = today.checked_add(jiff::Span::new().days(21)).expect("a date");
    let total = f64::from(quantity) * 4.2;
    let xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>{po_number}</cbc:ID><cbc:IssueDate>{today}</cbc:IssueDate><cbc:OrderTypeCode>220</cbc:OrderTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:BuyerCustomerParty><cac:Party><cac:PartyName><cbc:Name>Muster Maschinenbau GmbH</cbc:Name></cac:PartyName></cac:Party></cac:BuyerCustomerParty>
  <cac:SellerSupplierParty><cac:Party><cac:PartyName><cbc:Name>Nordwerk Supply GmbH</cbc:Name></cac:PartyName></cac:Party></cac:SellerSupplierParty>
  <cac:Delivery><cac:DeliveryLocation><cac:Address><cbc:StreetName>Werkstr. 5</cbc:StreetName><cbc:CityName>Ulm</cbc:CityName><cbc:PostalZone>89073</cbc:PostalZone><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:Address></cac:DeliveryLocation>
    <cac:RequestedDeliveryPeriod><cbc:EndDate>{wanted}</cbc:EndDate></cac:RequestedDeliveryPeriod></cac:Delivery>
  <cac:AnticipatedMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">{total:.2}</cbc:LineExtensionAmount><cbc:PayableAmount currencyID="EUR">{total:.2}</cbc:PayableAmount></cac:AnticipatedMonetaryTotal>
  <cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode="C62">{quantity}</cbc:Quantity><cbc:LineExtensionAmount currencyID="EUR">{total:.2}</cbc:LineExtensionAmount>
    <cac:Price><cbc:PriceAmount currencyID="EUR">4.20</cbc:PriceAmount></cac:Price>
    <cac:Item><cbc:Name>Ball bearing 6204</cbc:Name><cac:BuyersItemIdentification><cbc:ID>M-1</cbc:ID></cac:BuyersItemIdentification><cac:SellersItemIdentification><cbc:ID>AB-100</cbc:ID></cac:SellersItemIdentification></cac:Item></cac:LineItem></cac:OrderLine>
</Order>"#
    );
    format!(
        "From: Muster Einkauf <{sender}>\r\nTo: orders@nordwerk.example\r\nSubject: Bestellung {po_number}\r\nDate: {}\r\n{more_headers}\
         Message-ID: <{po_number}.{quantity}@muster.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGuten Tag,\r\n\r\nanbei unsere Bestellung.\r\n\r\nMit freundlichen Grüßen\r\n\
         --b\r\nContent-Type: application/xml\r\nContent-Disposition: attachment; filename=\"{po_number}.xml\"\r\n\r\n{xml}\r\n--b--\r\n",
        now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    )
    .into_bytes()
}

#[expect(clippy::disallowed_methods, reason = "whole-program tests run on the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The order number that a confirmation is about (our own header).
pub fn confirmed_order(draft: &[u8]) -> OrderNumber {
    let text = String::from_utf8_lossy(draft);
    let line = text.lines().find_map(|line| line.strip_prefix("X-Podesk-Order: "));
    OrderNumber::new(line.unwrap_or_else(|| panic!("no order named in {text}")).trim())
}
