//! The header of an item table: which words head which column, and what the column holds. Where the columns' edges lie in the rows
//! below is found from the rows themselves.

use super::lines::{Line, Segment, Sheet, tokenize};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    LineNo,
    /// "Item": the line's number, the part's number or the description; the cells decide.
    Item,
    /// A part number that does not say whose. On a purchase order it is the buyer's (DOMAIN 31).
    Part,
    BuyerPart,
    /// Ours, as the buyer calls it: "your part", "vendor part".
    SupplierPart,
    ManufacturerPart,
    Gtin,
    Description,
    Quantity,
    Unit,
    Price,
    Basis,
    Discount,
    Amount,
    /// Line amount including tax.
    GrossAmount,
    TaxRate,
    TaxAmount,
    Date,
    /// The purchase order's number, repeated on each row of an export.
    OrderNo,
    /// Known and of no use: quantity received, weight, account.
    Ignored,
}

const ROLES: &[(Role, &str)] = &[
    (
        Role::OrderNo,
        "po number|po no|po #|po|po id|order number|order no|order id|purchase order|purchase order number|purchase order no|customer po|po nr|order nr|n de commande|numero de commande|n de pedido|numero de pedido|numero ordine|n ordine|ordernummer|inkoopordernummer",
    ),
    (
        Role::LineNo,
        "line|line no|line number|line #|ln|ln #|pos|pos nr|position|positie|posicion|posizione|pos no|#|no|nr|n|sl no|sl|s no|s n|sr no|sno|sr|si no|lfd nr|lfd|ligne|linea|riga|regel|regelnr|po line|item line|lig|rg|lin|row|nr pos|ln no|seq|po item|zeile|partida|num|item #",
    ),
    (
        Role::Item,
        "item|items|item no|item number|items no|article|artikel|articulo|articolo|material|product|produit|producto|prodotto|produkt|product service|item details|part|item code description|goods|ware|art|no item|positionen|prod",
    ),
    (
        Role::Part,
        "part number|part no|part #|part num|part id|item code|product code|sku|stock code|stock no|catalog no|catalog number|cat no|catalogue no|article no|article number|product no|product number|product id|item id|code|ref|reference|ref no|part number rev|part number revision|material number|material no|material code|stock number|stock item|item sku|model|model no|style|style no|product sku|item ref|commodity code|number|inventory id|article code|id|part code|item part no|code no|item part number|prod code|item key|stock id|catalogue number|product ref|product reference|style number",
    ),
    (
        Role::Part,
        "artikelnummer|artikel nr|artikelnr|art nr|artnr|art no|materialnummer|material nr|materialnr|sachnummer|teilenummer|teile nr|sach nr|ident nr|identnummer|bestellnummer|best nr|produktnummer|artikel nummer|mat nr|teilenr|produktcode|artikelcode|artikel code|teil nr|warennummer|bestell nr|zeichnungsnummer",
    ),
    (
        Role::Part,
        "code article|ref article|reference article|n article|no article|code produit|ref produit|article n|numero d article|references|reference produit|numero article|code art|art code|ref art",
    ),
    (
        Role::Part,
        "codigo|referencia|codigo articulo|cod articulo|cod|codigo producto|n articulo|no articulo|no de parte|numero de parte|cod art|codigo de articulo|numero de articulo|clave|parte|n de articulo|codigo de producto|codigo material",
    ),
    (
        Role::Part,
        "codice|codice articolo|cod articolo|cod art|articolo n|codice prodotto|codice art|codice materiale|riferimento|n articolo|cod prodotto|rif",
    ),
    (
        Role::Part,
        "artikelnummer|artikelcode|artnr|bestelcode|productcode|productnummer|artikel nr|referentie|codering|onderdeelnummer|art code|product nr",
    ),
    (
        Role::BuyerPart,
        "our part no|our part number|our item|our item no|our part|our article no|our ref|our reference|customer part no|customer part number|customer item|customer part|customer item no|buyer part|buyer part no|buyer part number|buyer item|buyer s part number|buyer sku|internal part no|internal part number|our code|our material|our sku|our item number|our stock code|our product code|buyer item code|cust part no|internal code|our art no|our material no|customer material|buyer s item|buyer item no|your customer s part|our item code",
    ),
    (
        Role::BuyerPart,
        "unsere artikelnummer|unsere artikel nr|unsere art nr|unsere materialnummer|unsere nr|unsere teilenummer|kundenartikel|unsere artikelnr|interne artikelnummer|unsere sachnummer|eigene artikelnummer|unsere mat nr|interne nr|kunden artikelnummer|kundenartikelnummer|unser artikel|kundenmaterial",
    ),
    (
        Role::BuyerPart,
        "notre reference|notre ref|notre code|nos references|notre article|notre code article|ref interne|code interne|reference interne|reference client|ref client|n ref|notre reference article",
    ),
    (
        Role::BuyerPart,
        "nuestra referencia|nuestra ref|nuestro codigo|nuestro articulo|ref interna|codigo interno|ref cliente|referencia interna|codigo cliente|n ref",
    ),
    (
        Role::BuyerPart,
        "nostro codice|ns codice|ns cod|ns articolo|codice interno|ns rif|nostro articolo|nostro cod|codice cliente|cod interno|cod cliente|ns ref",
    ),
    (
        Role::BuyerPart,
        "ons artikelnummer|ons artikelnr|onze artikelcode|ons artikel|onze code|ons nummer|intern artikelnummer|onze referentie|ons art nr|klantartikelnummer",
    ),
    (
        Role::SupplierPart,
        "your part no|your part number|your item|your item no|your part|your ref|your code|vendor part|vendor part no|vendor part number|vendor part #|vendor item|vendor item no|vendor item number|vendor sku|vendor code|supplier part|supplier part no|supplier part number|supplier item|supplier item no|supplier code|supplier material|supplier material no|supplier mat no|supplier ref|supplier reference|supplier sku|vendor catalog no|vendor ref|vendor material|vendor material no|supplier s part no|vendor s part no|your article no|your reference|supplier article no|supplier product code|vendor product no|your product code|supplier product number|vendor mat no|your material number|your material no|supplier part id|supplier item code|vendor prod no|vendor product number|supplier stock code|your sku|vend part|vendor part num|seller part number|sellers item no|supplier catalog number|vendor article no|your item number|supplier part auxiliary id|your catalogue no|vendor item id|your art no|supplier item number|supplier product no|vendor s item no|seller item|supp part no|supplier part nr|supplier art no|supplier article number|your article number|vendor item #|your stock code",
    ),
    (
        Role::SupplierPart,
        "ihre artikelnummer|ihre artikel nr|ihre art nr|ihre artikelnr|ihre nr|ihre materialnummer|lieferantenartikel|lieferanten artikelnummer|lieferanten art nr|lieferantenartikelnummer|lieferanten artikel nr|lief art nr|lieferantenmaterial|ihre sachnummer|ihre bestellnummer|hersteller lieferanten nr|lieferanten nr|ihr artikel|ihre teilenummer|lieferanten materialnummer|lieferantenmaterialnummer|lief artikelnr|lieferantenartikelnr|ihre mat nr|lf artikelnr|lf art nr|lieferantenteilenummer|lief artikel nr|ihre produktnummer|lieferanten artikelnr",
    ),
    (
        Role::SupplierPart,
        "votre reference|votre ref|votre code|ref fournisseur|reference fournisseur|vos references|code fournisseur|votre article|votre code article|article fournisseur|ref frs|ref four|v ref|code article fournisseur|votre n article|votre reference article|ref fourn|n article fournisseur",
    ),
    (
        Role::SupplierPart,
        "su referencia|su ref|su codigo|ref proveedor|referencia proveedor|codigo proveedor|articulo proveedor|su articulo|ref prov|ref del proveedor|referencia del proveedor|cod proveedor|s ref|codigo de proveedor|su numero de articulo|codigo articulo proveedor",
    ),
    (
        Role::SupplierPart,
        "vostro codice|vs codice|vs cod|vs articolo|codice fornitore|cod fornitore|cod forn|articolo fornitore|vs rif|codice articolo fornitore|rif fornitore|vostro articolo|vostro cod|cod art fornitore|codice art fornitore|vs ref|v s codice|cod art forn|vostro codice articolo",
    ),
    (
        Role::SupplierPart,
        "uw artikelnummer|uw artikelnr|uw artikelcode|uw code|leverancier artikelnummer|leveranciersartikel|artikelnummer leverancier|leverancierscode|uw referentie|uw art nr|leveranciers artikelnummer|lev artikelnr|artikelnr leverancier|leveranciersartikelnummer|uw artikel|bestelnummer leverancier|uw bestelnummer|lev art nr|artikelcode leverancier|code leverancier|leveranciersartikelnr",
    ),
    (
        Role::ManufacturerPart,
        "mpn|mfr part no|mfr part number|mfg part no|mfg part number|manufacturer part|manufacturer part no|manufacturer part number|mfr p n|mfg p n|manufacturer no|mfr no|herstellerteilenummer|hersteller nr|herstellernummer|hersteller artikelnummer|hersteller teilenummer|hersteller art nr|ref fabricant|reference fabricant|ref fabricante|codice produttore|fabrikantcode|fabrikant artikelnummer|mfr #|mfg #|mfr part #|mfg no|referencia fabricante|cod produttore|mfg part #|mfr item no|manufacturer s part no|mfr part|mfg part",
    ),
    (
        Role::Gtin,
        "ean|gtin|upc|barcode|bar code|ean code|ean nr|upc code|codigo ean|codice ean|code ean|ean 13|ean gtin|gtin ean|strichcode|code barre|code barres|codigo de barras|codice a barre|gencod|upc ean|upc gtin|isbn|ean nummer",
    ),
    (
        Role::Description,
        "description|item description|product description|desc|details|description of goods|particulars|material description|short text|part description|goods description|article description|product name|item name|name|service description|designation|text|specification|description and specification|line description|description of goods and services|description of goods services|item and description|product or service|title|item description rev|material short text|description of materials",
    ),
    (
        Role::Description,
        "bezeichnung|beschreibung|artikelbezeichnung|artikeltext|kurztext|materialbezeichnung|produktbezeichnung|produktbeschreibung|artikelbeschreibung|leistung|gegenstand|artikelname|benennung|warenbezeichnung|artikel bezeichnung|materialkurztext|produktname",
    ),
    (
        Role::Description,
        "libelle|designation article|descriptif|description article|libelle article|designation des articles|designation produit|intitule|designation des produits",
    ),
    (
        Role::Description,
        "descripcion|concepto|denominacion|descripcion articulo|descripcion del articulo|nombre|detalle|descripcion del producto|descripcion producto|descripcion del material",
    ),
    (
        Role::Description,
        "descrizione|descrizione articolo|denominazione|descrizione prodotto|descrizione merce|descrizione dei beni|descrizione materiale|natura e qualita dei beni",
    ),
    (
        Role::Description,
        "omschrijving|artikelomschrijving|beschrijving|benaming|productomschrijving|omschrijving artikel|artikel omschrijving|artikelnaam|productnaam",
    ),
    (
        Role::Quantity,
        "qty|quantity|quantity ordered|qty ordered|order qty|order quantity|ordered qty|ordered|ordered quantity|qnty|quant|qty order|quantities|qty req|qty required|quantity required|pieces|pcs|units|qtty|po qty|po quantity|qty ord|req qty|required qty|purchase qty|total qty|units ordered|requested qty|no of units|qty requested|qte|amount ordered|total quantity|quantity unit|qty pcs|pcs ordered|billed qty|ord qty|quan|number of units",
    ),
    (Role::Quantity, "menge|anzahl|bestellmenge|stuckzahl|bestellte menge|best menge|auftragsmenge|mge|stk|stuck|liefermenge"),
    (Role::Quantity, "quantite|qte|qte commandee|quantite commandee|nombre|nb|qt|quantites|qte cde|nbre|qte com"),
    (Role::Quantity, "cantidad|cant|cantidad pedida|unidades|ctd|ctdad|uds|cantidad solicitada|cdad|cant pedida|cantidad ordenada"),
    (Role::Quantity, "quantita|q ta|qta|qta ordinata|quantita ordinata|pezzi|q ta ordinata|quant|qt a|qta ord|n pezzi"),
    (Role::Quantity, "aantal|hoeveelheid|besteld|aant|bestelde hoeveelheid|aantal besteld|besteld aantal|stuks"),
    (
        Role::Unit,
        "unit|uom|u m|um|units of measure|unit of measure|u o m|unit measure|measure|eenheid|einheit|einh|me|mengeneinheit|unite|u|unidad|ud|un|u medida|unita|unita di misura|u mis|ehd|pack|packing|vpe|unit of meas|order unit|bme|purch uom|per unit|eenh|unid|unidad de medida|udm|ume|unite de mesure|vep|ve|uv|u de m|uni|meas|pkg|bestelleinheit|uom code|u med|uq|bestel eenheid|besteleenheid|verpakking|conditionnement|pack size",
    ),
    (
        Role::Price,
        "price|unit price|unit cost|rate|cost|price each|price per unit|each|net price|net unit price|unit rate|list price|cost each|price ea|u price|unit price excl vat|unit pr|cost per unit|basic rate|purchase price|agreed price|price per|unit net price|direct unit cost|direct unit cost excl vat|unit list price|price usd|price eur|price gbp|price per each|item price|cost ea|gross price|unit price net|basic price|uprice|unitprice|your price|price pc|contract price|po price|buying price|price piece",
    ),
    (
        Role::Price,
        "einzelpreis|preis|e preis|ep|stuckpreis|preis einheit|netto preis|nettopreis|einzelpreis netto|e preis netto|preis pro einheit|preis st|listenpreis|preis stk|preis je einheit|preis me|einkaufspreis|ek preis|einzelpr|preis stuck|bestellpreis|ek|nettoeinzelpreis|einzel|preis netto|ep netto|einheitspreis|vk preis|bruttopreis|stk preis|ek netto",
    ),
    (
        Role::Price,
        "prix unitaire|prix|pu|p u|pu ht|p u ht|prix unitaire ht|prix unit|prix net|pu net|prix u ht|p u net|prix unit ht|prix ht|p u h t|prix u|pu brut|pu net ht|prix unitaire net|prix d achat|prix achat|px unit|px u ht|prix unitaire h t|px unitaire|prix unitaire net ht|px net|tarif",
    ),
    (
        Role::Price,
        "precio|precio unitario|p unit|precio unit|precio ud|precio u|p u|p unitario|precio neto|precio unidad|precio und|valor unitario|pvp|precio de compra|coste|coste unitario|costo|costo unitario|precio unitario neto|tarifa|p neto|precio unitario sin iva",
    ),
    (
        Role::Price,
        "prezzo|prezzo unitario|prezzo un|prezzo unit|p unitario|prezzo netto|pr unitario|importo unitario|costo unitario|pr unit|prezzo u|prezzo listino|prezzo netto unitario|prezzo unitario netto|p zo unit|prezzo cad|unitario|prz unit|prz unitario|prezzo di acquisto|prezzo acquisto",
    ),
    (
        Role::Price,
        "prijs|prijs per stuk|stukprijs|eenheidsprijs|prijs per eenheid|p st|prijs st|nettoprijs|netto prijs|inkoopprijs|prijs eenheid|bruto prijs|prijs per|brutoprijs|tarief|stuksprijs|prijs excl btw|verkoopprijs|prijs p st|per stuk|prijs netto",
    ),
    (
        Role::Basis,
        "per|por|price unit|price per qty|price base|price basis|pe|preiseinheit|pro|je|base|prijs per aantal|price unit qty|price qty|preis pro|price quantity|basis|base price qty|prijseenheid|unite de prix|base prix|pu base|discount or price charge base qty|charge base qty|base qty|price base qty|price uom|per qty|basismenge|price basis qty",
    ),
    (
        Role::Discount,
        "disc|discount|disc %|discount %|% disc|rabatt|rabatt %|rab|rab %|remise|remise %|rem|rem %|dto|dto %|descuento|% dto|sconto|sconti|sc|sconto %|sc %|% sconto|korting|korting %|kort|% korting|disc pct|less|line discount|discount percent|line discount %|% remise|rabatt in %|rab in %|kort %|descuento %|% desc|desc %|% rem|% sc|trade discount|nachlass|discount rate",
    ),
    (
        Role::Amount,
        "amount|total|line total|extended|extension|ext|ext price|extended price|extended amount|extended cost|line amount|net amount|net value|total price|value|total amount|total cost|net total|sub total|subtotal|ext amount|total excl vat|line value|net|ext cost|total net|amount excl vat|total value|taxable value|total usd|total eur|total gbp|line amount excl vat|line total excl vat|line ext|net price total|line price|order value|net amt|line total net|net line total|total net value|line net total|total line amount|amt|extended value|line cost|net line amount|total ex vat|net extended|gross amount|cost total|order amount|ext net|extn|line net|basic amount|order total",
    ),
    (
        Role::Amount,
        "gesamtpreis|gesamt|betrag|g preis|gp|summe|positionswert|nettowert|gesamtbetrag|gesamtwert|netto|warenwert|wert|nettobetrag|positionsbetrag|gesamtpreis netto|gesamt netto|total|zeilenbetrag|positionssumme|netto betrag|netto wert|betrag netto|nettogesamt|pos wert|gp netto|zeilensumme|gesamt preis|pos preis|ges preis|gesamtnetto|positionspreis|nettopreis gesamt|g preis netto|netto gesamt|endpreis|gesamtsumme|bestellwert",
    ),
    (
        Role::Amount,
        "montant|montant ht|total ht|prix total|total|montant net|total net|net ht|montant net ht|prix total ht|total h t|montant h t|total net ht|montant total|valeur|total ligne|montant ligne|montant total ht|valeur ht|total ligne ht|mt ht|net a payer ht|sous total|total article",
    ),
    (
        Role::Amount,
        "importe|importe neto|total|importe total|total neto|total linea|subtotal|valor|valor total|neto|precio total|importe linea|total sin iva|valor neto|importe bruto|monto|monto total|total s iva|base imponible|importe euros",
    ),
    (
        Role::Amount,
        "importo|totale|importo netto|totale netto|importo totale|totale riga|valore|prezzo totale|tot riga|imponibile|valore netto|importo riga|tot|netto|importo euro|tot netto|totale merce|imp netto|totale imponibile|valore totale",
    ),
    (
        Role::Amount,
        "bedrag|totaal|totaalprijs|regelbedrag|netto bedrag|totaalbedrag|regeltotaal|nettobedrag|bedrag excl btw|totaal excl btw|totale prijs|subtotaal|waarde|netto|totaal bedrag|regel totaal|bedrag netto|totaal netto|netto totaal|bedrag ex btw",
    ),
    (
        Role::GrossAmount,
        "total incl vat|amount incl vat|total incl tax|total inc vat|gross|total ttc|montant ttc|bruttobetrag|brutto|total con iva|totale ivato|totaal incl btw|bedrag incl btw|gesamt brutto|total including tax|line total incl vat|total inc tax|incl vat|prijs incl btw|prix ttc|total incl gst|total gross|amount inc vat|total with tax|total iva incluido|totale iva inclusa|total incl|gross total|line amount incl vat|total t t c|incl btw|inkl mwst|amount with tax",
    ),
    (
        Role::TaxRate,
        "vat|vat %|tax|tax %|tax rate|vat rate|mwst|mwst %|ust|ust %|tva|tva %|taux tva|iva|iva %|% iva|btw|btw %|gst|gst %|gst rate|vat code|tax code|steuer|aliquota|cod iva|aliq|tax type|taxes|taxable|% vat|% tva|taux|st|% btw|igst %|cgst %|sgst %|aliq iva|ali iva|c iva|t|mwst satz|ust satz|% mwst|vat pct|tx|impuesto|impuestos|igst rate|cgst rate|sgst rate|tva taux|code tva",
    ),
    (
        Role::TaxAmount,
        "vat amount|tax amount|tax amt|vat amt|igst|cgst|sgst|mwst betrag|montant tva|importe iva|btw bedrag|gst amount|cgst amount|sgst amount|igst amount|importo iva|cuota iva|steuerbetrag|igst amt|cgst amt|sgst amt",
    ),
    (
        Role::Date,
        "delivery date|due date|need by|need by date|required date|date required|required|req date|requested date|ship date|delivery|promised date|promise date|date|due|deliver by|del date|requested delivery date|expected date|required by|date needed|dock date|need date|dlv date|deliv date|delivery due|expected receipt date|receipt date|due on|reqd date|request date|delivery dt|sched date|schedule date|scheduled date|date req|requested|promised|ship by|want date|expected delivery|date promised|delivery date requested|needed|etd|eta|exp date|dlv|deliver date|required delivery|due dt|promise|requested delivery|dock dt|delivery week|req delivery date|requested receipt date",
    ),
    (
        Role::Date,
        "liefertermin|lieferdatum|termin|wunschtermin|liefertag|lieferwoche|liefer termin|lt|liefert|wunschlieferdatum|lieferdat|kw|lief termin|anlieferdatum|eintreffdatum|datum|liefer datum",
    ),
    (
        Role::Date,
        "date de livraison|date livraison|livraison|delai|date liv|date souhaitee|date|date prevue|livraison le|date de liv|livraison souhaitee|dt livraison|date demandee|livr",
    ),
    (
        Role::Date,
        "fecha de entrega|fecha entrega|entrega|fecha|f entrega|fecha prevista|plazo|fecha requerida|plazo de entrega|fec entrega|fecha de entrega solicitada|fecha solicitada",
    ),
    (
        Role::Date,
        "data consegna|consegna|data di consegna|data cons|data|data richiesta|consegna richiesta|data prevista|cons|consegna prevista|dt consegna|d consegna|data evasione",
    ),
    (
        Role::Date,
        "leverdatum|levering|leverweek|datum|gewenste leverdatum|afleverdatum|leverdag|verwachte datum|gewenst|lever datum|levertijd|leveringsdatum|lev datum",
    ),
    (
        Role::Ignored,
        "qty received|received|quantity received|qty open|open qty|qty shipped|shipped|balance|outstanding|back order|backordered|weight|gewicht|poids|peso|gewichts|hsn|hsn code|hsn sac|sac|account|gl account|cost center|kostenstelle|job|status|tariff|notes|remarks|comments|rev|revision|requisition|requisitioner|ship via|country of origin|origin|color|colour|size|location|warehouse|volume|lot|drawing|drawing no|brand|marke|marque|net weight|qty invoiced|qty del|line status|allowances charges|allowances and charges|agreed qty|grade|project|department|bin|wh|whse|site|manufacturer|mfr|hersteller|fabricant|fabricante|produttore|fabrikant|magazzino|depot|almacen|magazijn|lager|werk|plant|acct|charge to|taric|farbe|grosse|couleur|taille|dimension|dimensions|image|photo|foto|bild|lagerort|discount amount|disc amount|disc amt|rabattbetrag|category|warengruppe|geliefert|unit weight|total weight|type|typ|ship to|gl code|commessa|materiale",
    ),
];

