//! The single values of an order beside its lines: which of them a layout prints where. A value that a later order depends on must be
//! found in the taught document, or nothing is learned; comforts may be missing.

use super::CONFIRMED;
use super::fitting::with_cells;
use super::places::{self, Body, Place, Resolved, same_shape};
use super::printed::{self, Custom, Hit, whole_date};
use super::rows::{Rows, Run};
use crate::model::{Code, DraftOrder, Field, Finding, Reading, Severity};
use crate::reading::extraction::layout::figure;
use crate::reading::extraction::layout::labels::Label;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Name {
    PoNumber,
    Revision,
    ReleaseNumber,
    PoDate,
    RequestedDate,
    Subtotal,
    Discount,
    Shipping,
    Tax,
    Total,
}

impl Name {
    const ALL: [Self; 10] = [
        Self::PoNumber,
        Self::Revision,
        Self::ReleaseNumber,
        Self::PoDate,
        Self::RequestedDate,
        Self::Total,
        Self::Subtotal,
        Self::Discount,
        Self::Shipping,
        Self::Tax,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::PoNumber => "po_number",
            Self::Revision => "revision",
            Self::ReleaseNumber => "release_number",
            Self::PoDate => "po_date",
            Self::RequestedDate => "requested_delivery_date",
            Self::Subtotal => "subtotal",
            Self::Discount => "discount",
            Self::Shipping => "shipping",
            Self::Tax => "tax",
            Self::Total => "total",
        }
    }

    fn label(self) -> Label {
        match self {
            Self::PoNumber => Label::PoNumber,
            Self::Revision => Label::Revision,
            Self::ReleaseNumber => Label::Release,
            Self::PoDate => Label::PoDate,
            Self::RequestedDate => Label::DeliveryDate,
            Self::Subtotal => Label::Subtotal,
            Self::Discount => Label::Discount,
            Self::Shipping => Label::Shipping,
            Self::Tax => Label::Tax,
            Self::Total => Label::Total,
        }
    }

    /// The lines' own arithmetic stands in for the sums; a date of the order is a comfort.
    fn is_essential(self) -> bool {
        match self {
            Self::PoNumber | Self::Revision | Self::ReleaseNumber | Self::RequestedDate | Self::Total => true,
            Self::PoDate | Self::Subtotal | Self::Discount | Self::Shipping | Self::Tax => false,
        }
    }
}

/// A field and the places that print it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct HeaderField {
    name: Name,
    places: Vec<Place>,
}

impl HeaderField {
    pub(super) fn name(&self) -> &'static str {
        self.name.as_str()
    }

    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }
}

type Taken = Vec<(Name, Run)>;

/// Learns the fields. The runs are the places of their values.
pub(super) fn learn(
    rows: &Rows<'_>,
    body: &Body,
    order: &DraftOrder,
    received: Option<Date>,
) -> Result<(Vec<HeaderField>, Taken), String> {
    let mut fields = Vec::new();
    let mut taken: Taken = Vec::new();
    for name in Name::ALL {
        let Some(hits) = hits_of(rows, order, name, received) else { continue };
        let free = |hit: &Hit| !body.rows.contains(&hit.run.row) && !taken.iter().any(|(_, run)| run.overlaps(hit.run));
        let mut free: Vec<Hit> = hits.into_iter().filter(free).collect();
        // A total that equals its subtotal stands below it.
        if matches!(name, Name::Total) && order.subtotal.value() == order.total.value() && free.len() > 1 {
            free = free.split_off(free.len() - 1);
        }
        let places = places::learn(rows, body, &free, Some(name.label()));
        if places.is_empty() {
            if name.is_essential() {
                return Err(format!("the {} is not printed outside the lines", name.as_str().replace('_', " ")));
            }
            continue;
        }
        taken.extend(free.iter().map(|hit| (name, hit.run)));
        fields.push(HeaderField { name, places });
    }
    if !fields.iter().any(|field| field.name == Name::PoNumber) {
        return Err("no order number was confirmed".to_owned());
    }
    Ok((fields, taken))
}

