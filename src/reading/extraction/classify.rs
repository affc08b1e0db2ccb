//! What a document is: a purchase order, or one of the many papers that look like one (DOMAIN 2, 6).
//!
//! Titles speak loudest, then the labels that only one kind of paper has, then phrases of running text. The file's name is no more
//! than a hint: a document named PO that is an invoice is an invoice.

use super::layout::labels::Label;
use super::layout::lines::{Sheet, fold, tokenize};
use super::layout::values::Found;
use crate::model::{Code, DocumentKind, Finding, Severity};
use crate::reading::ReadingContext;
use crate::reading::document::SourceKind;

use DocumentKind::{
    CreditNote, DeliveryNote, Invoice, OrderAcknowledgement, OrderCancellation, OrderChange, Other, PurchaseOrder, Quote,
    Remittance, RequestForQuote, ReturnRequest, Statement, StatusInquiry,
};

/// Titles, folded; the longest at the start of a cell counts.
const TITLES: &[(DocumentKind, &str)] = &[
    (
        PurchaseOrder,
        "purchase order|standard purchase order|blanket purchase order|purchase order form|p o|po|order form|bestellung|lieferantenbestellung|einkaufsbestellung|bestellschein|abrufbestellung|rahmenbestellung|lieferabruf|bon de commande|commande fournisseur|commande|commande d achat|orden de compra|pedido de compra|pedido a proveedor|pedido|hoja de pedido|ordine di acquisto|ordine d acquisto|ordine fornitore|ordine a fornitore|ordine|ordine acquisto|buono d ordine|inkooporder|bestelling|bestelbon|bestellformular|bestellblatt|formulaire de commande|modulo d ordine|formulario de pedido|inkoopopdracht|bestelformulier|bestelorder|release order|call off order|order release|purchase order release|orden de pedido|auftrag zur lieferung|kaufauftrag|blanket release|nota de pedido|drop ship order|supplier order|vendor order|standing order|contract release|sub contract order|works order to supplier|procurement order|buy order|order to supplier|commande client a fournisseur|bestellauftrag",
    ),
    (
        OrderChange,
        "purchase order change|change order|purchase order change order|purchase order revision|revised purchase order|amended purchase order|purchase order amendment|order change|po change|po revision|bestellanderung|bestellaenderung|anderungsbestellung|auftragsanderung|anderung zur bestellung|anderung der bestellung|modification de commande|avenant a la commande|commande modifiee|commande rectificative|modificacion de pedido|modificacion de la orden de compra|cambio de pedido|modifica ordine|variazione ordine|modifica dell ordine|wijziging bestelling|orderwijziging|gewijzigde inkooporder|gewijzigde bestelling|wijziging inkooporder|change notice|purchase order change notice|amendment to purchase order|revision to purchase order|bestellung anderung|po amendment|geanderte bestellung",
    ),
    (
        OrderCancellation,
        "purchase order cancellation|order cancellation|cancellation of purchase order|cancelled purchase order|canceled purchase order|po cancellation|cancellation|stornierung|bestellstornierung|stornierung der bestellung|bestellung stornieren|storno bestellung|auftragsstorno|storno|annulation de commande|annulation de la commande|annulation commande|annulation|cancelacion de pedido|anulacion de pedido|cancelacion de la orden|annullamento ordine|annullamento dell ordine|cancellazione ordine|annulering bestelling|annulering inkooporder|annulering|order cancellation notice|bestellung storniert",
    ),
    (
        RequestForQuote,
        "request for quotation|request for quote|rfq|request for proposal|quotation request|quote request|request for price|inquiry|enquiry|anfrage|preisanfrage|angebotsanfrage|angebotsanforderung|demande de prix|demande de devis|appel d offres|demande d offre|solicitud de cotizacion|solicitud de presupuesto|solicitud de oferta|peticion de oferta|richiesta di offerta|richiesta di preventivo|richiesta offerta|richiesta d offerta|offerteaanvraag|prijsaanvraag|aanvraag offerte|consultation",
    ),
    (
        Quote,
        "quotation|quote|sales quote|price quotation|sales quotation|price quote|angebot|kostenvoranschlag|devis|offre de prix|offre|cotizacion|presupuesto|oferta|preventivo|offerta|offerte|prijsopgave|proforma|pro forma|estimate|proposal",
    ),
    (
        OrderAcknowledgement,
        "order acknowledgement|order acknowledgment|order confirmation|sales order|sales order confirmation|acknowledgement|sales order acknowledgement|purchase order acknowledgement|purchase order acknowledgment|po acknowledgement|acknowledgement of order|confirmation of order|auftragsbestatigung|bestellbestatigung|auftragsbestaetigung|confirmation de commande|accuse de reception de commande|accuse de reception|confirmacion de pedido|confirmacion del pedido|confirmacion de la orden|conferma d ordine|conferma ordine|conferma dell ordine|orderbevestiging|opdrachtbevestiging|bevestiging van bestelling|order response|kundenauftrag|confirmation de vente|pedido de venta|ordine di vendita|verkooporder",
    ),
    (
        Invoice,
        "invoice|tax invoice|commercial invoice|proforma invoice|pro forma invoice|sales invoice|invoice statement|vat invoice|rechnung|handelsrechnung|proformarechnung|gutschriftsrechnung|schlussrechnung|abschlagsrechnung|teilrechnung|rechnung nr|facture|facture proforma|facture commerciale|facture d acompte|factura|factura proforma|factura comercial|factura simplificada|fattura|fattura proforma|fattura commerciale|fattura accompagnatoria|fattura differita|factuur|proforma factuur|pro forma factuur|verkoopfactuur|bill of supply|bill|invoice no|invoice number|rechnungsnummer|rechnungs nr|facture n|factura n|fattura n|factuurnummer|retail invoice|gst invoice",
    ),
    (
        CreditNote,
        "credit note|credit memo|credit memorandum|credit advice|gutschrift|rechnungskorrektur|stornorechnung|avoir|note de credit|facture d avoir|nota de credito|abono|factura rectificativa|nota di credito|nota di accredito|creditnota|creditfactuur|kreditnota",
    ),
    (
        DeliveryNote,
        "delivery note|packing slip|packing list|delivery ticket|despatch note|dispatch note|advice note|goods delivery note|bill of lading|shipping notice|advance shipping notice|advance ship notice|asn|waybill|shipment notification|goods received note|delivery docket|lieferschein|packliste|lieferavis|versandanzeige|wareneingangsschein|frachtbrief|bon de livraison|bordereau de livraison|liste de colisage|avis d expedition|lettre de voiture|albaran|albaran de entrega|nota de entrega|lista de empaque|carta de porte|documento di trasporto|d d t|ddt|bolla di consegna|bolla|packing list n|pakbon|leverbon|vrachtbrief|afleverbon|paklijst|delivery challan",
    ),
    (
        Statement,
        "statement of account|account statement|statement|customer statement|monthly statement|kontoauszug|offene posten|kontostand|saldenbestatigung|mahnung|zahlungserinnerung|1 mahnung|reminder|payment reminder|overdue notice|releve de compte|releve|rappel|relance|extracto de cuenta|estado de cuenta|recordatorio de pago|estratto conto|sollecito di pagamento|sollecito|rekeningoverzicht|betalingsherinnering|aanmaning|herinnering|dunning notice|past due notice",
    ),
    (
        Remittance,
        "remittance advice|remittance|payment advice|payment remittance|payment notification|zahlungsavis|zahlungsmitteilung|avis|avis de paiement|avis de virement|bordereau de reglement|aviso de pago|aviso de transferencia|avviso di pagamento|disposizione di pagamento|betaalspecificatie|betalingsadvies|betaaladvies|betalingsspecificatie",
    ),
    (
        ReturnRequest,
        "return request|return authorization request|rma request|rma|return merchandise authorization|return form|complaint|claim|reklamation|rucksendung|retoure|rucksendeanforderung|mangelruge|retourenschein|demande de retour|retour marchandise|reclamation|bon de retour|solicitud de devolucion|devolucion|reclamacion|richiesta di reso|reso|reclamo|retourverzoek|retouraanvraag|retour|klacht|reclamatie|returns note|debit note|return to vendor|rejection report|non conformance report|retourformulier",
    ),
    (
        StatusInquiry,
        "order status inquiry|status inquiry|order status request|expediting request|auftragsstatus|statusanfrage|lieferterminanfrage|liefermahnung|relance de livraison|relance fournisseur|sollecito consegna|sollecito di consegna|reclamacion de entrega|leveringsherinnering|rappel livraison|open order report|overdue order report|offene bestellungen",
    ),
    (
        Other,
        "terms and conditions|general terms and conditions|terms and conditions of purchase|purchase order terms and conditions|general conditions of purchase|conditions of purchase|standard terms and conditions|terms and conditions of sale|allgemeine geschaftsbedingungen|allgemeine einkaufsbedingungen|einkaufsbedingungen|agb|conditions generales|conditions generales d achat|conditions generales de vente|condiciones generales|condiciones generales de compra|condizioni generali|condizioni generali di acquisto|algemene voorwaarden|algemene inkoopvoorwaarden|drawing|technical drawing|certificate of conformity|certificate of compliance|safety data sheet|material safety data sheet|sicherheitsdatenblatt|datasheet|data sheet|price list|preisliste|catalog|catalogue|katalog|newsletter|vendor registration|supplier questionnaire|non disclosure agreement|purchase requisition|bestellanforderung|time sheet|timesheet|receipt|quittung|lieferantenselbstauskunft|quality agreement|resume|curriculum vitae|stock list|minutes of meeting",
    ),
];

