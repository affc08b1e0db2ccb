//! An allowance or charge of an EDIFACT order: ALC with the segments of its group.

use crate::model::Reading;
use rust_decimal::Decimal;

use super::charges::{self, Statement};
use super::edifact_line::number;
use super::piece::fill;
use super::segment::Segment;

/// ALC and what follows it.
pub(super) struct Charge {
    pub on_line: bool,
    statement: Statement,
}

/// Segments that belong to the group of an ALC.
pub(super) const GROUP: [&str; 8] = ["PCD", "MOA", "QTY", "RNG", "RTE", "TAX", "ALI", "DTM"];

impl Charge {
    pub fn start(segment: &Segment, on_line: bool) -> Self {
        let (code, words) = (segment.part(5, 1), segment.part(5, 4));
        let statement = Statement {
            is_allowance: segment.at(1).text == "A",
            nature: charges::nature(&code.text, &words.text),
            reason: if words.is_empty() { code } else { words },
            places: segment.whole("").places(),
            ..Statement::default()
        };
        Self { on_line, statement }
    }

    /// PCD: 1 allowance, 2 charge, 3 either, 12 discount (5245); others are taxes and shares of other things.
    pub fn percentage(&mut self, segment: &Segment) {
        if matches!(segment.part(1, 1).text.as_str(), "1" | "2" | "3" | "12") {
            fill(&mut self.statement.percent, number(&segment.part(1, 2)));
        }
    }

    /// MOA: 8 allowance or charge, 23 charge, 204 allowance (5025). 25 is the amount that a percentage is of.
    pub fn amount(&mut self, qualifier: &str, amount: Reading<Decimal>) {
        if matches!(qualifier, "8" | "23" | "204" | "98" | "131") {
            fill(&mut self.statement.amount, amount);
        }
    }

    pub fn into_statement(self) -> Statement {
        self.statement
    }
}
