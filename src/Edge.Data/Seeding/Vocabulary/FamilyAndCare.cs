namespace Edge.Data.Seeding.Vocabulary;

internal static class FamilyAndCare
{
    public static readonly Department Family = new()
    {
        Categories =
        [
            new("baby", "Baby", 5, 420, "organic-cotton|muslin|merino|silicone|wooden|breathable|washable|fleece",
                "baby blanket|romper|baby carrier|bib set|teether|changing mat|bottle warmer|nursing pillow|sleepsuit|pushchair",
                "the first three months|short nights|washing machines that never rest"),
            new("toys", "Toys", 5, 150, "wooden|magnetic|plush|stackable|felt|pull-along|recycled|hand-painted",
                "building block set|train set|doll's house|marble run|rocking horse|teddy bear|kite|spinning top|toy kitchen|wheelbarrow",
                "rainy afternoons|small hands|siblings who share"),
            new("dogs", "Dogs", 4, 160, "leather|orthopaedic|reflective|waterproof|grain-free|rope|padded|washable",
                "dog lead|dog bed|dog bowl|chew toy|dog coat|harness|treat pouch|grooming brush|travel crate",
                "muddy walks|old dogs with stiff hips|puppies that chew"),
            new("cats", "Cats", 3, 190, "sisal|woven|catnip|self-cleaning|ceramic|wall-mounted|felt|cardboard",
                "scratching post|cat tree|cat cave|litter tray|feather toy|cat flap|water fountain|window perch|feeding bowl",
                "indoor cats|sofas worth saving|cats that prefer the box"),
            new("party", "Party & Gifts", 2, 70, "paper|reusable|linen|hand-printed|compostable|gold-foil|rainbow|personalised",
                "garland|balloon set|gift box|greeting card|candle set|wrapping paper roll|party hat set|cake topper|tablecloth",
                "seventh birthdays|office farewells|gifts at the last minute"),
            new("school", "School", 3, 130, "ergonomic|reflective|insulated|washable|lightweight|refillable|waterproof|personalised",
                "schoolbag|pencil case|lunchbox|drinking bottle|geometry set|exercise book pack|gym bag|globe|colouring pencil set",
                "the first day at school|packed lunches|homework at the kitchen table"),
        ],
        Adjectives = ["gentle", "cheerful", "sturdy", "playful", "soft", "safe", "first", "colourful", "grow-along", "washable", "award-winning", "little"],
        Benefits =
        [
            "goes through the wash at sixty degrees", "has no small parts to swallow", "is handed down rather than thrown away", "keeps busy hands busy",
            "stands up to teeth of all kinds", "fits under an aircraft seat", "grows with its owner for three years", "makes no sound at all",
        ],
        Problems = ["short nights", "toys underfoot", "scratched sofas", "fussy eaters", "pulling on the lead", "lost lunchboxes", "rainy weekends"],
        Tricks =
        [
            "put half of the toys away and swap them monthly", "brush the dog before the bath", "let children pack their own bag and carry it",
            "offer the new food next to the loved one", "place the scratching post where the sofa is", "wrap gifts in something that is used again",
            "go out before the rain stops, not after", "keep bedtime boring",
        ],
        Topics = ["rainy days with toddlers", "choosing a first bicycle seat", "old dogs and long stairs", "indoor cats that are not bored", "birthday parties at home", "packed lunches that come back empty"],
        Facts =
        [
            "Children play longest with what does the least by itself.",
            "A dog that has sniffed for twenty minutes is more tired than one that has run for forty.",
            "Cats choose the place first and the furniture second.",
            "The best toys have no batteries and no right way to use them.",
            "Muslin cloths are the one thing that every parent buys again.",
            "A schoolbag should weigh no more than a tenth of its child.",
            "Party games are better when the grown-ups lose.",
            "Old dogs like warm floors and routine.",
        ],
        Tags = ["family", "kids", "pets", "dogs", "cats", "school", "gifts"],
    };