/// Phrases of running text, folded. They count less than titles, and most in a mail's body.
const PHRASES: &[(DocumentKind, &str)] = &[
    (
        PurchaseOrder,
        "please supply|please process|order below|following order|our order|unsere bestellung|folgende bestellung|folgende artikel|notre commande|nuestro pedido|nostro ordine|onze bestelling|onze order|we hereby order|please find our order|please process the following order|i would like to order|we would like to order|please send us the following|please deliver the following|please ship the following|please send|please ship|we order|i d like to order|we need the following|please enter the following order|please accept this order|hiermit bestellen wir|wir bestellen|bitte liefern sie|ich mochte bestellen|wir mochten bestellen|bestellen wir|bitte senden sie uns|bitte um lieferung|nous vous commandons|nous commandons|veuillez nous livrer|je souhaite commander|nous souhaitons commander|veuillez trouver notre commande|merci de nous livrer|merci de livrer|deseamos pedir|queremos pedir|les pedimos|rogamos nos envien|solicitamos el envio|quisiera pedir|vi ordiniamo|vorremmo ordinare|con la presente ordiniamo|si prega di fornire|vogliate fornirci|desideriamo ordinare|hierbij bestellen wij|wij bestellen|graag bestellen wij|graag ontvangen wij|gelieve te leveren|we willen graag bestellen|wij willen graag bestellen|graag leveren|in order to place an order|please book this order|new order for|order for|purchase the following|ordiniamo|bestelle ich|this order|as per our order|please confirm receipt of this order|please confirm this order|bestatigen sie diese bestellung",
    ),
    (
        RequestForQuote,
        "please quote|please send us a quote|please provide a quote|please provide a quotation|could you quote|your best price|send me a quote|request a quote|please send a quotation|let us have your quotation|price and availability|please advise price|bitte um ein angebot|bitten um ein angebot|bitte unterbreiten sie|bitte bieten sie|bitte anbieten|bitten sie um ein angebot|um ein angebot|preis und lieferzeit|erbitten wir ihr angebot|merci de nous faire parvenir votre offre|votre meilleur prix|merci de nous transmettre un devis|veuillez nous faire parvenir votre devis|un devis pour|nous faire parvenir un devis|enviarnos un presupuesto|rogamos nos coticen|solicitamos cotizacion|su mejor precio|envien presupuesto|inviarci un preventivo|vostra migliore offerta|richiediamo un offerta|inviarci la vostra offerta|graag een offerte|ontvangen wij graag uw offerte|offerte voor|uw beste prijs|this is not an order|dies ist keine bestellung|keine bestellung",
    ),
    (
        OrderCancellation,
        "please cancel|cancel the order|cancel our order|cancel purchase order|cancel po|we have to cancel|we need to cancel|is cancelled|wish to cancel|bitte stornieren|stornieren wir|mussen wir stornieren|bestellung stornieren|veuillez annuler|merci d annuler|nous annulons|annuler notre commande|annuler la commande|rogamos anulen|cancelar el pedido|anular el pedido|cancelen el pedido|vi preghiamo di annullare|annullare l ordine|annullare il nostro ordine|gelieve te annuleren|graag annuleren|bestelling annuleren|annuleren wij",
    ),
    (
        OrderChange,
        "please change the quantity|please amend|please change our order|change to our order|revise our purchase order|please revise|supersedes|replaces our order|replaces previous|replaces our purchase order|increase the quantity|reduce the quantity|please update the order|change to purchase order|change to po|bitte andern sie|andern wir unsere bestellung|anderung unserer bestellung|ersetzt unsere bestellung|ersetzt die bestellung|menge andern|veuillez modifier|merci de modifier|annule et remplace|modifier notre commande|rogamos modifiquen|modificar el pedido|sustituye a|anula y sustituye|vi preghiamo di modificare|modificare l ordine|annulla e sostituisce|sostituisce|gelieve te wijzigen|bestelling wijzigen|graag wijzigen|vervangt|this order replaces",
    ),
    (
        StatusInquiry,
        "status of our order|status of order|status of po|order status|when will|when can we expect|where is our order|where is my order|has the order shipped|tracking number for|please advise the status|please confirm delivery date for|expected delivery of our|wann kommt|wann wird|wann konnen wir mit|stand unserer bestellung|wo bleibt|liefertermin fur unsere bestellung mitteilen|ou en est|quand serons nous livres|etat de notre commande|suivi de commande|estado de nuestro pedido|cuando llegara|cuando recibiremos|a che punto|stato del nostro ordine|quando arriva|status van onze bestelling|wanneer kunnen wij|wanneer wordt|waar blijft",
    ),
    (
        ReturnRequest,
        "we want to return|would like to return|return the following|arrived damaged|were damaged|received damaged|is defective|are defective|wrong item|request an rma|rma number|faulty|beschadigt|zurucksenden|rucksendung|reklamieren|defekt|falsche ware|retourner|endommage|defectueux|article errone|devolver|danado|defectuoso|mercancia danada|restituire|danneggiato|difettoso|reso|retourneren|beschadigd|defect",
    ),
    (
        OrderAcknowledgement,
        "we confirm your order|thank you for your order|we acknowledge your order|we are pleased to confirm|your order has been received|vielen dank fur ihre bestellung|vielen dank fur ihren auftrag|wir bestatigen ihren auftrag|wir bestatigen ihre bestellung|nous confirmons votre commande|nous vous remercions de votre commande|merci pour votre commande|confirmamos su pedido|gracias por su pedido|confermiamo il vostro ordine|grazie per il vostro ordine|wij bevestigen uw bestelling|wij bevestigen uw order|bedankt voor uw bestelling|hartelijk dank voor uw bestelling",
    ),
    (
        Invoice,
        "we invoice you|please pay|please remit payment|wir berechnen ihnen|stellen wir ihnen in rechnung|nous vous facturons|bank account|kontonummer|zahlbar bis|te betalen|hierbij ontvangt u de factuur|payment reference|pay this amount|amount due|balance due|please use the following communication for your payment",
    ),
    (
        Quote,
        "we are pleased to quote|pleased to offer|our quotation|this quotation|valid for 30 days|wir bieten ihnen|unser angebot|freibleibend|nous vous proposons|notre offre|le ofrecemos|nuestra oferta|la nostra offerta|siamo lieti di offrirvi|bieden wij u|onze offerte|offer valid until|angebot gultig|validite de l offre|quotation valid",
    ),
    (
        Remittance,
        "we have made payment|payment has been sent|the following invoices were paid|wir haben folgende rechnungen|zahlung erfolgt|nous avons regle|le virement de|hemos procedido al pago|abbiamo effettuato il pagamento|wij hebben betaald",
    ),
];

