//! A throw-away Dovecot with one mailbox: IMAP over TLS and plain IMAP, Maildir, its own certificate authority.
//!
//! Mail is delivered and looked at through the Maildir itself, so that a test does not check our IMAP client with our IMAP client.

use super::tied::{EndBy, Tied};
use super::{Certificate, START_LIMIT, are_we_root, free_port, program, run, wait_for};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A running Dovecot; it ends when this is dropped.
#[derive(Debug)]
pub struct Dovecot {
    pub imap_port: u16,
    pub imaps_port: u16,
    /// The authority that signed the server's certificate.
    pub ca_pem_path: PathBuf,
    pub user: String,
    pub password: String,
    folder: PathBuf,
    process: Option<Tied>,
    delivered: AtomicU64,
}

impl Dovecot {
    /// A server with an empty INBOX and a Drafts folder (SPECIAL-USE `\Drafts`).
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("podesk-dovecot-").tempdir().expect("a temporary folder").keep();
        open_to_all(&folder);
        let certificate = Certificate::make(&folder);
        let mut dovecot = Self {
            imap_port: 0,
            imaps_port: 0,
            ca_pem_path: certificate.ca_pem.clone(),
            user: "orders@nordwerk.example".into(),
            password: "correct horse".into(),
            folder,
            process: None,
            delivered: AtomicU64::new(0),
        };
        std::fs::write(dovecot.folder.join("users"), format!("{}:{{PLAIN}}{}\n", dovecot.user, dovecot.password))
            .expect("writable");
        for part in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(dovecot.maildir("INBOX").join(part)).expect("writable");
        }
        dovecot.hand_over_the_mailbox();
        // Another process may take a port between our looking and Dovecot's binding: look again.
        for _ in 0..5 {
            (dovecot.imap_port, dovecot.imaps_port) = (free_port(), free_port());
            std::fs::write(dovecot.folder.join("dovecot.conf"), dovecot.configuration(&certificate)).expect("writable");
            if dovecot.try_to_run() {
                return dovecot;
            }
        }
        panic!("Dovecot does not start: {}", dovecot.log());
    }

    /// Puts a mail into INBOX as a delivery agent does. Mails arrive in the order of the calls.
    pub fn deliver(&self, mail: &[u8]) {
        let number = self.delivered.fetch_add(1, Ordering::SeqCst);
        let name = format!("{}.P{}Q{number}.test", 1_700_000_000 + number, std::process::id());
        let written = self.maildir("INBOX").join("tmp").join(&name);
        std::fs::write(&written, mail).expect("the mailbox can be written");
        give_to_mail_user(&written);
        std::fs::rename(&written, self.maildir("INBOX").join("new").join(&name)).expect("one file system");
    }

    /// The mails of a folder, oldest first; empty where there is no such folder. `/` separates a folder from one inside it.
    pub fn list(&self, folder: &str) -> Vec<Vec<u8>> {
        let mut files: Vec<PathBuf> = ["cur", "new"]
            .iter()
            .filter_map(|part| std::fs::read_dir(self.maildir(folder).join(part)).ok())
            .flatten()
            .map(|entry| entry.expect("the mailbox can be read").path())
            .collect();
        files.sort_by_key(|path| path.file_name().map(|name| name.to_owned()));
        // A file that is renamed while we look (a flag is set) is found again under its new name by the next call.
        files.iter().filter_map(|path| std::fs::read(path).ok()).collect()
    }

    /// The server goes away in mid session; its mails stay.
    pub fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.end_and_keep_folder();
        }
    }

    /// Back on the same ports.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "Dovecot runs already");
        assert!(self.try_to_run(), "Dovecot does not start again: {}", self.log());
    }

    /// Restarts the server with a new UIDVALIDITY for INBOX, all UIDs counted anew: what a restored backup does.
    pub fn change_uidvalidity(&mut self) {
        self.stop();
        let list = self.maildir("INBOX").join("dovecot-uidlist");
        let header = std::fs::read_to_string(&list).expect("a client has opened INBOX once");
        let old: u32 = header
            .split_whitespace()
            .find_map(|word| word.strip_prefix('V'))
            .and_then(|digits| digits.parse().ok())
            .expect("the first line of dovecot-uidlist holds V<uidvalidity>");
        for entry in std::fs::read_dir(self.maildir("INBOX")).expect("readable").flatten() {
            if entry.file_name().to_string_lossy().starts_with("dovecot") && entry.path().is_file() {
                std::fs::remove_file(entry.path()).expect("removable");
            }
        }
        std::fs::write(&list, format!("3 V{} N1 G{:032x}\n", old + 1, old + 1)).expect("writable");
        give_to_mail_user(&list);
        self.start_again();
    }

    /// What Dovecot has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("dovecot.log")).unwrap_or_default()
    }

    fn try_to_run(&mut self) -> bool {
        let binary = program("dovecot", "dovecot-imapd", &["/usr/sbin", "/usr/local/sbin", "/usr/bin"]);
        let configuration = self.folder.join("dovecot.conf");
        let command = [binary.to_str(), Some("-F"), Some("-c"), configuration.to_str()].map(|word| word.expect("paths are UTF-8"));
        let process = Tied::start(&self.folder, "dovecot.out", EndBy::Terminate, &command);
        let is_up =
            wait_for(START_LIMIT, || if process.has_ended() { Some(false) } else { greets(self.imap_port).then_some(true) });
        match is_up {
            Some(true) => self.process = Some(process),
            Some(false) | None => process.end_and_keep_folder(),
        }
        self.process.is_some()
    }

    fn maildir(&self, folder: &str) -> PathBuf {
        match folder {
            "INBOX" => self.folder.join("mail"),
            other => self.folder.join("mail").join(format!(".{}", other.replace('/', "."))),
        }
    }

    fn hand_over_the_mailbox(&self) {
        if are_we_root() {
            run(Command::new("chown").args(["-R", "nobody:nogroup"]).arg(self.folder.join("mail")));
        }
    }

    /// As root, the processes run under the users that the Debian package made; else all under the user who runs the test.
    fn configuration(&self, certificate: &Certificate) -> String {
        let (uid, gid, users) = if are_we_root() {
            ("nobody".to_owned(), "nogroup".to_owned(), String::new())
        } else {
            let (user, group) = (run(Command::new("id").arg("-un")), run(Command::new("id").arg("-gn")));
            let (user, group) = (user.trim(), group.trim());
            let users = format!("default_internal_user = {user}\ndefault_login_user = {user}\ndefault_internal_group = {group}\n");
            (user.to_owned(), group.to_owned(), users)
        };
        let folder = self.folder.display();
        let (imap, imaps) = (self.imap_port, self.imaps_port);
        let (cert, key) = (certificate.cert_pem.display(), certificate.key_pem.display());
        format!(
            "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {folder}/run\nstate_dir = {folder}/state\nlog_path = {folder}/dovecot.log\n\
             {users}first_valid_uid = 1\nmail_fsync = never\nmail_location = maildir:{folder}/mail\n\
             ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\ndisable_plaintext_auth = no\nauth_mechanisms = plain login\n\
             passdb {{\n driver = passwd-file\n args = {folder}/users\n}}\n\
             userdb {{\n driver = static\n args = uid={uid} gid={gid} home={folder}/home\n}}\n\
             namespace inbox {{\n inbox = yes\n separator = /\n mailbox Drafts {{\n auto = create\n special_use = \\Drafts\n }}\n}}\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n port = {imap}\n }}\n inet_listener imaps {{\n port = {imaps}\n ssl = yes\n }}\n}}\n\
             service anvil {{\n chroot =\n}}\n\
             service stats {{\n chroot =\n}}\n"
        )
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        drop(self.process.take());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whether something on this port says the first words of IMAP.
fn greets(port: u16) -> bool {
    let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let mut greeting = String::new();
    stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
        && BufReader::new(stream).read_line(&mut greeting).is_ok()
        && greeting.starts_with("* OK")
}

fn open_to_all(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("our own folder");
}

fn give_to_mail_user(path: &Path) {
    if are_we_root() {
        let owner = std::fs::metadata(path.parent().expect("a file lies in a folder")).expect("it exists");
        let owner = std::os::unix::fs::MetadataExt::uid(&owner);
        std::os::unix::fs::chown(path, Some(owner), None).expect("root may");
    }
}