/// Whose number it is, what it is a number of, and the word for number: heads are put together from these in every order a language allows.
const OWNERS: &[(Role, &str)] = &[
    (
        Role::SupplierPart,
        "your|vendor|vendors|supplier|suppliers|seller|sellers|ihre|ihr|lieferanten|lieferant|lief|votre|vos|fournisseur|frs|fourn|su|proveedor|prov|vostro|vs|fornitore|forn|uw|leverancier|leveranciers|lev",
    ),
    (
        Role::BuyerPart,
        "our|buyer|buyers|customer|customers|internal|unsere|unser|kunden|interne|notre|nos|client|nuestra|nuestro|interno|interna|cliente|nostro|ns|ons|onze|klant|intern|own|cust",
    ),
    (
        Role::ManufacturerPart,
        "mfr|mfg|manufacturer|manufacturers|oem|hersteller|fabricant|fabricante|produttore|costruttore|fabrikant",
    ),
];
const THINGS: &str = "part|item|article|product|material|stock|mat|prod|art|artikel|sach|teile|reference|ref|referenz|code|sku|articulo|referencia|articolo|codice|cod|produit|produkt|bestel|catalog|catalogue|codigo|artikelcode|artikelnummer|artikelnr|teilenummer|materialnummer|bestellnummer|riferimento|rif|model|style|p";
const NUMBERS: &str = "no|number|nr|num|code|#|id|n|nummer|ref|reference|nbr|codigo|codice|numero|sku";