/// What speaks for a kind.
pub(crate) struct Evidence {
    scores: Vec<(DocumentKind, i32)>,
    /// The best title's score: without one, less is certain.
    title: i32,
    marks: Vec<&'static str>,
}

/// The kind, and what to say about it.
pub(crate) struct Verdict {
    pub kind: DocumentKind,
    pub findings: Vec<Finding>,
}

/// Marks of a paper that is no original (DOMAIN 2), folded.
const NOT_ORIGINAL: &[&str] = &[
    "confirming order",
    "confirmation only",
    "do not duplicate",
    "confirming purchase order",
    "confirmation of verbal order",
    "confirmation of telephone order",
    "not an original",
    "draft",
    "unapproved",
    "not approved",
    "duplicate copy",
    "file copy",
    "copy do not ship",
    "vendor copy duplicate",
    "entwurf",
    "kopie",
    "nicht freigegeben",
    "nicht duplizieren",
    "bestatigung der telefonischen bestellung",
    "brouillon",
    "non valide",
    "duplicata",
    "borrador",
    "copia no valida",
    "duplicado",
    "bozza",
    "copia non valida",
    "concept",
    "niet goedgekeurd",
    "duplicaat",
    "pending approval",
    "awaiting approval",
    "not valid until approved",
    "proforma order",
    "sample document",
    "specimen",
    "muster ohne wert",
];

