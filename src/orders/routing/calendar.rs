//! When can a node hand goods over? Working days are Monday to Friday everywhere; holidays are not known.

use crate::model::master::Node;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

pub(super) fn is_working_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn shifted(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

/// `date` itself where it is a working day, else the next one.
pub(super) fn working_day_from(date: Date) -> Date {
    (0..3).map(|days| shifted(date, days)).find(|day| is_working_day(*day)).unwrap_or(date)
}

/// `days` working days after `date`.
pub(super) fn add_working_days(date: Date, days: u32) -> Date {
    let mut date = date;
    // A lead of more than this many days is a slip in master data; the calendar ends somewhere.
    for _ in 0..days.min(2_000) {
        date = working_day_from(shifted(date, 1));
    }
    date
}

/// The latest working day from which `days` working days lead to `date` or earlier.
pub(super) fn subtract_working_days(date: Date, days: u32) -> Date {
    let back = |date: Date| (0..3).map(|days| shifted(date, -days)).find(|day| is_working_day(*day)).unwrap_or(date);
    let mut date = back(date);
    for _ in 0..days.min(2_000) {
        date = back(shifted(date, -1));
    }
    date
}

/// Calendar days from `from` to `to`; zero where `to` is earlier.
pub(super) fn days_late(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days()).max(0)
}

/// The local date at the node; UTC where its zone is not known.
pub(super) fn local_date(node: &Node, now: Timestamp) -> Date {
    now.to_zoned_datetime(zone(node)).date()
}

fn zone(node: &Node) -> TimeZone {
    node.timezone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// The first day on which the node can hand over what it has now: today, or the next working day after the cut-off in the node's own time
/// (DOMAIN 33), and then its handling days.
pub(super) fn first_ship_date(node: &Node, now: Timestamp) -> Date {
    let local = now.to_zoned_datetime(zone(node));
    let cutoff = node.cutoff.as_deref().and_then(|text| Time::strptime("%H:%M", text.trim()).ok());
    let is_late = cutoff.is_some_and(|cutoff| local.time() > cutoff);
    let day = if is_late && is_working_day(local.date()) { shifted(local.date(), 1) } else { local.date() };
    add_working_days(working_day_from(day), node.handling_days)
}

/// The first day on which goods due at the node on `due` can leave it.
pub(super) fn ship_date_of_inbound(node: &Node, due: Date, now: Timestamp) -> Date {
    let arrived = add_working_days(working_day_from(due), node.handling_days);
    arrived.max(first_ship_date(node, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::master::NodeKind;
    use jiff::civil::date;

    fn node(zone: &str, cutoff: &str, handling_days: u32) -> Node {
        Node {
            node: "N".into(),
            name: String::new(),
            kind: NodeKind::Warehouse,
            country: "DE".into(),
            postal_code: String::new(),
            street: None,
            city: None,
            latitude: None,
            longitude: None,
            timezone: Some(zone.into()),
            cutoff: Some(cutoff.into()),
            handling_days,
            daily_capacity: None,
            handling_cost: None,
            pickup: false,
        }
    }

    #[test]
    fn the_cut_off_is_in_the_nodes_own_time() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a timestamp");
        // Thursday 2026-03-05, 15:30 UTC: after 14:00 in Berlin, before it in Chicago.
        let thursday = at("2026-03-05T15:30:00Z");
        assert_eq!(first_ship_date(&node("Europe/Berlin", "14:00", 0), thursday), date(2026, 3, 6));
        assert_eq!(first_ship_date(&node("America/Chicago", "14:00", 0), thursday), date(2026, 3, 5));
        assert_eq!(first_ship_date(&node("Europe/Berlin", "14:00", 1), thursday), date(2026, 3, 9), "Friday and one working day");
        assert_eq!(first_ship_date(&node("UTC", "14:00", 0), at("2026-03-07T20:00:00Z")), date(2026, 3, 9), "Saturday evening");
    }

    #[test]
    fn working_days_go_there_and_back() {
        assert_eq!(add_working_days(date(2026, 3, 5), 2), date(2026, 3, 9));
        assert_eq!(subtract_working_days(date(2026, 3, 9), 2), date(2026, 3, 5));
        assert_eq!(subtract_working_days(date(2026, 3, 8), 0), date(2026, 3, 6), "Sunday: by Friday");
    }
}