/// A composed head at token `i`: `vendor part no`, `réf. fournisseur`, `code article fournisseur`, `Lieferanten-Art.-Nr.`
fn composed_at(tokens: &[String], i: usize) -> Option<(usize, Role)> {
    let owner = |k: usize| -> Option<(usize, Role)> {
        let token = tokens.get(k)?;
        let role = OWNER_OF.get(token.as_str())?;
        let possessive = tokens.get(k + 1).is_some_and(|t| t == "s");
        Some((1 + usize::from(possessive), *role))
    };
    let is_in = |list: &str, k: usize| tokens.get(k).is_some_and(|t| list.split('|').any(|w| w == t));
    if let Some((used, role)) = owner(i) {
        if !is_in(THINGS, i + used) {
            return None;
        }
        let number = is_in(NUMBERS, i + used + 1);
        return Some((used + 1 + usize::from(number), role));
    }
    // The thing or the number first, the owner behind.
    let first = if is_in(THINGS, i) || is_in(NUMBERS, i) { 1 } else { return None };
    let second = usize::from(is_in(THINGS, i + first) || is_in(NUMBERS, i + first));
    let (used, role) = owner(i + first + second)?;
    (is_in(THINGS, i) || second == 1).then_some((first + second + used, role))
}

static OWNER_OF: LazyLock<HashMap<&'static str, Role>> = LazyLock::new(|| {
    let mut out = HashMap::new();
    for (role, owners) in OWNERS {
        for owner in owners.split('|') {
            out.entry(owner).or_insert(*role);
        }
    }
    out
});

