//! The words that forms use for their fields, in six languages: one table, and the search for them in a segment.
//! A new form's word is a new phrase here, never a new branch elsewhere.

use super::lines::{Segment, tokenize};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a label announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Label {
    /// Names the purchase order's number beyond doubt.
    PoNumber,
    /// Usually the purchase order's number: "Order No.".
    OrderNumber,
    /// The document's title, which a number often follows.
    PoTitle,
    /// A reference that may be the number where no better one is printed.
    Reference,
    PoDate,
    /// "Date", without saying of what.
    Date,
    Revision,
    Release,
    Currency,
    DeliveryDate,
    PaymentTerms,
    Incoterm,
    Buyer,
    Seller,
    ShipTo,
    BillTo,
    VatId,
    Email,
    Phone,
    Contact,
    Subtotal,
    Discount,
    Shipping,
    Tax,
    Total,
    /// The number of positions, as printed.
    LineCount,
    /// A figure carried over to or from another page.
    Carried,
    /// Something of no use here; it ends the value before it.
    Other,
}

/// Label, language, phrases. A phrase is folded before it is compared; the longest one at a place wins.
const LABELS: &[(Label, &str, &str)] = &[
    (
        Label::PoNumber,
        "en",
        "po number|po no|po nr|po nbr|p o nbr|purchase order nbr|order nbr|po num|po #|p o number|p o no|p o #|p o num|purchase order number|purchase order no|purchase order #|purchase order num|purchase order id|purch order no|purch ord no|your po number|customer po|customer po number|customer po no|cust po|customer order no|customer order number|po id|po ref|po reference|order po no|purchase order nr|purchase order n|customer purchase order|blanket po number|blanket order number|our po number|our order number|our order no|our po no|purchase order ref|purchase order reference",
    ),
    (
        Label::PoNumber,
        "de",
        "bestellnummer|bestell nr|bestellnr|bestell nummer|bestellung nr|bestellung nummer|unsere bestellnummer|unsere bestell nr|unsere bestellung nr|einkaufsbelegnummer|einkaufsbeleg|bestellungsnummer|einkaufsbestellung nr|auftragsnummer des kunden|kundenbestellnummer|kunden bestellnummer|po nummer",
    ),
    (
        Label::PoNumber,
        "fr",
        "n de commande|no de commande|numero de commande|commande n|commande no|commande numero|commande nr|bon de commande n|bon de commande no|bon de commande numero|num commande|n commande|no commande|numero commande|ref commande|reference commande|notre n de commande|notre commande n|commande d achat n|n bon de commande|numero de bon de commande|n de bon de commande|n d achat",
    ),
    (
        Label::PoNumber,
        "es",
        "n de pedido|numero de pedido|no de pedido|num de pedido|pedido n|pedido no|pedido numero|pedido num|num pedido|n pedido|nro de pedido|nro pedido|pedido nro|orden de compra n|orden de compra no|orden de compra numero|orden de compra nro|numero de orden de compra|n orden de compra|no orden de compra|numero de orden|orden n|orden no|nuestro pedido|nuestro numero de pedido|pedido de compra n|n de orden de compra|oc n|o c n|oc numero|o c no|ref pedido",
    ),
    (
        Label::PoNumber,
        "it",
        "n ordine|numero ordine|ordine n|ordine numero|ordine nr|ordine no|nr ordine|num ordine|n d ordine|numero d ordine|ordine di acquisto n|ordine di acquisto nr|ordine acquisto n|ordine fornitore n|numero ordine di acquisto|ns ordine n|ns ordine|nostro ordine n|oda n|oda numero|numero oda|n oda|ordine a fornitore n|rif ordine|n di ordine",
    ),
    (
        Label::PoNumber,
        "nl",
        "bestelnummer|bestel nr|bestelnr|bestelling nr|bestelling nummer|inkoopordernummer|inkooporder nr|inkooporder nummer|inkoopordernr|inkoopnummer|ons ordernummer|ons bestelnummer|onze bestelling|onze order|inkooporder no|bestelbon nr|bestelbonnummer|inkooporder n",
    ),
    (
        Label::OrderNumber,
        "en",
        "order number|order no|order nr|order #|order num|order id|order ref|order reference|our reference|our ref|document number|document no|doc no|doc number|voucher no|number|po|p o",
    ),
    (
        Label::OrderNumber,
        "de",
        "auftragsnummer|auftrags nr|auftragsnr|auftrag nr|belegnummer|beleg nr|belegnr|belegnummer datum|vorgangsnummer|vorgang|unser zeichen|nummer|dokumentnummer|dokumentennummer|order nr",
    ),
    (Label::OrderNumber, "fr", "notre reference|notre ref|n de document|numero de document|n document|n de piece|numero"),
    (Label::OrderNumber, "es", "nuestra referencia|nuestra ref|documento n|numero de documento|n documento|n de documento|numero"),
    (
        Label::OrderNumber,
        "it",
        "nostro riferimento|nostro rif|ns riferimento|ns rif|documento n|numero documento|n documento|numero|oda",
    ),
    (Label::OrderNumber, "nl", "ordernummer|ordernr|order nummer|onze referentie|onze ref|documentnummer|ons kenmerk|nummer"),
    (
        Label::PoTitle,
        "en",
        "purchase order|standard purchase order|blanket purchase order|contract purchase order|purchase order change|change order|order form|order",
    ),
    (
        Label::PoTitle,
        "de",
        "bestellung|lieferantenbestellung|einkaufsbestellung|lieferabruf|abruf|rahmenbestellung|abrufbestellung|bestellanderung|bestellaenderung",
    ),
    (Label::PoTitle, "fr", "bon de commande|commande|commande fournisseur|commande d achat"),
    (Label::PoTitle, "es", "orden de compra|pedido|pedido de compra|pedido a proveedor|hoja de pedido"),
    (
        Label::PoTitle,
        "it",
        "ordine di acquisto|ordine d acquisto|ordine|ordine fornitore|ordine a fornitore|ordine acquisto|conferma d ordine|buono d ordine",
    ),
    (Label::PoTitle, "nl", "inkooporder|bestelling|bestelbon|inkoopopdracht|bestelorder|opdracht|bestelformulier"),
    (
        Label::Reference,
        "en",
        "reference|reference no|reference number|ref|ref no|your reference|your ref|reference no date|external document no",
    ),
    (Label::Reference, "de", "referenz|ihr zeichen|ihre referenz|bezug|referenznummer"),
    (Label::Reference, "fr", "reference|votre reference|votre ref|vos references"),
    (Label::Reference, "es", "referencia|su referencia"),
    (Label::Reference, "it", "riferimento|vostro riferimento|vs rif|vs riferimento"),
    (Label::Reference, "nl", "referentie|uw referentie|uw kenmerk|kenmerk"),
    (
        Label::PoDate,
        "en",
        "po date|order date|purchase order date|date of order|p o date|document date|issue date|date issued|issued on|issued|ordered on|date ordered|order dt|po dt|po created|created on|creation date|date created|po issue date|order placed|date of issue|dated|placed on",
    ),
    (
        Label::PoDate,
        "de",
        "bestelldatum|datum der bestellung|belegdatum|auftragsdatum|ausstellungsdatum|erstellt am|erstelldatum|bestellung vom|dokumentdatum|vom|bestellt am",
    ),
    (
        Label::PoDate,
        "fr",
        "date de commande|date de la commande|date commande|date du document|date d emission|emis le|commande du|date de creation|date document",
    ),
    (
        Label::PoDate,
        "es",
        "fecha de pedido|fecha del pedido|fecha pedido|fecha de emision|fecha de orden|fecha de la orden|fecha orden|fecha documento|fecha de compra|fecha emision|fecha de la orden de compra",
    ),
    (
        Label::PoDate,
        "it",
        "data ordine|data dell ordine|data documento|data di emissione|data emissione|data d ordine|emesso il|ordine del",
    ),
    (
        Label::PoDate,
        "nl",
        "besteldatum|orderdatum|datum bestelling|documentdatum|datum order|datum van bestelling|aanmaakdatum|datum opdracht|inkoopdatum",
    ),
    (Label::Date, "en", "date"),
    (Label::Date, "de", "datum"),
    (Label::Date, "fr", "le|date"),
    (Label::Date, "es", "fecha"),
    (Label::Date, "it", "data|del"),
    (Label::Date, "nl", "datum"),
    (
        Label::Revision,
        "en",
        "revision|revision no|revision number|rev|rev no|rev #|po revision|amendment|amendment no|change no|change number|change order no|change order number|version|po rev|change #|order revision|amendment number|po version",
    ),
    (Label::Revision, "de", "anderungsnummer|anderung nr|anderungs nr|revisionsnummer|anderungsstand|nachtrag|nachtrag nr"),
    (Label::Revision, "fr", "avenant|avenant n|modification n|revision n|indice de revision"),
    (Label::Revision, "es", "revision n|modificacion n|version n"),
    (Label::Revision, "it", "revisione|rev n|revisione n|variante n|modifica n"),
    (Label::Revision, "nl", "revisie|wijziging nr|wijzigingsnummer|versie|revisienummer"),
    (
        Label::Release,
        "en",
        "release|release no|release number|release #|rel no|call off|call off no|call off number|blanket release|rel #|po release",
    ),
    (Label::Release, "de", "abrufnummer|abruf nr|abrufnr|lieferabruf nr|lieferabrufnummer"),
    (Label::Release, "fr", "appel n|appel de livraison n|numero d appel"),
    (Label::Release, "es", "liberacion n|entrega n"),
    (Label::Release, "it", "chiamata n|richiamo n"),
    (Label::Release, "nl", "afroepnummer|afroep nr|afroep"),
    (
        Label::Currency,
        "en",
        "currency|currency code|po currency|order currency|cur|curr|all amounts in|all prices in|amounts in|prices in|amounts are in|prices are in",
    ),
    (Label::Currency, "de", "wahrung|waehrung|alle betrage in|alle preise in|betrage in|preise in"),
    (Label::Currency, "fr", "devise|monnaie|montants en|prix en"),
    (Label::Currency, "es", "moneda|divisa|importes en|precios en"),
    (Label::Currency, "it", "valuta|divisa|importi in|prezzi in"),
    (Label::Currency, "nl", "valuta|munteenheid|bedragen in|prijzen in"),
    (
        Label::DeliveryDate,
        "en",
        "delivery date|requested delivery date|requested delivery|required date|required delivery date|date required|due date|need by|need by date|needed by|date needed|deliver by|delivery by|required by|required on|requested date|request date|promised date|promise date|expected delivery date|expected date|expected delivery|expected arrival|ship date|ship by|shipping date|requested ship date|dock date|arrival date|delivery on|delivery due|deliver on|date wanted|want date|date expected|receipt date|expected receipt date|due|del date|delivery due date|delivery required by|delivery required|must arrive by|in hands date|eta|delivery week|req date|reqd date|required delivery|requested delivery week",
    ),
    (
        Label::DeliveryDate,
        "de",
        "liefertermin|lieferdatum|wunschtermin|wunschlieferdatum|wunschliefertermin|gewunschter liefertermin|gewunschtes lieferdatum|lieferung am|lieferung bis|zu liefern bis|anlieferdatum|anliefertermin|liefertag|lieferwoche|eintrefftermin|termin|lieferzeit|geplanter wareneingang|lieferung zum",
    ),
    (
        Label::DeliveryDate,
        "fr",
        "date de livraison|date livraison|livraison|date de livraison souhaitee|livraison souhaitee|date de livraison prevue|date de livraison demandee|livraison le|a livrer le|a livrer pour le|date souhaitee|date demandee|delai de livraison|livraison pour le|date prevue|delai|livraison prevue|date de reception prevue|livraison souhaitee le|livraison prevue le|livraison demandee",
    ),
    (
        Label::DeliveryDate,
        "es",
        "fecha de entrega|fecha entrega|entrega|entrega el|fecha de entrega solicitada|fecha requerida|plazo de entrega|fecha prevista|fecha de entrega prevista|entrega prevista|fecha solicitada|entregar antes del|fecha de recepcion|fecha prevista de entrega|fecha limite de entrega",
    ),
    (
        Label::DeliveryDate,
        "it",
        "data di consegna|data consegna|consegna|consegna richiesta|data consegna richiesta|data di consegna richiesta|consegna entro|consegna entro il|termine di consegna|consegna prevista|data prevista consegna|data richiesta|consegna il|data arrivo prevista|data prevista|data consegna prevista",
    ),
    (
        Label::DeliveryDate,
        "nl",
        "leverdatum|gewenste leverdatum|leverdag|levertijd|gevraagde leverdatum|levering op|te leveren op|leverweek|verwachte leverdatum|verwachte ontvangst|leveren voor|leverdatum gewenst|gewenste levering|aflevering|afleverdatum|leveringsdatum|uiterste leverdatum",
    ),
    (
        Label::PaymentTerms,
        "en",
        "payment terms|terms of payment|terms of payt|terms of pmt|terms|payment term|pay terms|payment condition|payment conditions|mode terms of payment|pmt terms|term of payment|net terms",
    ),
    (
        Label::PaymentTerms,
        "de",
        "zahlungsbedingungen|zahlungsbedingung|zahlungsziel|zahlungskonditionen|zahlbar|zahlung|zahlungsbed|zahlungsart",
    ),
    (
        Label::PaymentTerms,
        "fr",
        "conditions de paiement|condition de paiement|modalites de paiement|reglement|mode de reglement|conditions de reglement|delai de paiement|paiement|modalites de reglement|termes de paiement",
    ),
    (
        Label::PaymentTerms,
        "es",
        "condiciones de pago|forma de pago|condicion de pago|terminos de pago|plazo de pago|pago|plazos de pago",
    ),
    (
        Label::PaymentTerms,
        "it",
        "condizioni di pagamento|pagamento|termini di pagamento|modalita di pagamento|condizione di pagamento|modalita pagamento|condizioni pagamento",
    ),
    (
        Label::PaymentTerms,
        "nl",
        "betalingsvoorwaarden|betalingsconditie|betalingstermijn|betaling|betalingscondities|betaalwijze|betalingsvoorwaarde|betaaltermijn|betalingsconditie s",
    ),
    (
        Label::Incoterm,
        "en",
        "incoterm|incoterms|incoterms 2020|delivery terms|terms of delivery|freight terms|shipping terms|fob|fob point|f o b|f o b point|inco terms|incoterm s|trade terms|ship terms|terms of delivery incoterms",
    ),
    (Label::Incoterm, "de", "lieferbedingungen|lieferbedingung|lieferkonditionen|lieferbed|incoterm|incoterms"),
    (Label::Incoterm, "fr", "conditions de livraison|incoterm|condition de livraison|modalites de livraison"),
    (Label::Incoterm, "es", "condiciones de entrega|condicion de entrega|incoterm|terminos de entrega"),
    (Label::Incoterm, "it", "condizioni di consegna|resa|incoterm|termini di resa|porto|termini di consegna"),
    (
        Label::Incoterm,
        "nl",
        "leveringsvoorwaarden|leveringsconditie|leveringscondities|incoterm|leveringsvoorwaarde|leverconditie|levercondities|leverings conditie",
    ),
    (
        Label::Buyer,
        "en",
        "buyer|purchaser|customer|ordered by|from|order from customer|sold to|purchased by|buying entity|buyer name and address|company|client|requesting company|sold to party|issued by|buyer address|customer name|customer address|buyer details|buyer information",
    ),
    (Label::Buyer, "de", "besteller|auftraggeber|kunde|kaufer|kaeufer|von|absender|bestellende firma|einkaufer firma"),
    (Label::Buyer, "fr", "acheteur|client|donneur d ordre|emetteur|de la part de|commande par|de"),
    (Label::Buyer, "es", "comprador|cliente|solicitante|emisor|de"),
    (Label::Buyer, "it", "acquirente|cliente|committente|ordinante|mittente|da"),
    (Label::Buyer, "nl", "koper|klant|opdrachtgever|besteller|afnemer|van"),
    (
        Label::Seller,
        "en",
        "vendor|supplier|seller|to|vendor name|supplier name|vendor address|supplier address|ordered from|purchase from|vendor name and address|order to|to supplier|to vendor|vendor information|supplier information|vendor details|supplier details|bought from|issued to|manufacturer|purchased from|vendor name address",
    ),
    (
        Label::Seller,
        "de",
        "lieferant|an|verkaufer|auftragnehmer|firma|lieferantenanschrift|lieferantenadresse|empfanger|herrn frau firma|anbieter",
    ),
    (
        Label::Seller,
        "fr",
        "fournisseur|vendeur|a l attention du fournisseur|destinataire|adresse fournisseur|adresse du fournisseur|nom du fournisseur",
    ),
    (Label::Seller, "es", "proveedor|vendedor|datos del proveedor|para|senores|suministrador|nombre del proveedor|datos proveedor"),
    (Label::Seller, "it", "fornitore|venditore|spett le|spettabile|spett le ditta|destinatario|a|dati fornitore"),
    (Label::Seller, "nl", "leverancier|verkoper|aan|gegevens leverancier|leveranciersgegevens"),
    (
        Label::ShipTo,
        "en",
        "ship to|deliver to|please deliver to|please ship to|delivery address|ship to address|shipping address|delivery to|delivery location|shipto|consignee|consignee ship to|delivered to|deliver goods to|place of delivery|goods to be delivered to|deliver to address|ship to location|ship goods to|shipping to|receiving address|destination|ship to party|delivery point|delivery site|despatch to|dispatch to|ship to information|send goods to|delivery details|ship to details",
    ),
    (
        Label::ShipTo,
        "de",
        "lieferadresse|lieferanschrift|lieferung an|liefern an|anlieferadresse|warenempfanger|abweichende lieferadresse|versandadresse|lieferort|anlieferung an|anlieferanschrift|bitte liefern sie an|versandanschrift|liefer adresse|anlieferstelle|abladestelle|ware an|bitte liefern an",
    ),
    (
        Label::ShipTo,
        "fr",
        "adresse de livraison|livrer a|livraison a|lieu de livraison|adresse livraison|a livrer a|livre a|expedier a|destinataire livraison|site de livraison",
    ),
    (
        Label::ShipTo,
        "es",
        "direccion de entrega|entregar en|entregar a|lugar de entrega|direccion de envio|enviar a|destino|direccion entrega|entrega en|punto de entrega|domicilio de entrega|lugar entrega",
    ),
    (
        Label::ShipTo,
        "it",
        "indirizzo di consegna|luogo di consegna|consegnare a|destinazione merce|destinazione|indirizzo consegna|luogo consegna|spedire a|consegna a|merce destinata a|destinazione merci|luogo di destinazione|indirizzo di spedizione",
    ),
    (
        Label::ShipTo,
        "nl",
        "afleveradres|leveradres|leveren aan|afleveren aan|bezorgadres|verzendadres|levering aan|afleverlocatie|leverings adres|leveringsadres|adres van levering",
    ),
    (
        Label::BillTo,
        "en",
        "bill to|invoice to|billing address|invoice address|bill to address|billto|send invoice to|send invoices to|invoice to address|invoices to|mail invoice to|remit invoices to|billing to|buyer bill to|charge to|bill to party|invoicing address|mail invoices to|submit invoices to|invoice to be sent to|billing information|bill to details",
    ),
    (
        Label::BillTo,
        "de",
        "rechnungsadresse|rechnungsanschrift|rechnung an|rechnungsempfanger|rechnungsstellung an|rechnungen an|rechnung bitte an",
    ),
    (
        Label::BillTo,
        "fr",
        "adresse de facturation|facturer a|facturation|adresse facturation|facture a|facturation a|a facturer a|adresse de facture|lieu de facturation",
    ),
    (
        Label::BillTo,
        "es",
        "direccion de facturacion|facturar a|facturacion|datos de facturacion|direccion facturacion|facturar a nombre de|datos facturacion",
    ),
    (
        Label::BillTo,
        "it",
        "indirizzo di fatturazione|fatturare a|intestatario fattura|fatturazione|intestazione fattura|indirizzo fatturazione|fattura a|dati di fatturazione|fattura intestata a",
    ),
    (Label::BillTo, "nl", "factuuradres|factuur aan|factureren aan|facturatieadres|facturen aan|factuur adres|facturatie adres"),
    (
        Label::VatId,
        "en",
        "vat id|vat no|vat number|vat reg no|vat registration number|vat registration no|tax id|tax no|gstin|gst no|gstin uin|tax id no|ein|abn|vat reg|federal tax id|buyer vat id|vat identification number|tax number|gst number|vat id no",
    ),
    (
        Label::VatId,
        "de",
        "ust idnr|ust id nr|ust id|ust idnr|umsatzsteuer id|ustid|uid|uid nr|mwst nr|umsatzsteuer identifikationsnummer|ustidnr|ust ident nr|steuernummer|steuer nr",
    ),
    (
        Label::VatId,
        "fr",
        "n tva|tva intracommunautaire|n tva intracommunautaire|numero de tva|no tva|n tva intra|tva intra|tva intracom|siret|siren|n de tva|code tva",
    ),
    (Label::VatId, "es", "nif|cif|nif cif|cif nif|n i f|c i f|n iva|vat nif|nif iva"),
    (Label::VatId, "it", "p iva|partita iva|part iva|p iva c f|cod fisc|codice fiscale|c f|p iva e c f|piva|p i|cf p iva"),
    (Label::VatId, "nl", "btw nr|btw nummer|btw id|btw identificatienummer|kvk|kvk nr|kvk nummer|btw no"),
    (
        Label::Email,
        "en",
        "email|e mail|mail|email address|e mail address|courriel|correo|correo electronico|posta elettronica|emailadres|mail adresse|e mail adresse|e mailadres",
    ),
    (
        Label::Phone,
        "en",
        "phone|tel|telephone|phone no|tel no|phone number|ph|telefon|telefono|telefoon|tlf|mobile|cell|telefonnummer|tel nr|telefoonnummer|tfno|rufnummer|durchwahl",
    ),
    (
        Label::Contact,
        "en",
        "contact|contact person|attention|attn|contact name|buyer contact|buyer name|purchasing contact|purchasing agent|purchaser name|ordered by name|requested by|requisitioner|requestor|requester|placed by|prepared by|purchasing officer|our contact|buyer s name|contact person telephone|your contact",
    ),
    (
        Label::Contact,
        "de",
        "ansprechpartner|ansprechpartnerin|kontakt|z hd|zu handen|z h|einkaufer|einkaeufer|sachbearbeiter|bearbeiter|unser ansprechpartner|einkauferin|zustandig|ihr ansprechpartner|besteller in|kontaktperson",
    ),
    (
        Label::Contact,
        "fr",
        "interlocuteur|a l attention de|contact achat|votre contact|votre interlocuteur|responsable|suivi par|affaire suivie par|acheteur contact|demandeur|notre contact",
    ),
    (
        Label::Contact,
        "es",
        "contacto|atencion|a la atencion de|persona de contacto|att|a a|solicitado por|responsable de compras|elaborado por|su contacto",
    ),
    (
        Label::Contact,
        "it",
        "contatto|alla c a|c a|att ne|referente|alla cortese attenzione|persona di riferimento|richiedente|ufficio acquisti|buyer di riferimento|vs referente|ns referente",
    ),
    (
        Label::Contact,
        "nl",
        "contactpersoon|ter attentie van|t a v|tav|inkoper|behandeld door|aanvrager|uw contactpersoon|onze contactpersoon",
    ),
    (
        Label::Subtotal,
        "en",
        "subtotal|sub total|net total|total net|total before tax|total net value|net amount|net value|total excl vat|total excluding vat|total ex vat|total excl tax|total net value excl tax|goods total|merchandise total|lines total|total net amount|amount before tax|total excluding tax|net order value|taxable amount|untaxed amount|total taxable value|total ex tax|taxable value|total amount without vat|item total|items total|total amount excl vat|total net item value excl vat|total lines|line total sum|goods value|merchandise|amount excl vat|total net order value",
    ),
    (
        Label::Subtotal,
        "de",
        "zwischensumme|nettobetrag|summe netto|netto|gesamt netto|nettosumme|warenwert|gesamtnettowert|gesamtnettowert ohne mwst|netto summe|gesamtnetto|summe positionen|nettogesamtbetrag|gesamtbetrag netto|gesamtsumme netto|netto gesamt|nettowert|auftragswert netto|positionssumme|total netto|bestellwert netto|gesamtwert netto|summe ohne mwst|warenwert netto|nettogesamtwert|zwischentotal|betrag netto|netto betrag|gesamtnettobetrag|summe nettobetrag|gesamtpreis netto",
    ),
    (
        Label::Subtotal,
        "fr",
        "sous total|total ht|montant ht|total hors taxes|total net ht|montant total ht|total h t|base ht|total hors taxe|montant hors taxes|net ht|total brut ht|base hors taxe|total articles ht|montant net ht",
    ),
    (
        Label::Subtotal,
        "es",
        "subtotal|base imponible|total neto|importe neto|total sin iva|neto|suma|base|importe bruto|total bruto|total antes de impuestos|importe sin iva|total base imponible|total sin impuestos",
    ),
    (
        Label::Subtotal,
        "it",
        "imponibile|totale imponibile|subtotale|totale netto|totale merce|importo netto|netto merce|tot imponibile|totale netto merce|totale senza iva|imponibile totale|totale iva esclusa",
    ),
    (
        Label::Subtotal,
        "nl",
        "subtotaal|totaal excl btw|totaal exclusief btw|netto totaal|totaal netto|netto bedrag|nettobedrag|goederenbedrag|bedrag excl btw|totaal ex btw|bedrag exclusief btw|totaalbedrag excl btw|totaalbedrag exclusief btw|netto goederenbedrag",
    ),
    (
        Label::Discount,
        "en",
        "discount|less discount|order discount|trade discount|total discount|discount amount|rebate|less|quantity discount|special discount",
    ),
    (
        Label::Discount,
        "de",
        "rabatt|gesamtrabatt|nachlass|abzgl rabatt|abzuglich rabatt|kopfrabatt|auftragsrabatt|mengenrabatt|sonderrabatt",
    ),
    (Label::Discount, "fr", "remise|remise globale|rabais|total remise|remise commerciale|escompte|dont remise"),
    (
        Label::Discount,
        "es",
        "descuento|dto|descuentos|total descuento|descuento global|dto global|bonificacion|descuento comercial",
    ),
    (Label::Discount, "it", "sconto|sconti|sconto totale|totale sconti|sconto incondizionato|sconto merce|abbuono"),
    (Label::Discount, "nl", "korting|totale korting|orderkorting|kortingsbedrag|kwantumkorting"),
    (
        Label::Shipping,
        "en",
        "shipping|freight|shipping handling|shipping and handling|s h|delivery charge|freight charge|freight charges|carriage|delivery charges|shipping cost|shipping costs|handling|postage|transport|freight cost|shipping charges|delivery cost|delivery fee|carriage charges|estimated freight|freight amount|packing and forwarding|postage packing|postage and packing|p p|surcharge|surcharges|fuel surcharge|small order surcharge|minimum order surcharge|shipping charge|handling fee|transportation|packaging charge|total freight|shipping amount",
    ),
    (
        Label::Shipping,
        "de",
        "versandkosten|fracht|frachtkosten|lieferkosten|verpackung|porto|versand|transportkosten|versandkostenpauschale|fracht verpackung|verpackungskosten|zuschlag|mindermengenzuschlag|frachtpauschale|porto verpackung|porto und verpackung|fracht und verpackung|versandpauschale|nebenkosten|transport|energiezuschlag|maut|frachtkostenpauschale|speditionskosten|legierungszuschlag|teuerungszuschlag",
    ),
    (
        Label::Shipping,
        "fr",
        "frais de port|port|frais de livraison|transport|frais de transport|port et emballage|frais d expedition|port ht|frais|livraison ht|frais annexes|participation aux frais de port|frais de port ht|transport ht",
    ),
    (
        Label::Shipping,
        "es",
        "portes|gastos de envio|transporte|envio|flete|gastos de transporte|costes de envio|coste de envio|recargo|cargos de envio|portes y embalajes",
    ),
    (
        Label::Shipping,
        "it",
        "spese di trasporto|trasporto|spese di spedizione|spese trasporto|spedizione|spese accessorie|spese imballo|spese di imballo|spese spedizione|contributo trasporto|costi di trasporto|spese varie",
    ),
    (
        Label::Shipping,
        "nl",
        "verzendkosten|vrachtkosten|transportkosten|vracht|bezorgkosten|toeslag|orderkosten|administratiekosten|emballage|porto kosten|portokosten|leveringskosten|transport",
    ),
    (
        Label::Tax,
        "en",
        "tax|vat|sales tax|vat amount|tax amount|total tax|total vat|gst|cgst|sgst|igst|hst|pst|qst|vat total|tax total|sales tax amount|estimated tax|use tax|taxes|plus vat|vat @|iva|gst hst|cgst @|sgst @|igst @|output cgst|output sgst|output igst|integrated tax|central tax|state tax|total vat amount|total tax amount|input cgst|input sgst|input igst|add vat",
    ),
    (
        Label::Tax,
        "de",
        "mwst|ust|mehrwertsteuer|umsatzsteuer|zzgl mwst|mwst betrag|zzgl ust|zzgl mehrwertsteuer|steuerbetrag|steuer|zuzuglich mwst|summe mwst|gesetzliche mwst|zzgl gesetzliche mwst|zzgl umsatzsteuer|vorsteuer|gesamt mwst|mwst total|zuzuglich umsatzsteuer|zuzuglich mehrwertsteuer",
    ),
    (Label::Tax, "fr", "tva|montant tva|total tva|t v a|montant de la tva|taxes|total taxes|montant taxe"),
    (Label::Tax, "es", "iva|impuestos|total iva|importe iva|cuota iva|i v a|cuota|igic|impuesto|total impuestos"),
    (Label::Tax, "it", "iva|totale iva|imposta|importo iva|i v a|totale imposta|imposte|totale imposte"),
    (Label::Tax, "nl", "btw|btw bedrag|totaal btw|b t w|bedrag btw|btw hoog|btw laag|totale btw"),
    (
        Label::Total,
        "en",
        "total|grand total|order total|total amount|total order|total order value|po total|total value|purchase order total|total price|total due|amount due|total incl vat|total including vat|total gross|gross total|gross amount|total usd|total eur|total gbp|net payable|order value|total po amount|total cost|total incl tax|total including tax|total inc vat|total purchase order|total po value|total po|final total|total invoice value|po value|po amount|total in|total gross amount|amount total|total amount due|order amount|document total|invoice total|order net total|total amount incl vat|total inc tax|total purchase amount|overall total|total order amount",
    ),
    (
        Label::Total,
        "de",
        "gesamtbetrag|gesamtsumme|endbetrag|summe|gesamt|gesamtwert|bruttobetrag|gesamtpreis|rechnungsbetrag|bruttosumme|total|endsumme|gesamt brutto|auftragswert|bestellwert|gesamtbetrag brutto|brutto|gesamtsumme brutto|summe brutto|bruttogesamtbetrag|auftragssumme|bestellsumme|gesamtbestellwert|gesamtauftragswert|gesamtbetrag inkl mwst|gesamtbetrag eur|gesamtsumme eur|summe eur|total brutto|gesamtbruttobetrag|zu zahlen|brutto gesamt|betrag brutto|summe gesamt|bestellwert gesamt",
    ),
    (
        Label::Total,
        "fr",
        "total ttc|montant ttc|montant total|total general|net a payer|total|total t t c|montant total ttc|total commande|total de la commande|net a payer ttc|total toutes taxes comprises|total de commande|total a payer|montant total de la commande",
    ),
    (
        Label::Total,
        "es",
        "total|importe total|total pedido|total general|total con iva|total a pagar|total orden|total euros|total documento|monto total|valor total|total iva incluido|total del pedido|total orden de compra|importe total pedido|gran total|total compra",
    ),
    (
        Label::Total,
        "it",
        "totale|totale ordine|importo totale|totale documento|totale generale|totale complessivo|totale ivato|totale euro|totale dell ordine|totale da pagare|importo complessivo|totale iva inclusa|netto a pagare|totale ordine eur|totale a pagare|totale lordo|valore totale",
    ),
    (
        Label::Total,
        "nl",
        "totaal|totaal incl btw|totaalbedrag|totaal inclusief btw|te betalen|eindtotaal|totaal order|bruto totaal|ordertotaal|totaal bedrag|orderbedrag|bedrag incl btw|bedrag inclusief btw|totaalbedrag incl btw|totaalbedrag inclusief btw|ordertotaal excl btw|totaal te betalen|totaal bestelling|totaal eur|totale waarde",
    ),
    (
        Label::LineCount,
        "en",
        "number of lines|no of lines|total lines ordered|number of items|line count|number of positions|lines on this order|total number of lines|anzahl positionen|nombre de lignes|numero de lineas|numero righe|aantal regels|total items",
    ),
    (
        Label::Carried,
        "en",
        "carried forward|brought forward|carry forward|page total|page subtotal|subtotal carried forward|continued on next page|carry over|b f|c f|balance forward|total this page|amount carried forward|amount brought forward",
    ),
    (Label::Carried, "de", "ubertrag|uebertrag|zwischensumme seite|ubertrag von seite|summe seite|seitensumme"),
    (Label::Carried, "fr", "a reporter|report|report page precedente|total page|sous total page|total a reporter"),
    (Label::Carried, "es", "suma y sigue|suma anterior|total pagina|suma pagina"),
    (Label::Carried, "it", "riporto|a riportare|da riportare|totale pagina"),
    (
        Label::Carried,
        "nl",
        "transport van vorige pagina|transporteren|saldo transport|transport naar volgende pagina|subtotaal pagina",
    ),
    (
        Label::Other,
        "en",
        "page|pages|fax|website|web|quote no|quote number|quotation no|quotation number|quotation|your quote|quote|quotation ref|quote ref|requisition no|requisition number|requisition|req no|contract no|contract number|contract|agreement no|project|project no|project number|job|job no|job number|job name|cost center|cost centre|department|account|account no|account number|customer no|customer number|customer id|cust no|vendor no|vendor number|vendor id|vendor code|vendor #|supplier no|supplier number|supplier id|supplier code|our account|ship via|shipped via|shipping method|carrier|via|remarks|notes|note|comments|comment|special instructions|instructions|delivery instructions|shipping instructions|authorized by|approved by|authorised by|signature|authorized signature|terms and conditions|iban|bic|swift|bank|bank account|bank details|sort code|print date|printed|printed on|printed by|invoice no|invoice number|invoice date|sales order no|so number|work order|line items|tax rate|vat rate|delivery method|mode of transport|dispatched through|despatch through|other references|pan|cin|state code|place of supply|status|type|order type|confirm to|freight terms code|resale|taxable|buyer code|buyer id|plant|storage location|effective date|expiration date|valid until|validity|valid to|blanket start date|blanket end date|agreement date|web site|drawing no|hsn|hsn code|country of origin|internal use|amount in words|amount chargeable in words|ref quote|duns|gln|iln|phone fax|buyer phone|order status|ship method|delivery mode|mark for|location|site|store|store no|tracking|po type|cancel date|cancel after|do not ship before|start ship date|our vat no|time|description of goods|confirmed|confirmation",
    ),
    (
        Label::Other,
        "de",
        "seite|telefax|kundennummer|kunden nr|kundennr|unsere kundennummer|unsere kunden nr|ihre kundennummer|lieferantennummer|lieferanten nr|lieferantennr|ihre lieferantennummer|kreditor|kreditorennummer|kreditor nr|angebot|angebotsnummer|angebots nr|angebot nr|ihr angebot|ihr angebot nr|projekt|projekt nr|projektnummer|kostenstelle|kommission|versandart|versand per|versandweg|bemerkung|bemerkungen|hinweis|hinweise|unterschrift|handelsregister|hrb|amtsgericht|geschaftsfuhrer|bankverbindung|konto|blz|anfrage|anfragenummer|rechnungsnummer|rechnungsdatum|lieferscheinnummer|druckdatum|werk|lagerort|vertrag|rahmenvertrag|abteilung|bestellart|homepage|internet|angebot vom|ihr angebot vom|ihre nachricht|unsere nachricht|kontrakt|kontraktnummer|belegart|rahmenvertrag nr|warengruppe|zolltarifnummer|gerichtsstand|sitz der gesellschaft|steuersatz|status",
    ),
    (
        Label::Other,
        "fr",
        "page|telecopie|code client|n client|no client|numero client|code fournisseur|n fournisseur|numero fournisseur|devis|devis n|n devis|votre devis|affaire|chantier|projet|remarques|remarque|observations|commentaire|commentaires|signature|cachet|mode de livraison|mode d expedition|transporteur|rcs|ape|code ape|naf|capital|banque|facture n|n facture|numero de facture|n de compte|compte|service|commercial|objet|votre offre|offre n|code naf|mode de transport|taux|site web|lieu|centre de cout|statut|numero d affaire|n d affaire|marche n|contrat n",
    ),
    (
        Label::Other,
        "es",
        "pagina|pag|codigo cliente|n cliente|codigo proveedor|n proveedor|presupuesto|oferta|proyecto|observaciones|notas|firma|transportista|forma de envio|obra|factura n|n factura|numero de factura|cuenta|banco|departamento|autorizado por|aprobado por|almacen|cotizacion|cotizacion n|estado|medio de transporte|centro de coste|su oferta|n de proveedor|comprador contacto|agencia",
    ),
    (
        Label::Other,
        "it",
        "pagina|pag|codice cliente|cod cliente|codice fornitore|cod fornitore|offerta|vs offerta|vostra offerta|preventivo|commessa|progetto|note|annotazioni|firma|vettore|mezzo|spedizione a mezzo|trasporto a mezzo|causale|banca|abi|cab|fattura n|numero fattura|magazzino|aspetto|centro di costo|rif offerta|cig|cup|stato|timbro e firma|sede legale|capitale sociale|rea|pec|codice univoco|codice sdi|sdi|agente|listino",
    ),
    (
        Label::Other,
        "nl",
        "pagina|blad|klantnummer|klantnr|debiteurnummer|debiteur|leveranciersnummer|leveranciernr|crediteurnummer|crediteurnr|crediteur|offerte|offertenummer|uw offerte|project|projectnummer|kostenplaats|opmerkingen|opmerking|handtekening|verzendwijze|wijze van verzending|factuurnummer|factuurdatum|bank|website|afdeling|status|aanvraag|akkoord|leverwijze|transporteur|magazijn|contract|contractnummer|vervoerder",
    ),
];

