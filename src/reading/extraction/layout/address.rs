//! Lines of an address block to its parts: name, street, town, country and ways to reach them, in the layouts of the main countries.

use super::super::pattern::pattern;
use super::lines::{fold, tokenize};
use crate::reading::extraction::lexicon;
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Country names of all languages, folded, to ISO 3166-1 alpha-2.
static COUNTRIES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let of = |code: &'static str| lexicon::phrases("countries", code).map(move |(_, name)| (name, code)).collect::<Vec<_>>();
    lexicon::keys("countries").into_iter().flat_map(of).collect()
});
static COUNTRY_CODES: LazyLock<Vec<&'static str>> = LazyLock::new(|| lexicon::keys("countries"));

const US_STATES: &str = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR";
const CA_PROVINCES: &str = "AB BC MB NB NL NS NT NU ON PE QC SK YT";
const AU_STATES: &str = "NSW VIC QLD SA WA TAS ACT NT";

/// The country that a text names and nothing else.
pub(crate) fn country(text: &str) -> Option<&'static str> {
    let text = text.trim().trim_end_matches(['.', ',']);
    if text.is_empty() || text.len() > 40 {
        return None;
    }
    if let Some(code) = COUNTRY_CODES.iter().find(|code| **code == text) {
        return Some(code);
    }
    // Two small letters are a word, not a country.
    if text.chars().filter(|c| c.is_alphabetic()).count() <= 2 && text.chars().any(char::is_lowercase) {
        return None;
    }
    let name = tokenize(text).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ");
    COUNTRIES.get(name.as_str()).copied()
}

/// A line with postal code and town.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Town {
    /// Byte ranges in the line.
    pub postal_code: Option<(usize, usize)>,
    pub city: Option<(usize, usize)>,
    pub region: Option<(usize, usize)>,
    /// As the layout shows it, `None` where many countries write so.
    pub country: Option<&'static str>,
}

static US: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?P<city>[\p{L} .'\-]+?),?\s+(?P<region>[A-Z]{2}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)\.?,?\s+(?P<code>\d{5}(?:-\d{4})?)$")
});
static CANADA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?P<city>[\p{L} .'\-]+?),?\s+\(?(?P<region>[A-Z]{2}|Ontario|Quebec|Québec|Alberta|Manitoba)\)?,?\s+(?P<code>[A-Z]\d[A-Z] ?\d[A-Z]\d)$",
    )
});
static BRITAIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:(?P<city>[\p{L} .'\-]+?)(?:,\s*(?P<region>[\p{L} ]+?))?,?\s+)?(?P<code>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$")
});
static NETHERLANDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:NL\s?-\s?)?(?P<code>[1-9]\d{3} ?[A-Z]{2})\s+(?P<city>[\p{L}][\p{L} .'\-]+)$"));
static AUSTRALIA: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?P<city>[\p{L} .'\-]+?),?\s+(?P<region>NSW|VIC|QLD|SA|WA|TAS|ACT|NT),?\s+(?P<code>\d{4})$"));
static ITALY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:I(?:T)?\s?-\s?)?(?P<code>\d{5})\s*-?\s+(?P<city>[\p{L}][\p{L} .'\-]+?)\s*(?:\((?P<region>[A-Z]{2})\)|,?\s-?\s?(?P<region2>[A-Z]{2}))$",
    )
});
static CODE_CITY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?P<land>[A-Z]{1,3})\s?-\s?)?(?P<code>\d{2}-\d{3}|\d{3} \d{2}|\d{4}-\d{3}|\d{4,6})\s*,?\s+(?P<city>[\p{L}][\p{L}\d .'’/()\-]+?)(?:\s+(?:CEDEX|Cedex)(?:\s\d+)?)?(?:,\s*(?P<region>[\p{L} ]+))?$",
    )
});
static CITY_CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?P<city>[\p{L}][\p{L} .'\-]+?)\s*(?:,\s*(?P<region>[\p{L} ]+?))?\s*[,\-–]?\s*(?:(?i:pin|pin code|pincode|postal code)\s*[:\-]?\s*)?(?P<code>\d{3} ?\d{3}|\d{5}-\d{3}|\d{4,6})\.?$",
    )
});

