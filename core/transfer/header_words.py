"""Header names of lists in languages that Tendero doesn't speak itself: field -> language -> names that mean it.

Compared folded, like those of core.transfer.headers. A word with two meanings ("Titel": of a doctor or of a post) is no guess and not here.
"""

COMMON = {
    "website": {"de": "webseite|internet|internetseite|internetadresse|web adresse", "fr": "site web|site internet|adresse web", "it": "sito|sito web|sito internet", "pt": "página da web|página web", "nl": "webadres|internetadres", "pl": "strona internetowa|strona www|www"},
    "phone": {
        "de": "telefon|tel nr|telefonnummer|telefon geschäftlich|telefon dienstlich|telefon büro|rufnummer|festnetz|festnetznummer", "fr": "téléphone|tél|numéro de téléphone|téléphone fixe|téléphone professionnel|téléphone bureau", "it": "numero di telefono|telefono fisso|telefono ufficio",
        "pt": "telefone|telefone fixo|número de telefone|telefone comercial", "nl": "telefoon|telefoonnummer|vast nummer|telefoon werk", "pl": "telefon|numer telefonu|nr telefonu|telefon stacjonarny|telefon służbowy",
    },
    "mail": {
        "de": "mailadresse|e mail adresse|email adresse|e mail geschäftlich", "fr": "courriel|adresse e mail|adresse mail|adresse électronique|adresse de courriel", "it": "posta elettronica|indirizzo e mail|indirizzo email",
        "pt": "correio eletrónico|correio eletrônico|endereço de e mail|endereço de email", "nl": "e mailadres|mailadres", "pl": "adres e mail|adres email|poczta elektroniczna",
    },
    "notes": {"de": "notiz|notizen|bemerkung|bemerkungen|anmerkung|anmerkungen|kommentar|kommentare", "fr": "remarque|remarques|commentaire|commentaires", "it": "osservazioni|commenti|annotazioni", "pt": "observações|observação|comentários|anotações", "nl": "notitie|notities|opmerking|opmerkingen", "pl": "uwagi|notatka|notatki|komentarz"},
    "tags": {"de": "schlagwort|schlagwörter|schlagworte|stichwort|stichwörter|stichworte|kategorie|kategorien", "fr": "étiquettes|mots clés|catégorie|catégories", "it": "etichette|categoria|categorie", "pt": "categoria|categorias|marcadores", "nl": "labels|categorie|categorieën|trefwoorden", "pl": "etykiety|kategoria|kategorie|tagi"},
    "source": {"de": "quelle", "fr": "source", "it": "fonte|provenienza", "pt": "origem|fonte", "nl": "bron", "pl": "źródło"},
    "owner_id": {"de": "zuständig|zuständiger|verantwortlich|verantwortlicher|betreuer|kundenbetreuer", "fr": "responsable|commercial", "it": "responsabile|commerciale", "pt": "responsável|vendedor", "nl": "verantwoordelijke|accountmanager", "pl": "opiekun|właściciel|handlowiec"},
    "external_id": {
        "de": "kundennummer|kundennr|kunden nr|lieferantennummer|debitorennummer|debitor nr", "fr": "numéro de client|numéro client|code client|identifiant", "it": "codice cliente|numero cliente",
        "pt": "código do cliente|número do cliente", "nl": "klantnummer|debiteurnummer|relatienummer", "pl": "numer klienta|nr klienta|kod klienta|identyfikator",
    },
}
FURTHER = {
    "mail_2": {"de": "e mail 2|e mail privat|zweite e mail", "fr": "e mail 2|courriel 2|e mail personnel", "it": "e mail 2", "pt": "e mail 2|e mail pessoal", "nl": "e mail 2|e mail privé", "pl": "e mail 2|e mail prywatny"},
    "phone_2": {"de": "telefon 2|telefon privat|telefon private", "fr": "téléphone 2|téléphone domicile|téléphone personnel", "it": "telefono 2|telefono casa", "pt": "telefone 2|telefone residencial", "nl": "telefoon 2|telefoon thuis|telefoon privé", "pl": "telefon 2|telefon domowy|telefon prywatny"},
    "phone_3": {"de": "telefon 3", "fr": "téléphone 3", "it": "telefono 3", "pt": "telefone 3", "nl": "telefoon 3"},
}
PLACE = {
    "street": {
        "de": "straße|strasse|str|straße hausnummer|straße und hausnummer|straße nr|adresse|anschrift|straße geschäftlich|straße privat", "fr": "rue|adresse|adresse postale", "it": "indirizzo|via e numero|via e numero civico",
        "pt": "rua|morada|endereço|logradouro", "nl": "straat|straatnaam|adres|straat en huisnummer", "pl": "ulica|adres|ulica i numer",
    },
    "postcode": {"de": "plz|postleitzahl", "fr": "code postal", "it": "cap|codice postale|codice di avviamento postale", "pt": "cep", "pl": "kod pocztowy"},
    "city": {"de": "ort|stadt|wohnort|ortschaft", "fr": "ville|localité|commune", "it": "città|località|comune", "pt": "cidade|município", "nl": "plaats|plaatsnaam|woonplaats|stad", "pl": "miasto|miejscowość"},
    "region": {"de": "bundesland|kanton", "fr": "région|département|canton", "it": "regione", "pt": "distrito|uf", "nl": "provincie", "pl": "województwo"},
    "country": {"de": "land|staat", "fr": "pays", "it": "paese|nazione", "pt": "país", "nl": "land", "pl": "kraj|państwo"},
}
COMPANY_NAMES = {
    "de": "firma|firmenname|unternehmen|unternehmensname|organisation", "fr": "société|entreprise|nom de la société|nom de l'entreprise|raison sociale", "it": "azienda|società|ditta|ragione sociale|nome azienda",
    "pt": "empresa|companhia|nome da empresa|razão social", "nl": "bedrijf|bedrijfsnaam|organisatie|firma|firmanaam", "pl": "firma|nazwa firmy|przedsiębiorstwo|organizacja",
}
NUMBERS_OF_VAT = {
    "de": "ust idnr|ust id nr|umsatzsteuer identifikationsnummer|umsatzsteuernummer|uid nummer", "fr": "numéro de tva|n tva|tva intracommunautaire|numéro tva", "it": "p iva|partita iva",
    "pt": "número de contribuinte|contribuinte", "nl": "btw nummer|btw nr|btw id", "pl": "nip|numer vat",
}
WORDS = {
    "accounts": {
        **COMMON, **FURTHER, **PLACE,
        "name": {key: f"{names}|{more}" for (key, names), more in zip(COMPANY_NAMES.items(), ("kunde|kundenname|lieferant", "nom|nom du client", "nome|fornitore", "nome|fornecedor", "naam|klant|klantnaam|leverancier", "nazwa|klient|nazwa klienta|dostawca"), strict=True)},
        "industry": {"de": "branche|wirtschaftszweig", "fr": "secteur|secteur d'activité|branche", "it": "settore", "pt": "setor|ramo de atividade", "nl": "branche|sector", "pl": "branża"},
        "employees": {"de": "mitarbeiterzahl|anzahl mitarbeiter|beschäftigte", "fr": "effectif|effectifs|nombre d'employés|salariés", "it": "dipendenti|numero di dipendenti|numero dipendenti", "pt": "funcionários|número de funcionários", "nl": "aantal medewerkers|aantal werknemers", "pl": "liczba pracowników"},
        "annual_revenue": {"de": "umsatz|jahresumsatz", "fr": "chiffre d'affaires|chiffre d'affaires annuel", "it": "fatturato|fatturato annuo", "pt": "faturamento|faturação|volume de negócios", "nl": "omzet|jaaromzet", "pl": "obrót|roczny obrót|przychód|przychody"},
        "currency": {"de": "währung", "fr": "devise|monnaie", "it": "valuta", "pt": "moeda", "nl": "valuta|munt", "pl": "waluta"},
        "founded_year": {"de": "gründungsjahr|gegründet|gründung", "fr": "année de création|année de fondation", "it": "anno di fondazione", "pt": "ano de fundação", "nl": "oprichtingsjaar|opgericht", "pl": "rok założenia"},
        "vat_id": NUMBERS_OF_VAT,
        "parent": {"de": "muttergesellschaft|konzern", "fr": "société mère|maison mère", "it": "società madre|capogruppo", "pt": "empresa mãe|matriz", "nl": "moederbedrijf", "pl": "spółka matka"},
    },
    "contacts": {
        **{field: names for field, names in COMMON.items() if field != "website"}, **FURTHER, **PLACE,
        "name": {"de": "vollständiger name|vor und nachname|ansprechpartner|ansprechpartnerin|kontaktperson", "fr": "nom|nom complet|nom et prénom|prénom et nom|interlocuteur", "it": "nome e cognome|nome completo|nominativo|referente", "pt": "nome completo", "nl": "naam|volledige naam|contactpersoon", "pl": "imię i nazwisko|osoba kontaktowa"},
        "first_name": {"de": "vorname|rufname", "fr": "prénom", "it": "nome", "pt": "nome|primeiro nome", "nl": "voornaam", "pl": "imię"},
        "last_name": {"de": "nachname|familienname|zuname", "fr": "nom de famille", "it": "cognome", "pt": "sobrenome|último nome", "nl": "achternaam|familienaam", "pl": "nazwisko"},
        "job_title": {"de": "funktion|beruf|berufsbezeichnung|stelle", "fr": "fonction|profession|intitulé de poste", "it": "ruolo|mansione|qualifica|professione", "pt": "função|profissão", "nl": "functie|functietitel|beroep", "pl": "stanowisko|zawód"},
        "mobile": {
            "de": "mobil|handy|mobiltelefon|mobilnummer|mobilfunk|handynummer|telefon mobil|mobil geschäftlich", "fr": "portable|téléphone portable|téléphone mobile|mobile", "it": "cellulare|telefono cellulare|numero di cellulare",
            "pt": "telemóvel|celular", "nl": "mobiel|mobiele telefoon|mobiel nummer|gsm", "pl": "komórka|telefon komórkowy|kom|tel kom",
        },
        "how_to_address": {"de": "anrede|briefanrede", "fr": "civilité", "nl": "aanhef", "pl": "zwrot grzecznościowy"},
        "language": {"de": "sprache|korrespondenzsprache", "fr": "langue", "it": "lingua", "pt": "língua", "nl": "taal", "pl": "język"},
        "timezone": {"de": "zeitzone", "fr": "fuseau horaire", "it": "fuso orario", "pt": "fuso horário", "nl": "tijdzone", "pl": "strefa czasowa"},
        "birthday": {"de": "geburtstag|geburtsdatum|geboren am", "fr": "date de naissance|anniversaire", "it": "data di nascita|compleanno", "pt": "data de nascimento|aniversário", "nl": "geboortedatum|verjaardag", "pl": "data urodzenia|urodziny"},
        "account": COMPANY_NAMES,
        "account_website": COMMON["website"],
        "account_vat_id": NUMBERS_OF_VAT,
        "account_phone": {"de": "telefon firma|telefon zentrale|firmentelefon", "fr": "téléphone société|standard"},
        "account_industry": {"de": "branche", "fr": "secteur d'activité", "it": "settore", "pt": "setor", "nl": "branche", "pl": "branża"},
    },
}
# Lists of these languages say the family name where others say the whole: beside these names of first names.
FAMILY_FIRST = {"name": "vorname|rufname", "nom": "prénom", "naam": "voornaam"}


def names_of(kind: str, field: str) -> list[str]:
    """What a field is called in all of them."""
    return [name for said in WORDS.get(kind, {}).get(field, {}).values() for name in said.split("|")]
