namespace Edge.Data.Seeding.Vocabulary;

internal static class ClothingAndOutdoors
{
    public static readonly Department Clothing = new()
    {
        Categories =
        [
            new("knitwear", "Knitwear", 22, 240, "wool|merino|lambswool|cashmere|cable-knit|alpaca|cotton-knit|shetland",
                "cardigan|jumper|rollneck|slipover|knitted dress|pullover|wool vest|turtleneck|knit jacket",
                "cold offices|autumn walks|layering under a coat"),
            new("jackets", "Jackets & Coats", 45, 520, "waxed-cotton|down-filled|wool|waterproof|quilted|corduroy|recycled-nylon|windproof",
                "raincoat|parka|overcoat|windbreaker|bomber jacket|duffle coat|chore jacket|bodywarmer|anorak",
                "sideways rain|a commute by bicycle|weather that cannot decide"),
            new("shirts", "Shirts & Blouses", 18, 160, "oxford-cotton|linen|flannel|poplin|chambray|jersey|organic-cotton|striped",
                "shirt|blouse|overshirt|polo shirt|t-shirt|tunic|nightshirt|undershirt|henley",
                "meetings and the evening after|hot trains|weekends without an iron"),
            new("shoes", "Shoes", 35, 340, "leather|suede|canvas|goodyear-welted|waterproof|vegan|nubuck|crepe-soled",
                "ankle boot|sneaker|loafer|sandal|brogue|slipper|chelsea boot|rubber boot|espadrille",
                "ten thousand steps a day|wet pavements|standing at work"),
            new("bags", "Bags", 15, 310, "canvas|full-grain leather|waxed-cotton|roll-top|recycled-polyester|felt|padded|foldable",
                "backpack|tote bag|shoulder bag|weekender|messenger bag|washbag|laptop sleeve|drawstring bag|briefcase",
                "a laptop and lunch|two nights away|the daily commute"),
            new("hats-scarves", "Hats & Scarves", 9, 110, "wool|merino|silk|cashmere|fleece-lined|straw|cotton|ribbed",
                "beanie|scarf|sunhat|neck warmer|bucket hat|headband|mitten set|flat cap|earflap hat|sock set",
                "the walk to the station|windy beaches|gifts that always fit"),
        ],
        Adjectives = ["everyday", "tailored", "relaxed", "lightweight", "heavyweight", "soft", "reversible", "classic", "weatherproof", "undyed", "long-sleeved", "travel"],
        Benefits =
        [
            "keeps its shape wash after wash", "breathes when you hurry and warms when you stop", "has pockets that hold what pockets should",
            "is cut wide enough for a jumper underneath", "comes with spare buttons and a repair kit", "dries overnight on a radiator",
            "does not pill where the bag strap rubs", "looks tidy straight out of the suitcase",
        ],
        Problems = ["moths", "shrunken jumpers", "wet feet", "clothes that last one winter", "a wardrobe with nothing to wear", "pilling", "cold wrists"],
        Tricks =
        [
            "wash wool cold, flat and rarely", "buy shoes in the afternoon, when feet are largest", "brush the coat before you hang it",
            "rotate two pairs instead of wearing out one", "mend the hole while it is small", "steam creases instead of ironing them",
            "store jumpers folded, never on hangers", "wax the seams before the rainy season",
        ],
        Topics = ["buying one good jumper", "shoes that can be resoled", "wool in every season", "a wardrobe of thirty pieces", "packing for two nights", "mending in public"],
        Facts =
        [
            "Wool needs air more than it needs water.",
            "A welted shoe can be resoled four or five times, which makes it the cheap one.",
            "Down loses its warmth when wet; wool keeps most of it.",
            "The label says dry clean because the maker would rather not be blamed.",
            "Linen creases on purpose, and the people who love it do not apologise.",
            "Most clothes wear out in the wash and not on the body.",
            "Leather that is never fed cracks first where it bends.",
            "Two thin layers beat one thick one on any day that changes its mind.",
        ],
        Tags = ["clothing", "wool", "style", "repair", "shoes", "slow-fashion", "travel"],
    };

