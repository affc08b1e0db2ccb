//! From a host name to a protected byte stream: TCP with keep-alive, TLS with the public authorities and the user's own.

use super::error::ImapError;
use super::settings::{ImapSettings, Security};
use async_imap::Client;
use async_imap::imap_proto::{Response, Status};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::fmt::Debug;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Dead peers behind a silent firewall are noticed after about three minutes.
const KEEPALIVE: Duration = Duration::from_secs(60);

pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Stream for T {}

pub(super) type BoxedStream = Box<dyn Stream>;

/// A client that has read its greeting and is protected as configured, ready to log in.
pub(super) async fn connect(settings: &ImapSettings) -> Result<Client<BoxedStream>, ImapError> {
    let tcp = connect_tcp(settings).await?;
    match settings.security {
        Security::Tls => {
            let tls = secure(settings, tcp).await?;
            let mut client = Client::new(Box::new(tls) as BoxedStream);
            read_greeting(&mut client).await?;
            Ok(client)
        }
        Security::Starttls => {
            let mut client = Client::new(tcp);
            read_greeting(&mut client).await?;
            client.run_command_and_check_ok("STARTTLS", None).await.map_err(|error| ImapError::of("asking for TLS", error))?;
            // Whatever else came in the clear is dropped with the old client; it may be an attacker's.
            let tls = secure(settings, client.into_inner()).await?;
            Ok(Client::new(Box::new(tls) as BoxedStream))
        }
        Security::Plain => {
            let mut client = Client::new(Box::new(tcp) as BoxedStream);
            read_greeting(&mut client).await?;
            Ok(client)
        }
    }
}

async fn connect_tcp(settings: &ImapSettings) -> Result<TcpStream, ImapError> {
    let (host, port) = (settings.host.clone(), settings.effective_port());
    let fail = |source| ImapError::Connect { host: host.clone(), port, source };
    let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(fail)?;
    if !may_go(settings, tcp.peer_addr().map_err(fail)?.ip()) {
        return Err(ImapError::PlainRefused(host));
    }
    tcp.set_nodelay(true).map_err(fail)?;
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3);
    socket2::SockRef::from(&tcp).set_tcp_keepalive(&keepalive).map_err(fail)?;
    Ok(tcp)
}

/// Judged by the address that was reached, not by its name.
fn may_go(settings: &ImapSettings, peer: IpAddr) -> bool {
    match settings.security {
        Security::Tls | Security::Starttls => true,
        Security::Plain => settings.allow_plain || peer.is_loopback(),
    }
}

async fn secure(settings: &ImapSettings, tcp: TcpStream) -> Result<tokio_rustls::client::TlsStream<TcpStream>, ImapError> {
    let fail = |source| ImapError::Tls { host: settings.host.clone(), source };
    let name =
        ServerName::try_from(settings.host.clone()).map_err(|error| fail(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| fail(io::Error::other(error)))?
        .with_root_certificates(authorities(settings)?)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await.map_err(fail)
}

fn authorities(settings: &ImapSettings) -> Result<RootCertStore, ImapError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(path) = &settings.ca_file else { return Ok(roots) };
    let fail = |problem: String| ImapError::CaFile { path: path.display().to_string(), problem };
    let pem = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let mut added = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| fail(error.to_string()))?;
        roots.add(certificate).map_err(|error| fail(error.to_string()))?;
        added += 1;
    }
    if added == 0 {
        return Err(fail("there is no certificate in it".into()));
    }
    Ok(roots)
}

/// The library does not wait for the greeting; a login sent before it would be taken for nothing.
async fn read_greeting<T: Stream>(client: &mut Client<T>) -> Result<(), ImapError> {
    const DURING: &str = "waiting for its greeting";
    let greeting = client.read_response().await.map_err(|error| ImapError::of_io(DURING, &error))?;
    let Some(greeting) = greeting else { return Err(ImapError::Closed { during: DURING, reason: None }) };
    match greeting.parsed() {
        Response::Data { status: Status::Ok, .. } => Ok(()),
        Response::Data { status: Status::Bye, outcome } => {
            Err(ImapError::Closed { during: DURING, reason: outcome.information.as_deref().map(super::error::short) })
        }
        // PREAUTH before TLS would let somebody in the middle skip the login.
        _ => Err(ImapError::Nonsense { during: DURING, problem: "it does not begin with OK".into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_on_this_machine() {
        let near: IpAddr = "127.0.0.1".parse().expect("an address");
        let far: IpAddr = "192.0.2.7".parse().expect("an address");
        let settings = |security, allow_plain| ImapSettings { security, allow_plain, ..ImapSettings::default() };
        assert!(may_go(&settings(Security::Plain, false), near));
        assert!(!may_go(&settings(Security::Plain, false), far));
        assert!(may_go(&settings(Security::Plain, true), far));
        assert!(may_go(&settings(Security::Starttls, false), far));
    }
}
