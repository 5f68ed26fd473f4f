namespace Edge.Data.Seeding.Vocabulary;

internal static class GardenAndWorkshop
{
    public static readonly Department Garden = new()
    {
        Categories =
        [
            new("garden-tools", "Garden Tools", 7, 290, "stainless-steel|ash-handled|forged|telescopic|bypass|cordless|long-handled|copper",
                "spade|garden fork|secateurs set|hoe|wheelbarrow|rake|lawnmower|hedge trimmer|dibber|weeding knife",
                "heavy clay|overgrown hedges|gardeners with bad backs"),
            new("seeds", "Seeds & Bulbs", 2, 38, "heirloom|organic|early-flowering|climbing|frost-hardy|mixed|dwarf|old-variety",
                "tomato seed packet|sunflower seed packet|tulip bulb set|lettuce seed packet|sweet pea packet|garlic bulb|wildflower mix|bean seed packet|daffodil bulb set",
                "sunny windowsills|a bare patch by the fence|the first salad of the year"),
            new("planters", "Pots & Planters", 4, 210, "terracotta|glazed|galvanised|self-watering|larch|hanging|fibreclay|woven",
                "flowerpot|window box|raised bed|plant stand|herb planter|seed tray|hanging basket|potting bench|trellis",
                "balconies in the wind|herbs by the kitchen door|tomatoes on a terrace"),
            new("watering", "Watering", 4, 240, "copper|drip-fed|expandable|galvanised|solar|long-reach|brass|programmable",
                "watering can|garden hose|hose reel|sprinkler|rain barrel|irrigation kit|spray nozzle|plant mister|water timer",
                "dry Augusts|two weeks away|pots that dry out by noon"),
            new("wild-garden", "Birds & Wildlife", 5, 130, "cedar|weatherproof|hanging|squirrel-proof|untreated-oak|woodcrete|recycled|handmade",
                "birdhouse|bird feeder|bee hotel|hedgehog house|bird bath|bat box|suet feeder|butterfly feeder|nesting box",
                "robins and wrens|a garden that hums|hard winters"),
            new("greenhouse", "Greenhouse", 6, 780, "polycarbonate|lean-to|heated|cold-frame|ventilated|biodegradable|thermostatic|pine",
                "propagator|cloche|mini greenhouse|grow light|seedling pot set|heating mat|shade net|greenhouse thermometer|plant label set",
                "early sowing|seedlings in February|peppers in a short summer"),
        ],
        Adjectives = ["sturdy", "traditional", "cottage", "lightweight", "rustproof", "weatherproof", "allotment", "generous", "balcony-sized", "old-fashioned", "lifetime", "frost-proof"],
        Benefits =
        [
            "stands outside all year", "feels right in the hand after an hour", "comes apart for sharpening", "asks for a drop of oil each autumn and nothing else",
            "is made for soil with stones in it", "outlives the shed it is kept in", "drains well and does not tip over", "grows on you, and under you",
        ],
        Problems = ["slugs", "heavy clay", "late frost", "blossom that does not set", "pots that dry out", "compost that will not rot", "shade"],
        Tricks =
        [
            "water at the root, early and seldom", "sow half of the packet now and half in two weeks", "leave the seed heads for the birds",
            "mulch before the ground dries", "prune on a dry day with a clean blade", "harden seedlings off for a full week",
            "write the label when you sow and not later", "let one corner go wild",
        ],
        Topics = ["growing tomatoes on a balcony", "a garden that feeds birds", "the first year of an allotment", "saving your own seed", "gardening on clay", "doing less in autumn"],
        Facts =
        [
            "A sharp hoe on a dry morning does more than a weekend on one's knees.",
            "Most houseplants die of kindness, by drowning.",
            "Tomatoes want steady water more than they want food.",
            "Birds eat more caterpillars than any spray has ever killed.",
            "Compost is finished when you can no longer tell what it was.",
            "Terracotta breathes, so its plants need water sooner and rot later.",
            "A late frost does not read the seed packet.",
            "Bulbs want to be planted three times as deep as they are tall.",
        ],
        Tags = ["garden", "seeds", "vegetables", "wildlife", "balcony", "compost", "spring"],
    };

