//! How figures, dates and units are written in the six languages of our notices. The sentences themselves are in `templates/`.

use crate::model::{Currency, Unit};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A language that we have templates for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    English,
    German,
    French,
    Spanish,
    Italian,
    Dutch,
}

impl Tongue {
    pub(crate) const ALL: [Self; 6] = [Self::English, Self::German, Self::French, Self::Spanish, Self::Italian, Self::Dutch];

    /// The first of `codes` (ISO 639-1, a region may follow: `de-AT`) that we have templates for; English where none is.
    pub(crate) fn first_known(codes: &[&str]) -> Self {
        let known = |code: &&str| {
            Self::ALL.into_iter().find(|tongue| code.to_ascii_lowercase().split(['-', '_']).next() == Some(tongue.code()))
        };
        codes.iter().find_map(known).unwrap_or(Self::English)
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Italian => "it",
            Self::Dutch => "nl",
        }
    }

    /// Grouping sign and decimal sign.
    fn signs(self) -> (char, char) {
        match self {
            Self::English => (',', '.'),
            Self::French => ('\u{a0}', ','),
            Self::German | Self::Spanish | Self::Italian | Self::Dutch => ('.', ','),
        }
    }

    /// A quantity: no more decimals than it has.
    pub(crate) fn quantity(self, value: Decimal) -> String {
        self.digits(&value.normalize().to_string())
    }

    /// An amount with exactly the currency's minor digits, the code after it.
    pub(crate) fn amount(self, value: Decimal, currency: Currency) -> String {
        format!("{}\u{a0}{currency}", self.digits(&format!("{:.*}", currency.minor_digits() as usize, currency.round(value))))
    }

    /// A unit price: at least the currency's minor digits, more where the price has them (DOMAIN 20).
    pub(crate) fn price(self, value: Decimal, currency: Currency) -> String {
        let digits = value.normalize().scale().max(currency.minor_digits()) as usize;
        format!("{}\u{a0}{currency}", self.digits(&format!("{:.*}", digits, value.normalize())))
    }

    /// A day, so that nobody can take the month for the day where two readings are common.
    pub(crate) fn date(self, date: Date) -> String {
        match self {
            Self::English => date.strftime("%-d %b %Y").to_string(),
            Self::German => date.strftime("%d.%m.%Y").to_string(),
            Self::French | Self::Spanish | Self::Italian => date.strftime("%d/%m/%Y").to_string(),
            Self::Dutch => date.strftime("%d-%m-%Y").to_string(),
        }
    }

    /// A quantity with its unit: `1.250 Stück`.
    pub(crate) fn measure(self, value: Decimal, unit: &Unit) -> String {
        format!("{}\u{a0}{}", self.quantity(value), self.unit(unit, value == Decimal::ONE))
    }

    fn unit(self, unit: &Unit, is_one: bool) -> String {
        let column = match self {
            Self::English => 0,
            Self::German => 1,
            Self::French => 2,
            Self::Spanish => 3,
            Self::Italian => 4,
            Self::Dutch => 5,
        };
        match UNIT_WORDS.iter().find(|(code, _)| *code == unit.code()) {
            Some((_, words)) if is_one => words[column].0.to_owned(),
            Some((_, words)) => words[column].1.to_owned(),
            None => unit.to_string(),
        }
    }

    /// Groups the digits of a plain decimal (`-1234.50`) in threes and sets this language's signs.
    fn digits(self, plain: &str) -> String {
        let (group, point) = self.signs();
        let (sign, plain) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let mut text = String::from(sign);
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }
}