/// The longest phrase at token `i`, from the table or put together.
fn phrase_at(tokens: &[String], i: usize) -> Option<(usize, Role)> {
    let listed = INDEX
        .get(tokens.get(i)?)
        .and_then(|phrases| {
            phrases.iter().find(|(p, _)| p.len() <= tokens.len() - i && p.iter().zip(&tokens[i..]).all(|(p, t)| p == t))
        })
        .map(|(p, role)| (p.len(), *role));
    let composed = composed_at(tokens, i);
    match (listed, composed) {
        (Some(l), Some(c)) => Some(if c.0 > l.0 { c } else { l }),
        (one, other) => one.or(other),
    }
}

fn texts(text: &str) -> Vec<String> {
    tokenize(text).into_iter().map(|t| t.text).collect()
}

type Index = HashMap<String, Vec<(Vec<String>, Role)>>;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index: Index = HashMap::new();
    for (role, phrases) in ROLES {
        for phrase in phrases.split('|') {
            let tokens: Vec<String> = tokenize(phrase).into_iter().map(|t| t.text).collect();
            if let Some(first) = tokens.first() {
                let known = index.entry(first.clone()).or_default();
                if known.iter().all(|(t, _)| *t != tokens) {
                    known.push((tokens, *role));
                }
            }
        }
    }
    for phrases in index.values_mut() {
        phrases.sort_by_key(|(tokens, _)| std::cmp::Reverse(tokens.len()));
    }
    index
});

