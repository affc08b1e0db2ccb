//! What a clause orders: part numbers and description among the words that are neither quantity nor money.

use super::clause::{FILLERS, Figure, Part, bare, is_list_mark, is_times, is_unit};
use super::columns::{self, Role};
use super::lines::{Segment, fold};
use super::part_numbers::{is_code_row, part_labels};
use crate::reading::document::Word;
use crate::reading::extraction::{dates, numbers};
use std::ops::Range;

/// Part numbers and description among the words that are not taken, and what of them is doubtful.
pub(super) fn item(
    words: &[&Word],
    count: &Figure,
    unit: Option<usize>,
    taken: &[bool],
) -> (Vec<Part>, Vec<usize>, Option<String>) {
    let chunks = chunks(words, taken);
    let behind = count.words.end.max(unit.map_or(0, |at| at + 1));
    let (before, after): (Vec<&Range<usize>>, Vec<&Range<usize>>) = chunks.iter().partition(|chunk| chunk.start < behind);
    // What stands before the quantity only leads to it, unless nothing stands behind it: `AB-123 Widget: 10 pcs`.
    let of_interest = if after.iter().any(|chunk| says_something(&words[(*chunk).clone()])) {
        let named = before
            .into_iter()
            .filter(|chunk| code_in(words, chunk).is_some_and(|part| part.words.len() == chunk.len() || part.role != Role::Part));
        named.chain(after).collect::<Vec<_>>()
    } else {
        before
    };
    let (mut parts, mut description, mut doubt): (Vec<Part>, Vec<usize>, Option<String>) = (Vec::new(), Vec::new(), None);
    for chunk in of_interest {
        let mut rest = chunk.clone();
        if let Some(part) = code_in(words, chunk) {
            let taken = parts.iter().any(|known| known.role == part.role);
            if !taken {
                let leads = (chunk.start..part.words.start).all(|at| {
                    let word = bare(&words[at].text);
                    word.is_empty() || FILLERS.contains(fold(word).as_str()) || is_part_word(word)
                });
                if !leads && part.words.end < chunk.end && part.role == Role::Part {
                    doubt = Some(format!("`{}` stands inside a text and may not be the part number.", part.text));
                }
                description.extend(rest.start..part.words.start);
                rest.start = part.words.end;
                parts.push(part);
            } else if part.words.len() == chunk.len() && part.role == Role::Part {
                doubt = Some(format!("`{}` may be the part number as well.", part.text));
            }
        }
        description.extend(rest);
    }
    description.retain(|at| !bare(&words[*at].text).is_empty());
    let leads = |word: &str| FILLERS.contains(fold(word).as_str()) || is_part_word(word);
    let lead = description.iter().take_while(|at| leads(bare(&words[**at].text))).count();
    description.drain(..lead);
    (parts, description, doubt)
}

/// `Art.`, `item`, `référence`: a word for a part, with no number of its own.
pub(super) fn is_part_word(word: &str) -> bool {
    matches!(columns::exact_role(word), Some(Role::Part | Role::Item))
}

fn says_something(words: &[&Word]) -> bool {
    words.iter().any(|word| {
        let bare = bare(&word.text);
        bare.chars().filter(|c| c.is_alphanumeric()).count() > 1 && !FILLERS.contains(fold(bare).as_str())
    })
}

/// Stretches of words between commas, brackets, dashes and what is taken.
fn chunks(words: &[&Word], taken: &[bool]) -> Vec<Range<usize>> {
    let mut chunks: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    for (at, word) in words.iter().enumerate() {
        let text = word.text.as_str();
        let is_sign = (matches!(text, "-" | "–" | "—" | "|" | "•" | "*" | "=" | "@" | "/") || is_times(text))
            && !((text == "/" || is_times(text)) && start.is_some());
        if taken[at] || is_sign || text.starts_with('(') {
            chunks.extend(start.take().map(|start| start..at));
        }
        if taken[at] || is_sign || (start.is_none() && is_list_mark(text) && at == 0) {
            continue;
        }
        let first = *start.get_or_insert(at);
        if text.ends_with([',', ';', ')', ':']) && !columns_label(words, first, at) {
            chunks.push(first..at + 1);
            start = None;
        }
    }
    chunks.extend(start.map(|start| start..words.len()));
    chunks
}

/// `Art.-Nr.:` is the label of what follows.
fn columns_label(words: &[&Word], first: usize, last: usize) -> bool {
    let text = words[first..=last].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    text.ends_with(':') && columns::exact_role(&text).is_some()
}

