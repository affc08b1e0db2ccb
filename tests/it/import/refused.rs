//! Files that are refused, with every error as a person sees it.

/// One file each, imported over the good folder: its text, and every error as a person sees it.
pub const FILES: [(&str, &str, &[&str]); 22] = [
    (
        "products.csv",
        "sku,name,uom,prize\nA,Nut,EA,1\n",
        &[
            "products.csv, line 1, column `prize`: is no column of products, did you mean `price`?; columns are sku, name, uom, gtin, \
           manufacturer_part, pack_size, weight_kg, length_cm, width_cm, height_cm, price, currency, min_order_qty, order_multiple, \
           lead_time_days, status, superseded_by",
        ],
    ),
    (
        "uoms.csv",
        "sku,sku,uom,numerator,\nBOLT-8,BOLT-8,box,1,2\n",
        &["uoms.csv, line 2: has 5 cells, the header has 4: is a quote or a separator missing?"],
    ),
    (
        "uoms.csv",
        "sku,sku,uom,numerator\nBOLT-8,BOLT-8,box,1\n",
        &[
            "uoms.csv, line 1, column `sku`: is there twice",
            "uoms.csv, line 1, column `denominator`: is missing; every row needs it",
        ],
    ),
    // Every bad cell, not only the first.
    (
        "products.csv",
        "sku,name,uom,price,currency,gtin,weight_kg,status,lead_time_days\nA,Nut,flurb,\"1,50\",EURO,123,-1,gone,soon\n\nB,,EA,1,,,,,\n",
        &[
            "products.csv, line 2, column `uom`: `flurb` is not a known unit: use a UN/ECE code such as C62, KGM or XBX",
            "products.csv, line 2, column `gtin`: `123` is not a GTIN: 8, 12, 13 or 14 digits, leading zeros included",
            "products.csv, line 2, column `weight_kg`: `-1` is negative",
            "products.csv, line 2, column `price`: `1,50` is not a decimal number: use a point, and no grouping",
            "products.csv, line 2, column `currency`: `EURO` is not an ISO 4217 currency code such as EUR",
            "products.csv, line 2, column `lead_time_days`: `soon` is not a whole number from 0 to 3650",
            "products.csv, line 2, column `status`: `gone` is none of active, discontinued, blocked",
            "products.csv, line 4, column `name`: is empty; every row needs it",
        ],
    ),
    (
        "products.csv",
        "sku,name,uom,price\nA,Nut,EA,1.5\n",
        &["products.csv, line 2, column `currency`: is empty, but there is a price: a price needs a currency"],
    ),
    (
        "products.csv",
        "sku,name,uom,superseded_by\nA,Nut,EA,B\nB,Nut,EA,C\nC,Nut,EA,C\n",
        &["products.csv, line 4, column `superseded_by`: an article cannot supersede itself"],
    ),
    (
        "products.csv",
        "sku,name,uom,superseded_by\nA,Nut,EA,GONE\n",
        &["products.csv, line 2, column `superseded_by`: `GONE` is not in products"],
    ),
    ("products.csv", "sku,name,uom\nA,Nut,EA\nB,Nut,EA\nA,Bolt,EA\n", &["products.csv, line 4: names the same row as line 2"]),
    (
        "uoms.csv",
        "sku,uom,numerator,denominator\nBOLT-8,box,0,1\nGONE,box,12,1\n",
        &["uoms.csv, line 2, column `numerator`: `0` must be above zero"],
    ),
    (
        "uoms.csv",
        "sku,uom,numerator,denominator\nBOLT-8,pcs,12,1\nGONE,box,12,1\n",
        &[
            "uoms.csv, line 2, column `uom`: C62 is the article's own unit, so one of it is one of it",
            "uoms.csv, line 3, column `sku`: `GONE` is not in products",
        ],
    ),
    (
        "uoms.csv",
        "sku,uom,numerator,denominator\nBOLT-8,EA,1,1\nBOLT-8,Stk,1,1\n",
        &["uoms.csv, line 3: names the same row as line 2"],
    ),
    (
        "customers.csv",
        "account,name,emails,email_domains,allow_partial,language,country,gln\nX,X,\"a@x.example,b@y.example\",acme,yes,deu,Germany,12\n",
        &[
            "customers.csv, line 2, column `email_domains`: `acme` is not a mail domain; several are separated by `;`",
            "customers.csv, line 2, column `emails`: `a@x.example,b@y.example` is not a mail address; several are separated by `;`",
            "customers.csv, line 2, column `gln`: `12` is not a GLN of 13 digits",
            "customers.csv, line 2, column `language`: `deu` is not an ISO 639 language code of two letters such as de",
            "customers.csv, line 2, column `country`: `Germany` is not an ISO 3166 country code of two letters such as DE",
            "customers.csv, line 2, column `allow_partial`: `yes` is neither true nor false",
        ],
    ),
    (
        "addresses.csv",
        "account,code,name,street,city,postal_code,country\nGONE,MAIN,A,B,C,1,DE\n",
        &["addresses.csv, line 2, column `account`: `GONE` is not in customers"],
    ),
    (
        "part_refs.csv",
        "account,customer_part,sku\nGONE,K1,GONE\nACME,K1,BOLT-8\n",
        &[
            "part_refs.csv, line 2, column `account`: `GONE` is not in customers",
            "part_refs.csv, line 2, column `sku`: `GONE` is not in products",
        ],
    ),
    (
        "prices.csv",
        "price_list,sku,price,currency,valid_from,valid_to,per\nA,BOLT-8,1,EUR,2026-12-31,2026-01-01,\nA,BOLT-8,1,EUR,31.12.2026,,0\n",
        &[
            "prices.csv, line 2, column `valid_to`: 2026-01-01 is before valid_from, 2026-12-31",
            "prices.csv, line 3, column `per`: `0` must be above zero",
            "prices.csv, line 3, column `valid_from`: `31.12.2026` is not a date as YYYY-MM-DD",
        ],
    ),
    // The same row, although written in another way.
    (
        "prices.csv",
        "price_list,sku,price,currency,min_qty\nA,BOLT-8,1,EUR,10\nA,BOLT-8,2,eur,10.0\n",
        &["prices.csv, line 3: names the same row as line 2"],
    ),
    (
        "nodes.csv",
        "node,name,kind,country,postal_code,latitude,timezone,cutoff\nX,X,shed,DE,1,91,Mars/Olympus,25:00\n",
        &[
            "nodes.csv, line 2, column `kind`: `shed` is none of warehouse, store, supplier",
            "nodes.csv, line 2, column `latitude`: `91` is not between -90 and 90",
            "nodes.csv, line 2, column `timezone`: `Mars/Olympus` is not an IANA time zone such as Europe/Berlin",
            "nodes.csv, line 2, column `cutoff`: `25:00` is not a time as HH:MM",
        ],
    ),
    (
        "stock.csv",
        "node,sku,on_hand\nGONE,BOLT-8,1\nHAM,GONE,1\nHAM,BOLT-8,5000000000\n",
        &["stock.csv, line 4, column `on_hand`: `5000000000` is more than 1000000000"],
    ),
    (
        "stock.csv",
        "node,sku,on_hand\nGONE,BOLT-8,1\nHAM,GONE,1\n",
        &["stock.csv, line 2, column `node`: `GONE` is not in nodes", "stock.csv, line 3, column `sku`: `GONE` is not in products"],
    ),
    (
        "inbound.csv",
        "node,sku,quantity,due,reliability\nHAM,BOLT-8,1,2026-12-01,1.5\n",
        &["inbound.csv, line 2, column `reliability`: `1.5` is not between 0 and 1"],
    ),
    (
        "rates.csv",
        "carrier,service,node,country,postal_prefix,max_weight_kg,price,currency,transit_days,dim_divisor\nDHL,g,GONE,DE,,31.5,1,EUR,2,0\n",
        &["rates.csv, line 2, column `dim_divisor`: must be above zero"],
    ),
    (
        "rates.csv",
        "carrier,service,node,country,postal_prefix,max_weight_kg,price,currency,transit_days\nDHL,g,GONE,DE,,31.5,1,EUR,2\n",
        &["rates.csv, line 2, column `node`: `GONE` is not in nodes"],
    ),
];
