//! Trouble described, not thrown: what a check found, how bad it is, where, and one sentence for the clerk.

use super::{Method, Span};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Note,
    /// A person must confirm before the order is placed.
    Ask,
    /// The order cannot be placed as it stands, even with a person's yes: something must be corrected first.
    Block,
}

/// Something a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// JSON pointer into the contract's `extract` object: `/orders/0/lines/2/unit_price`. Empty for the document as a whole.
    pub field: String,
    /// One plain sentence for the clerk, with the values that disagree in it.
    pub message: String,
    pub spans: Vec<Span>,
    /// The value that would settle it, when there is an obvious one.
    pub proposal: Option<String>,
    /// What each of two readers says, where they differ: side by side for the person who chooses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sides: Vec<Side>,
}

/// What one reader says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    pub reader: Method,
    /// Canonical, as a correction would be written; empty where this reader saw nothing.
    pub value: String,
    /// As printed.
    pub raw: String,
    pub spans: Vec<Span>,
}

impl Finding {
    pub fn new(code: Code, severity: Severity, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, severity, field: field.into(), message: message.into(), spans: Vec::new(), proposal: None, sides: Vec::new() }
    }

    pub fn at(mut self, spans: &[Span]) -> Self {
        self.spans = spans.to_vec();
        self
    }

    /// With what the two readers say, and where.
    pub fn beside(mut self, sides: [Side; 2]) -> Self {
        self.spans = sides.iter().flat_map(|side| side.spans.clone()).collect();
        self.sides = sides.to_vec();
        self
    }

    pub fn propose(mut self, value: impl Into<String>) -> Self {
        self.proposal = Some(value.into());
        self
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What kind of trouble. The text form is stable: it appears in `--json`, in the review desk and in `agent.toml`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name),+
        }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$name),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }
        }
    };
}

