//! A template for a person: what is read from where.

use super::currency::CurrencyRule;
use super::map::Beside;
use super::{BuyerRule, ShipToRule, Template};

impl Template {
    /// One line for each thing that is read, as `total: right of "Zusammen"`.
    pub fn in_words(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.fields.iter().map(|field| format!("{}: {}", spaced(field.name()), or_list(field.places()))).collect();
        lines.push(match &self.currency {
            CurrencyRule::Absent => "currency: none printed, none given".to_owned(),
            CurrencyRule::Code(places) => format!("currency: {}", or_list(places)),
            CurrencyRule::Sign { printed, means } => format!("currency: `{}` means {means}", printed.join("`, `")),
            CurrencyRule::Constant(code) => format!("currency: {code}, not printed"),
        });
        lines.push(match &self.ship_to {
            ShipToRule::Absent => "ship to: not printed".to_owned(),
            ShipToRule::Printed(block) => format!("ship to: {}", or_list(block.top())),
            ShipToRule::Constant(party) => format!("ship to: {}, not printed", party.to_party().address.on_one_line()),
        });
        match &self.buyer {
            BuyerRule::AsRead => {}
            BuyerRule::Printed(block) => lines.push(format!("buyer: {}", or_list(block.top()))),
            BuyerRule::Named { name, places } => lines.push(format!("buyer: `{name}` {}", or_list(places))),
        }
        let heading: Vec<&str> = self.table.heading.iter().map(|word| word.text.as_str()).collect();
        lines.push(if heading.is_empty() { "lines: no heading".into() } else { format!("lines: under `{}`", heading.join(" ")) });
        let mut columns: Vec<_> = self.table.columns.iter().collect();
        columns.sort_by_key(|column| column.row);
        for column in columns {
            let x = column.edges.left.or(column.edges.right).or(column.edges.centre).unwrap_or_default();
            let side = if column.edges.left.is_some() { "from" } else { "up to" };
            let row = if self.table.item_rows() > 1 { format!("row {}, ", column.row + 1) } else { String::new() };
            lines.push(format!("  {}: {row}{side} {x:.0} pt", spaced(column.role.name())));
        }
        for (what, beside) in [("uom", &self.table.unit), ("price basis", &self.table.basis)] {
            match beside {
                Beside::Column => {}
                Beside::Figure => lines.push(format!("  {what}: beside its figure")),
                Beside::Constant(value) => lines.push(format!("  {what}: {value}, not printed")),
            }
        }
        if !self.corrected.is_empty() {
            lines.push(format!("read wrongly or not at all without it: {}", spaced(&self.corrected.join(", "))));
        }
        lines
    }
}

fn spaced(name: &str) -> String {
    name.replace("lines/*/", "lines' ").replace('_', " ")
}

fn or_list(places: &[super::places::Place]) -> String {
    places.iter().map(super::places::Place::in_words).collect::<Vec<_>>().join(" or ")
}
