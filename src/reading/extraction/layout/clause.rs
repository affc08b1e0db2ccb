//! The parts of a clause that orders one item: how many, of what (`clause_item`), for how much. Words in, places of words out; nothing is
//! grounded here.

use super::clause_item::{is_code, is_part_word, item};
use super::columns::{self, Role};
use super::lines::fold;
use crate::model::Unit;
use crate::reading::document::Word;
use crate::reading::extraction::layout::lines::tokenize;
use crate::reading::extraction::lexicon;
use crate::reading::extraction::numbers::{self, Amount};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

pub(super) static FILLERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("clauses", "filler"));
static PRICE: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("clauses", "price"));
static SUM: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("clauses", "sum"));
static PER: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("clauses", "per"));

/// A number and the words that print it.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub words: Range<usize>,
    pub amount: Amount,
}

/// A part number as it stands in the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub words: Range<usize>,
    pub text: String,
    /// Whose number it is, where a label says so; else `Part`.
    pub role: Role,
    /// The code may go on with the next words: the longer one, and of how many words it is.
    pub longer: Option<(String, usize)>,
}

/// What a clause says of one item, by places in its words.
#[derive(Debug, Clone)]
pub(crate) struct Clause {
    pub count: Figure,
    /// Place and printed unit.
    pub unit: Option<(usize, String)>,
    pub price: Option<Figure>,
    /// A word or sign says that it is the price.
    pub price_is_said: bool,
    pub basis: Option<Figure>,
    pub sum: Option<Figure>,
    pub parts: Vec<Part>,
    pub description: Vec<usize>,
    /// What a person must look at, in words.
    pub doubt: Option<String>,
}

/// The clause of these words; `None` where nothing is ordered.
pub(crate) fn clause(words: &[&Word]) -> Option<Clause> {
    let (count, unit, mut doubt) = count(words)?;
    let mut taken = vec![false; words.len()];
    for at in count.words.clone().chain(unit.iter().map(|(at, _)| *at)) {
        taken[at] = true;
    }
    if words.get(count.words.end).is_some_and(|word| is_times(&word.text)) {
        taken[count.words.end] = true;
    }
    let money = monies(words, &taken);
    let (price, price_is_said, sum, unclear) = price_and_sum(money);
    doubt = doubt.or(unclear);
    let basis = price.as_ref().and_then(|price| basis(words, price.words.end));
    for figure in [&price, &sum, &basis].into_iter().flatten() {
        taken[announced_from(words, figure.words.start)..figure.words.end].fill(true);
    }
    let after = price.as_ref().map_or(0, |price| price.words.end);
    // Behind the price stands what the price is for: `4,20 / Stk`, `4.20 each`.
    for (at, word) in words.iter().enumerate().skip(after).take(3).filter(|_| after > 0) {
        let said = tokenize(&word.text).iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
        taken[at] |= is_unit(bare(&word.text)) || PER.contains(said.as_str()) || PRICE.contains(said.as_str()) || said.is_empty();
    }
    let (parts, description, left) = item(words, &count, unit.as_ref().map(|(at, _)| *at), &taken);
    if parts.is_empty() && (unit.is_none() || description.is_empty()) {
        return None;
    }
    // A unit that nobody knows counts only what has a number and a price: `4652 Wels` is a place.
    if unit.as_ref().is_some_and(|(_, unit)| !is_unit(unit)) && (parts.is_empty() || price.is_none()) {
        return None;
    }
    doubt = doubt.or(left);
    Some(Clause { count, unit, price, price_is_said, basis, sum, parts, description, doubt })
}

/// A quantity, and a part or a unit to it.
pub(crate) fn orders_something(words: &[&Word]) -> bool {
    words.len() >= 2 && clause(words).is_some()
}

pub(crate) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| {
        matches!(c, ',' | ';' | ':' | '(' | ')' | '.' | '"' | '\'' | '[' | ']' | '*' | '•' | '-' | '–' | '@' | '!' | '?')
    })
}

