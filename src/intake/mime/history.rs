//! Which part of a body is new, and does it carry somebody else's mail? A forward's quoted text *is* the order; a reply's quoted
//! text is history and never a new order (DOMAIN 6).
//!
//! Headers inside a body are claims; nothing here proves who wrote what.

use super::OurMail;
use super::quoted::{Block, Cut, Kind, find_cut, is_quoted};
use crate::intake::message::Forwarded;
use regex::Regex;
use std::sync::LazyLock;

/// Forwards of forwards that are followed.
const MAX_LEVELS: usize = 6;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    pub new_text: String,
    pub forwarded: Option<Forwarded>,
}

/// Splits a body by its quoted mails. `is_answer`: the header names a mail that this one answers or continues.
pub(super) fn split(body: &str, subject: &str, is_answer: bool, our: &OurMail) -> Split {
    let mut claims = Vec::new();
    let lines: Vec<&str> = body.lines().collect();
    let new_text = keep_new(&lines, subject, is_answer, 0, &mut claims);
    let ours = |claim: &Forwarded| claim.from.as_ref().is_none_or(|from| our.is_ours(from));
    // Customer -> colleague -> colleague -> desk: the innermost sender who is not one of us placed the order. Where there is none, the
    // quoted mail is ours (a quotation, say) and whoever sends it on is the one who orders.
    let forwarded = match claims.iter().rposition(|claim| !ours(claim)) {
        Some(innermost) => Some(claims.swap_remove(innermost)),
        None => claims.into_iter().next().map(|claim| Forwarded { from: None, ..claim }),
    };
    Split { new_text, forwarded }
}

fn keep_new(lines: &[&str], subject: &str, is_answer: bool, level: usize, claims: &mut Vec<Forwarded>) -> String {
    let mut from = 0;
    while let Some(cut) = find_cut(lines, from) {
        let before = &lines[..cut.start];
        let nothing_above = !before.iter().any(|line| !line.trim().is_empty() && !is_boast(line));
        match judge(&cut, subject, is_answer || level > 0, nothing_above) {
            Reason::Forward if level == MAX_LEVELS => break,
            Reason::Forward => {
                let below = unquote(&lines[cut.end..]);
                let below: Vec<&str> = below.iter().map(String::as_str).collect();
                let inner_subject = cut.block.as_ref().map_or("", |block| &block.subject).to_owned();
                claims.extend(cut.block.as_ref().map(Block::claim));
                return join(own_words(before), keep_new(&below, &inner_subject, false, level + 1, claims));
            }
            Reason::Reply => {
                let below = &lines[cut.end..];
                let quoted = below.iter().filter(|line| !line.trim().is_empty()).take(3).any(|line| is_quoted(line));
                // Below a quotation marked by `>` people write on; below an unmarked one everything is old.
                let after = if quoted { without_quotes(below) } else { String::new() };
                return join(without_quotes(before), after);
            }
            Reason::Plain => from = cut.end,
        }
    }
    let own = without_quotes(lines);
    // A mail that is nothing but quoted lines and no answer was forwarded by a program that marks forwards so.
    if own.is_empty() && !is_answer && prefix(subject) != Prefix::Reply { own_words(lines) } else { own }
}

fn join(first: String, second: String) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second,
        (_, true) => first,
        (false, false) => format!("{first}\n\n{second}"),
    }
}

enum Reason {
    Forward,
    Reply,
    /// Looks like a header block but is the letterhead of an order typed into the mail.
    Plain,
}

