//! The words that head the columns of item tables, in six languages, and the parts that composed heads are made of.

use super::columns::Role;

/// Role and phrases; the longest phrase at a place wins.
pub(super) const ROLES: &[(Role, &str)] = &[
    (
        Role::OrderNo,
        "po number|po no|po #|po|po id|order number|order no|order id|purchase order|purchase order number|purchase order no|customer po|po nr|order nr|n de commande|numero de commande|n de pedido|numero de pedido|numero ordine|n ordine|ordernummer|inkoopordernummer",
    ),
    (
        Role::OrderDate,
        "po date|order date|purchase order date|date ordered|bestelldatum|auftragsdatum|date de commande|date commande|fecha de pedido|fecha pedido|data ordine|data dell ordine|orderdatum|besteldatum",
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
        "qty|q ty|quantity|quantity ordered|qty ordered|order qty|order quantity|ordered qty|ordered|ordered quantity|qnty|quant|qty order|quantities|qty req|qty required|quantity required|pieces|pcs|units|qtty|po qty|po quantity|qty ord|req qty|required qty|purchase qty|total qty|units ordered|requested qty|no of units|qty requested|qte|amount ordered|total quantity|quantity unit|qty pcs|pcs ordered|billed qty|ord qty|quan|number of units",
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
pub(super) const OWNERS: &[(Role, &str)] = &[
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
/// Owners that may stand behind the thing, as in `code article fournisseur`; the others only stand before it.
pub(super) const OWNERS_BEHIND: &str = "fournisseur|frs|fourn|client|proveedor|prov|cliente|fornitore|forn|leverancier|klant|lieferant|fabricant|fabricante|produttore|costruttore|fabrikant|hersteller|interne|interna|interno|intern";
pub(super) const THINGS: &str = "part|item|article|product|material|stock|mat|prod|art|artikel|sach|teile|reference|ref|referenz|code|sku|articulo|referencia|articolo|codice|cod|produit|produkt|bestel|catalog|catalogue|codigo|artikelcode|artikelnummer|artikelnr|teilenummer|materialnummer|bestellnummer|riferimento|rif|model|style|p";
pub(super) const NUMBERS: &str = "no|number|nr|num|code|#|id|n|nummer|ref|reference|nbr|codigo|codice|numero|sku";
