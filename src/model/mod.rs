//! The vocabulary of the order desk: the words that every other room uses, as types.
//!
//! Pure values only. Nothing here reads a clock, a file or a network, and nothing here decides anything about an order.

pub mod address;
pub mod company;
pub mod currency;
pub mod draft;
pub mod evidence;
pub mod finding;
pub mod ids;
pub mod master;
pub mod part;
pub mod price;
pub mod purchase_order;
pub mod quantity;

pub use address::{Address, Party};
pub use company::Company;
pub use currency::{Currency, Money};
pub use draft::{DocumentKind, Draft, DraftCharge, DraftDelivery, DraftLine, DraftOrder, DraftParty, Language, Method};
pub use evidence::{Confidence, Field, Origin, Reading, Span};
pub use finding::{Code, Finding, Severity, Side};
pub use ids::{Account, CaseNumber, NodeCode, OrderNumber, Sha256, Sku};
pub use price::UnitPrice;
pub use purchase_order::{PurchaseOrder, PurchaseOrderLine};
pub use quantity::{Quantity, Unit};
