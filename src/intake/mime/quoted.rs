//! Where in a text does somebody else's mail begin, and what do the lines above it claim? Marks, attributions and header blocks as mail
//! programs print them in English, German, French, Spanish, Italian and Dutch.
//!
//! Not here: whether that mail is an order passed on or old history (`history`).

use super::headers::claimed_mailbox;
use super::names::clean_line;
use crate::intake::message::{ForwardForm, Forwarded};
use regex::Regex;
use std::sync::LazyLock;

/// Lines of a header block, continuation lines included.
const MAX_BLOCK_LINES: usize = 14;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `---------- Forwarded message ---------`.
    ForwardMark,
    /// `-----Original Message-----`: Outlook prints it above replies and forwards alike.
    OriginalMark,
    /// `On Monday Ann wrote:`.
    Attribution,
    /// Header lines without a mark above them.
    Block,
}

/// Where somebody else's mail begins.
pub(super) struct Cut {
    pub kind: Kind,
    /// First line that is not the sender's own.
    pub start: usize,
    /// First line of the quoted text.
    pub end: usize,
    pub block: Option<Block>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub from: Option<String>,
    pub subject: String,
    date: String,
    to: bool,
}

impl Block {
    pub(super) fn claim(&self) -> Forwarded {
        Forwarded {
            form: ForwardForm::Inline,
            from: self.from.as_deref().and_then(claimed_mailbox),
            subject: self.subject.clone(),
            date: self.date.clone(),
        }
    }
}

pub(super) fn find_cut(lines: &[&str], from: usize) -> Option<Cut> {
    (from..lines.len()).find_map(|at| {
        let line = bare(lines[at]);
        if line.is_empty() || line.len() > 400 {
            return None;
        }
        // Text that is quoted already belongs to what introduced it.
        if is_quoted(lines[at]) {
            return None;
        }
        if let Some(kind) = mark(line) {
            let (end, block) = read_block(lines, at + 1).map_or((at + 1, None), |(end, block)| (end, Some(block)));
            return Some(Cut { kind, start: at, end, block });
        }
        if let Some(end) = attribution(lines, at) {
            return Some(Cut { kind: Kind::Attribution, start: at, end, block: None });
        }
        // Most programs begin with the sender, some (GMX) with the date.
        let begins = label(line).is_some_and(|(label, _)| label != Label::Other);
        let (end, block) = read_block(lines, at).filter(|_| begins)?;
        (block.from.is_some()
            && (!block.subject.is_empty() && (block.to || !block.date.is_empty()) || (block.to && !block.date.is_empty())))
        .then_some(Cut { kind: Kind::Block, start: rule_above(lines, at), end, block: Some(block) })
    })
}

/// Outlook draws a line of underscores above the block.
fn rule_above(lines: &[&str], at: usize) -> usize {
    let mut above = at;
    while above > 0 && lines[above - 1].trim().is_empty() {
        above -= 1;
    }
    if above > 0 && lines[above - 1].trim().len() >= 8 && lines[above - 1].trim().chars().all(|c| c == '_' || c == '-') {
        above - 1
    } else {
        at
    }
}

/// The line without quotation marks, emphasis and indentation.
fn bare(line: &str) -> &str {
    line.trim_start_matches(|c: char| c == '>' || c.is_whitespace()).trim_end()
}

pub(super) fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn mark(line: &str) -> Option<Kind> {
    const FORWARD: [&str; 18] = [
        "forwarded message",
        "forwarded by",
        "weitergeleitete nachricht",
        "weitergeleitete e-mail",
        "weitergeleitet von",
        "message transféré",
        "message transmis",
        "message réexpédié",
        "e-mail transféré",
        "mensaje reenviado",
        "mensaje original reenviado",
        "messaggio inoltrato",
        "inoltrato da",
        "doorgestuurd bericht",
        "doorgestuurde bericht",
        "anfang der weitergeleiteten",
        "mensagem encaminhada",
        "mail transféré",
    ];
    const ORIGINAL: [&str; 9] = [
        "original message",
        "original-nachricht",
        "ursprüngliche nachricht",
        "originalnachricht",
        "message d'origine",
        "message original",
        "mensaje original",
        "messaggio originale",
        "oorspronkelijk bericht",
    ];
    let lower = line.to_lowercase().replace('’', "'");
    let text = lower.trim_matches(|c: char| "-_=*#> :\t".contains(c));
    let ruled = lower.starts_with(['-', '_', '=', '*']);
    let introduced = ["begin ", "début d", "inicio d", "inizio ", "anfang "].iter().any(|word| text.starts_with(word));
    if text.chars().count() > 60 || !(ruled || introduced) {
        return None;
    }
    let has = |patterns: &[&str]| patterns.iter().any(|pattern| text.contains(pattern));
    if has(&FORWARD) { Some(Kind::ForwardMark) } else { (ruled && has(&ORIGINAL)).then_some(Kind::OriginalMark) }
}