/// The head of one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    pub text: String,
    /// Usually one; two where a column holds two things: "Qty / Unit". Empty for unknown words.
    pub roles: Vec<Role>,
    pub x0: f32,
    pub x1: f32,
}

impl Head {
    pub(crate) fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// What a label for the whole text would be: used where a price head names its base ("Price per 100").
    pub(crate) fn number_in_text(&self) -> Option<u32> {
        tokenize(&self.text)
            .iter()
            .find_map(|t| matches!(t.text.as_str(), "10" | "100" | "1000").then(|| t.text.parse().ok()).flatten())
    }
}

/// A header of one row, or of two where an item has two rows with columns of their own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// First and last line of the header.
    pub first: usize,
    pub last: usize,
    pub rows: Vec<Vec<Head>>,
}

impl Header {
    pub(crate) fn heads(&self) -> impl Iterator<Item = &Head> {
        self.rows.iter().flatten()
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.heads().any(|h| h.is(role))
    }

    /// How much of an item table it describes.
    pub(crate) fn weight(&self) -> usize {
        let wanted = [
            Role::Quantity,
            Role::Price,
            Role::Amount,
            Role::Description,
            Role::Unit,
            Role::Part,
            Role::Item,
            Role::LineNo,
            Role::SupplierPart,
        ];
        wanted.iter().filter(|r| self.has(**r)).count() + usize::from(self.has(Role::Quantity)) + usize::from(self.has(Role::Price))
    }

    /// Whether another header heads the same table again.
    pub(crate) fn is_like(&self, other: &Header) -> bool {
        let shape = |h: &Header| h.rows.iter().map(Vec::len).collect::<Vec<_>>();
        if shape(self) != shape(other) {
            return false;
        }
        let texts: Vec<&str> = other.heads().map(|h| h.text.as_str()).collect();
        let same = self.heads().filter(|h| texts.contains(&h.text.as_str())).count();
        same * 5 >= self.heads().count().max(texts.len()) * 3
    }
}