    public static readonly Department Workshop = new()
    {
        Categories =
        [
            new("hand-tools", "Hand Tools", 5, 260, "forged|insulated|ratcheting|ash-handled|chrome-vanadium|japanese|magnetic|low-angle",
                "screwdriver|claw hammer|block plane|handsaw|chisel set|spanner|spirit level|combination pliers|tape measure|marking gauge",
                "shelves that stay level|furniture repairs|a first toolbox"),
            new("power-tools", "Power Tools", 29, 690, "cordless|brushless|compact|variable-speed|heavy-duty|18-volt|corded|random-orbit",
                "drill driver|circular saw|jigsaw|sander|angle grinder|router|impact driver|screwdriver|bench grinder|heat gun",
                "a weekend of decking|concrete walls|flat-pack by the dozen"),
            new("paint", "Paint & Finish", 5, 130, "chalk|water-based|linseed-oil|matt|exterior|fast-drying|natural|satin",
                "wall paint|wood varnish|furniture wax|paintbrush|paint roller|primer|wood stain|masking tape|floor lacquer",
                "old doors|kitchens that have seen steam|a chair from the flea market"),
            new("fixings", "Screws & Fixings", 2, 65, "stainless-steel|brass|self-tapping|galvanised|countersunk|heavy-duty|nylon|assorted",
                "wood screw box|wall plug set|hinge|shelf bracket|coach bolt|picture hook|angle bracket|nail assortment|drawer runner",
                "walls of unknown stuff|heavy mirrors|jobs that grew"),
            new("electrical", "Electrical", 3, 190, "surge-protected|waterproof|flush-mounted|smart|brass|heavy-duty|halogen-free|switched",
                "extension lead|wall socket|dimmer switch|cable clip set|junction box|light bulb|lamp holder|voltage tester|cable drum",
                "lamps without a plug nearby|sheds|old houses"),
            new("workwear", "Workwear & Safety", 4, 170, "cut-resistant|padded|high-visibility|fireproof|leather|anti-fog|reinforced|disposable",
                "work glove|safety goggle|dust mask|knee pad set|ear defender|work jacket|tool belt|safety boot|dungaree",
                "dusty days|loud machines|knees past forty"),
        ],
        Adjectives = ["professional", "solid", "precise", "heavy-duty", "compact", "no-nonsense", "balanced", "trade", "hardwearing", "multifunctional", "left-handed", "shockproof"],
        Benefits =
        [
            "holds an edge through a whole week of oak", "can be taken apart with its own hex key", "does not slip when the hand is wet", "comes with a lifetime of spare parts",
            "is marked in millimetres that stay readable", "sits in the hand as if it had always been there", "survives a fall from the ladder", "starts on cold mornings",
        ],
        Problems = ["stripped screws", "a door that sticks", "crumbling plaster", "dust everywhere", "paint that peels", "a shelf that sags", "measuring twice and cutting wrong"],
        Tricks =
        [
            "drill a pilot hole even when you are in a hurry", "sand with the grain and stop one grit earlier than you think", "buy the clamp before the glue",
            "mark the waste side of the line", "paint the edges first and roll while they are wet", "switch off, test, and test the tester",
            "wax the screw and it will go in straight", "put the tool back before the next cut",
        ],
        Topics = ["a first toolbox", "hanging shelves in an old house", "sharpening by hand", "painting a room in one day", "repairing a chair", "a workshop in a cupboard"],
        Facts =
        [
            "Cheap screwdrivers are expensive, because they eat the screws.",
            "Glue is stronger than wood when the joint fits and useless when it does not.",
            "A wall is flat only until you hold a spirit level to it.",
            "Linseed oil rags can catch fire by themselves; dry them flat, outdoors.",
            "Most cordless tools wear out at the battery.",
            "Two thin coats dry faster than one thick one, and last longer.",
            "A sharp chisel needs no force, and force is what hurts.",
            "The right wall plug matters more than the size of the screw.",
        ],
        Tags = ["diy", "tools", "repair", "woodworking", "paint", "workshop", "how-to"],
    };
}
