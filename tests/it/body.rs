//!
//! Are orders read that no ruled table holds: sentences, tables of signs or tabs in a mail's text, and delimited files? Each case is
//! a text and what a clerk reads in it. Ruled tables of PDF are in `layout`.

use podesk::model::{Code, Company, DocumentKind, Draft};
use podesk::reading::document::{self, Limits};
use podesk::reading::{ReadingContext, extraction};

fn read(name: &str, text: &str) -> Draft {
    let company = Company { name: "Nordwerk Supply GmbH".into(), ..Company::default() };
    let received = Some(jiff::civil::date(2026, 11, 20));
    let context = ReadingContext { company, received, title: String::new() };
    extraction::read(&document::read(text.as_bytes(), name, &Limits::default()), &context)
}

/// Each line as `part quantity price`, an absent one as `-`.
fn lines(draft: &Draft) -> Vec<String> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    let lines = draft.orders.iter().flat_map(|order| &order.lines);
    lines
        .map(|line| {
            let part = line.supplier_part.value().or(line.buyer_part.value()).cloned();
            let quantity = line.quantity.value().map(|number| number.normalize().to_string());
            let price = line.unit_price.value().map(|number| number.normalize().to_string());
            format!("{} {} {}", text(part), text(quantity), text(price))
        })
        .collect()
}

fn number(draft: &Draft) -> &str {
    draft.orders.first().and_then(|order| order.po_number.value()).map_or("", String::as_str)
}

#[test]
fn orders_in_the_text_of_a_mail() {
    let cases: [(&str, &str, &[&str]); 7] = [
        (
            "Hello,\n\nplease send us 10 x AB-100 ball bearings and 5 pcs of AB-200.\n\nPO number: 4711-A\n\nThanks\n",
            "4711-A",
            &["AB-100 10 -", "AB-200 5 -"],
        ),
        (
            "Guten Tag,\n\nhiermit bestellen wir unter unserer Bestellnummer B-99871:\n\n- 20 Stk NW-4010 Kabelbinder à 0,031 EUR\n- 5 Dosen NW-6020 Reiniger\n",
            "B-99871",
            &["NW-4010 20 0.031", "NW-6020 5 -"],
        ),
        (
            "Buongiorno,\n\nvi ordiniamo quanto segue, ordine n. 2026/118:\n12 pz NW-3010 nastro adesivo 1,51 EUR\n4 pz NW-6040 salviette 10,23 EUR\n",
            "2026/118",
            &["NW-3010 12 1.51", "NW-6040 4 10.23"],
        ),
        (
            "Hi,\n\nPlease process PO 88123 as below.\n\n| Item    | Description   | Qty | Unit | Price | Total  |\n|---------|---------------|----:|------|------:|-------:|\n| NW-2030 | Hi-vis vest   |  60 | EA   |  4.47 | 268.20 |\n| NW-7040 | First aid kit |  12 | EA   | 25.63 | 307.56 |\n\nTotal GBP 575.76\n",
            "88123",
            &["NW-2030 60 4.47", "NW-7040 12 25.63"],
        ),
        (
            "Please supply on our purchase order no. 61-7:\n\nItem\tDescription\tQty\tUnit\tPrice\tTotal\nNW-2030\tHi-vis vest, yellow, size L, with two pockets\t60\tEA\t4.47\t268.20\nNW-7040\tKit\t12\tEA\t25.63\t307.56\n",
            "61-7",
            &["NW-2030 60 4.47", "NW-7040 12 25.63"],
        ),
        (
            "BESTELLUNG\n\n+------+----------+-------+--------+--------+\n|POS   |IHRE NR.  |MENGE  |PREIS   |BETRAG  |\n+------+----------+-------+--------+--------+\n|10    |NW-3010   |20 KRT |48,60   |972,00  |\n|20    |NW-3011   |10 KRT |46,44   |464,40  |\n+------+----------+-------+--------+--------+\nBESTELL-NR. : 77-41902\nGESAMTBETRAG EUR 1.436,40\n",
            "77-41902",
            &["NW-3010 20 48.6", "NW-3011 10 46.44"],
        ),
        ("Bonjour,\n\nmerci d'annuler notre commande CF-260415 dans sa totalité.\n", "CF-260415", &[]),
    ];
    for (text, po_number, expected) in cases {
        let draft = read("mail.txt", text);
        assert_eq!(number(&draft), po_number, "{text}\n{:?}", draft.findings);
        assert_eq!(lines(&draft), expected, "{text}");
    }
}