impl Evidence {
    pub(crate) fn of(sheet: &Sheet<'_>, labels: &[Found], context: &ReadingContext) -> Self {
        let mut evidence = Self { scores: Vec::new(), title: 0, marks: Vec::new() };
        evidence.titles(sheet);
        evidence.running_text(sheet);
        evidence.labels(labels);
        evidence.hint(&context.title);
        evidence
    }

    fn add(&mut self, kind: DocumentKind, weight: i32) {
        match self.scores.iter_mut().find(|(k, _)| *k == kind) {
            Some((_, score)) => *score += weight,
            None => self.scores.push((kind, weight)),
        }
    }

    fn titles(&mut self, sheet: &Sheet<'_>) {
        let usual = median_size(sheet);
        let mut best: Vec<(DocumentKind, i32)> = Vec::new();
        for (index, line) in sheet.lines.iter().enumerate().take(70).filter(|(_, l)| l.page == 0) {
            for segment in &line.segments {
                let Some((kind, tokens)) = title_at(segment) else { continue };
                let rest = &segment.tokens[tokens..];
                // A title stands alone or before its number; `Invoice to:` and `order of 5 March` are none.
                let words = rest.iter().filter(|t| t.text.chars().all(char::is_alphabetic) && t.text.len() > 3).count();
                if words > 3 || leads_elsewhere(rest.first().map(|t| t.text.as_str())) {
                    continue;
                }
                let size = segment.words.first().map_or(usual, |w| w.size);
                let capitals = segment.text.chars().filter(|c| c.is_alphabetic()).take(12).all(char::is_uppercase);
                let mut weight = 4 + i32::from(words == 0) * 2;
                weight += if size > 1.7 * usual {
                    8
                } else if size > 1.2 * usual {
                    5
                } else {
                    0
                };
                weight +=
                    i32::from(capitals) * 2 + i32::from(index < 12) * 2 + i32::from(segment.words.first().is_some_and(|w| w.bold));
                // A label among others: `Quotation: 123` in a purchase order's header.
                if segment.text.contains(':') && size <= 1.2 * usual {
                    weight -= 4;
                }
                if line.segments.len() > 3 {
                    weight -= 3;
                }
                match best.iter_mut().find(|(k, _)| *k == kind) {
                    Some((_, known)) => *known = (*known).max(weight),
                    None => best.push((kind, weight)),
                }
            }
        }
        for (kind, weight) in best {
            self.title = self.title.max(weight);
            self.add(kind, weight);
        }
        let marks = sheet.lines.iter().take(120).filter(|l| l.text().len() < 90);
        for text in marks.map(|l| plain(&l.text())) {
            for mark in NOT_ORIGINAL {
                let short = mark.split(' ').count() == 1;
                let stands = if short {
                    text.trim() == *mark || text.starts_with(&format!("{mark} ")) && text.split(' ').count() <= 4
                } else {
                    text.contains(mark)
                };
                if stands && !self.marks.contains(mark) {
                    self.marks.push(mark);
                }
            }
        }
    }