    public static readonly Department Care = new()
    {
        Categories =
        [
            new("soap-bath", "Soap & Bath", 3, 80, "olive-oil|lavender|unscented|sea-salt|goat-milk|bamboo|organic-cotton|charcoal",
                "soap bar|bath towel|bath salt jar|shower brush|bath mat|hand wash|soap dish|bathrobe|loofah",
                "long baths|dry hands in winter|shared bathrooms"),
            new("skincare", "Skin Care", 5, 110, "fragrance-free|rosehip|mineral|overnight|hyaluronic|calendula|vegan|shea-butter",
                "face cream|hand balm|lip balm|cleansing oil|sunscreen|body lotion|face serum|face mask|toner",
                "wind and weather|sensitive skin|people with two minutes"),
            new("hair", "Hair & Shaving", 4, 160, "boar-bristle|stainless-steel|argan-oil|solid|ionic|walnut|safety|sulphate-free",
                "hairbrush|shampoo bar|razor|shaving brush|hairdryer|comb|beard oil|hair clip set|conditioner",
                "curls|sensitive necks|gym bags"),
            new("fitness", "Fitness", 5, 480, "cast-iron|natural-rubber|cork|adjustable|foldable|weighted|non-slip|textile",
                "yoga mat|kettlebell|resistance band|skipping rope|dumbbell|pull-up bar|foam roller|exercise ball|rowing machine",
                "living-room workouts|backs that sit all day|mornings before work"),
            new("rest", "Rest & Massage", 6, 260, "heated|cherry-stone|memory-foam|weighted|shiatsu|wool|linen|lavender",
                "massage ball|heat pad|neck pillow|sleep mask|eye pillow|hot-water bottle|acupressure mat|foot massager|meditation cushion",
                "stiff necks|overnight trains|feet after a long day"),
            new("first-aid", "First Aid & Travel", 2, 95, "sterile|waterproof|compact|reusable|digital|hypoallergenic|pocket|insulated",
                "first-aid kit|plaster box|thermometer|cooling pad|pill organiser|elastic bandage|tick remover|travel bottle set|insect repellent",
                "rucksacks|glove boxes|households with knees"),
        ],
        Adjectives = ["gentle", "pure", "soothing", "daily", "deep-cleansing", "natural", "refreshing", "travel-size", "nourishing", "classic", "calming", "plastic-free"],
        Benefits =
        [
            "has seven ingredients, all of which can be pronounced", "comes in a tin that is worth refilling", "leaves nothing behind but clean skin", "works in hard water",
            "does what it says and smells of little", "is tested on its makers", "lasts twice as long as the plastic bottle", "fits in a hand-luggage bag",
        ],
        Problems = ["dry hands", "a stiff neck", "razor burn", "waking at four", "a bathroom full of half-empty bottles", "sore feet", "motivation in February"],
        Tricks =
        [
            "let the soap dry between uses", "put cream on while the skin is still damp", "shave after the shower and not before", "roll slowly and breathe out",
            "lay the mat out the evening before", "buy one thing and finish it", "cool the bedroom and warm the feet", "check the first-aid kit on the first of January",
        ],
        Topics = ["a bathroom without plastic", "ten minutes of movement", "sleeping better in a noisy street", "shaving with one blade", "soap from three ingredients", "a first-aid kit that is used"],
        Facts =
        [
            "Hand soap and a towel do more for health than most of the cabinet.",
            "Sunscreen works in the amount nobody uses.",
            "A single sharp blade irritates less than five tired ones.",
            "Muscles grow while you sleep, and so does patience.",
            "Warm feet put people to sleep faster than any tea.",
            "Most creams differ by their jar.",
            "A short walk after dinner counts, whatever the app says.",
            "Bandages expire; scissors do not.",
        ],
        Tags = ["wellbeing", "skincare", "sleep", "fitness", "plastic-free", "routine", "health"],
    };
}
