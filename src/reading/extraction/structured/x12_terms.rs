//! Terms of payment and delivery in an X12 order.

use super::piece::Piece;
use super::segment::Segment;

/// ITD: the sender's own words, or the discount and the days.
pub(super) fn terms(segment: &Segment) -> Piece {
    let stated = segment.at(12);
    if !stated.is_empty() {
        return stated;
    }
    let (percent, discount_days, net_days) = (segment.at(3).text, segment.at(5).text, segment.at(7).text);
    let discount =
        if percent.is_empty() || discount_days.is_empty() { String::new() } else { format!("{percent}% {discount_days}") };
    let net = if net_days.is_empty() { String::new() } else { format!("net {net_days}") };
    let words = [discount, net].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    if words.is_empty() { Piece::default() } else { segment.whole(words) }
}

/// FOB05 with FOB04 = 01 is an Incoterm; FOB alone is American freight law, not Incoterms (DOMAIN 29).
pub(super) fn incoterm(segment: &Segment) -> Piece {
    let term = segment.at(5);
    if segment.at(4).text != "01" && !(INCOTERMS.contains(&term.text.as_str()) && term.text != "FOB") {
        return Piece::default();
    }
    let place = if segment.at(7).is_empty() { segment.at(3) } else { segment.at(7) };
    Piece::join([&term, &place], " ")
}

/// The three-letter codes of Incoterms 2000 to 2020.
pub(super) const INCOTERMS: [&str; 15] =
    ["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAF", "DES", "DEQ", "DDU", "DAT", "DAP", "DDP"];