    public static readonly Department Outdoors = new()
    {
        Categories =
        [
            new("camping", "Camping", 8, 560, "ultralight|three-season|titanium|inflatable|waterproof|foldable|canvas|four-person",
                "tent|sleeping bag|camping stove|sleeping mat|headlamp|mess kit|hammock|camping chair|groundsheet|lantern",
                "nights above the tree line|festival fields|children's first night out"),
            new("hiking", "Hiking", 7, 320, "merino|carbon-fibre|waterproof|lightweight|insulated|quick-drying|ventilated|folding",
                "hiking boot|trekking pole|rucksack|water bottle|map case|rain poncho|gaiter set|hiking sock|thermos flask",
                "long ridges|wet valleys|day walks with too much lunch"),
            new("cycling", "Cycling", 6, 420, "reflective|aluminium|waterproof|steel|leather|quick-release|folding|rechargeable",
                "bicycle lamp|saddle|pannier|bike lock|cycling helmet|handlebar bag|floor pump|mudguard set|multitool|!chain oil",
                "winter commutes|slow tours|hills one would rather walk"),
            new("climbing", "Climbing", 9, 280, "dynamic|forged|lightweight|padded|auto-locking|dry-treated|suede|anodised",
                "climbing rope|carabiner|climbing shoe|chalk bag|harness|belay device|quickdraw|crash pad|sling",
                "Saturday at the crag|indoor evenings|multi-pitch days"),
            new("paddling", "Water Sports", 12, 890, "inflatable|neoprene|waterproof|carbon|fibreglass|high-visibility|roll-top|drysuit",
                "kayak|paddle|dry bag|buoyancy aid|wetsuit|paddleboard|spraydeck|swimming goggle set|snorkel",
                "flat lakes at dawn|cold coastal days|rivers with a mind of their own"),
            new("winter-sports", "Winter Sports", 11, 640, "insulated|merino|waterproof|polarised|waxless|heated|windproof|fleece-lined",
                "ski glove|snowshoe|ski goggle|toboggan|base layer|ice skate|avalanche shovel|helmet liner|ski wax",
                "frozen lakes|powder before breakfast|hills behind the house"),
        ],
        Adjectives = ["alpine", "rugged", "packable", "expedition", "all-weather", "featherlight", "trail-tested", "nordic", "reliable", "windproof", "weatherproof", "basecamp"],
        Benefits =
        [
            "packs smaller than a loaf of bread", "was tested for a wet year in the hills", "can be worked with gloves on",
            "has taped seams and no clever zips", "holds when the wind gets up at three in the morning", "weighs less than the map says it should",
            "is repaired by the people who made it", "dries on the outside of a pack",
        ],
        Problems = ["blisters", "condensation in the tent", "a pack that is too heavy", "cold hands", "batteries that die at dusk", "getting lost in fog", "wet matches"],
        Tricks =
        [
            "pack the rain shell last, so that it comes out first", "warm the gas canister inside your jacket", "lace boots loosely going up and tightly going down",
            "turn round at two o'clock whatever the summit says", "keep one pair of socks that is never worn by day", "dry the chain before you oil it",
            "tell someone where you are going and when you will call", "eat before you are hungry",
        ],
        Topics = ["a first night out with children", "packing under eight kilos", "winter commuting by bicycle", "walking in the rain on purpose", "learning to read a map again", "cold water and common sense"],
        Facts =
        [
            "Every kilo on the foot costs as much as five on the back.",
            "A sleeping bag only keeps the warmth that you bring into it, so eat and move before you lie down.",
            "Most rescues begin with a plan that had no time to spare.",
            "A headlamp in the lid pocket is worth two in the bottom of the pack.",
            "Rain gear fails at the cuffs and the hood, seldom in the cloth.",
            "Tyres a little softer than you think are faster on bad roads.",
            "Ropes age by use and by sunlight, not by the calendar alone.",
            "The best campsite is the second one you find.",
        ],
        Tags = ["outdoors", "hiking", "camping", "cycling", "gear", "weekend", "mountains"],
    };
}