    fn running_text(&mut self, sheet: &Sheet<'_>) {
        let text: String = sheet.lines.iter().take(160).map(|l| plain(&l.text())).collect::<Vec<_>>().join(" ");
        let in_mail = matches!(sheet.doc.kind, SourceKind::Text | SourceKind::Html) && self.title < 6;
        for (kind, phrases) in PHRASES {
            let hits = phrases.split('|').filter(|p| contains_words(&text, p)).count().min(3) as i32;
            // In a mail the sentence is all there is; what it asks for besides ordering is the rarer thing to say.
            let first = if !in_mail {
                2
            } else if *kind == PurchaseOrder {
                4
            } else {
                5
            };
            self.add(*kind, if hits == 0 { 0 } else { first + 2 * (hits - 1) });
        }
    }

    fn labels(&mut self, labels: &[Found]) {
        let has = |label: Label| labels.iter().filter(|f| f.hit.label == label).count() as i32;
        self.add(
            PurchaseOrder,
            (2 * has(Label::PoNumber)).min(4)
                + has(Label::ShipTo).min(1)
                + has(Label::DeliveryDate).min(1)
                + has(Label::PoDate).min(1),
        );
    }

    /// The name of the file or the subject of the mail: enough where nothing else speaks.
    fn hint(&mut self, title: &str) {
        let tokens = tokenize(title);
        let text = tokens.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
        let mut seen: Vec<(DocumentKind, usize)> = Vec::new();
        for (kind, phrases) in TITLES {
            if let Some(length) = phrases.split('|').filter(|p| contains_words(&text, p)).map(str::len).max() {
                seen.push((*kind, length));
            }
        }
        if let Some((kind, _)) = seen.into_iter().max_by_key(|(_, length)| *length) {
            self.add(kind, 2);
        }
    }
}