/// A number at a word, with the next word where digits are grouped by a space (`1 570,74`).
fn number_at(words: &[&Word], at: usize) -> Option<Figure> {
    let text = words.get(at)?.text.trim_matches(['(', ')', ',', ';', ':', '@', '*', '•']).trim_end_matches('.');
    if !text.starts_with(|c: char| c.is_ascii_digit() || numbers::is_currency(&c.to_string())) {
        return None;
    }
    let single = numbers::amount(text).filter(|amount| amount.before.is_empty());
    let short = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(next) = words.get(at + 1).filter(|_| short && !words[at].text.ends_with([',', ';', '.', ')', ':'])) {
        let next = next.text.trim_matches(['(', ')', ';', ':']).trim_end_matches([',', '.']);
        let digits = next.bytes().take_while(u8::is_ascii_digit).count();
        let grouped = digits == 3 && next.as_bytes().get(3).is_none_or(|b| matches!(b, b',' | b'.'));
        if grouped
            && let Some(amount) = numbers::amount(&format!("{text} {next}")).filter(|a| a.before.is_empty() && a.after.is_empty())
        {
            return Some(Figure { words: at..at + 2, amount });
        }
    }
    single.map(|amount| Figure { words: at..at + 1, amount })
}

/// How sure a number is the quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// With a unit of measure inside a text.
    Measure,
    /// With a unit, or in front of a code.
    Counted,
    /// A part of the clause of its own, or its beginning.
    Alone,
    /// `12 x`, `Qty: 12`.
    Said,
}

type Counted = (Figure, Option<(usize, String)>, Option<String>);

/// A figure that may be the quantity, with its unit.
type Candidate = (Strength, Figure, Option<(usize, String)>);

fn count(words: &[&Word]) -> Option<Counted> {
    let mut best: Vec<Candidate> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(figure) = number_at(words, at) else {
            at += 1;
            continue;
        };
        let end = figure.words.end;
        let is_list_mark = at == 0 && words.len() > 2 && is_list_mark(&words[0].text);
        if !is_list_mark
            && let Some((strength, figure, unit)) = counted(words, figure)
            && best.first().is_none_or(|(known, ..)| strength >= *known)
        {
            best.retain(|(known, ..)| *known == strength);
            best.push((strength, figure, unit));
        }
        at = end;
    }
    // `at 12.50 each`: what is announced as a price is none.
    if best.len() > 1 && best.iter().any(|(_, figure, _)| !is_announced(words, figure.words.start)) {
        best.retain(|(_, figure, _)| !is_announced(words, figure.words.start));
    }
    let several = best.len() > 1;
    let (strength, figure, unit) = best.into_iter().next()?;
    let raw = words[figure.words.clone()].iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    let doubt = (several || strength == Strength::Measure).then(|| format!("`{raw}` may not be the quantity of the line."));
    let split = figure.words.len() > 1 && unit.as_ref().is_some_and(|(_, unit)| is_measure(unit));
    let doubt = doubt.or_else(|| split.then(|| format!("`{raw}` may be one number or two.")));
    Some((figure, unit, doubt))
}

fn is_announced(words: &[&Word], at: usize) -> bool {
    words[at].text.starts_with('@')
        || at
            .checked_sub(1)
            .is_some_and(|before| words[before].text == "@" || PRICE.contains(fold(bare(&words[before].text)).as_str()))
}

pub(super) fn is_times(text: &str) -> bool {
    matches!(text, "x" | "X" | "×")
}

