//! Who may use the review desk: users, their sessions, one-time set-up links, and failed log-ins to slow guessing down.
//!
//! Secrets never come here: passwords, session ids and set-up tokens are hashed by the caller, and only hashes are kept.

use super::error::StoreError;
use super::link::{args, word};
use super::{Db, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a user may do; each may also do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look.
    Viewer,
    /// Correct, reject and assign cases.
    Reviewer,
    /// Approve.
    Approver,
    /// Manage users and settings.
    Admin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
    /// Argon2, in PHC form.
    pub password_hash: String,
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub user: String,
    pub role: Role,
    pub csrf: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// How often a log-in failed since some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailedLogins {
    /// With this user name, from anywhere.
    pub of_name: u64,
    /// From this address, with any name.
    pub from_source: u64,
}

impl Tx {
    /// `false`: the name is taken, and nothing was changed.
    pub async fn create_user(&mut self, name: &str, password_hash: &str, role: Role) -> Result<bool, StoreError> {
        let sql = "INSERT INTO users (name, password_hash, role) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
        Ok(self.exec("users", sql, args![name, password_hash, word(&role)]).await? == 1)
    }

    /// Sets a new password and ends every session of the user.
    pub async fn set_password(&mut self, name: &str, password_hash: &str) -> Result<(), StoreError> {
        let touched = self.exec("users", "UPDATE users SET password_hash = $1 WHERE name = $2", args![password_hash, name]).await?;
        if touched != 1 {
            return Err(StoreError::NotThere { what: "user", key: name.into() });
        }
        self.exec("sessions", "DELETE FROM sessions WHERE user_name = $1", args![name]).await.map(drop)
    }

    pub async fn create_session(
        &mut self,
        hash: &str,
        user: &str,
        csrf: &str,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO sessions (hash, user_name, csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
        self.exec("sessions", sql, args![hash, user, csrf, created_at, expires_at]).await.map(drop)
    }

    pub async fn delete_session(&mut self, hash: &str) -> Result<(), StoreError> {
        self.exec("sessions", "DELETE FROM sessions WHERE hash = $1", args![hash]).await.map(drop)
    }

    /// Forgets sessions, set-up tokens and failed log-ins that no longer count.
    pub async fn delete_expired(&mut self, now: Timestamp, failed_logins_before: Timestamp) -> Result<(), StoreError> {
        self.exec("sessions", "DELETE FROM sessions WHERE expires_at <= $1", args![now]).await?;
        self.exec("setup_tokens", "DELETE FROM setup_tokens WHERE expires_at <= $1", args![now]).await?;
        self.exec("failed_logins", "DELETE FROM failed_logins WHERE at < $1", args![failed_logins_before]).await.map(drop)
    }

    pub async fn create_setup_token(&mut self, hash: &str, expires_at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO setup_tokens (hash, expires_at) VALUES ($1, $2)
                   ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at";
        self.exec("setup_tokens", sql, args![hash, expires_at]).await.map(drop)
    }

    /// Uses a set-up token up. `false`: there is none such, it has expired, or it was used.
    pub async fn use_setup_token(&mut self, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "DELETE FROM setup_tokens WHERE hash = $1 AND expires_at > $2";
        Ok(self.exec("setup_tokens", sql, args![hash, now]).await? == 1)
    }

    pub async fn note_failed_login(&mut self, name: &str, source: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO failed_logins (name, source, at) VALUES ($1, $2, $3)";
        self.exec("failed_logins", sql, args![name, source, at]).await.map(drop)
    }

    /// After a log-in that succeeded.
    pub async fn forget_failed_logins(&mut self, name: &str) -> Result<(), StoreError> {
        self.exec("failed_logins", "DELETE FROM failed_logins WHERE name = $1", args![name]).await.map(drop)
    }
}

impl Db {
    pub async fn count_users(&self) -> Result<u64, StoreError> {
        self.one("users", "SELECT COUNT(*) AS users FROM users", args![]).await?.map_or(Ok(0), |row| row.number("users"))
    }

    pub async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        let row = self.one("users", "SELECT name, password_hash, role FROM users WHERE name = $1", args![name]).await?;
        row.map(|row| Ok(User { name: row.text("name")?, password_hash: row.text("password_hash")?, role: row.word("role")? }))
            .transpose()
    }

    /// The session with this hash, unless it has expired.
    pub async fn session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let sql = "SELECT user_name, role, csrf, created_at, expires_at FROM sessions JOIN users ON users.name = sessions.user_name
                   WHERE hash = $1 AND expires_at > $2";
        let row = self.one("sessions", sql, args![hash, now]).await?;
        row.map(|row| {
            Ok(Session {
                user: row.text("user_name")?,
                role: row.word("role")?,
                csrf: row.text("csrf")?,
                created_at: row.time("created_at")?,
                expires_at: row.time("expires_at")?,
            })
        })
        .transpose()
    }

    /// Whether a set-up token could be used now; using it up is `Tx::use_setup_token`.
    pub async fn is_setup_token(&self, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT hash FROM setup_tokens WHERE hash = $1 AND expires_at > $2";
        Ok(self.one("setup_tokens", sql, args![hash, now]).await?.is_some())
    }

    pub async fn failed_logins(&self, name: &str, source: &str, since: Timestamp) -> Result<FailedLogins, StoreError> {
        let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN name = $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS of_name,
                          CAST(COALESCE(SUM(CASE WHEN source = $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS from_source
                   FROM failed_logins WHERE at >= $3";
        let row = self.one("failed_logins", sql, args![name, source, since]).await?;
        row.map_or(Ok(FailedLogins::default()), |row| {
            Ok(FailedLogins { of_name: row.number("of_name")?, from_source: row.number("from_source")? })
        })
    }
}