/// All item table headers of the document.
pub(crate) fn headers(sheet: &Sheet<'_>) -> Vec<Header> {
    let mut found: Vec<Header> = Vec::new();
    let mut i = 0;
    while i < sheet.lines.len() {
        match header_at(sheet, i) {
            Some(header) => {
                i = header.last + 1;
                found.push(header);
            }
            None => i += 1,
        }
    }
    found
}

/// Most lines that a header is looked for in.
const MAX_HEADER_LINES: usize = 4;

fn header_at(sheet: &Sheet<'_>, start: usize) -> Option<Header> {
    let single = heads_of_line(&sheet.lines[start]);
    if !line_may_head(&sheet.lines[start]) {
        return None;
    }
    let near = |a: usize, b: usize| {
        let (upper, lower) = (&sheet.lines[a], &sheet.lines[b]);
        upper.page == lower.page && lower.y0 - upper.y1 < 0.9 * upper.height()
    };
    if is_item_header(&single) {
        return Some(extend_down(sheet, start, single, near));
    }
    // The header may only be one when two or three rows are read together.
    let mut merged = single;
    if merged.iter().all(|h| h.roles.is_empty()) {
        return None;
    }
    for last in start + 1..(start + MAX_HEADER_LINES).min(sheet.lines.len()) {
        if !near(last - 1, last) || !line_may_head(&sheet.lines[last]) {
            return None;
        }
        let next = heads_of_line(&sheet.lines[last]);
        if is_item_header(&next) && merged.iter().filter(|h| !h.roles.is_empty()).count() * 2 < merged.len() {
            return None; // a header of its own follows; what stood above were other words
        }
        let (joined, clashes, _) = merge(&merged, &next);
        let names =
            merged.iter().filter(|h| h.is(Role::Description) || h.is(Role::Part) || h.is(Role::Item) || h.is(Role::LineNo)).count();
        let figures = next.iter().filter(|h| h.is(Role::Quantity) || h.is(Role::Price) || h.is(Role::Amount)).count();
        // Names above, figures below, and words that would clash in one head: an item has two rows.
        if clashes >= 1 && names >= 2 && figures >= 2 {
            return Some(Header { first: start, last, rows: vec![merged, next] });
        }
        merged = joined;
        if is_item_header(&merged) {
            let mut header = extend_down(sheet, last, merged, near);
            header.first = start;
            return Some(header);
        }
    }
    None
}

/// Adds following lines that continue the header: each piece of them completes a head or is a head's word itself.
fn extend_down(sheet: &Sheet<'_>, start: usize, heads: Vec<Head>, near: impl Fn(usize, usize) -> bool) -> Header {
    let mut header = Header { first: start, last: start, rows: vec![heads] };
    for next in start + 1..(start + MAX_HEADER_LINES).min(sheet.lines.len()) {
        if !near(next - 1, next)
            || !line_may_head(&sheet.lines[next])
            || sheet.lines[next].text().bytes().filter(u8::is_ascii_digit).count() > 3
        {
            break;
        }
        let lower = heads_of_line(&sheet.lines[next]);
        let Some(upper) = header.rows.last() else { break };
        let (merged, clashes, strangers) = merge(upper, &lower);
        let known = lower.iter().filter(|h| !h.roles.is_empty()).count();
        if strangers > 0 || (known == 0 && !lower.iter().all(|h| completes(&h.text))) {
            break;
        }
        if clashes >= 1
            && known >= 2
            && lower.iter().any(|h| h.is(Role::Quantity) || h.is(Role::Price) || h.is(Role::Amount))
            && header.rows.len() == 1
        {
            header.rows.push(lower);
        } else {
            let at = header.rows.len() - 1;
            header.rows[at] = merged;
        }
        header.last = next;
    }
    header
}

/// Words that only complete a head above them.
fn completes(text: &str) -> bool {
    let tokens = tokenize(text);
    tokens.is_empty()
        || text.trim_start().starts_with(['(', '['])
        || tokens.iter().all(|t| {
            crate::model::Currency::parse(&t.text).is_some()
                || matches!(
                    t.text.as_str(),
                    "no" | "number"
                        | "nr"
                        | "n"
                        | "ht"
                        | "price"
                        | "date"
                        | "excl"
                        | "vat"
                        | "btw"
                        | "mwst"
                        | "net"
                        | "netto"
                        | "ordered"
                        | "in"
                        | "of"
                        | "measure"
                        | "euro"
                        | "cost"
                        | "amount"
                        | "code"
                        | "unit"
                        | "total"
                        | "value"
                        | "hors"
                        | "taxes"
                        | "iva"
                        | "ex"
                        | "incl"
                        | "tax"
                        | "usd"
                        | "unitaire"
                        | "unitario"
                        | "rate"
                )
        })
}

/// A header line has words, few figures, and is no sentence.
fn line_may_head(line: &Line<'_>) -> bool {
    let text = line.text();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits <= 6 && text.len() < 260 && text.chars().any(char::is_alphabetic) && covered(&text)
}

/// At least half of the words are words of column heads: prose that mentions a price and a quantity is no header.
fn covered(text: &str) -> bool {
    let tokens = texts(text);
    let (mut known, mut i) = (0, 0);
    while i < tokens.len() {
        let count = phrase_at(&tokens, i).map_or(0, |(n, _)| n);
        known += count;
        i += count.max(1);
    }
    let free = tokens.iter().filter(|t| crate::model::Currency::parse(t).is_some()).count();
    (known + free) * 2 >= tokens.len()
}

