//! Which lines are no article (DOMAIN 8): freight, surcharge, discount, and text that may change the line above.

use super::likeness::words;
use crate::model::DraftLine;

/// Words of lines that are no article (DOMAIN 8).
const CHARGE_WORDS: &[&str] = &[
    "freight",
    "shipping",
    "handling",
    "carriage",
    "delivery",
    "postage",
    "surcharge",
    "packing",
    "fracht",
    "frachtkosten",
    "versand",
    "versandkosten",
    "verpackung",
    "verpackungskosten",
    "zuschlag",
    "mindermengenzuschlag",
    "porto",
    "transport",
    "transportkosten",
    "livraison",
    "emballage",
    "port",
    "trasporto",
    "spedizione",
    "imballo",
    "portes",
    "envio",
    "flete",
    "embalaje",
    "verzendkosten",
    "vracht",
    "vrachtkosten",
    "toeslag",
    "discount",
    "rabatt",
    "remise",
    "sconto",
    "descuento",
    "korting",
    "deposit",
    "tooling",
    "setup",
    "insurance",
    "versicherung",
    "subtotal",
    "zwischensumme",
];

/// Words that may stand beside them and name no article either.
const CHARGE_FILLERS: &[&str] = &[
    "charge",
    "charges",
    "cost",
    "costs",
    "fee",
    "fees",
    "flat",
    "rate",
    "and",
    "&",
    "of",
    "for",
    "kosten",
    "pauschal",
    "pauschale",
    "und",
    "frais",
    "de",
    "du",
    "des",
    "et",
    "forfait",
    "spese",
    "di",
    "e",
    "gastos",
    "y",
    "kosten",
    "en",
    "inkl",
    "incl",
    "fuel",
    "maut",
    "energie",
    "minimum",
    "order",
    "small",
    "quantity",
    "express",
    "standard",
];

/// Whether a line without a known article is a charge: every word of it says freight, surcharge, discount ... A line with any other word may
/// be an article ("transport box") and is never taken for a charge in silence.
pub(super) fn is_charge(line: &DraftLine) -> bool {
    let numbers_absent = [&line.supplier_part, &line.manufacturer_part, &line.gtin].iter().all(|reading| reading.is_absent());
    let described = words(line.description.value().map_or("", String::as_str));
    let is_charge_word = |word: &String| CHARGE_WORDS.contains(&word.as_str());
    let says_nothing_else = described.iter().all(|word| is_charge_word(word) || CHARGE_FILLERS.contains(&word.as_str()));
    numbers_absent && says_nothing_else && described.iter().any(is_charge_word)
}

/// Whether a line is only text: no number, quantity, price or total. It may change the meaning of the line above (DOMAIN 8).
pub(super) fn is_comment(line: &DraftLine) -> bool {
    let amounts = [&line.quantity, &line.unit_price, &line.line_total].iter().all(|reading| reading.is_absent());
    let numbers =
        [&line.buyer_part, &line.supplier_part, &line.manufacturer_part, &line.gtin].iter().all(|reading| reading.is_absent());
    amounts && numbers && !line.description.is_absent() && line.line_no.is_absent()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, Field, Origin, Reading};

    #[test]
    fn a_charge_says_nothing_else() {
        let described = |text: &str| {
            let read = Field::new(text.to_owned(), text, Confidence::CERTAIN, Origin::Document(Vec::new()));
            DraftLine { description: Reading::Found(read), ..DraftLine::default() }
        };
        for charge in ["Freight", "Fracht und Verpackung", "Frais de port", "Spese di trasporto", "Fuel surcharge"] {
            assert!(is_charge(&described(charge)), "{charge}");
        }
        for article in ["Transport box 40x60", "Shipping labels", "Delivery van", "Standard", "Ball valve"] {
            assert!(!is_charge(&described(article)), "{article}");
        }
    }
}
