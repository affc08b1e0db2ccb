//! Logging in with an OAuth access token, as Gmail and Microsoft 365 demand.

use secrecy::{ExposeSecret, SecretString};

/// Answers the server's challenges: the first with the token; a second one only comes with the reason of a refusal, and must be
/// answered with nothing before the server says `NO`.
pub(super) struct Xoauth2<'a> {
    pub user: &'a str,
    pub token: &'a SecretString,
    pub answered: bool,
}

impl async_imap::Authenticator for Xoauth2<'_> {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        if std::mem::replace(&mut self.answered, true) {
            return String::new();
        }
        format!("user={}\x01auth=Bearer {}\x01\x01", self.user, self.token.expose_secret())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_imap::Authenticator;

    #[test]
    fn the_second_challenge_is_answered_with_nothing() {
        let token = SecretString::from("ya29.x");
        let mut login = Xoauth2 { user: "ann@x.example", token: &token, answered: false };
        assert_eq!(login.process(b""), "user=ann@x.example\x01auth=Bearer ya29.x\x01\x01");
        assert_eq!(login.process(b"{\"status\":\"401\"}"), "");
    }
}
