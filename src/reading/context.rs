//! What a reader may know beside the document itself. None of it is master data: a reader never sees prices or other customers.

use crate::model::Company;
use jiff::civil::Date;

/// The circumstances of one document.
#[derive(Debug, Clone, Default)]
pub struct ReadingContext {
    /// Who we are: to tell buyer from seller.
    pub company: Company,
    /// When the mail was written, or the file taken in: the witness for two-digit years and weeks without a year.
    pub received: Option<Date>,
    /// The file's name or the mail's subject: a hint about the kind of document, never a value.
    pub title: String,
}