/// The part number in a chunk: labelled, the whole of it, its beginning, or any code in it.
fn code_in(words: &[&Word], chunk: &Range<usize>) -> Option<Part> {
    let segment = Segment::of(words[chunk.clone()].to_vec());
    if let Some((role, from, to)) = part_labels(&segment).into_iter().next() {
        let used = segment.words_in(from, to);
        let start =
            chunk.start + segment.words.iter().position(|word| used.first().is_some_and(|first| std::ptr::eq(*word, *first)))?;
        return Some(Part { words: start..start + used.len(), text: segment.text[from..to].trim().to_owned(), role, longer: None });
    }
    let lead = words[chunk.clone()]
        .iter()
        .take_while(|word| {
            FILLERS.contains(fold(bare(&word.text)).as_str())
                || columns::exact_role(&word.text) == Some(Role::Part)
                || columns::exact_role(&word.text) == Some(Role::Item)
        })
        .count();
    let rest = chunk.start + lead..chunk.end;
    if rest.is_empty() {
        return None;
    }
    let text_of = |range: Range<usize>| {
        let joined = words[range].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        joined.trim_matches([',', ';', ':', '(', ')', '"', ' ']).trim_end_matches('.').to_owned()
    };
    let whole = text_of(rest.clone());
    let is_figure = numbers::amount(&whole).is_some_and(|amount| {
        let plain = amount.before.is_empty() && (amount.after.is_empty() || is_unit(&amount.after));
        amount.currency.is_some() || amount.percent || (plain && !(whole.len() >= 4 && whole.bytes().all(|b| b.is_ascii_digit())))
    });
    if is_code_row(&whole) && !is_figure && !is_dated(&whole) {
        return Some(Part { words: rest, text: whole, role: Role::Part, longer: None });
    }
    let first = text_of(rest.start..rest.start + 1);
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    let run = code_run(&words[rest.clone()]);
    let long = (run > 1).then(|| text_of(rest.start..rest.start + run));
    if is_code(&first) || (digits >= 4 && digits == first.len()) || (lead > 0 && digits >= 3) {
        return Some(Part {
            words: rest.start..rest.start + 1,
            text: first,
            role: Role::Part,
            longer: long.map(|long| (long, run)),
        });
    }
    // `UM 720 / 07 Wood screws`: the capitals alone are no number.
    if let Some(long) = long.filter(|long| long.bytes().filter(u8::is_ascii_digit).count() >= 2) {
        return Some(Part { words: rest.start..rest.start + run, text: long, role: Role::Part, longer: None });
    }
    let at = rest.clone().find(|at| is_code(bare(&words[*at].text)) && bare(&words[*at].text).contains('-'))?;
    Some(Part { words: at..at + 1, text: text_of(at..at + 1), role: Role::Part, longer: None })
}

/// How many words from the first on may be one code: `UM` `720` `/` `07`, `4UX7` `410-1VR12-0TK0`.
fn code_run(words: &[&Word]) -> usize {
    let has_digit = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
    let is_sign = |text: &str| matches!(text, "/" | "-" | "–");
    let mut run = 0;
    while let Some(word) = words.get(run) {
        let text = word.text.trim_matches(['(', ')', ':', '"']).trim_end_matches([',', ';']);
        let before = run.checked_sub(1).map(|at| words[at].text.as_str());
        let goes_on = match before {
            None => text.len() <= 4 && text.len() >= 2 && text.chars().all(char::is_uppercase) || has_digit(text),
            Some(_) if run >= 6 => false,
            Some(before) if is_sign(text) => has_digit(before),
            Some(before) if is_sign(before) => has_digit(text),
            Some(before) if !has_digit(before) => has_digit(text) && !text.chars().any(char::is_lowercase),
            Some(_) => {
                text.len() >= 6 && text.bytes().filter(u8::is_ascii_digit).count() >= 3 && !text.chars().any(char::is_lowercase)
            }
        };
        if !goes_on {
            break;
        }
        run += 1;
        if word.text.ends_with([',', ';', ')']) {
            break;
        }
    }
    while run > 0 && is_sign(&words[run - 1].text) {
        run -= 1;
    }
    run
}

fn is_dated(text: &str) -> bool {
    dates::parse(text, None).is_some_and(|date| !date.week)
}

/// Letters and digits together, or digits with a sign between: no plain number, no measure.
pub(crate) fn is_code(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let joined = text.contains('-') && !text.starts_with('-') && !text.ends_with('-');
    let measure =
        numbers::amount(text).is_some_and(|amount| !amount.after.is_empty() && (is_unit(&amount.after) || amount.after.len() <= 2));
    (3..=40).contains(&text.len())
        && digits >= 1
        && (letters >= 1 || joined || (text.contains(['.', '/']) && numbers::parse(text).is_none()))
        && !measure
        && !is_dated(text)
        && !text.contains(['@', '%', '€', '$'])
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | '_'))
}