fn judge(cut: &Cut, subject: &str, is_answer: bool, nothing_above: bool) -> Reason {
    let from_has_address = cut.block.as_ref().and_then(|block| block.from.as_deref()).is_some_and(|from| from.contains('@'));
    match (prefix(subject), cut.kind) {
        (Prefix::Forward, _) | (_, Kind::ForwardMark) => Reason::Forward,
        (Prefix::Reply, _) | (_, Kind::Attribution) => Reason::Reply,
        (Prefix::None, Kind::OriginalMark) if nothing_above => Reason::Forward,
        (Prefix::None, Kind::OriginalMark) => Reason::Reply,
        // Outlook's forwards name the mail that they forward as if they answered it; a new subject takes the prefix away.
        (Prefix::None, Kind::Block) if nothing_above && from_has_address => Reason::Forward,
        (Prefix::None, Kind::Block) if from_has_address || is_answer => Reason::Reply,
        (Prefix::None, Kind::Block) => Reason::Plain,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prefix {
    Forward,
    Reply,
    None,
}

/// The first prefix is the last thing that was done to the mail: `RE: FW: Order` is a reply.
fn prefix(subject: &str) -> Prefix {
    static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\s*(?:\[[^\]]{1,40}\]\s*)?\[?(?:(fwd?|wg|tr|rv|enc|i|doorst|fs|vs|wtr)|(re|aw|antw|antwoord|sv|r|odp|rif|ynt|réf|rép))(?:\s?\[\d+\])?\s?:")
            .expect("the pattern is valid")
    });
    match PREFIX.captures(subject) {
        Some(found) if found.get(1).is_some() => Prefix::Forward,
        Some(_) => Prefix::Reply,
        None => Prefix::None,
    }
}

/// One level of `>` taken off, where most of the text has one.
fn unquote(lines: &[&str]) -> Vec<String> {
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let (quoted, all) = filled.fold((0, 0), |(quoted, all), line| (quoted + usize::from(is_quoted(line)), all + 1));
    let strip = |line: &&str| {
        let inner = line.trim_start().strip_prefix('>').unwrap_or(line);
        inner.strip_prefix(' ').unwrap_or(inner).to_owned()
    };
    if quoted * 2 > all { lines.iter().map(strip).collect() } else { lines.iter().map(|line| (*line).to_owned()).collect() }
}

/// A reply's own words: quoted lines left out.
fn without_quotes(lines: &[&str]) -> String {
    let kept: Vec<&str> = lines.iter().filter(|line| !is_quoted(line)).copied().collect();
    own_words(&kept)
}

/// The lines without the signature: a `-- ` line (RFC 3676) with little below it, and the boasts of telephones.
fn own_words(lines: &[&str]) -> String {
    const SIGNATURE_LINES: usize = 12;
    let filled = |lines: &[&str]| lines.iter().filter(|line| !line.trim().is_empty()).count();
    let end = lines.iter().rposition(|line| *line == "-- " || *line == "--").filter(|&at| filled(&lines[at..]) <= SIGNATURE_LINES);
    let kept = lines[..end.unwrap_or(lines.len())].iter().filter(|line| !is_boast(line)).copied().collect::<Vec<_>>();
    kept.join("\n").trim_matches(['\n', '\r', ' ']).to_owned()
}