/// Enough to be the header of an item table.
fn is_item_header(heads: &[Head]) -> bool {
    let has = |role: Role| heads.iter().any(|h| h.is(role));
    let known = heads.iter().filter(|h| !h.roles.is_empty()).count();
    let names = has(Role::Description)
        || has(Role::Part)
        || has(Role::Item)
        || has(Role::SupplierPart)
        || has(Role::BuyerPart)
        || has(Role::Gtin);
    let figures =
        usize::from(has(Role::Quantity)) + usize::from(has(Role::Price)) + usize::from(has(Role::Amount) || has(Role::GrossAmount));
    let enough = (has(Role::Quantity) && (names || figures >= 2 || has(Role::Unit))) || (names && figures >= 2);
    enough && heads.len() >= 2 && known * 2 >= heads.len()
}

/// The heads in one line, by phrase; unknown words join the head before them in the same segment.
fn heads_of_line(line: &Line<'_>) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    for segment in &line.segments {
        heads.extend(heads_of_segment(segment));
    }
    heads
}

fn heads_of_segment(segment: &Segment<'_>) -> Vec<Head> {
    let tokens = &segment.tokens;
    let whole = roles_of(&segment.text);
    if tokens.is_empty() {
        return vec![Head { text: segment.text.clone(), roles: Vec::new(), x0: segment.x0, x1: segment.x1 }];
    }
    if whole.len() == 1 && phrase_len(segment, 0) == tokens.len() {
        return vec![Head { text: segment.text.clone(), roles: whole, x0: segment.x0, x1: segment.x1 }];
    }
    let mut heads: Vec<Head> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let count = phrase_len(segment, i);
        let end = tokens[i + count.max(1) - 1].end;
        let joined = joins(&segment.text, tokens[i].start);
        let piece = segment.text.get(tokens[i].start..end).unwrap_or("").to_owned();
        let (x0, x1) = (segment.x_at(tokens[i].start), segment.x_at(end.saturating_sub(1)));
        let roles = if count > 0 { roles_of(&piece) } else { Vec::new() };
        match heads.last_mut() {
            // "(EUR)", "/ Unit", or an unknown word: part of the head before.
            Some(last) if joined || count == 0 => {
                last.text = format!("{} {piece}", last.text);
                last.x1 = segment_right(segment, end);
                for role in roles {
                    if !last.roles.contains(&role) {
                        last.roles.push(role);
                    }
                }
            }
            _ => heads.push(Head { text: piece, roles, x0, x1: segment_right(segment, end).max(x1) }),
        }
        i += count.max(1);
    }
    heads
}

fn segment_right(segment: &Segment<'_>, end: usize) -> f32 {
    segment.words_in(end.saturating_sub(1), end).last().map_or(segment.x1, |w| w.bbox[2])
}

/// Whether the piece at `start` is tied to the one before by a slash, a bracket or an "and".
fn joins(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end();
    before.ends_with(['/', '(', '&', '+', '-', '[', '\\']) && !before.is_empty()
}

/// Length of the longest phrase at token `i`, in tokens.
fn phrase_len(segment: &Segment<'_>, i: usize) -> usize {
    let tokens: Vec<String> = segment.tokens[i..].iter().take(6).map(|t| t.text.clone()).collect();
    phrase_at(&tokens, 0).map_or(0, |(n, _)| n)
}

/// The roles that a head's whole text stands for: one for a known phrase, several for phrases tied together.
pub(crate) fn roles_of(text: &str) -> Vec<Role> {
    let tokens = texts(text);
    let mut roles: Vec<Role> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match phrase_at(&tokens, i) {
            Some((count, role)) => {
                if !roles.contains(&role) {
                    roles.push(role);
                }
                i += count;
            }
            None => i += 1,
        }
    }
    settle(roles)
}

/// The role of a text that is one known phrase and nothing more.
pub(crate) fn exact_role(text: &str) -> Option<Role> {
    let tokens = texts(text);
    phrase_at(&tokens, 0).filter(|(count, _)| *count == tokens.len()).map(|(_, role)| role)
}

/// A head of several phrases: the telling one wins over the filling one ("Unit price (per item)").
fn settle(mut roles: Vec<Role>) -> Vec<Role> {
    if roles.len() > 1 {
        let has = |r: Role, roles: &[Role]| roles.contains(&r);
        if has(Role::GrossAmount, &roles) || has(Role::TaxAmount, &roles) {
            roles.retain(|r| !matches!(r, Role::TaxRate | Role::Amount | Role::Price));
        }
        if has(Role::Price, &roles) || has(Role::Amount, &roles) {
            roles.retain(|r| {
                !matches!(r, Role::Unit | Role::TaxRate | Role::Item | Role::Basis | Role::Quantity) || (*r == Role::Basis)
            });
        }
        if has(Role::Price, &roles) && has(Role::Amount, &roles) {
            roles.retain(|r| *r != Role::Price);
        }
        if has(Role::Part, &roles)
            || has(Role::SupplierPart, &roles)
            || has(Role::BuyerPart, &roles)
            || has(Role::Description, &roles)
        {
            roles.retain(|r| !matches!(r, Role::Item | Role::LineNo | Role::Ignored));
        }
        if has(Role::Date, &roles) {
            roles.retain(|r| matches!(r, Role::Date | Role::Quantity));
        }
    }
    roles
}

/// Joins a lower header row to an upper one by place. Also counts heads whose two rows name different things, and lower
/// words that belong to no head.
fn merge(upper: &[Head], lower: &[Head]) -> (Vec<Head>, usize, usize) {
    let mut merged: Vec<Head> = upper.to_vec();
    let (mut clashes, mut strangers) = (0, 0);
    for low in lower {
        let overlap = |h: &Head| (h.x1.min(low.x1) - h.x0.max(low.x0)) / (h.x1 - h.x0).min(low.x1 - low.x0).max(1.0);
        let best = merged.iter().enumerate().map(|(i, h)| (i, overlap(h))).max_by(|a, b| a.1.total_cmp(&b.1));
        match best {
            Some((i, share)) if share > 0.2 => {
                let text = format!("{} {}", merged[i].text, low.text);
                let (joined, high) = (roles_of(&text), roles_of(&merged[i].text));
                let is_phrase = joined.len() == 1 && !joined.is_empty();
                if !is_phrase && !high.is_empty() && !low.roles.is_empty() && high != low.roles {
                    clashes += 1;
                }
                let roles = if is_phrase || high.is_empty() { joined } else { high };
                merged[i] = Head { text, roles, x0: merged[i].x0.min(low.x0), x1: merged[i].x1.max(low.x1) };
            }
            _ if !low.roles.is_empty() => merged.push(low.clone()),
            _ => strangers += 1,
        }
    }
    merged.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    (merged, clashes, strangers)
}

