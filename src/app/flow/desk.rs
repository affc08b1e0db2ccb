//! The order desk's equipment: database, clock, document parser, language model, settings, and a current copy of master data.

use super::recent::Recent;
use crate::app::clock::{Clock, date_of};
use crate::app::config::Config;
use crate::app::flow::{DayBook, FlowError};
use crate::model::master::MasterData;
use crate::reading::confined::Parser;
use crate::reading::llm::LlmReader;
use crate::store::Db;
use jiff::civil::Date;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The language model's reader and the book of what it has cost.
#[derive(Clone)]
pub struct Model {
    pub reader: Arc<LlmReader>,
    pub book: Arc<DayBook>,
}

/// Cheap to clone; every part is shared.
#[derive(Clone)]
pub struct Desk {
    pub db: Db,
    pub clock: Clock,
    pub config: Arc<Config>,
    pub parser: Parser,
    pub model: Option<Model>,
    pub(super) recent: Arc<Recent>,
    master: Arc<Mutex<(i64, Arc<MasterData>)>>,
}

impl Desk {
    /// `program` is our own executable: documents are parsed in a confined child of it.
    pub async fn open(config: Config, clock: Clock, program: PathBuf, model: Option<Model>) -> Result<Self, FlowError> {
        let db = Db::open(&config.store, &config.data.dir).await?;
        let parser = config.reading.parser(program);
        let master = Arc::new(Mutex::new((-1, Arc::new(MasterData::default()))));
        Ok(Self { db, clock, config: Arc::new(config), parser, model, recent: Arc::default(), master })
    }

    /// The day it is at our place of business: what "in the past" is measured from.
    pub fn today(&self) -> Date {
        date_of(self.clock.now())
    }

    /// Master data as last imported; read again only when it has changed.
    pub async fn master(&self) -> Result<Arc<MasterData>, FlowError> {
        let version = self.db.master_version().await?;
        {
            let cached = self.master.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if cached.0 == version {
                return Ok(cached.1.clone());
            }
        }
        let fresh = Arc::new(MasterData::new(self.db.master_rows().await?));
        *self.master.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (version, fresh.clone());
        Ok(fresh)
    }
}