/// The kind that the evidence speaks for. A tie between an order and something else is never an order.
pub(crate) fn classify(evidence: &Evidence) -> Verdict {
    let mut scores = evidence.scores.clone();
    scores.sort_by_key(|(kind, score)| (std::cmp::Reverse(*score), kind.concerns_an_order()));
    let mut findings = Vec::new();
    let (kind, best) = scores.first().copied().unwrap_or((Other, 0));
    let runner_up = scores.get(1).copied().filter(|(_, s)| *s > 0);
    if best < 3 {
        findings.push(Finding::new(Code::NotAnOrder, Severity::Ask, "", "Nothing on the document says what it is."));
        return Verdict { kind: Other, findings };
    }
    // A change or cancellation carries the order's own title too.
    let kind = match kind {
        PurchaseOrder => {
            let score = |k| scores.iter().find(|(x, _)| *x == k).map_or(0, |(_, s)| *s);
            if score(OrderChange) >= 6 {
                OrderChange
            } else if score(OrderCancellation) >= 6 {
                OrderCancellation
            } else {
                PurchaseOrder
            }
        }
        other => other,
    };
    if kind.concerns_an_order() {
        if let Some((other, score)) = runner_up.filter(|(k, s)| !k.concerns_an_order() && *s * 4 >= best * 3 && *s >= 6) {
            let message = format!("The document may also be of another kind ({}, {score} against {best}).", other.as_str());
            findings.push(Finding::new(Code::NotAnOrder, Severity::Ask, "", message));
        }
        if let Some(mark) = evidence.marks.first() {
            let message = format!("The document is marked `{mark}`: an order for it may exist already, or it is not yet given.");
            findings.push(Finding::new(Code::NotAnOriginal, Severity::Ask, "", message));
        }
    } else {
        findings.push(Finding::new(
            Code::NotAnOrder,
            Severity::Note,
            "",
            format!("The document is a {}.", kind.as_str().replace('_', " ")),
        ));
    }
    Verdict { kind, findings }
}

/// Whether a segment is the title of some paper, alone or in a compound: `Bestellformular`.
pub(crate) fn is_title(segment: &super::layout::lines::Segment<'_>) -> bool {
    title_at(segment).is_some_and(|(_, tokens)| tokens == segment.tokens.len())
}

/// The title phrase at a segment's start: kind and number of tokens.
fn title_at(segment: &super::layout::lines::Segment<'_>) -> Option<(DocumentKind, usize)> {
    let tokens: Vec<&str> = segment.tokens.iter().take(8).map(|t| t.text.as_str()).collect();
    let mut best: Option<(DocumentKind, usize)> = None;
    for (kind, phrases) in TITLES {
        for phrase in phrases.split('|') {
            let count = phrase.split(' ').count();
            if best.is_none_or(|(_, n)| count > n) && count <= tokens.len() && phrase.split(' ').zip(&tokens).all(|(p, t)| p == *t)
            {
                best = Some((*kind, count));
            }
        }
    }
    best
}

/// Words after a title that make it a label of something else.
fn leads_elsewhere(next: Option<&str>) -> bool {
    matches!(
        next,
        Some(
            "to" | "address"
                | "an"
                | "adresse"
                | "a"
                | "aan"
                | "terms"
                | "must"
                | "shall"
                | "total"
                | "required"
                | "should"
                | "will"
                | "is"
                | "and"
                | "amount"
                | "value"
                | "your"
                | "in"
                | "by"
                | "for"
                | "copy"
                | "adres"
                | "sent"
                | "per"
                | "via"
                | "line"
                | "lines"
                | "qty"
                | "quantity"
                | "unit"
                | "valid"
                | "dated"
                | "from"
                | "are"
                | "has"
        )
    )
}

fn median_size(sheet: &Sheet<'_>) -> f32 {
    let mut sizes: Vec<f32> = sheet
        .lines
        .iter()
        .filter(|l| l.page == 0)
        .flat_map(|l| &l.segments)
        .flat_map(|s| &s.words)
        .map(|w| w.size)
        .filter(|s| s.is_finite())
        .collect();
    sizes.sort_by(f32::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(10.0).max(1.0)
}

/// Folded words with single spaces.
fn plain(text: &str) -> String {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn contains_words(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(i, _)| {
        let before = text[..i].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let after = text[i + phrase.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        before && after
    })
}
