//! The service dies by SIGKILL at every named place of the flow and is started again: does every mail end in exactly one outcome,
//! and has every order exactly one confirmation?

use super::servers::Dovecot;
use super::world::{World, confirmed_order, order_mail, order_mail_from};
use podesk::app::breakpoint::NAMES;
use podesk::store::Outcome;
use std::collections::BTreeSet;

const OUT_OF_OFFICE: &[u8] = b"From: Eva <eva@muster.example>\r\nTo: orders@nordwerk.example\r\nSubject: Out of office\r\n\
    Auto-Submitted: auto-replied\r\nMessage-ID: <ooo@muster.example>\r\n\r\nI am away until Monday.\r\n";

/// Two orders, one of them sent twice with other headers, and an automatic reply.
fn deliver(dovecot: &Dovecot) {
    dovecot.deliver(&order_mail("4500-1", 10));
    dovecot.deliver(&order_mail("4500-2", 20));
    dovecot.deliver(OUT_OF_OFFICE);
    dovecot.deliver(&order_mail_from("einkauf@muster.example", "4500-1", 10, "X-Resent: yes\r\n"));
}

/// Waits until the mailbox is worked off, and holds what must be true then.
fn assert_done(world: &World, dovecot: &Dovecot) {
    world.wait_until("every mail is moved and every draft is there", |_| {
        dovecot.list("INBOX").is_empty() && dovecot.list("Processed").len() == 4 && dovecot.list("Drafts").len() >= 2
    });
    let mut outcomes: Vec<Outcome> = world.messages().into_iter().filter_map(|message| message.outcome).collect();
    outcomes.sort_by_key(|outcome| outcome.as_str());
    assert_eq!(outcomes, [Outcome::Duplicate, Outcome::Ignored, Outcome::OrderPlaced, Outcome::OrderPlaced], "{}", world.log());
    let orders: BTreeSet<_> = world.orders().into_iter().map(|order| order.number).collect();
    assert_eq!(orders.len(), 2, "two purchase orders make two orders");
    let drafts: Vec<_> = dovecot.list("Drafts").iter().map(|draft| confirmed_order(draft)).collect();
    assert_eq!(drafts.len(), 2, "one confirmation each: {drafts:?}");
    assert_eq!(drafts.into_iter().collect::<BTreeSet<_>>(), orders);
    assert_eq!(world.stock_drift(), 0);
}

fn dies_and_goes_on(breakpoint: &'static str) {
    assert!(NAMES.contains(&breakpoint));
    let dovecot = Dovecot::start();
    deliver(&dovecot);
    let mut world = World::new(&World::mailbox(&dovecot));
    world.serve(breakpoint);
    world.wait_for_death();
    world.serve("");
    assert_done(&world, &dovecot);
    world.stop();
}

macro_rules! breakpoints {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { dies_and_goes_on(stringify!($name)); })+

        #[test]
        fn every_breakpoint_is_tried() {
            assert_eq!([$(stringify!($name)),+], NAMES);
        }
    };
}

breakpoints!(
    mail_fetched,
    mail_stored,
    job_claimed,
    mail_parsed,
    documents_read,
    before_settling,
    settled,
    notice_started,
    notice_left,
    notice_finished,
    mail_moved,
);

#[test]
fn a_renumbered_mailbox_makes_nothing_twice() {
    let mut dovecot = Dovecot::start();
    deliver(&dovecot);
    let settings = World::mailbox(&dovecot).replace("after = \"move\"", "after = \"none\"");
    let mut world = World::new(&settings);
    world.serve("");
    world
        .wait_until("all four mails have an outcome", |world| world.messages().iter().filter(|m| m.outcome.is_some()).count() == 4);
    world.wait_until("both drafts are there", |_| dovecot.list("Drafts").len() == 2);
    dovecot.change_uidvalidity();
    dovecot.deliver(&order_mail("4500-3", 5));
    world.wait_until("the new mail is an order", |world| world.orders().len() == 3);
    world.wait_until("its draft is there", |_| dovecot.list("Drafts").len() == 3);
    assert_eq!(world.messages().len(), 5);
    world.stop();
}

#[test]
fn an_absent_server_only_delays() {
    let mut dovecot = Dovecot::start();
    let mut world = World::new(&World::mailbox(&dovecot));
    world.serve("");
    deliver(&dovecot);
    world.wait_until("the service works", |world| !world.messages().is_empty());
    dovecot.stop();
    dovecot.deliver(&order_mail("4500-3", 5));
    std::thread::sleep(std::time::Duration::from_secs(3));
    dovecot.start_again();
    world.wait_until("the mail that came meanwhile is an order", |world| world.orders().len() == 3);
    world.wait_until("every draft is there", |_| dovecot.list("Drafts").len() == 3 && dovecot.list("Processed").len() == 5);
    world.stop();
}