/// A label found in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub label: Label,
    pub language: &'static str,
    /// Byte range in the segment's text.
    pub start: usize,
    pub end: usize,
    /// Words in the phrase.
    pub tokens: usize,
    /// A sign of a label follows: `:`, `#`, `=`.
    pub marked: bool,
}

type Index = HashMap<String, Vec<(Vec<String>, Label, &'static str)>>;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index: Index = HashMap::new();
    for (label, language, phrases) in LABELS {
        for phrase in phrases.split('|') {
            let tokens: Vec<String> = tokenize(phrase).into_iter().map(|t| t.text).collect();
            if let Some(first) = tokens.first() {
                index.entry(first.clone()).or_default().push((tokens, *label, language));
            }
        }
    }
    for phrases in index.values_mut() {
        phrases.sort_by_key(|(tokens, _, _)| std::cmp::Reverse(tokens.len()));
    }
    index
});

/// All labels in a segment, from left to right. A phrase inside prose is none: a label stands at the start of its segment, after a
/// separator, or before a colon.
pub(crate) fn hits(segment: &Segment<'_>) -> Vec<Hit> {
    let mut found: Vec<Hit> = Vec::new();
    let tokens = &segment.tokens;
    let mut i = 0;
    while i < tokens.len() {
        let Some((count, label, language)) = phrase_at(segment, i) else {
            i += 1;
            continue;
        };
        let (start, end) = (tokens[i].start, tokens[i + count - 1].end);
        let marked = is_marked(&segment.text[end..]);
        // `PO-2026-00125`: the letters are the number's own.
        let after = &segment.text[end..];
        let glued = after.starts_with(['-', '/', '_'])
            && after[1..].chars().take_while(|c| c.is_alphanumeric()).any(|c| c.is_ascii_digit());
        if glued && matches!(label, Label::PoNumber | Label::OrderNumber | Label::PoTitle | Label::Reference) {
            i += 1;
            continue;
        }
        let next = tokens.get(i + count);
        let number_follows = next.is_some_and(|t| t.text.bytes().any(|b| b.is_ascii_digit()));
        // `De Groot B.V.`, `Van Dijk`: a short word is a label only alone, before a colon or before its number.
        let short = count == 1 && end - start <= 4;
        let name_like = matches!(label, Label::Buyer | Label::Seller)
            || (matches!(label, Label::Date | Label::OrderNumber | Label::VatId) && !number_follows);
        if short && name_like && end - start <= if label == Label::Date { 3 } else { 4 } && !marked && tokens.len() > count {
            i += 1;
            continue;
        }
        // In prose: `cancel our purchase order 4500017320`.
        let long_number = next.is_some_and(|t| t.text.bytes().filter(u8::is_ascii_digit).count() >= 3);
        let in_prose = long_number && matches!(label, Label::PoTitle | Label::PoNumber | Label::OrderNumber) && end - start >= 2;
        // `zzgl. 19 % MwSt.`, `20% VAT`
        let behind_rate = label == Label::Tax
            && tokens[..i].iter().all(|t| {
                t.text.bytes().all(|b| b.is_ascii_digit())
                    || matches!(
                        t.text.as_str(),
                        "%" | "zzgl" | "plus" | "add" | "zuzuglich" | "incl" | "inkl" | "gesetzl" | "gesetzliche"
                    )
            });
        if in_prose || (behind_rate && i > 0) {
            found.push(Hit { label, language, start, end, tokens: count, marked });
            i += count;
            continue;
        }
        if i == 0 || marked || after_separator(&segment.text[..start]) || (count > 1 && strong_inside(label)) {
            found.push(Hit { label, language, start, end, tokens: count, marked });
            i += count;
        } else {
            i += 1;
        }
    }
    found
}