fn is_boast(line: &str) -> bool {
    const BOASTS: [&str; 8] = [
        "sent from my ",
        "von meinem iphone gesendet",
        "von meinem ipad gesendet",
        "envoyé de mon ",
        "enviado desde mi ",
        "inviato da ",
        "verstuurd vanaf mijn ",
        "get outlook for ",
    ];
    let line = line.trim().to_lowercase();
    line.len() < 60 && BOASTS.iter().any(|boast| line.starts_with(boast))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_text(body: &str, subject: &str) -> String {
        split(body, subject, false, &OurMail::default()).new_text
    }

    #[test]
    fn prefixes() {
        let cases = [
            ("Fwd: PO 1", Prefix::Forward),
            ("WG: Bestellung", Prefix::Forward),
            ("TR : commande", Prefix::Forward),
            ("RV: pedido", Prefix::Forward),
            ("I: ordine", Prefix::Forward),
            ("[EXT] Fw: PO", Prefix::Forward),
            ("[Fwd: PO]", Prefix::Forward),
            ("RE: FW: PO", Prefix::Reply),
            ("AW: Bestellung", Prefix::Reply),
            ("Re[2]: PO", Prefix::Reply),
            ("Purchase order: 4711", Prefix::None),
            ("Reorder: screws", Prefix::None),
        ];
        for (subject, expected) in cases {
            assert_eq!(prefix(subject), expected, "{subject}");
        }
    }

    #[test]
    fn forwards_keep_their_text_and_name_their_sender() {
        let cases = [
            (
                "---------- Forwarded message ---------\nFrom: Ann Lee <ann@x.example>\nDate: Mon, 3 Jun 2024 at 10:01\nSubject: PO 4711\nTo: <us@y.example>",
                "PO 4711",
            ),
            (
                "-------- Weitergeleitete Nachricht --------\nBetreff: \tBestellung\nDatum: \tMon, 3 Jun 2024\nVon: \tAnn Lee <ann@x.example>\nAn: \tus@y.example",
                "Bestellung",
            ),
            (
                "________________________________\nVon: Ann Lee <ann@x.example>\nGesendet: Montag, 3. Juni 2024 10:01\nAn: Us\nBetreff: Bestellung",
                "Bestellung",
            ),
            ("De : Ann Lee <ann@x.example>\nEnvoyé : lundi 3 juin 2024 10:01\nÀ : Us\nObjet : Commande", "Commande"),
            ("De: Ann Lee <ann@x.example>\nEnviado el: lunes, 3 de junio de 2024\nPara: Us\nAsunto: Pedido", "Pedido"),
            ("Da: Ann Lee <ann@x.example>\nInviato: lunedì 3 giugno 2024\nA: Us\nOggetto: Ordine", "Ordine"),
            ("Van: Ann Lee <ann@x.example>\nVerzonden: maandag 3 juni 2024\nAan: Us\nOnderwerp: Bestelling", "Bestelling"),
            (
                "Begin forwarded message:\n\nFrom: Ann Lee <ann@x.example>\nSubject: PO 4711\nDate: 3 June 2024\nTo: us@y.example",
                "PO 4711",
            ),
            ("*From:* Ann Lee <ann@x.example>\n*Sent:* Monday\n*To:* Us\n*Subject:* PO 4711", "PO 4711"),
        ];
        for (header, subject) in cases {
            let body = format!("Please handle.\n\n{header}\n\nPlease deliver 5 x AB-1.\n");
            let split = split(&body, "Fwd: x", true, &OurMail::default());
            assert_eq!(split.new_text, "Please handle.\n\nPlease deliver 5 x AB-1.", "{header}");
            let claim = split.forwarded.expect(header);
            assert_eq!(claim.from.expect(header).address, "ann@x.example", "{header}");
            assert_eq!(claim.subject, subject, "{header}");
            assert!(!claim.date.is_empty(), "{header}");
        }
    }

    #[test]
    fn replies_lose_their_history() {
        let cases = [
            "Yes, 5 please.\n\nOn Mon, 3 Jun 2024 at 10:01, Bob <bob@y.example> wrote:\n\n> Do you want 5 or 50 x AB-1?\n",
            "Yes, 5 please.\n\nOn Mon, 3 Jun 2024 at 10:01, Bob With A Long Name\n<bob@y.example> wrote:\n> 50 x AB-1?\n",
            "Yes, 5 please.\n\nAm 03.06.2024 um 10:01 schrieb Bob:\n> 50 x AB-1?\n",
            "Yes, 5 please.\n\nLe lun. 3 juin 2024 à 10:01, Bob <bob@y.example> a écrit :\n> 50 x AB-1?\n",
            "Yes, 5 please.\n\nEl lun, 3 jun 2024 a las 10:01, Bob escribió:\n50 x AB-1?\n",
            "Yes, 5 please.\n\nIl giorno lun 3 giu 2024 alle ore 10:01 Bob ha scritto:\n> 50 x AB-1?\n",
            "Yes, 5 please.\n\nOp ma 3 jun 2024 om 10:01 schreef Bob <bob@y.example>:\n> 50 x AB-1?\n",
            "Yes, 5 please.\n\n-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Ann\nSubject: AB-1\n\n50 x AB-1?\n",
            "Yes, 5 please.\n\nFrom: Bob <bob@y.example>\nSent: Monday, June 3, 2024\nTo: Ann\nSubject: AB-1\n\n50 x AB-1?\n",
        ];
        for body in cases {
            let split = split(body, "Re: AB-1", true, &OurMail::default());
            assert_eq!((split.new_text.as_str(), split.forwarded), ("Yes, 5 please.", None), "{body}");
        }
        // Answers written between and below the quotations.
        assert_eq!(new_text("On 3 June 2024 Bob wrote:\n> 5 or 50?\n5 please.\n> When?\nFriday.\n", "Re: x"), "5 please.\nFriday.");
    }

    #[test]
    fn headers_in_another_order_and_marks_inside_quotations() {
        let gmx = "Bitte anlegen.\n\nGesendet: Montag, 3. Juni 2024 um 10:01 Uhr\nVon: \"Ann Lee\" <ann@x.example>\nAn: bob@us.example\nBetreff: Bestellung\n\n5 x AB-1";
        let split_gmx = split(gmx, "Fw: Bestellung", false, &OurMail::default());
        assert_eq!(split_gmx.new_text, "Bitte anlegen.\n\n5 x AB-1");
        assert_eq!(split_gmx.forwarded.map(|claim| claim.date).as_deref(), Some("Montag, 3. Juni 2024 um 10:01 Uhr"));
        assert_eq!(new_text(gmx, "AW: Bestellung"), "Bitte anlegen.");
        let quoted_mark = "Yes.\n> ---------- Forwarded message ---------\n> From: Ann <ann@x.example>\n> Date: 3 June\n> Subject: PO\n> 50 x AB-1";
        assert_eq!(split(quoted_mark, "Re: PO", true, &OurMail::default()), Split { new_text: "Yes.".into(), forwarded: None });
        let new_subject = "From: Ann <ann@x.example>\nSent: Monday\nTo: Bob\nSubject: PO\n\n5 x AB-1";
        assert_eq!(split(new_subject, "for the desk", true, &OurMail::default()).new_text, "5 x AB-1");
    }

    #[test]
    fn a_typed_order_with_a_letterhead_is_not_history() {
        let body = "Please deliver:\nFrom: ACME Ltd\nTo: Widgets Inc\nDate: 3 June 2024\nSubject: Purchase order 4711\n\n5 x AB-1";
        assert_eq!(new_text(body, "Purchase order 4711"), body);
        assert_eq!(split(body, "Purchase order 4711", false, &OurMail::default()).forwarded, None);
    }

    #[test]
    fn a_forward_of_a_reply_keeps_the_reply_and_drops_its_history() {
        let body = "FYI\n---------- Forwarded message ---------\nFrom: Ann <ann@x.example>\nDate: 3 June\nSubject: Re: quote\nTo: us\n\n\
                    We order 5.\n\nOn 2 June 2024 Bob <bob@y.example> wrote:\n> 50 at 3.00\n";
        let split = split(body, "Fwd: Re: quote", true, &OurMail::default());
        assert_eq!(split.new_text, "FYI\n\nWe order 5.");
        assert_eq!(split.forwarded.and_then(|claim| claim.from).expect("a sender").address, "ann@x.example");
    }

    #[test]
    fn of_several_forwards_the_innermost_stranger_counts() {
        let body = "---------- Forwarded message ---------\nFrom: Bob <desk@us.example>\nDate: 4 June\nSubject: Fwd: PO\nTo: us\n\n\
                    ---------- Forwarded message ---------\nFrom: Ann <ann@x.example>\nDate: 3 June\nSubject: PO\nTo: bob\n\n5 x AB-1";
        let split =
            split(body, "Fwd: Fwd: PO", false, &OurMail { addresses: vec!["desk@us.example".into()], ..OurMail::default() });
        assert_eq!(
            (split.new_text.as_str(), split.forwarded.and_then(|c| c.from).expect("a sender").address.as_str()),
            ("5 x AB-1", "ann@x.example")
        );
    }

    #[test]
    fn signatures_go_and_quoted_forwards_are_unquoted() {
        assert_eq!(new_text("5 x AB-1\n\n-- \nAnn Lee\nACME Ltd\n", "PO"), "5 x AB-1");
        assert_eq!(new_text("5 x AB-1\nSent from my iPhone", "PO"), "5 x AB-1");
        let body = "Begin forwarded message:\n\n> From: Ann <ann@x.example>\n> Subject: PO\n> Date: 3 June\n> To: us\n> \n> 5 x AB-1\n> 2 x CD-2\n";
        assert_eq!(new_text(body, "Fwd: PO"), "5 x AB-1\n2 x CD-2");
    }
}