/// `Pune - 411045, Maharashtra`
static INDIA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?P<city>[\p{L}][\p{L} .'\-]+?)\s*[-–]\s*(?P<code>\d{3} ?\d{3})(?:[,.]?\s*\(?(?P<region>[\p{L} ]+?)\)?)?$")
});
/// `Naka-ku, Nagoya 460-0038`, `〒460-0038 Nagoya`
static JAPAN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?P<city>[\p{L}][\p{L}\d .'\-]+?)(?:,\s*(?P<region>[\p{L} .'\-]+?))?,?\s+〒?\s?(?P<code>\d{3}-\d{4})|〒?\s?(?P<code2>\d{3}-\d{4})\s+(?P<city2>[\p{L}][\p{L}\d ,.'\-]+))$",
    )
});
/// `Monterrey, N.L., C.P. 64789`, `C.P. 64789 Monterrey, N.L.`
static MEXICO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?P<city>[\p{L}][\p{L} .'\-]+?)(?:,\s*(?P<region>[\p{L}][\p{L}. ]+?))?,?\s+C\.?\s?P\.?:?\s*(?P<code>\d{5})|C\.?\s?P\.?:?\s*(?P<code2>\d{5}),?\s+(?P<city2>[\p{L}][\p{L} .'\-]+?)(?:,\s*(?P<region2>[\p{L}][\p{L}. ]+?))?)$",
    )
});
/// `Campinas - SP, CEP 13546-108`, `13546-108 Campinas - SP`
static BRAZIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?P<city>[\p{L}][\p{L} .'\-]+?)\s*[-–/,]\s*(?P<region>[A-Z]{2})\s*[,\-–]?\s*(?:CEP\s*:?\s*)?(?P<code>\d{5}-\d{3})|(?:CEP\s*:?\s*)?(?P<code2>\d{5}-\d{3})\s*[,\-–]?\s*(?P<city2>[\p{L}][\p{L} .'\-]+?)\s*[-–/,]\s*(?P<region2>[A-Z]{2}))$",
    )
});
/// `Limerick V94 KC21`, `Dublin 12, D12 TG48`; the Eircode may stand alone.
static IRELAND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?P<city>[\p{L}][\p{L} .'\-]+?(?: \d{1,2}W?)?)(?:,\s*(?P<region>(?:Co\.? )?[\p{L} ]+?))?,?\s+)?(?P<code>[AC-FHKNPRTV-Y]\d[\dW] ?[0-9A-Z]{4})$",
    )
});

/// Reads a line as a town line; `None` when no postal code shows.
pub(crate) fn town(line: &str) -> Option<Town> {
    let text = line.trim_end().trim_end_matches([',', '.', ';']);
    if text.len() > 90 || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let in_list = |list: &str, m: Option<regex::Match<'_>>| m.is_some_and(|m| list.split(' ').any(|c| c == m.as_str()));
    let of = |c: &regex::Captures<'_>, country: Option<&'static str>| Town {
        postal_code: c.name("code").or_else(|| c.name("code2")).map(|m| (m.start(), m.end())),
        city: c.name("city").or_else(|| c.name("city2")).map(|m| (m.start(), m.end())),
        region: c.name("region").or_else(|| c.name("region2")).map(|m| (m.start(), m.end())),
        country,
    };
    if let Some(c) = AUSTRALIA.captures(text).filter(|c| in_list(AU_STATES, c.name("region"))) {
        return Some(of(&c, Some("AU")));
    }
    if let Some(c) = US.captures(text).filter(|c| in_list(US_STATES, c.name("region")) || is_state_name(c.name("region"))) {
        return Some(of(&c, Some("US")));
    }
    if let Some(c) = CANADA
        .captures(text)
        .filter(|c| in_list(CA_PROVINCES, c.name("region")) || c.name("region").is_some_and(|m| m.as_str().len() > 2))
    {
        return Some(of(&c, Some("CA")));
    }
    for (form, country) in [(&MEXICO, "MX"), (&BRAZIL, "BR"), (&INDIA, "IN"), (&JAPAN, "JP")] {
        if let Some(c) = form.captures(text) {
            return Some(of(&c, Some(country)));
        }
    }
    if let Some(c) = NETHERLANDS.captures(text) {
        return Some(of(&c, Some("NL")));
    }
    // `D12 TG48` is no British form, `W5 2NP` no Irish one.
    if let Some(c) =
        IRELAND.captures(text).filter(|c| c.name("code").is_some_and(|m| m.as_str().bytes().filter(|b| *b != b' ').count() == 7))
    {
        return Some(of(&c, Some("IE")));
    }
    if let Some(c) = BRITAIN.captures(text) {
        return Some(of(&c, Some("GB")));
    }
    if let Some(c) = ITALY.captures(text) {
        return Some(of(&c, Some("IT")));
    }
    if let Some(c) = CODE_CITY.captures(text) {
        let country = c.name("land").and_then(|m| land_prefix(m.as_str()));
        return Some(of(&c, country));
    }
    let c = CITY_CODE.captures(text)?;
    let six = c.name("code").is_some_and(|m| m.as_str().bytes().filter(u8::is_ascii_digit).count() == 6);
    Some(of(&c, six.then_some("IN").filter(|_| text.contains('-'))))
}

