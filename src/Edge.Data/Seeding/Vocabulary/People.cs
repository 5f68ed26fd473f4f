namespace Edge.Data.Seeding.Vocabulary;

/// <summary>Invented people. First and last names hold only what a username may.</summary>
internal static class People
{
    public static readonly string[] FirstNames = Split("""
        ada|agnes|alba|alma|amara|anders|anouk|aria|arlo|asta|august|aurel|basil|bea|bela|bjorn|bram|brisa|caleb|cara|carmen|caspar|cecil|celia
        clara|conan|cora|cyrus|dahlia|dana|daria|david|delia|dmitri|dora|edda|edgar|eira|elena|elias|elif|ella|emil|enzo|erik|esme|esther|ezra
        faye|felix|fern|finn|flora|freya|gaia|gemma|george|gita|greta|gus|hana|hari|hazel|hector|helga|henrik|hugo|ida|ilse|imran|ines|ingrid
        iris|ivan|ivo|jada|james|jana|jasper|joan|jonas|josef|juno|kaia|kamal|karin|kenji|kira|klara|kofi|lars|layla|lena|leo|levi|lina|lior
        livia|lotte|luca|lucy|luis|luna|mabel|magda|malik|mara|marco|maren|mateo|maud|maya|mila|milo|mina|mira|moses|nadia|nao|nell|nico|nils
        nina|noah|nora|odin|olga|olive|omar|oona|orla|oscar|otto|owen|paloma|paul|pavel|petra|pia|quinn|rafael|rania|ravi|remy|rhea|rosa|rowan
        ruben|runa|ruth|sami|sanna|saul|selma|sigrid|silas|simon|sofia|sunil|suri|svea|tariq|tess|theo|thea|tilda|tomas|tove|una|ursula|vera
        viggo|viola|wanda|wilma|willa|xenia|yara|yasmin|yuki|yusuf|zara|zoe
        """);

    public static readonly string[] LastNames = Split("""
        abbott|adeyemi|ahlgren|alvarez|amsel|archer|arden|baker|barlow|becker|bellamy|berg|birch|blackwood|bloom|bosch|brandt|brook|bryant|byrne
        calder|carver|castel|chandler|chen|clarke|cole|cooper|corbin|costa|crane|cross|dahl|dale|danner|delgado|dijkstra|drake|dunn|eklund
        ellis|engel|fairfax|falk|farrow|fenn|ferrari|fischer|fletcher|flores|forster|frost|fuchs|gallo|garland|garrick|gibson|goldberg|graf|grant
        greene|grey|grove|gupta|hagen|hale|halloran|hansen|hardy|harlow|hart|hassan|hawke|hayes|heath|hedlund|holm|holt|hooper|hughes|hunter|ibsen
        iyer|jansen|jarvis|jensen|joshi|kane|kaplan|keller|kerr|khan|kimura|kirk|klein|koch|kovacs|kraus|kumar|lane|larkin|laurent|lehmann|lind
        lindgren|lockwood|lopez|lowell|lund|mahler|malone|marlow|marsh|mason|mbeki|meier|mercer|miller|molina|moreau|morrow|muir|nagy|nash|navarro
        nielsen|norden|novak|nystrom|oakley|okafor|olsen|osman|palmer|park|pascal|pereira|perry|petrov|pike|porter|prior|quist|rahman|ramos|ravn
        reed|rhodes|ricci|ridley|rivera|romero|rossi|roth|rowe|ryder|saito|salem|sanders|santos|sauer|schaefer|shaw|silva|singh|sommer|sorensen|stark
        steele|stern|stone|strand|suzuki|tanaka|tate|thorne|tobin|torres|tran|turner|vance|vargas|vogel|wagner|walsh|ward|weaver|webb|weiss|wells
        west|whitaker|wilde|winter|wolf|wood|wright|yamada|york|young|zeller|zimmer
        """);

    public static readonly string[] Bios =
    [
        "Lives in {place}, reads labels, owns too many mugs.",
        "{Topic}, mostly.",
        "Here for {nouns} and stays for the comments.",
        "Once walked across {place} with {a} {noun} and no plan.",
        "Teacher by day. {Topic} by night.",
        "Interested in {topic} and in things that last.",
        "Looking for the perfect {noun}. Not in a hurry.",
        "Two children, one dog, no free shelf.",
        "Grew up in {place}, moved to {place}, misses the bakery.",
        "Repairs more than it is worth, and enjoys it.",
        "Writes about {topic} when it rains.",
        "Nurse, night shifts, strong coffee.",
        "Believes that {a} {adjective} {noun} is better than three cheap ones.",
        "Has opinions about {nouns}. Ask at your own risk.",
        "Retired, which means busy.",
        "Cyclist in all weathers, gardener in good ones.",
        "Collects {nouns} and stories about {place}.",
        "I buy little and choose slowly.",
    ];

    static string[] Split(string names) => names.Split(['|', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