pub(crate) fn is_list_mark(text: &str) -> bool {
    let digits = text.trim_end_matches(['.', ')', ':']);
    digits.len() < text.len() && digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the figure counts something, how surely, and its unit.
fn counted(words: &[&Word], figure: Figure) -> Option<Candidate> {
    let amount = &figure.amount;
    if amount.percent || amount.currency.is_some() {
        return None;
    }
    let (first, end) = (figure.words.start, figure.words.end);
    let glued = amount.after.trim_matches([',', ';', '.']).to_owned();
    let last = &words[end - 1].text;
    let next = words.get(end).filter(|_| !last.ends_with([',', ';'])).map_or("", |word| word.text.as_str());
    let begins = words[..first].iter().all(|word| !word.text.chars().any(char::is_alphanumeric) || is_list_mark(&word.text));
    let plain =
        |figure: &Figure| Figure { amount: Amount { after: String::new(), ..figure.amount.clone() }, words: figure.words.clone() };
    if is_times(&glued) || (glued.is_empty() && is_times(next)) {
        let behind = if glued.is_empty() { end + 1 } else { end };
        let dimension = words
            .get(behind)
            .is_some_and(|word| number_at(words, behind).is_some() && !bare(&word.text).contains(char::is_alphabetic));
        // `80 x 120 mm` in a text is no count; `12 x 4711` at the beginning is.
        return (begins || !dimension).then(|| (Strength::Said, plain(&figure), unit_at(words, behind)));
    }
    if said_to_be_quantity(words, first) {
        let unit = if glued.is_empty() { unit_at(words, end) } else { is_unit(&glued).then(|| (first, glued.clone())) };
        return (glued.is_empty() || unit.is_some()).then(|| (Strength::Said, plain(&figure), unit));
    }
    let alone_before =
        begins || first == 0 || words[first - 1].text.ends_with([',', ';', ':', ')']) || bare(&words[first - 1].text).is_empty();
    // `G51 2CJ` is a postal code, `12PCS` a quantity.
    let capitals = glued.len() == 2 && glued.chars().all(char::is_uppercase);
    let postal = first > 0
        && words[first - 1].text.starts_with(char::is_uppercase)
        && words[first - 1].text.bytes().any(|b| b.is_ascii_digit());
    if capitals && (postal || !matches!(glued.as_str(), "EA" | "PC" | "ST" | "KG" | "PZ" | "UN" | "RL" | "BX")) {
        return None;
    }
    if glued.len() > 1 && is_unit(&glued) {
        let strength = if begins || (alone_before && ends_part(words, end - 1)) {
            Strength::Alone
        } else if is_measure(&glued) {
            Strength::Measure
        } else {
            Strength::Counted
        };
        return Some((strength, plain(&figure), Some((first, glued))));
    }
    if !glued.is_empty() {
        return None;
    }
    if let Some((at, unit)) = unit_at(words, end).filter(|_| !next.is_empty()) {
        // `51 kg of ...`, `48 m 1113.8210`: what is measured follows.
        let leads_on = words.get(at + 1).filter(|_| !words[at].text.ends_with([',', ';', ')'])).is_some_and(|word| {
            let next = bare(&word.text);
            FILLERS.contains(fold(next).as_str())
                || is_code(next)
                || next.bytes().filter(u8::is_ascii_digit).count() >= 5
                || is_times(next)
        });
        let measure = is_measure(&unit) && !leads_on;
        let strength = if (begins && !measure) || (alone_before && ends_part(words, at)) || (begins && !is_small_measure(&unit)) {
            Strength::Alone
        } else if measure {
            Strength::Measure
        } else {
            Strength::Counted
        };
        return (!is_small_measure(&unit) || strength == Strength::Alone).then_some((strength, figure, Some((at, unit))));
    }
    // `10 RLX de 000000000087631274`: a unit of their own in front of a code.
    let word = bare(next);
    let behind = words
        .iter()
        .skip(end + 1)
        .map(|word| bare(&word.text))
        .find(|word| !FILLERS.contains(fold(word).as_str()) && !is_part_word(word) && !is_times(word));
    let names = behind.is_some_and(|word| is_code(word) || (word.len() >= 4 && word.bytes().all(|b| b.is_ascii_digit())));
    let is_short = (1..=5).contains(&word.len()) && word.chars().all(char::is_alphabetic) && !numbers::is_currency(word);
    if names
        && is_short
        && !FILLERS.contains(fold(word).as_str())
        && !PRICE.contains(fold(word).as_str())
        && !words[end].text.ends_with([',', ';', '.'])
    {
        let strength = if begins { Strength::Alone } else { Strength::Counted };
        return Some((strength, figure, Some((end, word.to_owned()))));
    }
    // `Copy paper A4, 48 SC, 94.88`: a part of its own, though the unit is not known.
    let word = bare(next);
    if alone_before
        && !begins
        && (1..=4).contains(&word.len())
        && word.chars().all(char::is_alphabetic)
        && !numbers::is_currency(word)
        && ends_part(words, end)
    {
        return Some((Strength::Alone, figure, Some((end, word.to_owned()))));
    }
    // `10 AB-123 Widget`: the line begins with the number and a code follows at once. `(128) 555-0187` is a telephone.
    let begins = begins && !words[first].text.starts_with('(') && next.contains(char::is_alphabetic);
    (begins && is_code(bare(next)) && numbers::parse(bare(next)).is_none()).then_some((Strength::Counted, figure, None))
}

/// Nothing of the same part of the clause stands behind the word.
fn ends_part(words: &[&Word], at: usize) -> bool {
    words[at].text.ends_with([',', ';', ')', '.']) && words[at].text.len() > 1 && !words[at].text.ends_with("t.")
        || words.get(at + 1).is_none_or(|next| {
            bare(&next.text).is_empty() || next.text.starts_with(['@', '(']) || PRICE.contains(fold(bare(&next.text)).as_str())
        })
}

fn said_to_be_quantity(words: &[&Word], at: usize) -> bool {
    (1..=2).any(|count| {
        at.checked_sub(count).is_some_and(|from| {
            let said = words[from..at].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            columns::exact_role(&said) == Some(Role::Quantity) && !words[from..at].iter().any(|word| is_unit(bare(&word.text)))
        })
    })
}

pub(crate) fn is_unit(word: &str) -> bool {
    Unit::parse(word).is_some() && !numbers::is_currency(word)
}

fn code_of(unit: &str) -> Option<String> {
    Unit::parse(unit).map(|unit| unit.code().to_owned())
}

/// Lengths, weights and volumes: in a text they mostly describe.
fn is_measure(unit: &str) -> bool {
    matches!(
        code_of(unit).as_deref(),
        Some("MTR" | "KGM" | "LTR" | "GRM" | "MLT" | "FOT" | "LBR" | "MTK" | "MTQ" | "ONZ" | "CLT" | "TNE" | "YRD")
    ) || is_small_measure(unit)
}

/// Measures that nothing is ordered by.
fn is_small_measure(unit: &str) -> bool {
    matches!(
        code_of(unit).as_deref(),
        Some("MMT" | "CMT" | "INH" | "HUR" | "DAY" | "MIN" | "WEE" | "MON" | "ANN" | "WTT" | "KWT" | "VLT" | "AMP")
    )
}

fn unit_at(words: &[&Word], at: usize) -> Option<(usize, String)> {
    let word = words.get(at)?.text.trim_matches([',', ';', ':', ')', '(']);
    // `in`, `no`, `a`, `can`, `to`, `un` are words before they are units.
    let is_word = matches!(
        fold(word).as_str(),
        "in" | "no" | "to" | "un" | "a" | "me" | "day" | "days" | "item" | "h" | "u" | "no." | "de" | "as"
    );
    (is_unit(word) && !is_word).then(|| (at, word.to_owned()))
}

/// A figure that may be money.
struct Money {
    figure: Figure,
    /// A currency stands beside it.
    is_money: bool,
    announced: bool,
    is_sum: bool,
}

fn monies(words: &[&Word], taken: &[bool]) -> Vec<Money> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let figure = if taken[at] { None } else { number_at(words, at) };
        let Some(mut figure) = figure else {
            at += 1;
            continue;
        };
        at = figure.words.end;
        let after = bare(&figure.amount.after);
        if figure.amount.percent || !(after.is_empty() || is_unit(after.trim_start_matches('/'))) {
            continue;
        }
        let start = figure.words.start;
        let next = words.get(at).map_or("", |word| word.text.trim_matches([',', ';', '.', ')', '/']));
        let next = next.split('/').next().unwrap_or(next);
        let before = start.checked_sub(1).map(|at| words[at].text.trim_matches(['(', ':']));
        let is_announced = |set: &HashSet<&str>| {
            (1..=3).any(|count| {
                start.checked_sub(count).is_some_and(|from| {
                    let tokens = tokenize(&words[from..start].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "));
                    let said = tokens
                        .iter()
                        .map(|token| token.text.as_str())
                        .filter(|t| !numbers::is_currency(&t.to_uppercase()))
                        .collect::<Vec<_>>()
                        .join(" ");
                    set.contains(said.as_str())
                })
            })
        };
        let at_sign = words[start].text.starts_with('@') || before == Some("@") || before == Some("=");
        let money_before = before.is_some_and(numbers::is_currency);
        let money_after = numbers::is_currency(next);
        let is_money = figure.amount.currency.is_some() || money_before || money_after;
        let announced = at_sign || is_announced(&PRICE);
        let has_places = words[start..at].iter().any(|word| bare(&word.text).contains([',', '.']));
        if !(is_money || (announced && has_places) || (at_sign && before != Some("="))) {
            continue;
        }
        let is_sum = before == Some("=") || is_announced(&SUM);
        if money_before && figure.amount.currency.is_none() {
            figure.words.start -= 1;
        }
        if money_after {
            figure.words.end += 1;
            at = figure.words.end;
        }
        found.push(Money { figure, is_money, announced, is_sum });
    }
    found
}