/// `On 3 May 2024 at 10:01, Ann Lee <ann@x.example> wrote:` in six languages, wrapped over up to four lines. Returns the line after.
fn attribution(lines: &[&str], at: usize) -> Option<usize> {
    static ATTRIBUTION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?: on\s.+\swrote | am\s.+\sschrieb(?:\s.+)? | .+\sschrieb\sam\s.+ | le\s.+\sa\sécrit | el\s.+\sescribió | il\s.+\sha\sscritto
               | op\s.+\sschreef(?:\s.+)? | em\s.+\sescreveu | .+\swrote\son\s.+ )\s?:$",
        )
        .expect("the pattern is valid")
    });
    let first = lines[at].trim();
    let starts = ["on ", "am ", "le ", "el ", "il ", "op ", "em "];
    let lower = first.get(..3).map(str::to_lowercase).unwrap_or_default();
    let opens = starts.contains(&lower.as_str()) || first.ends_with(':');
    if !opens {
        return None;
    }
    let mut joined = String::new();
    for (more, line) in lines[at..].iter().take(4).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('>') {
            return None;
        }
        if more > 0 {
            joined.push(' ');
        }
        joined.push_str(line);
        if line.ends_with(':') {
            let has_when = joined.bytes().any(|byte| byte.is_ascii_digit()) || joined.contains('@');
            return (has_when && ATTRIBUTION.is_match(&joined.replace('\u{a0}', " "))).then_some(at + more + 1);
        }
    }
    None
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    From,
    Date,
    To,
    Subject,
    Other,
}

/// Reads `Label: value`, with the labels that mail programs print in English, German, French, Spanish, Italian and Dutch.
fn label(line: &str) -> Option<(Label, &str)> {
    let (name, value) = line.split_once([':', '：'])?;
    let name = name.trim_matches(|c: char| c == '*' || c == '_' || c.is_whitespace() || c == '\u{a0}').to_lowercase();
    let label = match name.as_str() {
        "from" | "von" | "de" | "da" | "van" | "expéditeur" | "absender" | "remitente" | "mittente" | "afzender" => Label::From,
        "date" | "sent" | "datum" | "gesendet" | "gesendet am" | "envoyé" | "envoyé le" | "envoyé à" | "fecha" | "enviado"
        | "enviado el" | "data" | "inviato" | "inviato il" | "verzonden" | "sent at" => Label::Date,
        "to" | "an" | "à" | "a" | "pour" | "para" | "aan" | "destinataire" | "destinatario" | "empfänger" => Label::To,
        "subject" | "betreff" | "objet" | "sujet" | "asunto" | "oggetto" | "onderwerp" => Label::Subject,
        "cc" | "bcc" | "kopie" | "copie" | "copie à" | "reply-to" | "antwort an" | "répondre à" | "importance" | "wichtigkeit"
        | "attachments" | "anlagen" | "pièces jointes" | "allegati" | "adjuntos" | "bijlagen" | "organization" | "organisation"
        | "priority" | "priorität" => Label::Other,
        _ => return None,
    };
    Some((label, value.trim_matches(|c: char| c == '*' || c.is_whitespace())))
}

/// Header lines from `start` on, blank lines before them skipped. Returns the line after the block.
fn read_block(lines: &[&str], start: usize) -> Option<(usize, Block)> {
    let mut at = start;
    while at < lines.len() && at < start + 3 && bare(lines[at]).is_empty() {
        at += 1;
    }
    let first = at;
    let (mut block, mut fields, mut last) = (Block::default(), 0, None);
    while at < lines.len() && at < first + MAX_BLOCK_LINES {
        let line = bare(lines[at]);
        if line.is_empty() {
            // HTML mails may set each header line as a paragraph of its own.
            let goes_on = fields < 4 && lines.get(at + 1).is_some_and(|next| label(bare(next)).is_some());
            if !goes_on {
                break;
            }
            at += 1;
            continue;
        }
        match label(line) {
            Some((label, value)) => {
                fields += 1;
                last = Some(label);
                match label {
                    Label::From if block.from.is_none() => block.from = Some(clean_line(value, 400)),
                    Label::Subject if block.subject.is_empty() => block.subject = clean_line(value, 500),
                    Label::Date if block.date.is_empty() => block.date = clean_line(value, 100),
                    Label::To => block.to = true,
                    Label::From | Label::Subject | Label::Date | Label::Other => {}
                }
            }
            // A long subject or list of recipients wraps; anything else ends the block.
            None if fields >= 2 && matches!(last, Some(Label::Subject | Label::To | Label::Other)) && wraps(lines, at) => {
                if last == Some(Label::Subject) {
                    block.subject = clean_line(&format!("{} {line}", block.subject), 500);
                }
            }
            None => break,
        }
        at += 1;
    }
    (fields >= 2 && block.from.is_some()).then_some((at, block))
}

/// A continuation line is followed by another header line or by the blank line that ends the block.
fn wraps(lines: &[&str], at: usize) -> bool {
    let previous_is_label = label(bare(lines[at - 1])).is_some();
    previous_is_label && lines.get(at + 1).is_none_or(|next| bare(next).is_empty() || label(bare(next)).is_some())
}
