"""What people type to find somebody, as they do: sixty questions with the one record that each is about; for the bench and the tests."""

# name -> (mail, phone); the questions below are about these, among whatever others there are.
PEOPLE = {
    "Zoltán Kövesdy": ("zoltan.kovesdy@donau-druck.example", "+36 20 555 7143"), "Ingeborg Blåsjö": ("ingeborg@blasjo.example", "+46 70 123 98 76"),
    "Përparim Gjokaj": ("p.gjokaj@shkodra.example", "+355 69 20 31 415"), "Аристарх Верещагин": ("arist@vereshchagin.example", "+7 916 555-01-77"),
    "欧阳明远": ("mingyuan@ouyang.example", "+86 138 0013 8765"), "남궁혜린": ("hyerin@namgung.example", "+82 10-9876-1234"), "Chrysanthe Papaioannou": ("chrys@papaioannou.example", "+30 697 123 4567"),
    "Fitzgerald O'Shaughnessy": ("fitz@oshaughnessy.example", "+353 86 123 7788"), "Guðrún Þorsteinsdóttir": ("gudrun@thorsteins.example", "+354 661 2299"), "Wolfgang Großschädl": ("wg@grossschaedl.example", "(0316) 90 80 70"),
    "Noëlle Lefèbvre-Çelik": ("noelle@lefebvre.example", "+33 6 12 34 98 01"), "Kristýna Řeháková": ("kristyna@rehakova.example", "+420 777 654 321"),
}
ASKED = [  # (what is typed, whom it is about, what it shows)
    *(("phone fragment", typed, name) for typed, name in (
        ("5557143", "Zoltán Kövesdy"), ("20 555 71", "Zoltán Kövesdy"), ("1239876", "Ingeborg Blåsjö"), ("070-123 98", "Ingeborg Blåsjö"), ("2031415", "Përparim Gjokaj"), ("916 555", "Аристарх Верещагин"), ("+7(916)555-01-77", "Аристарх Верещагин"),
        ("00138765", "欧阳明远"), ("9876-1234", "남궁혜린"), ("0316908070", "Wolfgang Großschädl"))),
    *(("accents left out", typed, name) for typed, name in (
        ("zoltan kovesdy", "Zoltán Kövesdy"), ("kovesdy", "Zoltán Kövesdy"), ("blasjo", "Ingeborg Blåsjö"), ("perparim", "Përparim Gjokaj"), ("gudrun", "Guðrún Þorsteinsdóttir"), ("grossschadl", "Wolfgang Großschädl"), ("GROSSSCHÄDL", "Wolfgang Großschädl"),
        ("noelle lefebvre", "Noëlle Lefèbvre-Çelik"), ("celik", "Noëlle Lefèbvre-Çelik"), ("kristyna rehakova", "Kristýna Řeháková"), ("oshaughnessy", "Fitzgerald O'Shaughnessy"), ("o’shaughnessy", "Fitzgerald O'Shaughnessy"))),
    *(("typo", typed, name) for typed, name in (
        ("zoltan kövesdi", "Zoltán Kövesdy"), ("ingebrog", "Ingeborg Blåsjö"), ("papaiannou", "Chrysanthe Papaioannou"), ("papaioanou", "Chrysanthe Papaioannou"), ("crysanthe", "Chrysanthe Papaioannou"), ("fitzgerlad", "Fitzgerald O'Shaughnessy"),
        ("shaughnesy", "Fitzgerald O'Shaughnessy"), ("lefebre", "Noëlle Lefèbvre-Çelik"), ("верищагин", "Аристарх Верещагин"), ("аристрах", "Аристарх Верещагин"), ("wolgang großschädl", "Wolfgang Großschädl"), ("thorsteinsdottir", "Guðrún Þorsteinsdóttir"))),
    *(("Chinese and Korean", typed, name) for typed, name in (
        ("欧阳", "欧阳明远"), ("明远", "欧阳明远"), ("欧阳明远", "欧阳明远"), ("阳明", "欧阳明远"), ("远", "欧阳明远"), ("남궁", "남궁혜린"), ("혜린", "남궁혜린"), ("남궁혜린", "남궁혜린"))),
    *(("Cyrillic", typed, name) for typed, name in (
        ("верещагин", "Аристарх Верещагин"), ("ВЕРЕЩАГИН", "Аристарх Верещагин"), ("аристарх", "Аристарх Верещагин"), ("Верещ", "Аристарх Верещагин"), ("верещагин аристарх", "Аристарх Верещагин"), ("ещагин", "Аристарх Верещагин"))),
    *(("mail and parts", typed, name) for typed, name in (
        ("zoltan.kovesdy@", "Zoltán Kövesdy"), ("donau-druck", "Zoltán Kövesdy"), ("hyerin@namgung.example", "남궁혜린"), ("p.gjokaj", "Përparim Gjokaj"), ("fitz@", "Fitzgerald O'Shaughnessy"), ("gjok", "Përparim Gjokaj"), ("shkodra", "Përparim Gjokaj"),
        ("inge blå", "Ingeborg Blåsjö"), ("papaio chrys", "Chrysanthe Papaioannou"), ("rehak", "Kristýna Řeháková"), ("rehakova.example", "Kristýna Řeháková"), ("Çelik", "Noëlle Lefèbvre-Çelik"))),
]


def furnish(ctx, names=tuple(PEOPLE), **values) -> dict:
    """The people, or some of them; name -> key."""
    from core.parties.actions import create_contact

    made = {name: create_contact(ctx, name=name, mail=PEOPLE[name][0], phone=PEOPLE[name][1], **values) for name in names}
    ctx.session.flush()
    return {name: contact.id for name, contact in made.items()}


def place_of(ctx, typed: str, key) -> int | None:
    """The place at which the search over all rooms shows the record among contacts; None where it does not."""
    from core.search.queries import everything

    keys = [row.id for row in everything(ctx, typed) if row.kind == "contact"]
    return keys.index(key) if key in keys else None