#[test]
fn delimited_files_with_a_head() {
    let text = "Bestellung;77-41933\nBestelldatum;23.11.2026\nWährung;EUR\nLieferadresse;Kappel GmbH, Messeallee 5, 30521 Hannover\n\nPos;Ihre Artikelnummer;Bezeichnung;Menge;Einheit;Einzelpreis;Gesamtpreis\n10;NW-5010;Scheibe 125x1,0;250;Stk;0,98;245,00\n20;NW-5011;Fächerscheibe;100;Stk;2,35;235,00\n;;;;;Gesamt;480,00\n";
    let draft = read("bestellung.csv", text);
    assert_eq!(number(&draft), "77-41933");
    assert_eq!(lines(&draft), ["NW-5010 250 0.98", "NW-5011 100 2.35"]);
    let ship_to = &draft.orders[0].ship_to;
    assert_eq!(ship_to.name.value().map(String::as_str), Some("Kappel GmbH"));
    assert_eq!(ship_to.postal_code.value().map(String::as_str), Some("30521"));
    assert_eq!(ship_to.city.value().map(String::as_str), Some("Hannover"));
}

#[test]
fn what_mails_are() {
    for (text, kind) in [
        ("Guten Tag,\n\nanbei unsere Bestellung 4711. Bitte um Bestätigung.\n", DocumentKind::Other),
        ("Please find attached our purchase order PO-4711.\n\nPlease confirm this order.\n", DocumentKind::Other),
        ("Veuillez trouver ci-joint notre commande P00451.\n", DocumentKind::Other),
        ("Hello,\n\nwe are still waiting for PO-20588. When will it be delivered?\n", DocumentKind::StatusInquiry),
        ("Please quote for 40 pairs of NW-2050 shoes. This is not an order.\n", DocumentKind::RequestForQuote),
        ("Wir müssen leider unsere Bestellung 4500071 stornieren.\n\nBitte stornieren Sie sie.\n", DocumentKind::OrderCancellation),
    ] {
        assert_eq!(read("mail.txt", text).kind, kind, "{text}");
    }
}

#[test]
fn an_item_that_was_not_read_is_asked_about() {
    let draft = read("mail.txt", "PO number: 4711\n\nPlease send 10 pcs AB-100 and a few of\nAB-200, as last time.\n");
    assert_eq!(lines(&draft), ["AB-100 10 -"]);
    assert!(draft.findings.iter().any(|f| f.code == Code::LinesIncomplete && f.message.contains("AB-200")), "{:?}", draft.findings);
}

#[test]
fn a_form_with_labels_beside_the_address_names_the_company() {
    let text = "Donau Technik GmbH - Bestellformular\n\nBestellnummer     DT-260933           Lieferant         Nordwerk Supply GmbH\nBestelldatum      20.11.2026          Straße            Speicherstraße 14\nBesteller         Eva Hofer           Ort               20457 Hamburg\n\nPos    Ihre Nr.     Artikel           Menge       Einheit      Preis       Summe\n10     NW-4010      Kabelbinder       10.000      Stk          0,031       310,00\n20     NW-6020      Reiniger          120         Dose         2,45        294,00\n";
    let draft = read("bestellung.txt", text);
    let order = &draft.orders[0];
    assert_eq!(order.seller.name.value().map(String::as_str), Some("Nordwerk Supply GmbH"));
    assert_eq!(order.seller.city.value().map(String::as_str), Some("Hamburg"));
    assert_eq!(order.buyer.name.value().map(String::as_str), Some("Donau Technik GmbH"));
    assert_eq!(lines(&draft), ["NW-4010 10000 0.031", "NW-6020 120 2.45"]);
}
