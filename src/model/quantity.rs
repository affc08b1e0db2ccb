//! Units of measure and quantities. A unit code means something only together with its code set (DOMAIN 17).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A unit of measure as a UN/ECE Recommendation 20 code (packages with the X of Recommendation 21): `C62`, `KGM`, `XBX`.
///
/// `EA`, `C62` and `H87` all mean one piece and are kept as `C62`, so two units are equal exactly when they mean the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unit(String);

impl Unit {
    /// One piece (`C62`).
    pub fn piece() -> Self {
        Self("C62".into())
    }

    pub fn code(&self) -> &str {
        &self.0
    }

    /// The unit that a printed word or code stands for, in ten languages and the code sets of X12 DE 355 and UN/ECE 20/21.
    /// `None` for a word that is not in the table: unknown is never guessed to be a piece.
    pub fn parse(printed: &str) -> Option<Self> {
        let word: String = printed.trim().trim_end_matches(['.', ',', ';']).to_lowercase();
        let compact: String = word.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
        UNITS.iter().find(|(_, words)| words.split(' ').any(|w| w == compact)).map(|(code, _)| Self((*code).into()))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = match self.0.as_str() {
            "C62" => "pcs",
            "KGM" => "kg",
            "GRM" => "g",
            "MTR" => "m",
            "LTR" => "l",
            "XBX" => "box",
            "XCT" => "carton",
            "XPK" => "pack",
            "XPX" => "pallet",
            "XCS" => "case",
            "XRO" => "roll",
            "XBG" => "bag",
            "XBO" => "bottle",
            "XCA" => "can",
            "XDR" => "drum",
            "XTU" => "tube",
            "DZN" => "dozen",
            "PR" => "pair",
            "SET" => "set",
            other => other,
        };
        f.write_str(short)
    }
}

/// Canonical code and the lower-case words, spaces and full stops removed, that mean it.
/// Sources: UN/ECE Rec 20 and 21 code lists, X12 DE 355, and words seen on orders.
const UNITS: [(&str, &str); 38] = [
    (
        "C62",
        "c62 ea each eaches h87 pce pces pc pcs piece pieces pieza piezas pza pzas pz pzi pezzo pezzi st stk stck stück stueck stuk stuks pièce pièces un und unid unidad unidades unidade uds ud unit units unité unités u szt sztuka sztuki styck stycken no nos item",
    ),
    ("XBX", "xbx bx box boxes boite boîte bte bt caja cajas cj doos scatola scatole kiste kisten pudełko kasse låda dåse"),
    ("XCT", "xct ct ctn ctns carton cartons karton kartons krt kt cartone cartoni cartón caixa caixas krtn kartong"),
    ("XCS", "xcs ca cs case cases"),
    (
        "XPK",
        "xpk pk pkg pack packs packet package pkt paket pakete pak packung ve paq paquete paquetes pacco confezione conf cf pacote opak pkn",
    ),
    ("XPX", "xpx pl plt pallet pallets palette paletten pal pallett palé pedana bancale paleta europalette"),
    ("XBG", "xbg bg bag bags beutel sack säcke sac sacs bolsa saco sacchetto zak"),
    ("XRO", "xro ro rl roll rolls rolle rollen rll rouleau rouleaux rollo rollos rotolo rotoli rol rulle"),
    ("XBO", "xbo bo btl bottle bottles flasche flaschen fl bouteille bouteilles botella bottiglia fles"),
    ("XCA", "xca can cans dose dosen"),
    ("XDR", "xdr dr drum drums fass fässer fût bidon tambor fusto vat"),
    ("XPA", "xpa"),
    ("XTU", "xtu tu tube tubes"),
    ("DZN", "dzn dz doz dozen dozens dtz dutzend douzaine docena dozzina dozijn"),
    ("PR", "pr pair pairs paar paare paire paires par pares paio paia npr"),
    ("SET", "set sets satz sätze jeu jeux juego juegos kit kits garnitur"),
    ("CEN", "cen hundred c100"),
    ("MIL", "mil thousand mle tsd"),
    ("KGM", "kgm kg kgs kilo kilos kilogram kilogramm kilogramme"),
    ("GRM", "grm g gr gram gramm gramme"),
    ("TNE", "tne t to tonne tonnes tonnen tonelada mt"),
    ("LBR", "lbr lb lbs pound pounds"),
    ("ONZ", "onz oz ounce ounces"),
    ("MTR", "mtr m meter metre metres meters mètre mètres metro metri metros lfm lm"),
    ("CMT", "cmt cm"),
    ("MMT", "mmt mm"),
    ("FOT", "fot ft foot feet lf"),
    ("INH", "inh in inch inches zoll"),
    ("YRD", "yrd yd yard yards"),
    ("MTK", "mtk m2 m² qm sqm"),
    ("FTK", "ftk sf sqft sqf"),
    ("MTQ", "mtq m3 m³ cbm"),
    ("LTR", "ltr l lt liter litre litres liters litro litri litros"),
    ("MLT", "mlt ml"),
    ("GLL", "gll ga gal gallon gallons"),
    ("HUR", "hur h hr hrs hour hours std stunde stunden heure heures hora ora uur"),
    ("DAY", "day days da tag tage jour jours día giorno dag"),
    ("LS", "ls lot lump pauschal psch forfait"),
];

/// A quantity of something, in a unit. Negative only on returns and corrections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    pub value: Decimal,
    pub unit: Unit,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value.normalize(), self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_several_languages_name_the_same_unit() {
        for word in ["EA", "Stk.", "pcs", "Stück", "pz", "H87", "St."] {
            assert_eq!(Unit::parse(word), Some(Unit::piece()), "{word}");
        }
        assert_eq!(Unit::parse("Krt").expect("known").code(), "XCT");
        assert_eq!(Unit::parse("flurb"), None);
    }

    #[test]
    fn no_word_means_two_units() {
        let mut seen = std::collections::HashMap::new();
        for (code, words) in UNITS {
            for word in words.split(' ') {
                assert_eq!(seen.insert(word, code), None, "`{word}` stands for two units");
            }
        }
    }
}
