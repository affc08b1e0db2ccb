//! Structured formats read exactly: every field from its own place, damage told, kinds told apart.

use podesk::model::{Code, DocumentKind, Draft, DraftCharge, Reading, Severity, Span};
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
            put(&mut out, &format!("lines/{index}/pack_size"), &line.pack_size);
            put_charges(&mut out, &format!("lines/{index}/"), &line.charges);
            for (number, part) in line.deliveries.iter().enumerate() {
                let at = format!("lines/{index}/deliveries/{number}");
                put(&mut out, &format!("{at}/quantity"), &part.quantity);
                put(&mut out, &format!("{at}/date"), &part.date);
                put(&mut out, &format!("{at}/place"), &part.place);
            }
        }
        let sums = [
            ("subtotal", &order.subtotal),
            ("discount", &order.discount),
            ("shipping", &order.shipping),
            ("tax", &order.tax),
            ("total", &order.total),
        ];
        sums.into_iter().for_each(|(name, reading)| put(&mut out, name, reading));
        put_charges(&mut out, "", &order.charges);
    }
    for finding in &draft.findings {
        writeln!(out, "! {} {:?} {} {}", finding.code, finding.severity, finding.field, finding.message)
            .expect("writing to a string");
    }
    out
}

/// One line a charge: `charges/0 = -5 % (code C310) carried`.
fn put_charges(out: &mut String, at: &str, charges: &[DraftCharge]) {
    for (number, charge) in charges.iter().enumerate() {
        let sign = if charge.is_allowance { '-' } else { '+' };
        let amount = charge.amount.value().map(|amount| format!(" {amount}")).unwrap_or_default();
        let percent = charge.percent.value().map(|percent| format!(" {percent} %")).unwrap_or_default();
        let reason = charge.reason.value().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let carried = if charge.is_carried { " carried" } else { "" };
        writeln!(out, "{at}charges/{number} = {sign}{amount}{percent}{reason}{carried}").expect("writing to a string");
    }
}