fn hits_of(rows: &Rows<'_>, order: &DraftOrder, name: Name, received: Option<Date>) -> Option<Vec<Hit>> {
    let all = 0..rows.list.len();
    let text = |reading: &Reading<String>| reading.value().map(|value| printed::text(rows, all.clone(), value));
    let date = |reading: &Reading<Date>| reading.value().map(|value| printed::date(rows, all.clone(), *value, received));
    let number = |reading: &Reading<Decimal>| {
        let value = reading.value().filter(|value| !value.is_zero())?;
        let hits = with_cells(rows, printed::number(rows, all.clone(), *value), *value);
        // With its currency, where they are set as one.
        let longest = |hit: &&Hit| {
            !hits.iter().any(|other| {
                other.run != hit.run && other.run.overlaps(hit.run) && other.run.to - other.run.from > hit.run.to - hit.run.from
            })
        };
        Some(hits.iter().filter(longest).cloned().collect())
    };
    match name {
        Name::PoNumber => text(&order.po_number),
        Name::Revision => text(&order.revision),
        Name::ReleaseNumber => text(&order.release_number),
        Name::PoDate => date(&order.po_date),
        Name::RequestedDate => date(&order.requested_delivery_date),
        Name::Subtotal => number(&order.subtotal),
        Name::Discount => number(&order.discount),
        Name::Shipping => number(&order.shipping),
        Name::Tax => number(&order.tax),
        Name::Total => number(&order.total),
    }
}

/// Fills the fields of another order from where they were confirmed.
pub(super) fn apply(
    rows: &Rows<'_>,
    body: &Body,
    fields: &[HeaderField],
    custom: &Custom,
    received: Option<Date>,
    order: &mut DraftOrder,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for HeaderField { name, places } in fields {
        let mut text = || settle(rows, *name, places::resolve(rows, body, places, same_shape), &mut findings);
        match name {
            Name::PoNumber => order.po_number = text(),
            Name::Revision => order.revision = text(),
            Name::ReleaseNumber => order.release_number = text(),
            Name::PoDate | Name::RequestedDate => {
                let date = |text: &str, _: &Place| custom.date(&whole_date(text, received)?);
                let reading = settle(rows, *name, places::resolve(rows, body, places, date), &mut findings);
                let slot = if *name == Name::PoDate { &mut order.po_date } else { &mut order.requested_delivery_date };
                *slot = reading;
            }
            Name::Subtotal | Name::Shipping | Name::Tax | Name::Total | Name::Discount => {
                let number = |text: &str, _: &Place| custom.number(&figure(text)?).map(|value| value.normalize());
                let reading = settle(rows, *name, places::resolve(rows, body, places, number), &mut findings);
                if let Some(slot) = sum_of(order, *name) {
                    *slot = if *name == Name::Discount { absolute(reading) } else { reading };
                }
            }
        }
    }
    findings
}

fn sum_of(order: &mut DraftOrder, name: Name) -> Option<&mut Reading<Decimal>> {
    match name {
        Name::Subtotal => Some(&mut order.subtotal),
        Name::Discount => Some(&mut order.discount),
        Name::Shipping => Some(&mut order.shipping),
        Name::Tax => Some(&mut order.tax),
        Name::Total => Some(&mut order.total),
        Name::PoNumber | Name::Revision | Name::ReleaseNumber | Name::PoDate | Name::RequestedDate => None,
    }
}

/// A discount is a sum, whatever its sign in print.
fn absolute(reading: Reading<Decimal>) -> Reading<Decimal> {
    match reading {
        Reading::Found(field) => Reading::Found(field.map(|value| value.abs())),
        other => other,
    }
}

fn settle<T>(rows: &Rows<'_>, name: Name, resolved: Resolved<T>, findings: &mut Vec<Finding>) -> Reading<T> {
    let what = name.as_str().replace('_', " ");
    let problem = match resolved {
        Resolved::One(value, run) => {
            let field = rows.origin(run).map(|origin| Field::new(value, rows.text(run), CONFIRMED, origin));
            return field.into();
        }
        Resolved::Several(texts) => {
            format!("The {what} may be {}: it stands in several of its confirmed places.", texts.join(" or "))
        }
        Resolved::Unlike(text) => format!("`{text}` stands where the {what} was confirmed, and does not look like one."),
        Resolved::Nothing if name.is_essential() => format!("The {what} does not stand where it was confirmed."),
        Resolved::Nothing => return Reading::Absent,
    };
    findings.push(Finding::new(Code::AmbiguousField, Severity::Ask, format!("/orders/0/{}", name.as_str()), problem));
    Reading::Absent
}