/// Labels whose phrases of several words are told from prose wherever they stand.
fn strong_inside(label: Label) -> bool {
    matches!(label, Label::PoNumber | Label::PoDate | Label::DeliveryDate | Label::PaymentTerms | Label::Incoterm)
}

/// The longest phrase at token `i`: its length in tokens, label and language.
pub(crate) fn phrase_at(segment: &Segment<'_>, i: usize) -> Option<(usize, Label, &'static str)> {
    let tokens = &segment.tokens;
    let phrases = INDEX.get(&tokens[i].text)?;
    phrases
        .iter()
        .find(|(phrase, _, _)| phrase.len() <= tokens.len() - i && phrase.iter().zip(&tokens[i..]).all(|(p, t)| *p == t.text))
        .map(|(phrase, label, language)| (phrase.len(), *label, *language))
}

fn is_marked(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | 'º' | '°' | 'ª' | ')' | '*'));
    let rest = rest.strip_prefix("(s)").unwrap_or(rest);
    rest.starts_with([':', '#', '=', '：'])
}

fn after_separator(before: &str) -> bool {
    before.trim_end().ends_with(['/', '|', ',', ';', '·', '•', '–', '(', '*', '-']) || before.trim_end().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::Word;

    fn labels_of(text: &str) -> Vec<Label> {
        let word = |t: &str| Word {
            text: t.into(),
            bbox: [0.0; 4],
            size: 10.0,
            bold: false,
            visibility: Default::default(),
            ocr_confidence: None,
            span: None,
        };
        let words: Vec<Word> = text.split_whitespace().map(word).collect();
        hits(&Segment::of(words.iter().collect())).into_iter().map(|h| h.label).collect()
    }

    #[test]
    fn labels_stand_where_labels_stand() {
        for (text, expected) in [
            ("PO#4711", vec![Label::PoNumber]),
            ("P.O. Number: 4711 Date: 3/4/26", vec![Label::PoNumber, Label::Date]),
            ("Bestell-Nr. 4500017", vec![Label::PoNumber]),
            ("Commande n° 4711", vec![Label::PoNumber]),
            ("N° de commande : 12", vec![Label::PoNumber]),
            ("Ordine n. 123 del 12/03/2026", vec![Label::PoNumber]),
            ("Ship To:", vec![Label::ShipTo]),
            ("please ship to our total satisfaction", vec![]),
        ] {
            assert_eq!(labels_of(text), expected, "{text}");
        }
    }
}