/// The country an American, Canadian, British or Australian town line shows by its form.
pub(crate) fn country_of_town_line(line: &str) -> Option<&'static str> {
    // The town may end a longer line: `12 Main St, Springfield, IL 62701`.
    let parts: Vec<&str> = line.split(", ").collect();
    let tail = if parts.len() > 2 { parts[parts.len() - 2..].join(", ") } else { line.to_owned() };
    town(line).and_then(|t| t.country).or_else(|| town(&tail).and_then(|t| t.country)).filter(|c| *c != "GB" || line.len() < 40)
}

fn is_state_name(m: Option<regex::Match<'_>>) -> bool {
    const NAMES: &str = "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin wyoming";
    m.is_some_and(|m| {
        let name = m.as_str().to_lowercase();
        NAMES.split(' ').any(|n| n == name)
            || [
                "new york",
                "new jersey",
                "new mexico",
                "north carolina",
                "south carolina",
                "rhode island",
                "west virginia",
                "new hampshire",
            ]
            .contains(&name.as_str())
    })
}

/// Road-sign letters before a postal code: `D-80331`, `F - 75001`.
fn land_prefix(prefix: &str) -> Option<&'static str> {
    Some(match prefix {
        "D" | "DE" => "DE",
        "A" | "AT" => "AT",
        "CH" => "CH",
        "F" | "FR" => "FR",
        "B" | "BE" => "BE",
        "I" | "IT" => "IT",
        "E" | "ES" => "ES",
        "NL" => "NL",
        "L" | "LU" => "LU",
        "PL" => "PL",
        "CZ" => "CZ",
        "DK" => "DK",
        "S" | "SE" => "SE",
        "P" | "PT" => "PT",
        "N" | "NO" => "NO",
        "FIN" | "FI" => "FI",
        _ => return None,
    })
}

/// Words that end a company's name.
const LEGAL_FORMS: &str = "gmbh ag kg ohg ug se ev mbh inc incorporated llc ltd limited corp corporation co company plc llp lp sa sas sarl eurl sasu sci snc srl spa sl slu sau bv nv vof cv aps as ab oy oyj sp zoo kft doo pvt pty gbr ek sagl scs bvba bv sprl group holding industries gmbhco";

/// Whether a line reads like a company's name: it carries a legal form.
pub(crate) fn has_legal_form(line: &str) -> bool {
    let compact = fold(line)
        .replace("s.r.l.", "srl")
        .replace("s.p.a.", "spa")
        .replace("s.a.s.", "sas")
        .replace("s.a.", "sa")
        .replace("b.v.", "bv");
    let compact = compact
        .replace("n.v.", "nv")
        .replace("s.l.", "sl")
        .replace("e.v.", "ev")
        .replace("e.k.", "ek")
        .replace("s.a.r.l.", "sarl")
        .replace("l.l.c.", "llc");
    let words: Vec<&str> = compact.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.len() >= 2 && words.iter().skip(1).any(|w| LEGAL_FORMS.split(' ').any(|f| f == *w))
}

static EMAIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}"));
static VAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:DE|AT ?U|BE|NL|FR|IT|ES|GB|IE|DK|SE|PL|PT|LU|CZ|FI|HU|RO|SI|SK|EL|CHE|BG|HR|EE|LV|LT|CY|MT)[ \-]?[0-9A-Z][0-9A-Z. \-]{6,14}[0-9A-Z]|\d{2}[A-Z]{5}\d{4}[A-Z]\d?[A-Z][A-Z\d])\b",
    )
});
static PHONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\+?[\d(][\d\s().\-/]{5,20}\d"));

pub(crate) fn email(text: &str) -> Option<(usize, usize)> {
    EMAIL.find(text).map(|m| (m.start(), m.end()))
}

pub(crate) fn vat_id(text: &str) -> Option<(usize, usize)> {
    VAT.find(text).filter(|m| m.as_str().bytes().filter(u8::is_ascii_digit).count() >= 7).map(|m| (m.start(), m.end()))
}

pub(crate) fn phone(text: &str) -> Option<(usize, usize)> {
    PHONE.find(text).filter(|m| m.as_str().bytes().filter(u8::is_ascii_digit).count() >= 6).map(|m| (m.start(), m.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn town_lines_of_many_countries() {
        // line, code, city, region, country
        for (line, code, city, region, country) in [
            ("80331 München", "80331", "München", "", None),
            ("D-80331 München", "80331", "München", "", Some("DE")),
            ("F - 69100 Villeurbanne Cedex", "69100", "Villeurbanne", "", Some("FR")),
            ("Springfield, IL 62701", "62701", "Springfield", "IL", Some("US")),
            ("Scranton PA 18503", "18503", "Scranton", "PA", Some("US")),
            ("Toronto, ON M5V 2T6", "M5V 2T6", "Toronto", "ON", Some("CA")),
            ("London SW1A 1AA", "SW1A 1AA", "London", "", Some("GB")),
            ("1025 RX Amsterdam", "1025 RX", "Amsterdam", "", Some("NL")),
            ("20121 Milano (MI)", "20121", "Milano", "MI", Some("IT")),
            ("20121 Milano MI", "20121", "Milano", "MI", Some("IT")),
            ("28001 Madrid", "28001", "Madrid", "", None),
            ("Mumbai - 400001", "400001", "Mumbai", "", Some("IN")),
            ("Sydney NSW 2000", "2000", "Sydney", "NSW", Some("AU")),
            ("00-950 Warszawa", "00-950", "Warszawa", "", None),
            ("8005 Zürich", "8005", "Zürich", "", None),
            ("Vadodara - 390010, Gujarat", "390010", "Vadodara", "Gujarat", Some("IN")),
            ("Naka-ku, Nagoya 460-0038", "460-0038", "Naka-ku", "Nagoya", Some("JP")),
            ("Monterrey, N.L., C.P. 64789", "64789", "Monterrey", "N.L.", Some("MX")),
            ("Campinas - SP, CEP 13546-108", "13546-108", "Campinas", "SP", Some("BR")),
            ("Limerick V94 KC21", "V94 KC21", "Limerick", "", Some("IE")),
            ("Dublin 12, D12 TG48", "D12 TG48", "Dublin 12", "", Some("IE")),
            ("Leeds LS9 8ST", "LS9 8ST", "Leeds", "", Some("GB")),
            ("1793 Fribourg.", "1793", "Fribourg", "", None),
        ] {
            let town = town(line).unwrap_or_else(|| panic!("{line}"));
            let part = |r: Option<(usize, usize)>| r.map_or("", |(a, b)| &line[a..b]);
            assert_eq!(
                (part(town.postal_code), part(town.city), part(town.region), town.country),
                (code, city, region, country),
                "{line}"
            );
        }
    }

    #[test]
    fn countries_and_companies() {
        assert_eq!(country("Österreich"), Some("AT"));
        assert_eq!(country("USA"), Some("US"));
        assert_eq!(country("us"), None);
        assert!(has_legal_form("Muster GmbH & Co. KG") && has_legal_form("Rossi S.r.l.") && !has_legal_form("Purchase Order"));
    }
}