/// Where the columns of one header row are divided, from the rows below: one boundary between each two heads.
pub(crate) fn boundaries(heads: &[Head], body: &[&Line<'_>], rulings: &[f32]) -> Vec<f32> {
    heads.windows(2).map(|pair| boundary(&pair[0], &pair[1], body, rulings)).collect()
}

/// The emptiest place between two heads: the one that fewest cells cross; of equals the one nearest to the gap of the heads.
fn boundary(left: &Head, right: &Head, body: &[&Line<'_>], rulings: &[f32]) -> f32 {
    let middle = (left.x1 + right.x0) / 2.0;
    if let Some(x) = rulings
        .iter()
        .filter(|x| **x > left.x0 && **x < right.x1 && **x >= left.x1 - 3.0 && **x <= right.x0 + 3.0)
        .min_by(|a, b| (*a - middle).abs().total_cmp(&(*b - middle).abs()))
    {
        return *x;
    }
    let (own_end, next_start) = edges(left, right, body);
    let (from, to) = if own_end <= next_start { (own_end, next_start) } else { (left.x0 + 1.0, right.x1 - 1.0) };
    if to - from < 3.0 {
        return (from + to) / 2.0;
    }
    let steps = ((to - from) / 1.5).clamp(2.0, 400.0) as usize;
    let mut crossings = vec![0u32; steps + 1];
    let x_of = |k: usize| from + (to - from) * k as f32 / steps as f32;
    let mut count = |x0: f32, x1: f32, weight: u32| {
        let first = (((x0 - from) / (to - from) * steps as f32).ceil().max(0.0)) as usize;
        let last = (x1 - from) / (to - from) * steps as f32;
        if last >= 0.0 {
            for slot in crossings.iter_mut().take((last.floor() as usize).min(steps) + 1).skip(first) {
                *slot += weight;
            }
        }
    };
    for segment in body.iter().flat_map(|l| &l.segments).filter(|s| s.x1 > from && s.x0 < to) {
        count(segment.x0, segment.x1, 1);
        for word in &segment.words {
            count(word.bbox[0], word.bbox[2], 2);
        }
    }
    let fewest = crossings.iter().min().copied().unwrap_or(0);
    // Of the emptiest stretches, the one nearest to the middle; in it, the point nearest to the middle but not at its very edge.
    let mut best: Option<(f32, f32)> = None;
    let mut k = 0;
    while k <= steps {
        if crossings[k] != fewest {
            k += 1;
            continue;
        }
        let begin = k;
        while k < steps && crossings[k + 1] == fewest {
            k += 1;
        }
        let (a, b) = (x_of(begin), x_of(k));
        let point = if b - a > 4.0 { middle.clamp(a + 1.5, b - 1.5) } else { (a + b) / 2.0 };
        let distance = (point - middle).abs();
        if best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, point));
        }
        k += 1;
    }
    best.map_or(middle, |(_, x)| x)
}

/// Where the words under the left head end, and where those under the right one begin. Under a head of figures only figures count:
/// a long text may run under it.
fn edges(left: &Head, right: &Head, body: &[&Line<'_>]) -> (f32, f32) {
    let (mut end, mut start) = (left.x0 + 1.0, right.x1 - 1.0);
    let under = |h: &Head, x0: f32, x1: f32| x0 < h.x1 && x1 > h.x0;
    for word in body.iter().flat_map(|l| &l.segments).flat_map(|s| &s.words) {
        let (x0, x1) = (word.bbox[0], word.bbox[2]);
        let is_figure = word.text.bytes().any(|b| b.is_ascii_digit());
        let counts = |h: &Head| is_figure || !holds_figures(h);
        match (under(left, x0, x1), under(right, x0, x1)) {
            (true, false) if counts(left) => end = end.max(x1),
            (false, true) if counts(right) => start = start.min(x0),
            _ => {}
        }
    }
    (end, start)
}

/// Columns whose cells are figures.
pub(crate) fn holds_figures(head: &Head) -> bool {
    let is_figure = |r: &Role| {
        matches!(
            r,
            Role::Quantity
                | Role::Price
                | Role::Basis
                | Role::Discount
                | Role::Amount
                | Role::GrossAmount
                | Role::TaxRate
                | Role::TaxAmount
                | Role::Date
        )
    };
    !head.roles.is_empty() && head.roles.iter().all(is_figure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_in_six_languages() {
        for (text, role) in [
            ("Unit Price", Role::Price),
            ("Unit Price (USD)", Role::Price),
            ("Qty Ordered", Role::Quantity),
            ("Einzelpreis", Role::Price),
            ("Gesamtpreis EUR", Role::Amount),
            ("Ihre Art.-Nr.", Role::SupplierPart),
            ("Vendor Part #", Role::SupplierPart),
            ("Our part no.", Role::BuyerPart),
            ("P.U. HT", Role::Price),
            ("Q.tà", Role::Quantity),
            ("Cantidad", Role::Quantity),
            ("Omschrijving", Role::Description),
            ("Total incl. VAT", Role::GrossAmount),
            ("Montant HT", Role::Amount),
            ("Delivery Date", Role::Date),
            ("Price per unit", Role::Price),
            ("Net value", Role::Amount),
            ("Mfr. P/N", Role::ManufacturerPart),
        ] {
            assert_eq!(roles_of(text).first(), Some(&role), "{text}");
        }
        assert_eq!(roles_of("Qty / UOM"), vec![Role::Quantity, Role::Unit]);
    }
}