codes! {
    // Reading the document
    /// The file could not be opened or parsed at all.
    UnreadableDocument = "UNREADABLE_DOCUMENT",
    /// The document is encrypted and no configured password opens it.
    PasswordNeeded = "PASSWORD_NEEDED",
    /// The parser crashed, ran out of time or out of memory on the file.
    ParserFailed = "PARSER_FAILED",
    /// A size, page, part or nesting limit was reached.
    LimitReached = "LIMIT_REACHED",
    /// The page is an image and there is no OCR engine to read it.
    OcrUnavailable = "OCR_UNAVAILABLE",
    /// Read by OCR: the figures rest on a recognised image.
    ReadByOcr = "READ_BY_OCR",
    /// Nothing in the document can be read as text.
    NoText = "NO_TEXT",
    /// White, tiny, invisible or off-page text is in the document.
    HiddenText = "HIDDEN_TEXT",
    /// Text addressed to a machine, not to a supplier.
    InstructionInDocument = "INSTRUCTION_IN_DOCUMENT",
    /// A segment or element of a structured document that we do not understand.
    UnknownSegment = "UNKNOWN_SEGMENT",
    /// The structured document breaks its own syntax.
    MalformedSyntax = "MALFORMED_SYNTAX",
    /// Several orders in one file.
    SeveralOrders = "SEVERAL_ORDERS",
    /// The document is not one that can become an order.
    NotAnOrder = "NOT_AN_ORDER",
    /// A draft, a copy, or a "confirming" order (DOMAIN 2).
    NotAnOriginal = "NOT_AN_ORIGINAL",
    // Fields
    MissingPoNumber = "MISSING_PO_NUMBER",
    MissingLines = "MISSING_LINES",
    MissingQuantity = "MISSING_QUANTITY",
    MissingPrice = "MISSING_PRICE",
    MissingItem = "MISSING_ITEM",
    MissingShipTo = "MISSING_SHIP_TO",
    MissingCurrency = "MISSING_CURRENCY",
    MissingTotal = "MISSING_TOTAL",
    AmbiguousNumber = "AMBIGUOUS_NUMBER",
    AmbiguousDate = "AMBIGUOUS_DATE",
    AmbiguousField = "AMBIGUOUS_FIELD",
    AmbiguousColumns = "AMBIGUOUS_COLUMNS",
    UnreadableField = "UNREADABLE_FIELD",
    /// A claim of a reader that is not in the document.
    NotGrounded = "NOT_GROUNDED",
    /// Two readers differ.
    ReadersDisagree = "READERS_DISAGREE",
    /// Read by the places and columns that a person confirmed for this sender and layout.
    ReadByTemplate = "READ_BY_TEMPLATE",
    /// Much like a layout that a person confirmed for this sender, but not as it was: read anew.
    LayoutChanged = "LAYOUT_CHANGED",
    // Arithmetic and completeness
    LineTotalMismatch = "LINE_TOTAL_MISMATCH",
    SubtotalMismatch = "SUBTOTAL_MISMATCH",
    TotalMismatch = "TOTAL_MISMATCH",
    LineCountMismatch = "LINE_COUNT_MISMATCH",
    LinesIncomplete = "LINES_INCOMPLETE",
    DuplicateLine = "DUPLICATE_LINE",
    UnlistedCharge = "UNLISTED_CHARGE",
    // Matching
    UnknownCustomer = "UNKNOWN_CUSTOMER",
    AmbiguousCustomer = "AMBIGUOUS_CUSTOMER",
    UnknownShipTo = "UNKNOWN_SHIP_TO",
    AmbiguousShipTo = "AMBIGUOUS_SHIP_TO",
    UnknownItem = "UNKNOWN_ITEM",
    AmbiguousItem = "AMBIGUOUS_ITEM",
    ItemGuessed = "ITEM_GUESSED",
    ItemInactive = "ITEM_INACTIVE",
    ItemSuperseded = "ITEM_SUPERSEDED",
    UnknownUnit = "UNKNOWN_UNIT",
    UnitConflict = "UNIT_CONFLICT",
    // Trade rules
    PriceBelowList = "PRICE_BELOW_LIST",
    PriceAboveList = "PRICE_ABOVE_LIST",
    NoListPrice = "NO_LIST_PRICE",
    ZeroPrice = "ZERO_PRICE",
    CurrencyMismatch = "CURRENCY_MISMATCH",
    QuantityNotPositive = "QUANTITY_NOT_POSITIVE",
    QuantityUnusual = "QUANTITY_UNUSUAL",
    BelowMinimum = "BELOW_MINIMUM",
    NotOrderMultiple = "NOT_ORDER_MULTIPLE",
    DateInPast = "DATE_IN_PAST",
    DateBeforeOrder = "DATE_BEFORE_ORDER",
    DateFar = "DATE_FAR",
    TermsDiffer = "TERMS_DIFFER",
    CreditLimit = "CREDIT_LIMIT",
    ValueCeiling = "VALUE_CEILING",
    ClauseNeedsReview = "CLAUSE_NEEDS_REVIEW",
    DuplicateOrder = "DUPLICATE_ORDER",
    RevisionOfOrder = "REVISION_OF_ORDER",
    CancelRequested = "CANCEL_REQUESTED",
    BuyerIsUs = "BUYER_IS_US",
    SellerIsNotUs = "SELLER_IS_NOT_US",
    AutomationOff = "AUTOMATION_OFF",
    // Mail
    AutoReply = "AUTO_REPLY",
    Bounce = "BOUNCE",
    MailingList = "MAILING_LIST",
    OwnMail = "OWN_MAIL",
    BrokenMail = "BROKEN_MAIL",
    SenderUnverified = "SENDER_UNVERIFIED",
    SenderLookalike = "SENDER_LOOKALIKE",
    SenderAmbiguous = "SENDER_AMBIGUOUS",
    UnsupportedAttachment = "UNSUPPORTED_ATTACHMENT",
    QuoteRequest = "QUOTE_REQUEST",
    Question = "QUESTION",
    SameMailAgain = "SAME_MAIL_AGAIN",
    LlmUnavailable = "LLM_UNAVAILABLE",
    LlmBudgetSpent = "LLM_BUDGET_SPENT",
    // Processing
    ProcessingFailed = "PROCESSING_FAILED",
    DeliveryUnknown = "DELIVERY_UNKNOWN",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The heaviest severity among findings, if there are any.
pub fn heaviest(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|f| f.severity).max()
}