type PriceAndSum = (Option<Figure>, bool, Option<Figure>, Option<String>);

/// The price of one and the price of all. Two figures of which nothing says which is which are a doubt.
fn price_and_sum(money: Vec<Money>) -> PriceAndSum {
    let (sums, mut prices): (Vec<Money>, Vec<Money>) = money.into_iter().partition(|money| money.is_sum);
    if prices.iter().any(|money| money.announced && money.is_money) {
        prices.retain(|money| money.announced || money.is_money);
    }
    let mut sum = sums.into_iter().next().map(|money| money.figure);
    let mut rest = prices.into_iter();
    let price = rest.next();
    let is_said = price.as_ref().is_some_and(|money| money.announced);
    let price = price.map(|money| money.figure);
    let mut doubt = None;
    if let Some(second) = rest.next() {
        if sum.is_none() {
            sum = Some(second.figure);
        } else {
            doubt = Some("Several figures may be the price of the line.".to_owned());
        }
        if rest.next().is_some() {
            doubt = Some("Several figures may be the price of the line.".to_owned());
        }
    }
    (price, is_said, sum, doubt)
}

/// What the price is for: `/ 100`, `per 100`, `je 1000 Stk`.
fn basis(words: &[&Word], from: usize) -> Option<Figure> {
    let word = words.get(from)?;
    let glued = word.text.strip_prefix('/').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if glued.is_some() {
        let amount = numbers::amount(word.text.trim_start_matches('/'))?;
        return Some(Figure { words: from..from + 1, amount });
    }
    let leads = word.text == "/" || PER.contains(fold(bare(&word.text)).as_str());
    let figure = number_at(words, from + 1).filter(|_| leads)?;
    (figure.amount.currency.is_none() && (figure.amount.after.is_empty() || is_unit(&figure.amount.after))).then_some(figure)
}