/// Units by UN/ECE code in the order of `Tongue`, for one and for several; all others keep their international abbreviation.
const UNIT_WORDS: [(&str, [(&str, &str); 6]); 14] = [
    (
        "C62",
        [("pc", "pcs"), ("Stück", "Stück"), ("pièce", "pièces"), ("unidad", "unidades"), ("pezzo", "pezzi"), ("stuk", "stuks")],
    ),
    (
        "XBX",
        [("box", "boxes"), ("Kiste", "Kisten"), ("boîte", "boîtes"), ("caja", "cajas"), ("scatola", "scatole"), ("doos", "dozen")],
    ),
    (
        "XCT",
        [
            ("carton", "cartons"),
            ("Karton", "Kartons"),
            ("carton", "cartons"),
            ("cartón", "cartones"),
            ("cartone", "cartoni"),
            ("karton", "kartons"),
        ],
    ),
    (
        "XCS",
        [
            ("case", "cases"),
            ("Gebinde", "Gebinde"),
            ("caisse", "caisses"),
            ("caja", "cajas"),
            ("cassa", "casse"),
            ("krat", "kratten"),
        ],
    ),
    (
        "XPK",
        [
            ("pack", "packs"),
            ("Packung", "Packungen"),
            ("paquet", "paquets"),
            ("paquete", "paquetes"),
            ("confezione", "confezioni"),
            ("pak", "pakken"),
        ],
    ),
    (
        "XPX",
        [
            ("pallet", "pallets"),
            ("Palette", "Paletten"),
            ("palette", "palettes"),
            ("palé", "palés"),
            ("pallet", "pallet"),
            ("pallet", "pallets"),
        ],
    ),
    (
        "XRO",
        [
            ("roll", "rolls"),
            ("Rolle", "Rollen"),
            ("rouleau", "rouleaux"),
            ("rollo", "rollos"),
            ("rotolo", "rotoli"),
            ("rol", "rollen"),
        ],
    ),
    (
        "XBG",
        [
            ("bag", "bags"),
            ("Beutel", "Beutel"),
            ("sac", "sacs"),
            ("bolsa", "bolsas"),
            ("sacchetto", "sacchetti"),
            ("zak", "zakken"),
        ],
    ),
    (
        "XBO",
        [
            ("bottle", "bottles"),
            ("Flasche", "Flaschen"),
            ("bouteille", "bouteilles"),
            ("botella", "botellas"),
            ("bottiglia", "bottiglie"),
            ("fles", "flessen"),
        ],
    ),
    (
        "XCA",
        [("can", "cans"), ("Dose", "Dosen"), ("boîte", "boîtes"), ("lata", "latas"), ("lattina", "lattine"), ("blik", "blikken")],
    ),
    ("XDR", [("drum", "drums"), ("Fass", "Fässer"), ("fût", "fûts"), ("bidón", "bidones"), ("fusto", "fusti"), ("vat", "vaten")]),
    ("XTU", [("tube", "tubes"), ("Tube", "Tuben"), ("tube", "tubes"), ("tubo", "tubos"), ("tubo", "tubi"), ("tube", "tubes")]),
    ("PR", [("pair", "pairs"), ("Paar", "Paar"), ("paire", "paires"), ("par", "pares"), ("paio", "paia"), ("paar", "paar")]),
    ("SET", [("set", "sets"), ("Satz", "Sätze"), ("jeu", "jeux"), ("juego", "juegos"), ("set", "set"), ("set", "sets")]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rust_decimal::dec;

    #[test]
    fn figures_in_each_language() {
        let eur = Currency::parse("EUR").expect("a known code");
        let jpy = Currency::parse("JPY").expect("a known code");
        let table = [
            (Tongue::English, "1,234,567.5", "12,345.60\u{a0}EUR", "0.0425\u{a0}EUR", "3 Dec 2026"),
            (Tongue::German, "1.234.567,5", "12.345,60\u{a0}EUR", "0,0425\u{a0}EUR", "03.12.2026"),
            (Tongue::French, "1\u{a0}234\u{a0}567,5", "12\u{a0}345,60\u{a0}EUR", "0,0425\u{a0}EUR", "03/12/2026"),
            (Tongue::Dutch, "1.234.567,5", "12.345,60\u{a0}EUR", "0,0425\u{a0}EUR", "03-12-2026"),
        ];
        for (tongue, quantity, amount, price, day) in table {
            assert_eq!(tongue.quantity(dec!(1234567.500)), quantity);
            assert_eq!(tongue.amount(dec!(12345.6), eur), amount);
            assert_eq!(tongue.price(dec!(0.04250), eur), price);
            assert_eq!(tongue.date(date(2026, 12, 3)), day);
        }
        assert_eq!(Tongue::English.quantity(dec!(-100)), "-100");
        assert_eq!(Tongue::English.quantity(dec!(1000)), "1,000");
        assert_eq!(Tongue::English.amount(dec!(1999.5), jpy), "2,000\u{a0}JPY");
        assert_eq!(Tongue::German.measure(dec!(1250), &Unit::piece()), "1.250\u{a0}Stück");
    }

    #[test]
    fn an_unknown_language_falls_back() {
        assert_eq!(Tongue::first_known(&["de-AT", "en"]), Tongue::German);
        assert_eq!(Tongue::first_known(&["xx", "FR"]), Tongue::French);
        assert_eq!(Tongue::first_known(&["", ""]), Tongue::English);
    }
}
