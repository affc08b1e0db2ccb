//! Structured formats read exactly: every field from its own place, damage told, kinds told apart.

use podesk::model::{Code, DocumentKind, Draft, Reading, Severity, Span};
use podesk::reading::ReadingContext;
use podesk::reading::document::{Document, Embedded, Page, SourceKind, Word};
use podesk::reading::extraction::structured;
use std::fmt::Write;

fn read(text: &str) -> Option<Draft> {
    let document = Document { text: text.into(), ..Document::empty(SourceKind::Unknown) };
    structured::read(&document, &ReadingContext::default())
}

/// The draft as lines of `pointer = value`, findings last: what the tables below are written in.
fn printed(draft: &Draft) -> String {
    fn put<T: ToString>(out: &mut String, name: &str, reading: &Reading<T>) {
        let text = match reading {
            Reading::Found(field) => field.value.to_string(),
            Reading::Several(fields) => {
                format!("several: {}", fields.iter().map(|f| f.value.to_string()).collect::<Vec<_>>().join(" | "))
            }
            Reading::Unreadable { raw, .. } => format!("unreadable: {raw}"),
            Reading::Absent => return,
        };
        writeln!(out, "{name} = {text}").expect("writing to a string");
    }
    let mut out = format!("{}\n", draft.kind.as_str());
    for order in &draft.orders {
        put(&mut out, "po_number", &order.po_number);
        put(&mut out, "revision", &order.revision);
        put(&mut out, "release_number", &order.release_number);
        put(&mut out, "po_date", &order.po_date);
        put(&mut out, "currency", &order.currency);
        put(&mut out, "requested_delivery_date", &order.requested_delivery_date);
        put(&mut out, "payment_terms", &order.payment_terms);
        put(&mut out, "incoterm", &order.incoterm);
        for (role, party) in
            [("buyer", &order.buyer), ("seller", &order.seller), ("ship_to", &order.ship_to), ("bill_to", &order.bill_to)]
        {
            let fields = [
                ("name", &party.name),
                ("street", &party.street),
                ("city", &party.city),
                ("region", &party.region),
                ("postal_code", &party.postal_code),
                ("country", &party.country),
                ("vat_id", &party.vat_id),
                ("gln", &party.gln),
                ("email", &party.email),
                ("phone", &party.phone),
                ("contact", &party.contact),
            ];
            fields.into_iter().for_each(|(name, reading)| put(&mut out, &format!("{role}/{name}"), reading));
        }
        for (index, line) in order.lines.iter().enumerate() {
            let texts = [
                ("line_no", &line.line_no),
                ("buyer_part", &line.buyer_part),
                ("supplier_part", &line.supplier_part),
                ("manufacturer_part", &line.manufacturer_part),
                ("gtin", &line.gtin),
                ("description", &line.description),
                ("uom", &line.uom),
            ];
            texts.into_iter().for_each(|(name, reading)| put(&mut out, &format!("lines/{index}/{name}"), reading));
            let numbers = [
                ("quantity", &line.quantity),
                ("unit_price", &line.unit_price),
                ("price_basis", &line.price_basis),
                ("discount_percent", &line.discount_percent),
                ("line_total", &line.line_total),
            ];
            numbers.into_iter().for_each(|(name, reading)| put(&mut out, &format!("lines/{index}/{name}"), reading));
            put(&mut out, &format!("lines/{index}/requested_date"), &line.requested_date);
        }
        let sums = [
            ("subtotal", &order.subtotal),
            ("discount", &order.discount),
            ("shipping", &order.shipping),
            ("tax", &order.tax),
            ("total", &order.total),
        ];
        sums.into_iter().for_each(|(name, reading)| put(&mut out, name, reading));
    }
    for finding in &draft.findings {
        writeln!(out, "! {} {:?} {}", finding.code, finding.severity, finding.field).expect("writing to a string");
    }
    out
}