/// An interchange around the body of an 850, with counts that are right.
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
    insta::assert_snapshot!(printed(&draft), @"
    purchase_order
    po_number = PO-0077
    release_number = REL-3
    po_date = 2025-02-28
    currency = CAD
    requested_delivery_date = 2025-03-15
    payment_terms = 2% 10, net 30
    incoterm = FCA Port of Toronto
    buyer/name = Bell Buying
    buyer/email = ann@buyer.example
    buyer/phone = 555-0100
    buyer/contact = Ann Bell
    seller/name = Our Company
    ship_to/name = Bell Dock 4
    ship_to/street = 4 Dock Road, Unit B
    ship_to/city = Toronto
    ship_to/region = ON
    ship_to/postal_code = M5V 1A1
    ship_to/country = CA
    ship_to/gln = 0614141000012
    lines/0/line_no = 10
    lines/0/buyer_part = B-1
    lines/0/supplier_part = S-1
    lines/0/manufacturer_part = M-1
    lines/0/gtin = 012345678905
    lines/0/description = Hex bolt
    lines/0/uom = EA
    lines/0/quantity = 250
    lines/0/unit_price = 42.50
    lines/0/price_basis = 100
    lines/0/line_total = 106.25
    lines/0/requested_date = 2025-03-16
    lines/0/deliveries/0/quantity = 250
    lines/0/deliveries/0/date = 2025-03-16
    lines/1/line_no = 20
    lines/1/buyer_part = B-2
    lines/1/supplier_part = S-2
    lines/1/description = Washer
    lines/1/uom = CA
    lines/1/quantity = 3
    lines/1/unit_price = 9.99
    lines/1/discount_percent = 5
    lines/1/charges/0 = - 5 % (code C310) carried
    shipping = 12.50
    total = 146.97
    charges/0 = + 12.50 (code D240) carried
    ! UNKNOWN_SEGMENT Note  The order holds `DTM 010`, which is not read.
    ");
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
UNT+36+1'
UNZ+1+77'
";

#[test]
fn edifact_order() {
    let draft = read(EDIFACT).expect("an EDIFACT document");
    insta::assert_snapshot!(printed(&draft), @"
    purchase_order
    po_number = PO+9
    po_date = 2025-02-28
    currency = EUR
    requested_delivery_date = 2025-03-15
    payment_terms = 30 Tage netto
    incoterm = DAP Ulm
    buyer/name = Käufer AG Einkauf
    buyer/street = Hauptstr. 1
    buyer/city = Köln
    buyer/postal_code = 50667
    buyer/country = DE
    buyer/vat_id = DE123456789
    buyer/gln = 4000001000005
    buyer/email = anna@kaeufer.example
    buyer/phone = 0221/1
    buyer/contact = Anna Amt
    seller/gln = 4000002000004
    ship_to/name = Lager Süd
    ship_to/street = Tor 3
    ship_to/city = Ulm
    ship_to/postal_code = 89073
    ship_to/country = DE
    lines/0/line_no = 10
    lines/0/buyer_part = B-1
    lines/0/supplier_part = S-1
    lines/0/gtin = 4006381333931
    lines/0/description = Schraube M8
    lines/0/uom = PCE
    lines/0/quantity = 1200
    lines/0/unit_price = 4.2
    lines/0/price_basis = 100
    lines/0/line_total = 50.40
    lines/1/line_no = 20
    lines/1/supplier_part = S-2
    lines/1/description = Mutter
    lines/1/uom = PCE
    lines/1/quantity = 3
    lines/1/unit_price = 1.50
    lines/1/discount_percent = 10
    lines/1/requested_date = 2025-03-20
    lines/1/charges/0 = - 10 % carried
    subtotal = 54.45
    shipping = 12.50
    total = 66.95
    charges/0 = + 12.50 (FC) carried
    ");
}

/// TRADACOMS: parties in the file header, pack size before the packs ordered, prices with four implied decimals.
const TRADACOMS: &str = "STX=ANA:1+5000000000001:BUYER LTD+5000000000002:OUR COMPANY+250301:1200+R1'
MHD=1+ORDHDR:9'
TYP=0430+NEW-ORDERS'
SDT=5000000000002:77+OUR COMPANY'
CDT=5000000000001+BUYER LTD+1 HIGH ST:TOWN::: AB1 2CD+123456789'
FIL=1+1+250301'
MTR=6'
MHD=2+ORDERS:9'
CLO=5000000000018:D4+BUYER DEPOT 4+9 MILL LANE'
ORD=A-77::250228'
DIN=250310+250312'
OLD=1+5000000000100:S-1+5000000000117+:B-1+12+10+112500+++BEANS:400G'
OTR=1'
MTR=7'
MHD=3+ORDTLR:9'
OFT=1'
MTR=3'
END=3'
";

#[test]
fn tradacoms_order() {
    insta::assert_snapshot!(printed(&read(TRADACOMS).expect("a TRADACOMS file")), @"
    purchase_order
    po_number = A-77
    po_date = 2025-02-28
    requested_delivery_date = 2025-03-10
    buyer/name = BUYER LTD
    buyer/street = 1 HIGH ST, TOWN
    buyer/postal_code = AB1 2CD
    buyer/vat_id = 123456789
    buyer/gln = 5000000000001
    seller/name = OUR COMPANY
    seller/gln = 5000000000002
    ship_to/name = BUYER DEPOT 4
    ship_to/street = 9 MILL LANE
    ship_to/gln = 5000000000018
    lines/0/line_no = 1
    lines/0/buyer_part = B-1
    lines/0/supplier_part = S-1
    lines/0/gtin = 5000000000100
    lines/0/description = BEANS 400G
    lines/0/quantity = 10
    lines/0/unit_price = 11.25
    lines/0/pack_size = 12
    ");
}

const UBL: &str = r#"<?xml version="1.0"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" xmlns:cbc="urn:cbc" xmlns:cac="urn:cac">
 <cbc:ID>4711/A</cbc:ID><cbc:IssueDate>2025-02-28</cbc:IssueDate><cbc:OrderTypeCode>220</cbc:OrderTypeCode>
 <cbc:Note>Ring &amp; wait</cbc:Note><cbc:DocumentCurrencyCode>NOK</cbc:DocumentCurrencyCode>
 <cac:BuyerCustomerParty><cac:Party><cbc:EndpointID schemeID="0088">7300010000001</cbc:EndpointID>
  <cac:PartyName><cbc:Name>Kjøper AS</cbc:Name></cac:PartyName>
  <cac:PostalAddress><cbc:StreetName>Storgata 1</cbc:StreetName><cbc:CityName>Oslo</cbc:CityName><cbc:PostalZone>0155</cbc:PostalZone>
   <cac:Country><cbc:IdentificationCode>NO</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
  <cac:PartyTaxScheme><cbc:CompanyID>NO999888777MVA</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:Contact><cbc:Name>Kari</cbc:Name><cbc:Telephone>22</cbc:Telephone><cbc:ElectronicMail>kari@kjoper.example</cbc:ElectronicMail></cac:Contact>
 </cac:Party></cac:BuyerCustomerParty>
 <cac:SellerSupplierParty><cac:Party><cac:PartyName><cbc:Name>Our Company</cbc:Name></cac:PartyName></cac:Party></cac:SellerSupplierParty>
 <cac:Delivery><cac:DeliveryLocation><cac:Address><cbc:StreetName>Havna 2</cbc:StreetName><cbc:CityName>Moss</cbc:CityName></cac:Address></cac:DeliveryLocation>
  <cac:RequestedDeliveryPeriod><cbc:StartDate>2025-03-10</cbc:StartDate><cbc:EndDate>2025-03-12</cbc:EndDate></cac:RequestedDeliveryPeriod>
  <cac:DeliveryParty><cac:PartyName><cbc:Name>Lager Moss</cbc:Name></cac:PartyName></cac:DeliveryParty></cac:Delivery>
 <cac:PaymentTerms><cbc:Note>30 dager</cbc:Note></cac:PaymentTerms>
 <cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:AllowanceChargeReason>Frakt/freight</cbc:AllowanceChargeReason><cbc:Amount currencyID="NOK">50.00</cbc:Amount></cac:AllowanceCharge>
 <cac:TaxTotal><cbc:TaxAmount currencyID="NOK">25.00</cbc:TaxAmount></cac:TaxTotal>
 <cac:AnticipatedMonetaryTotal><cbc:LineExtensionAmount currencyID="NOK">50.00</cbc:LineExtensionAmount><cbc:PayableAmount currencyID="NOK">125.00</cbc:PayableAmount></cac:AnticipatedMonetaryTotal>
 <cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode="C62">100</cbc:Quantity><cbc:LineExtensionAmount currencyID="NOK">50.00</cbc:LineExtensionAmount>
  <cac:Price><cbc:PriceAmount currencyID="NOK">5.00</cbc:PriceAmount><cbc:BaseQuantity unitCode="C62">10</cbc:BaseQuantity></cac:Price>
  <cac:Item><cbc:Description>Long text</cbc:Description><cbc:Name>Skrue M8</cbc:Name>
   <cac:BuyersItemIdentification><cbc:ID>B-1</cbc:ID></cac:BuyersItemIdentification>
   <cac:SellersItemIdentification><cbc:ID>S-1</cbc:ID></cac:SellersItemIdentification>
   <cac:StandardItemIdentification><cbc:ID schemeID="0160">07300010000018</cbc:ID></cac:StandardItemIdentification></cac:Item>
 </cac:LineItem></cac:OrderLine>
</Order>"#;

#[test]
fn ubl_order() {
    insta::assert_snapshot!(printed(&read(UBL).expect("a UBL order")), @"
    purchase_order
    po_number = 4711/A
    po_date = 2025-02-28
    currency = NOK
    requested_delivery_date = 2025-03-10
    payment_terms = 30 dager
    buyer/name = Kjøper AS
    buyer/street = Storgata 1
    buyer/city = Oslo
    buyer/postal_code = 0155
    buyer/country = NO
    buyer/vat_id = NO999888777MVA
    buyer/gln = 7300010000001
    buyer/email = kari@kjoper.example
    buyer/phone = 22
    buyer/contact = Kari
    seller/name = Our Company
    ship_to/name = Lager Moss
    ship_to/street = Havna 2
    ship_to/city = Moss
    lines/0/line_no = 1
    lines/0/buyer_part = B-1
    lines/0/supplier_part = S-1
    lines/0/gtin = 07300010000018
    lines/0/description = Skrue M8
    lines/0/uom = C62
    lines/0/quantity = 100
    lines/0/unit_price = 5.00
    lines/0/price_basis = 10
    lines/0/line_total = 50.00
    subtotal = 50.00
    shipping = 50.00
    tax = 25.00
    total = 125.00
    charges/0 = + 50.00 (Frakt/freight) carried
    ");
}

const OPENTRANS_1: &str = r#"<ORDER version="1.0" type="standard"><ORDER_HEADER><ORDER_INFO>
 <ORDER_ID>O-1</ORDER_ID><ORDER_DATE>2025-02-28T10:00:00+01:00</ORDER_DATE>
 <ORDER_PARTIES><BUYER_PARTY><PARTY><PARTY_ID type="iln">4000001000005</PARTY_ID><ADDRESS><NAME>Käufer</NAME><STREET>Weg 1</STREET><ZIP>50667</ZIP><CITY>Köln</CITY><COUNTRY_CODED>DE</COUNTRY_CODED></ADDRESS></PARTY></BUYER_PARTY>
 <SUPPLIER_PARTY><PARTY><ADDRESS><NAME>Our Company</NAME></ADDRESS></PARTY></SUPPLIER_PARTY>
 <SHIPMENT_PARTIES><DELIVERY_PARTY><PARTY><ADDRESS><NAME>Lager</NAME><CITY>Ulm</CITY></ADDRESS></PARTY></DELIVERY_PARTY></SHIPMENT_PARTIES></ORDER_PARTIES>
 <PRICE_CURRENCY>EUR</PRICE_CURRENCY></ORDER_INFO></ORDER_HEADER>
 <ORDER_ITEM_LIST><ORDER_ITEM><LINE_ITEM_ID>1</LINE_ITEM_ID>
  <ARTICLE_ID><SUPPLIER_AID>S-1</SUPPLIER_AID><INTERNATIONAL_AID>4006381333931</INTERNATIONAL_AID><BUYER_AID>B-1</BUYER_AID><DESCRIPTION_SHORT>Stift</DESCRIPTION_SHORT></ARTICLE_ID>
  <QUANTITY>250</QUANTITY><ORDER_UNIT>C62</ORDER_UNIT>
  <ARTICLE_PRICE><PRICE_AMOUNT>4.20</PRICE_AMOUNT><PRICE_LINE_AMOUNT>10.50</PRICE_LINE_AMOUNT><PRICE_QUANTITY>100</PRICE_QUANTITY></ARTICLE_PRICE></ORDER_ITEM></ORDER_ITEM_LIST>
 <ORDER_SUMMARY><TOTAL_ITEM_NUM>2</TOTAL_ITEM_NUM><TOTAL_AMOUNT>10.50</TOTAL_AMOUNT></ORDER_SUMMARY></ORDER>"#;

#[test]
fn opentrans_1_order() {
    insta::assert_snapshot!(printed(&read(OPENTRANS_1).expect("an openTRANS order")), @"
    purchase_order
    po_number = O-1
    po_date = 2025-02-28
    currency = EUR
    buyer/name = Käufer
    buyer/street = Weg 1
    buyer/city = Köln
    buyer/postal_code = 50667
    buyer/country = DE
    buyer/gln = 4000001000005
    seller/name = Our Company
    ship_to/name = Lager
    ship_to/city = Ulm
    lines/0/line_no = 1
    lines/0/buyer_part = B-1
    lines/0/supplier_part = S-1
    lines/0/gtin = 4006381333931
    lines/0/description = Stift
    lines/0/uom = C62
    lines/0/quantity = 250
    lines/0/unit_price = 4.20
    lines/0/price_basis = 100
    lines/0/line_total = 10.50
    total = 10.50
    ! LINE_COUNT_MISMATCH Ask /orders/0/lines The order says that it has 2 lines, but 1 are there.
    ");
}

const IDOC: &str = r#"<ORDERS05><IDOC BEGIN="1"><EDI_DC40><MESTYP>ORDERS</MESTYP></EDI_DC40>
 <E1EDK01><CURCY>EUR</CURCY><BELNR>4500012345</BELNR></E1EDK01>
 <E1EDK03><IDDAT>012</IDDAT><DATUM>20250228</DATUM></E1EDK03><E1EDK03><IDDAT>002</IDDAT><DATUM>20250315</DATUM></E1EDK03>
 <E1EDKA1><PARVW>AG</PARVW><NAME1>Käufer AG</NAME1><ORT01>Köln</ORT01><LAND1>DE</LAND1></E1EDKA1>
 <E1EDKA1><PARVW>WE</PARVW><NAME1>Werk 2</NAME1><STRAS>Tor 3</STRAS><PSTLZ>89073</PSTLZ><ORT01>Ulm</ORT01></E1EDKA1>
 <E1EDK17><QUALF>001</QUALF><LKOND>DAP</LKOND></E1EDK17><E1EDK17><QUALF>002</QUALF><LKTEXT>Ulm</LKTEXT></E1EDK17>
 <E1EDP01><POSEX>00010</POSEX><MENGE>250.000</MENGE><MENEE>PCE</MENEE><VPREI>4.20</VPREI><PEINH>100</PEINH><NETWR>10.50</NETWR>
  <E1EDP20><WMENG>250.000</WMENG><EDATU>20250316</EDATU></E1EDP20>
  <E1EDP19><QUALF>001</QUALF><IDTNR>B-1</IDTNR><KTEXT>Schraube</KTEXT></E1EDP19><E1EDP19><QUALF>002</QUALF><IDTNR>S-1</IDTNR></E1EDP19></E1EDP01>
 <E1EDS01><SUMID>002</SUMID><SUMME>10.50</SUMME></E1EDS01></IDOC></ORDERS05>"#;

#[test]
fn sap_idoc_order() {
    insta::assert_snapshot!(printed(&read(IDOC).expect("an IDoc")), @"
    purchase_order
    po_number = 4500012345
    po_date = 2025-02-28
    currency = EUR
    requested_delivery_date = 2025-03-15
    incoterm = DAP Ulm
    buyer/name = Käufer AG
    buyer/city = Köln
    buyer/country = DE
    ship_to/name = Werk 2
    ship_to/street = Tor 3
    ship_to/city = Ulm
    ship_to/postal_code = 89073
    lines/0/line_no = 00010
    lines/0/buyer_part = B-1
    lines/0/supplier_part = S-1
    lines/0/description = Schraube
    lines/0/uom = PCE
    lines/0/quantity = 250.000
    lines/0/unit_price = 4.20
    lines/0/price_basis = 100
    lines/0/line_total = 10.50
    lines/0/requested_date = 2025-03-16
    lines/0/deliveries/0/quantity = 250.000
    lines/0/deliveries/0/date = 2025-03-16
    total = 10.50
    ");
}

const CXML: &str = r#"<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">
<cXML><Header><From><Credential domain="GLN"><Identity>0614141000012</Identity></Credential></From></Header><Request deploymentMode="production"><OrderRequest>
 <OrderRequestHeader orderID="PO 9" orderDate="2025-02-28T10:00:00-05:00" type="update" orderVersion="2">
  <Total><Money currency="USD">21.50</Money></Total>
  <ShipTo><Address isoCountryCode="US"><Name>Dock</Name><PostalAddress><DeliverTo>Bo</DeliverTo><Street>1 A St</Street><Street>Unit 2</Street><City>Troy</City><State>MI</State><PostalCode>48083</PostalCode><Country isoCountryCode="US"/></PostalAddress></Address></ShipTo>
  <BillTo><Address><Name>Big Co</Name></Address></BillTo>
  <PaymentTerm payInNumberOfDays="45"/><Comments>Confirming order, do not duplicate</Comments></OrderRequestHeader>
 <ItemOut lineNumber="1" quantity="20" requestedDeliveryDate="2025-03-10"><ItemID><SupplierPartID>S-1</SupplierPartID></ItemID>
  <ItemDetail><UnitPrice><Money currency="USD">107.50</Money></UnitPrice><Description xml:lang="en">Clip<ShortName>c</ShortName></Description><UnitOfMeasure>EA</UnitOfMeasure>
  <PriceBasisQuantity quantity="100" conversionFactor="1"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity><ManufacturerPartID>M-1</ManufacturerPartID></ItemDetail></ItemOut>
</OrderRequest></Request></cXML>"#;

#[test]
fn cxml_order_change() {
    insta::assert_snapshot!(printed(&read(CXML).expect("a cXML order")), @r#"
    order_change
    po_number = PO 9
    revision = 2
    po_date = 2025-02-28
    currency = USD
    payment_terms = net 45
    buyer/name = Big Co
    buyer/gln = 0614141000012
    ship_to/name = Dock
    ship_to/street = 1 A St, Unit 2
    ship_to/city = Troy
    ship_to/region = MI
    ship_to/postal_code = 48083
    ship_to/country = US
    ship_to/contact = Bo
    bill_to/name = Big Co
    lines/0/line_no = 1
    lines/0/supplier_part = S-1
    lines/0/manufacturer_part = M-1
    lines/0/description = Clip
    lines/0/uom = EA
    lines/0/quantity = 20
    lines/0/unit_price = 107.50
    lines/0/price_basis = 100
    lines/0/requested_date = 2025-03-10
    total = 21.50
    ! NOT_AN_ORIGINAL Ask /orders/0/po_number The order says "Confirming order, do not duplicate": it may have been placed already.
    "#);
}

const ORDER_X: &str = r#"<rsm:SCRDMCCBDACIOMessageStructure xmlns:rsm="urn:x"><ExchangedDocument><ID>PO-5</ID><TypeCode>220</TypeCode>
 <IssueDateTime><DateTimeString format="102">20250228</DateTimeString></IssueDateTime><PurposeCode>9</PurposeCode></ExchangedDocument>
 <SupplyChainTradeTransaction><IncludedSupplyChainTradeLineItem><AssociatedDocumentLineDocument><LineID>1</LineID></AssociatedDocumentLineDocument>
  <SpecifiedTradeProduct><SellerAssignedID>S-1</SellerAssignedID><Name>Clip</Name></SpecifiedTradeProduct>
  <SpecifiedLineTradeAgreement><NetPriceProductTradePrice><ChargeAmount>10.75</ChargeAmount></NetPriceProductTradePrice></SpecifiedLineTradeAgreement>
  <SpecifiedLineTradeDelivery><RequestedQuantity unitCode="C62">40</RequestedQuantity></SpecifiedLineTradeDelivery></IncludedSupplyChainTradeLineItem>
  <ApplicableHeaderTradeSettlement><OrderCurrencyCode>EUR</OrderCurrencyCode><SpecifiedTradeSettlementHeaderMonetarySummation><GrandTotalAmount>430.00</GrandTotalAmount></SpecifiedTradeSettlementHeaderMonetarySummation></ApplicableHeaderTradeSettlement>
 </SupplyChainTradeTransaction></rsm:SCRDMCCBDACIOMessageStructure>"#;

/// The XML inside a PDF counts, and its page must print the same.
#[test]
fn order_x_inside_a_pdf_is_compared_with_its_page() {
    let word = |text: &str| Word {
        text: text.into(),
        bbox: [0.0; 4],
        size: 9.0,
        bold: false,
        visibility: Default::default(),
        ocr_confidence: None,
        span: None,
    };
    let with_page = |words: &[&str]| {
        let page = Page { number: 1, words: words.iter().map(|text| word(text)).collect(), ..Page::default() };
        let embedded = vec![Embedded { name: "order-x.xml".into(), bytes: ORDER_X.as_bytes().to_vec() }];
        let document = Document { pages: vec![page], embedded, ..Document::empty(SourceKind::Pdf) };
        structured::read(&document, &ReadingContext::default()).expect("the XML is read")
    };
    let same = with_page(&["Order", "PO-5", "40", "pcs", "10,75", "430,00", "EUR"]);
    assert_eq!(same.findings, []);
    assert_eq!(same.orders[0].lines.len(), 1);
    let other = with_page(&["Order", "PO-5", "400", "pcs", "10,57", "4.300,00", "EUR"]);
    let asked: Vec<&str> = other
        .findings
        .iter()
        .filter(|f| f.code == Code::ReadersDisagree && f.severity == Severity::Ask)
        .map(|f| f.field.as_str())
        .collect();
    assert_eq!(asked, ["/orders/0/total", "/orders/0/lines/0/quantity", "/orders/0/lines/0/unit_price"]);
}

/// Documents that are no orders, or orders of another kind.
#[test]
fn kinds_are_told_apart() {
    use DocumentKind as K;
    let set = |number: &str| Some(format!("ST*{number}*0001~SE*2*0001~"));
    let message = |name: &str, bgm: &str| Some(format!("UNH+1+{name}:D:96A:UN'BGM+{bgm}'UNT+3+1'"));
    let root = |name: &str, namespace: &str| Some(format!("<{name} xmlns=\"{namespace}\"><ID>1</ID></{name}>"));
    let ubl = "urn:oasis:names:specification:ubl:schema:xsd:X-2";
    let table = [
        (set("855"), K::OrderAcknowledgement),
        (set("810"), K::Invoice),
        (set("856"), K::DeliveryNote),
        (set("840"), K::RequestForQuote),
        (set("997"), K::Other),
        (Some("ST*850*1~BEG*01*SA*P1**20250101~SE*3*1~".into()), K::OrderCancellation),
        (Some("ST*850*1~BEG*05*SA*P1**20250101~SE*3*1~".into()), K::OrderChange),
        (Some("ST*860*1~BCH*04*SA*P1**2*20250101~SE*3*1~".into()), K::OrderChange),
        (Some("ST*860*1~BCH*01*SA*P1**2*20250101~SE*3*1~".into()), K::OrderCancellation),
        (message("ORDERS", "220+P1+9"), K::PurchaseOrder),
        (message("ORDERS", "220+P1+1"), K::OrderCancellation),
        (message("ORDERS", "220+P1+5"), K::OrderChange),
        (message("ORDCHG", "230+C1+4"), K::OrderChange),
        (message("ORDRSP", "231+P1+29"), K::OrderAcknowledgement),
        (message("INVOIC", "380+I1+9"), K::Invoice),
        (message("INVOIC", "381+I1+9"), K::CreditNote),
        (message("DESADV", "351+D1+9"), K::DeliveryNote),
        (message("REQOTE", "311+R1+9"), K::RequestForQuote),
        (root("OrderChange", ubl), K::OrderChange),
        (root("OrderCancellation", ubl), K::OrderCancellation),
        (root("OrderResponse", ubl), K::OrderAcknowledgement),
        (root("Invoice", ubl), K::Invoice),
        (root("CreditNote", ubl), K::CreditNote),
        (Some("<cXML><Request><ConfirmationRequest/></Request></cXML>".into()), K::OrderAcknowledgement),
        (
            Some(
                "<cXML><Request><OrderRequest><OrderRequestHeader orderID=\"1\" type=\"delete\"/></OrderRequest></Request></cXML>"
                    .into(),
            ),
            K::OrderCancellation,
        ),
        (Some("<cXML><Request><InvoiceDetailRequest/></Request></cXML>".into()), K::Invoice),
        (Some("<INVOICE><INVOICE_HEADER/></INVOICE>".into()), K::Invoice),
        (
            Some(
                "<CrossIndustryInvoice><ExchangedDocument><TypeCode>380</TypeCode></ExchangedDocument></CrossIndustryInvoice>"
                    .into(),
            ),
            K::Invoice,
        ),
    ];
    for (text, expected) in table {
        let text = text.expect("a text");
        assert_eq!(read(&text).unwrap_or_else(|| panic!("{text}")).kind, expected, "{text}");
    }
    for text in [
        "",
        "Dear Sir",
        "ISA is our standard",
        "STX is late",
        "<html><body/></html>",
        "<Order><ID>1</ID></Order>",
        "UNA",
        "STANDARD",
        "GST*1",
    ] {
        assert!(read(text).is_none(), "{text}");
    }
}

/// What a document states beside its prices: all of it is data, sums take in what belongs to them, and a question is left where an
/// order placed from the sums and discounts would be without one.
#[test]
fn allowances_and_charges_are_data() {
    let ubl_line = |allowances: &str, total: &str| {
        UBL.replace("</cbc:LineExtensionAmount>\n  <cac:Price>", &format!("</cbc:LineExtensionAmount>{allowances}<cac:Price>"))
            .replacen("50.00</cbc:LineExtensionAmount>", &format!("{total}</cbc:LineExtensionAmount>"), 2)
    };
    let ubl = |indicator: bool, words: &str, factor: &str, amount: &str| {
        let factor =
            if factor.is_empty() { String::new() } else { format!("<MultiplierFactorNumeric>{factor}</MultiplierFactorNumeric>") };
        format!(
            "<AllowanceCharge><ChargeIndicator>{indicator}</ChargeIndicator><AllowanceChargeReason>{words}</AllowanceChargeReason>\
             {factor}<Amount>{amount}</Amount></AllowanceCharge>"
        )
    };
    let x12_line = |segments: &str| x12(&X12_BODY.replace("SAC*A*C310****2*5~\n", segments));
    let edifact_line = |segments: &str| EDIFACT.replace("ALC+A'\nPCD+1:10'", segments).replace("UNT+36", "UNT+0");
    // (document, the charges of all lines and of the order, the discount of line 0 or 1, codes asked about)
    let table: [(String, &[&str], Option<&str>, usize); 14] = [
        (ubl_line(&ubl(false, "Rebate", "10", "5.00"), "45.00"), &["- 5.00 10 % (Rebate) carried"], Some("10"), 0),
        // A factor, as UBL itself has it: the amount says so.
        (ubl_line(&ubl(false, "Rebate", "0.1", "5.00"), "45.00"), &["- 5.00 10 % (Rebate) carried"], Some("10"), 0),
        // A percentage of something else than the line.
        (ubl_line(&ubl(false, "Rebate", "10", "7.00"), "43.00"), &["- 7.00 10 % (Rebate)"], None, 1),
        (ubl_line(&ubl(false, "Rebate", "", "7.00"), "43.00"), &["- 7.00 (Rebate)"], None, 1),
        (ubl_line(&ubl(true, "Cutting", "", "7.00"), "57.00"), &["+ 7.00 (Cutting)"], None, 1),
        (ubl_line(&ubl(false, "Nothing", "", "0.00"), "50.00"), &[], None, 0),
        // 20 and 10 upon another are 28; added up they are 30: the line's total says which.
        (
            ubl_line(&(ubl(false, "A", "20", "10.00") + &ubl(false, "B", "10", "4.00")), "36.00"),
            &["- 10.00 20 % (A) carried", "- 4.00 10 % (B) carried"],
            Some("28"),
            0,
        ),
        (edifact_line("ALC+A'PCD+1:20'ALC+A'PCD+1:10'MOA+203:3.24'"), &["- 20 %", "- 10 %"], None, 2),
        (edifact_line("MOA+203:3.24'ALC+A'PCD+1:20'ALC+A'PCD+1:10'"), &["- 20 % carried", "- 10 % carried"], Some("28"), 0),
        (edifact_line("MOA+203:3.15'ALC+A'PCD+1:20'ALC+A'PCD+1:10'"), &["- 20 % carried", "- 10 % carried"], Some("30"), 0),
        // MOA 25 is what the percentage is of, not the amount.
        (edifact_line("ALC+A'PCD+1:10'MOA+25:4.50'MOA+204:0.45'"), &["- 0.45 10 % carried"], Some("10"), 0),
        (x12_line("SAC*A*C310***150~\nSAC*C*ZZZZ***0~\n"), &["- 1.50 (code C310)"], None, 1),
        (x12_line("SAC*A*C310****2*5~\n"), &["- 5 % (code C310) carried"], Some("5"), 0),
        (OPENTRANS_1.replace("</PRICE_QUANTITY>", "</PRICE_QUANTITY><ALLOW_OR_CHARGES_FIX><ALLOW_OR_CHARGE type=\"allowance\">\
            <ALLOW_OR_CHARGE_NAME>Rabatt</ALLOW_OR_CHARGE_NAME><ALLOW_OR_CHARGE_VALUE><AOC_PERCENTAGE_FACTOR>0.08</AOC_PERCENTAGE_FACTOR>\
            </ALLOW_OR_CHARGE_VALUE></ALLOW_OR_CHARGE></ALLOW_OR_CHARGES_FIX>"), &["- 8 % (Rabatt) carried"], Some("8"), 0),
    ];
    for (index, (text, charges, discount, asked)) in table.iter().enumerate() {
        let draft = read(text).unwrap_or_else(|| panic!("row {index} is read"));
        let mut out = String::new();
        draft.orders[0].lines.iter().for_each(|line| put_charges(&mut out, "", &line.charges));
        let stated: Vec<&str> = out.lines().filter_map(|line| line.split_once(" = ").map(|(_, charge)| charge)).collect();
        let found = draft.orders[0].lines.iter().find_map(|line| line.discount_percent.value().map(ToString::to_string));
        let questions = draft.findings.iter().filter(|f| f.code == Code::UnlistedCharge && f.severity == Severity::Ask).count();
        assert_eq!(
            (stated.as_slice(), found.as_deref(), questions),
            (*charges, *discount, *asked),
            "row {index}: {:?}",
            draft.findings
        );
    }
}

/// Several charges of the header make one sum each; what has no sum is asked about.
#[test]
fn charges_of_the_header_add_up() {
    let more = |text: &str| x12(&X12_BODY.replace("SAC*C*D240***1250~", text));
    let edifact = |text: &str| EDIFACT.replace("ALC+C++++FC'\nMOA+8:12,50'", text);
    let table = [
        (more("SAC*C*D240***1250~\nSAC*C*D240***250~\nSAC*A*C310***300~\nSAC*A*F800***100~"), "15.00", "4", 0),
        (more("SAC*C*D240***1250~\nSAC*C*F050***300~"), "12.50", "-", 1),
        (more("SAC*C*D240**********06~"), "-", "-", 0),
        (more("SAC*A*C310****Z*5~"), "-", "-", 1),
        (more("SAC*A*C310***300*******01~"), "-", "-", 0),
        (edifact("ALC+C++++FC'MOA+23:10'ALC+C++++DL'MOA+8:2,5'ALC+A++++DI'MOA+204:3'"), "12.5", "3", 0),
        (edifact("ALC+C++++PC'MOA+8:4'"), "-", "-", 1),
    ];
    for (index, (text, shipping, discount, asked)) in table.into_iter().enumerate() {
        let draft = read(&text).unwrap_or_else(|| panic!("row {index} is read"));
        let order = &draft.orders[0];
        let shown = |reading: &Reading<rust_decimal::Decimal>| reading.value().map_or_else(|| "-".into(), ToString::to_string);
        let questions = draft.findings.iter().filter(|f| f.code == Code::UnlistedCharge && f.severity == Severity::Ask).count();
        assert_eq!(
            (shown(&order.shipping), shown(&order.discount), questions),
            (shipping.into(), discount.into(), asked),
            "row {index}"
        );
    }
}

/// One line, several days: the schedule is data, and a question only where the line's one day cannot say it.
#[test]
fn schedules_are_data() {
    let edifact = |segments: &str| EDIFACT.replace("QTY+21:1200:PCE'", &format!("QTY+21:1200:PCE'{segments}"));
    let x12 = |segments: &str| x12(&X12_BODY.replace("SCH*250*EA***002*20250316~", segments));
    let ubl = |parts: &str| {
        UBL.replace("</cbc:LineExtensionAmount>\n  <cac:Price>", &format!("</cbc:LineExtensionAmount>{parts}<cac:Price>"))
    };
    let ubl_part = |quantity: &str, day: &str| {
        format!(
            "<Delivery><Quantity>{quantity}</Quantity><RequestedDeliveryPeriod><StartDate>{day}</StartDate></RequestedDeliveryPeriod></Delivery>"
        )
    };
    let idoc = |parts: &str| IDOC.replace("<E1EDP20><WMENG>250.000</WMENG><EDATU>20250316</EDATU></E1EDP20>", parts);
    let cxml = |parts: &str| CXML.replace("</ItemDetail>", &format!("</ItemDetail>{parts}"));
    let both = ["2025-04-01", "2025-05-01"];
    // (document, days of the parts, codes asked about: days, sum)
    let table: [(String, &[&str], usize, usize); 10] = [
        (edifact("SCC+1'QTY+113:700:PCE'DTM+2:20250401:102'SCC+1'QTY+113:500:PCE'DTM+2:20250501:102'"), &both, 1, 0),
        (edifact("SCC+1'QTY+21:700:PCE'DTM+2:20250401:102'SCC+1'QTY+21:500:PCE'DTM+2:20250401:102'"), &["2025-04-01"; 2], 0, 0),
        (edifact("LOC+7+X::9'QTY+11:700:PCE'DTM+2:20250401:102'LOC+7+X::9'QTY+11:400:PCE'DTM+2:20250501:102'"), &both, 1, 1),
        (x12("SCH*100*EA***002*20250401~SCH*150*EA***002*20250501~"), &both, 1, 0),
        (x12("SCH*100*EA***002*20250401~SCH*100*EA***002*20250401~"), &["2025-04-01"; 2], 0, 1),
        (ubl(&(ubl_part("40", "2025-04-01") + &ubl_part("60", "2025-05-01"))), &both, 1, 0),
        (ubl(&ubl_part("100", "2025-04-01")), &["2025-04-01"], 0, 0),
        (
            idoc(
                "<E1EDP20><WMENG>200</WMENG><EDATU>20250401</EDATU></E1EDP20><E1EDP20><WMENG>50</WMENG><EDATU>20250501</EDATU></E1EDP20>",
            ),
            &both,
            1,
            0,
        ),
        (
            cxml(
                "<ScheduleLine quantity=\"10\" requestedDeliveryDate=\"2025-04-01\"/><ScheduleLine quantity=\"10\" requestedDeliveryDate=\"2025-05-01\"/>",
            ),
            &both,
            1,
            0,
        ),
        (EDIFACT.into(), &[], 0, 0),
    ];
    for (index, (text, days, dates, sums)) in table.iter().enumerate() {
        let draft = read(text).unwrap_or_else(|| panic!("row {index} is read"));
        let line = &draft.orders[0].lines[0];
        let read: Vec<String> = line.deliveries.iter().filter_map(|part| part.date.value().map(ToString::to_string)).collect();
        let asked = |code, field: &str| {
            let at = format!("/orders/0/lines/0/{field}");
            draft.findings.iter().filter(|f| f.code == code && f.severity == Severity::Ask && f.field == at).count()
        };
        let questions = (asked(Code::AmbiguousDate, "requested_date"), asked(Code::AmbiguousField, "quantity"));
        assert_eq!(
            (read.iter().map(String::as_str).collect::<Vec<_>>(), questions),
            (days.to_vec(), (*dates, *sums)),
            "row {index}"
        );
        assert!(line.deliveries.iter().all(|part| !part.quantity.is_absent()), "row {index}");
    }
}

/// What is stated and not read is noted with its place, whatever the format.
#[test]
fn nothing_is_passed_over_in_silence() {
    let table = [
        (x12(&X12_BODY.replace("PID*F*75***Zinc~", "SLN*1**I*2*EA~")), "SLN"),
        (x12(&X12_BODY.replace("*MG*M-1~", "*Q9*M-1~")), "PO1 Q9"),
        (x12(X12_BODY), "DTM 010"),
        (EDIFACT.replace("QTY+21:3:PCE'", "QTY+21:3:PCE'QTY+192:1:PCE'"), "QTY 192"),
        (EDIFACT.replace("PRI+AAB:1.50", "PRI+ZZZ:1.50"), "PRI ZZZ"),
        (EDIFACT.replace("PIA+1+S-1:SA+B-1:IN", "PIA+1+S-1:SA+B-1:QQ"), "LIN/PIA QQ"),
        (EDIFACT.replace("DTM+2:20250320:102", "DTM+10:20250320:102"), "DTM 10"),
        (EDIFACT.replace("MOA+79:", "MOA+777:"), "MOA 777"),
        (UBL.replace("<cac:PaymentTerms>", "<cac:Surprise><cbc:ID>1</cbc:ID></cac:Surprise><cac:PaymentTerms>"), "Order/Surprise"),
        (UBL.replace("<cac:Price>", "<cbc:MinimumQuantity>5</cbc:MinimumQuantity><cac:Price>"), "LineItem/MinimumQuantity"),
        (OPENTRANS_1.replace("<ORDER_UNIT>", "<ODD>1</ODD><ORDER_UNIT>"), "ORDER_ITEM/ODD"),
    ];
    for (index, (text, what)) in table.into_iter().enumerate() {
        let draft = read(&text).unwrap_or_else(|| panic!("row {index} is read"));
        let note = format!("`{what}`");
        let found = draft.findings.iter().find(|f| f.code == Code::UnknownSegment && f.message.contains(&note));
        let found = found.unwrap_or_else(|| panic!("row {index}: {what} in {:?}", draft.findings));
        assert!(found.severity == Severity::Note && !found.spans.is_empty(), "row {index}: {found:?}");
    }
}

/// A Peppol envelope with two orders: each finding points at its own.
#[test]
fn several_orders_in_one_envelope() {
    let order = UBL.split_once("?>").expect("a declaration").1;
    let other = order
        .replace("4711/A", "4712")
        .replace("<cbc:Note>Ring &amp; wait", "<cbc:CopyIndicator>true</cbc:CopyIndicator><cbc:Note>x");
    let draft = read(&format!("<StandardBusinessDocument><Header/>{order}{other}</StandardBusinessDocument>")).expect("read");
    let numbers: Vec<_> = draft.orders.iter().filter_map(|order| order.po_number.value().map(String::as_str)).collect();
    assert_eq!(numbers, ["4711/A", "4712"]);
    let copy = draft.findings.iter().find(|f| f.code == Code::NotAnOriginal).expect("told");
    assert_eq!(copy.field, "/orders/1/po_number");
}

/// What is wrong with a file, and the code that says so; nothing of it is silent.
#[test]
fn damage_is_told() {
    let good = x12(X12_BODY);
    let table = [
        (good.replace("SE*", "SE*9"), Code::LineCountMismatch),
        (good.replace("CTT*2", "CTT*3"), Code::LineCountMismatch),
        (good.replace("GE*1", "GE*2"), Code::LineCountMismatch),
        (good[..good.len() / 2].to_owned(), Code::MalformedSyntax),
        (good.replace("IEA*1*000000042~", ""), Code::MalformedSyntax),
        (good.replace("*0*P*>", "*0*T*>"), Code::NotAnOriginal),
        (good.replace("BEG*00", "BEG*07"), Code::NotAnOriginal),
        (good.replace("REF*DP*038", "NTE*GEN*CONFIRMING ORDER - DO NOT DUPLICATE"), Code::NotAnOriginal),
        (good.replace("*RL*", "*BK*"), Code::ClauseNeedsReview),
        (good.replace("PO1*10*250*EA*42.50*HP", "PO1*10*250*EA*42.50*PP"), Code::AmbiguousField),
        (good.replace("SAC*C*D240***1250", "SAC*C*F050***1250"), Code::UnlistedCharge),
        (good.replace("N2*Door 7", "SDQ*EA*92*S1*100*S2*150"), Code::AmbiguousShipTo),
        (EDIFACT.replace("UNT+36", "UNT+35"), Code::LineCountMismatch),
        (EDIFACT.replace("CNT+2:2", "CNT+2:3"), Code::LineCountMismatch),
        (EDIFACT.replace("UNZ+1", "UNZ+2"), Code::LineCountMismatch),
        (EDIFACT.replace("UNZ+1+77'", ""), Code::MalformedSyntax),
        (EDIFACT.replace("+77'\nUNH", "+77++++++1'\nUNH"), Code::NotAnOriginal),
        (EDIFACT.replace("PO?+9+9'", "PO?+9+7'"), Code::NotAnOriginal),
        (EDIFACT.replace("4,2:::100:PCE", "4,2:::100:KGM"), Code::UnitConflict),
        (EDIFACT.replace("ALC+C++++FC", "ALC+C++++PC"), Code::UnlistedCharge),
        (TRADACOMS.replace("OTR=1", "OTR=2"), Code::LineCountMismatch),
        (TRADACOMS.replace("OFT=1", "OFT=2"), Code::LineCountMismatch),
        (TRADACOMS.replace("END=3'", ""), Code::MalformedSyntax),
        (UBL[..UBL.len() - 40].to_owned(), Code::MalformedSyntax),
        (UBL.replace("Ring &amp; wait", "&bomb;"), Code::MalformedSyntax),
        (UBL.replace("Frakt/freight", "Environment"), Code::UnlistedCharge),
        (UBL.replace("<cbc:ID>4711/A</cbc:ID>", &"<a>".repeat(200)), Code::LimitReached),
        (good.replace("PO-0077*REL-3*20250228", "PO-0077*20250228"), Code::AmbiguousField),
        (good.replace("PO1*20*3*", "PO1*20*0*"), Code::MissingQuantity),
        (EDIFACT.replace("BGM+220+PO?+9+9", "BGM+220+PO?+9+4").replace("QTY+21:3:", "QTY+21:0:"), Code::CancelRequested),
        (
            UBL.replace("<cbc:DocumentCurrencyCode>", "<cbc:LineCountNumeric>2</cbc:LineCountNumeric><cbc:DocumentCurrencyCode>"),
            Code::LineCountMismatch,
        ),
        (CXML.replace("production", "test"), Code::NotAnOriginal),
        (CXML.replacen("<UnitOfMeasure>EA", "<UnitOfMeasure>KGM", 1), Code::UnitConflict),
        (UBL.replace("<cbc:BaseQuantity unitCode=\"C62\"", "<cbc:BaseQuantity unitCode=\"KGM\""), Code::UnitConflict),
    ];
    for (index, (text, expected)) in table.iter().enumerate() {
        let draft = read(text).unwrap_or_else(|| panic!("row {index} is read"));
        let asked = draft.findings.iter().any(|finding| finding.code == *expected && finding.severity == Severity::Ask);
        assert!(asked, "row {index}: {expected} in {:?}", draft.findings);
    }
    let unknown = read(&good.replace("REF*DP*038", "XYZ*1")).expect("read");
    assert!(unknown.findings.iter().any(|f| f.code == Code::UnknownSegment && f.severity == Severity::Note));
}

/// Files as they really come: other separators, no envelope, collapsed headers, several orders.
#[test]
fn x12_in_other_clothes_says_the_same() {
    let good = x12(X12_BODY);
    let values = |text: &str| printed(&read(text).expect("read"));
    let expected = values(&good);
    let dressed = [
        good.replace("~\n", "~"),
        good.replace("~\n", "\n"),
        good.replace("~\n", "\r\n"),
        good.replace('*', "\u{1d}").replace("~\n", "\u{1c}"),
        good.replace("          ", " "),
        // The component separator left out: the terminator stands in its place.
        good.replacen("*0*P*>~", "*0*P*~", 1),
        good.replacen("*0*P*>~", "*0*P*~", 1).replace("~\n", "~"),
        format!("\u{feff}\r\n  {}", good.replace("~\n", "~\n\t ")),
        good.lines()
            .filter(|line| !["ISA", "GS*", "GE*", "IEA"].iter().any(|id| line.starts_with(id)))
            .collect::<Vec<_>>()
            .join("\n"),
    ];
    for text in dressed {
        assert_eq!(values(&text), expected, "{text:?}");
    }
    let two = good.replace("GE*1", &format!("ST*850*0008~\n{X12_BODY}SE*28*0008~\nGE*2"));
    let draft = read(&two).expect("read");
    assert_eq!(draft.orders.len(), 2, "{:?}", draft.findings);
    // Two interchanges in one file, each with its own separators; and a header that lost half its fields.
    let joined = good.clone() + &good.replace('*', "|").replace("~\n", "!").replace("PO-0077", "PO-0078");
    let draft = read(&joined).expect("read");
    let numbers: Vec<_> = draft.orders.iter().filter_map(|order| order.po_number.value()).map(String::as_str).collect();
    assert_eq!(numbers, ["PO-0077", "PO-0078"], "{:?}", draft.findings);
    let short = good.replacen("*OURCO          *250301*1200*U*00401*000000042*0*P*>", "*OURCO", 1);
    assert_eq!(read(&short).expect("read").orders[0].lines.len(), 2);
}

#[test]
fn edifact_interchanges_and_book_orders() {
    let joined = EDIFACT.to_owned()
        + "UNA|^,? ~UNB^UNOC|3^A^B^250301|1200^9~UNH^1^ORDERS|D|96A|UN|EAN008~BGM^220^B-1^9~LIN^1~PIA^5^9780000000002|IB~\
        IMD^L^009^|||Author~IMD^L^050^|||A Title|in two parts~QTY^21^2~UNS^S~UNT^9^1~UNZ^1^9~";
    let draft = read(&joined.replace("QTY^21^2", "QTY^21|2")).expect("read");
    assert_eq!(draft.orders.len(), 2, "{:?}", draft.findings);
    let line = &draft.orders[1].lines[0];
    assert_eq!(line.description.value().map(String::as_str), Some("A Title in two parts"));
    assert_eq!(line.gtin.value().map(String::as_str), Some("9780000000002"));
    assert_eq!(line.quantity.value().map(ToString::to_string).as_deref(), Some("2"));
}

/// Each value's span holds the text that it was read from.
#[test]
fn spans_point_at_what_was_read() {
    for text in [
        x12(X12_BODY),
        EDIFACT.to_owned(),
        TRADACOMS.to_owned(),
        UBL.to_owned(),
        CXML.to_owned(),
        OPENTRANS_1.to_owned(),
        IDOC.to_owned(),
    ] {
        let draft = read(&text).expect("read");
        let order = &draft.orders[0];
        let mut seen = 0;
        let line = &order.lines[0];
        for reading in [&order.po_number, &order.buyer.name, &order.ship_to.name, &line.supplier_part, &line.line_no, &line.uom] {
            let Some(field) = reading.found() else { continue };
            let printed: String = field
                .origin
                .spans()
                .iter()
                .filter_map(|span| match span {
                    Span::Text { start, end } => text.get(*start..*end),
                    Span::Box { .. } => None,
                })
                .collect();
            let plain = |s: &str| s.replace(['?', ' '], "");
            assert_eq!(plain(&printed), plain(&field.raw));
            seen += 1;
        }
        assert!(seen >= 4);
        let quantity = line.quantity.found().expect("a quantity");
        assert!(matches!(quantity.origin.spans(), [Span::Text { start, end }] if text[*start..*end] == quantity.raw));
    }
}

/// Total on anything: cut, flipped, doubled.
#[test]
fn mutations_never_panic() {
    let sources = [
        x12(X12_BODY),
        EDIFACT.to_owned(),
        TRADACOMS.to_owned(),
        UBL.to_owned(),
        CXML.to_owned(),
        OPENTRANS_1.to_owned(),
        IDOC.to_owned(),
        ORDER_X.to_owned(),
    ];
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below.max(1)).expect("fits")).expect("fits")
    };
    let letters: Vec<char> = "'+:?=~*<>&;/\"0123456789AZ \n\u{1c}é\u{feff}".chars().collect();
    let mut read_at_all = 0;
    for source in &sources {
        for _ in 0..250 {
            let mut text: Vec<char> = source.chars().collect();
            for _ in 0..=random(6) {
                let at = random(text.len());
                match random(4) {
                    0 => text[at] = letters[random(letters.len())],
                    1 => drop(text.remove(at)),
                    2 => text.insert(at, letters[random(letters.len())]),
                    _ => text.truncate(at.max(4)),
                }
            }
            read_at_all += usize::from(read(&text.into_iter().collect::<String>()).is_some());
        }
    }
    assert!(read_at_all > 500, "the mutations still look like documents: {read_at_all}");
}