/// Where the words begin that announce the figure at `at`.
fn announced_from(words: &[&Word], at: usize) -> usize {
    let mut from = at;
    while from > 0 && at - from < 4 {
        let before = fold(bare(&words[from - 1].text));
        let announces = before.is_empty()
            || PRICE.contains(before.as_str())
            || SUM.contains(before.as_str())
            || PRICE.iter().any(|phrase| phrase.contains(' ') && phrase.split(' ').any(|word| word == before));
        if !announces || words[from - 1].text.ends_with([',', ')']) && before.is_empty() {
            break;
        }
        from -= 1;
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::{self, Limits};

    /// `quantity unit | part | price | sum | description`, `?` behind what is in doubt.
    fn told(text: &str) -> String {
        let document = document::read(text.as_bytes(), "mail.txt", &Limits::default());
        let words: Vec<&Word> = document.pages.iter().flat_map(|page| &page.words).collect();
        let Some(clause) = clause(&words) else { return "-".into() };
        let said = |figure: &Option<Figure>| {
            figure
                .as_ref()
                .map_or(String::new(), |f| words[f.words.clone()].iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "))
        };
        let parts = clause
            .parts
            .iter()
            .map(|part| part.longer.as_ref().map_or(part.text.clone(), |(long, _)| format!("{}~{long}", part.text)));
        format!(
            "{} {} | {} | {} | {} | {}{}",
            said(&Some(clause.count.clone())),
            clause.unit.as_ref().map_or("", |(_, unit)| unit),
            parts.collect::<Vec<_>>().join(", "),
            said(&clause.price),
            said(&clause.sum),
            clause.description.iter().map(|at| words[*at].text.as_str()).collect::<Vec<_>>().join(" "),
            if clause.doubt.is_some() { " ?" } else { "" },
        )
    }

    #[test]
    fn what_a_clause_says() {
        for (text, expected) in [
            (
                "500 × LGN-03R-722 Écrou hexagonal M8 DIN 985 @ 0.0600",
                "500  | LGN-03R-722 | 0.0600 |  | Écrou hexagonal M8 DIN 985",
            ),
            ("200 UN x 63505 @ BRL 0,40", "200 UN | 63505 | BRL 0,40 |  | "),
            (
                "- Lagerkasse 300x200x120 blue (03-4042-71) - 45 STK - 13,45 DKK",
                "45 STK | 03-4042-71 | 13,45 DKK |  | Lagerkasse 300x200x120 blue",
            ),
            (
                "39 × UM 720 / 07 Viti per legno 4x50 TX @ EUR 20,2100",
                "39  | UM 720 / 07 | EUR 20,2100 |  | Viti per legno 4x50 TX",
            ),
            ("2) 758,7 Ltr NW-1476 Hydrauliköl HLP 32, je 19,60 EUR", "758,7 Ltr | NW-1476 | 19,60 EUR |  | Hydrauliköl HLP 32,"),
            (
                "4 x 4UX7 410-1VR12-0TK0 Packband 75 mm x 66 m @ 4,3600",
                "4  | 4UX7~4UX7 410-1VR12-0TK0 | 4,3600 |  | 410-1VR12-0TK0 Packband 75 mm x 66 m",
            ),
            ("Linzer Straße 5, 4652 Wels", "-"),
            ("Unit 90 Canal Works, Leeds LS9 8ST", "-"),
            ("(128) 555-0187", "-"),
        ] {
            assert_eq!(told(text).trim_end(), expected.trim_end(), "{text}");
        }
    }
}