/// An 850 with every segment that is read; the trailer counts the segments from ST to SE.
const X12: &str = "ISA*00*          *00*          *ZZ*BUYERCO        *ZZ*OURCO          *250301*1200*U*00401*000000042*0*P*>~
GS*PO*BUYERCO*OURCO*20250301*1200*7*X*004010~
ST*850*0007~
BEG*00*RL*PO-0077**0003*X~
";

fn x12(body: &str) -> String {
    let count = body.matches('~').count() + 2;
    format!(
        "ISA*00*          *00*          *ZZ*BUYERCO        *ZZ*OURCO          *250301*1200*U*00401*000000042*0*P*>~\n\
         GS*PO*BUYERCO*OURCO*20250301*1200*7*X*004010~\nST*850*0007~\n{body}SE*{count}*0007~\nGE*1*7~\nIEA*1*000000042~\n"
    )
}

const X12_BODY: &str = "BEG*00*RL*PO-0077*REL-3*20250228~
CUR*BY*CAD~
REF*DP*038~
PER*BD*Ann Bell*TE*555-0100*EM*ann@buyer.example~
FOB*PP*OR*Toronto*01*FCA*OR*Port of Toronto~
SAC*C*D240***1250~
ITD*01*3*2**10**30~
DTM*010*20250310~
DTM*002*20250315~
N1*BY*Bell Buying~
N1*ST*Bell Dock 4*UL*0614141000012~
N2*Door 7~
N3*4 Dock Road*Unit B~
N4*Toronto*ON*M5V 1A1*CAN~
N1*SE*Our Company~
PO1*10*250*EA*42.50*HP*IN*B-1*VN*S-1*UP*012345678905*MG*M-1~
PID*F*08***Hex bolt~
PID*F*75***Zinc~
SCH*250*EA***002*20250316~
AMT*1*106.25~
PO1*20*3*CA*9.99*PE*BP*B-2*VP*S-2~
CTP**NET*9.50~
SAC*A*C310****2*5~
PID*F****Washer~
CTT*2~
AMT*TT*146.97~
";

#[test]
fn x12_purchase_order() {
    let draft = read(&x12(X12_BODY)).expect("an X12 document");
    insta::assert_snapshot!(printed(&draft), @"");
}

const EDIFACT: &str = "UNA:+,? '
UNB+UNOC:3+4000001000005:14+4000002000004:14+250301:1200+77'
UNH+1+ORDERS:D:96A:UN:EAN008'
BGM+220+PO?+9+9'
DTM+137:20250228:102'
DTM+2:202503151200:203'
FTX+AAB+++30 Tage netto'
RFF+CT:RV-1'
NAD+BY+4000001000005::9++Käufer AG:Einkauf+Hauptstr. 1+Köln++50667+DE'
RFF+VA:DE123456789'
CTA+OC+:Anna Amt'
COM+0221/1:TE+anna@kaeufer.example:EM'
NAD+SU+4000002000004::9'
NAD+DP+++Lager Süd+Tor 3+Ulm++89073+DE'
TAX+7+VAT+++:::19'
CUX+2:EUR:9'
TOD+3++DAP'
LOC+1+:::Ulm'
ALC+C++++FC'
MOA+8:12,50'
LIN+10++4006381333931:EN'
PIA+1+S-1:SA+B-1:IN'
IMD+F++:::Schraube:M8'
QTY+21:1200:PCE'
PRI+AAA:4,2:::100:PCE'
MOA+203:50,40'
LIN+20++S-2:SA'
IMD+F++:::Mutter'
QTY+21:3:PCE'
DTM+2:20250320:102'
PRI+AAB:1.50'
ALC+A'
PCD+1:10'
UNS+S'
MOA+79:54,45'
MOA+86:66,95'
CNT+2:2'
UNT+34+1'
UNZ+1+77'
";

#[test]
fn edifact_order() {
    let draft = read(EDIFACT).expect("an EDIFACT document");
    insta::assert_snapshot!(printed(&draft), @"");
}
