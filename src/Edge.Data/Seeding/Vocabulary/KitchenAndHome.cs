namespace Edge.Data.Seeding.Vocabulary;

internal static class KitchenAndHome
{
    public static readonly Department Kitchen = new()
    {
        Categories =
        [
            new("coffee", "Coffee", 6, 140, "stainless-steel|copper|hand-blown glass|ceramic|enamelled|manual|insulated|walnut",
                "!dark-roast espresso blend|!single-origin filter roast|!decaf filter roast|!medium-roast coffee sampler|coffee grinder|pour-over dripper|moka pot|milk frother|cold-brew carafe|french press|coffee scale|portafilter basket",
                "the first coffee of the day|a slow Sunday espresso|an office that runs on coffee|people who weigh their beans"),
            new("tea", "Tea", 4, 85, "cast-iron|porcelain|double-walled|bamboo|borosilicate|stoneware|enamelled|copper",
                "!first-flush green tea|!smoked black tea|!loose-leaf breakfast tea|teapot|tea strainer|tea caddy|gooseneck kettle|tea bowl|!chamomile infusion|teacup set",
                "long afternoons with tea|a quiet pot for one|guests who stay for a second cup"),
            new("cookware", "Pots & Pans", 14, 320, "cast-iron|enamelled|carbon-steel|copper-bottomed|non-stick|stainless-steel|hard-anodised|tri-ply",
                "frying pan|casserole|saucepan|pressure cooker|griddle plate|wok|stockpot|roasting tin|sauté pan|grillpan",
                "stews that take all day|searing at full heat|a weeknight dinner in one pan|induction hobs"),
            new("kitchen-knives", "Knives & Boards", 9, 260, "forged|damascus-steel|olive-wood|walnut|high-carbon|hammered|end-grain|beechwood",
                "chef's knife|paring knife|bread knife|chopping board|knife block|sharpening stone|boning knife|santoku|vegetable cleaver",
                "paper-thin tomatoes|a cook's daily prep|bread with a hard crust"),
            new("baking", "Baking", 5, 120, "silicone|aluminium|non-stick|beechwood|fluted|steel|extra-large|perforated",
                "loaf tin|rolling pin|proofing basket|cake ring|muffin tray|!stone-ground bread flour|!organic sourdough starter|pastry brush|baking stone|breadmaker",
                "sourdough at the weekend|birthday cakes|biscuits with children"),
            new("tableware", "Tableware", 6, 150, "stoneware|bone-china|hand-thrown|recycled-glass|speckled|linen|enamel|porcelain",
                "dinner plate|soup bowl|serving platter|water carafe|wine glass|table runner|butter dish|candleholder|gravy boat|nutcracker",
                "a table set for eight|everyday suppers|dinners that run late"),
        ],
        Adjectives = ["everyday", "classic", "professional", "heirloom", "compact", "rustic", "generous", "farmhouse", "well-balanced", "slow-made", "heavyweight", "well-made"],
        Benefits =
        [
            "cleans up with hot water and a brush", "keeps its warmth well after the flame is off", "sits steady on a crowded worktop",
            "earns its place on a small shelf", "survives a busy kitchen without complaint", "pours without dripping and stacks without chipping",
            "gets better the more often it is used", "does one job and does it properly",
        ],
        Problems = ["a bitter cup", "a pan that sticks", "a blunt blade", "soggy crusts", "too many gadgets in one drawer", "limescale", "dinner for six on one hob"],
        Tricks =
        [
            "weigh the beans instead of counting spoons", "preheat the pan before the oil goes in", "rest the dough overnight in the fridge",
            "rinse the filter with hot water first", "dry everything by hand and oil it lightly", "salt the water until it tastes of the sea",
            "let the kettle stand for half a minute before you pour", "sharpen little and often",
        ],
        Topics = ["brewing coffee at home", "cooking on cast iron", "baking with an old starter", "keeping knives sharp", "a kitchen with six good tools", "tea without ceremony"],
        Facts =
        [
            "Coffee goes stale from the moment it is ground, so a plain grinder beats an expensive machine.",
            "Cast iron does not mind neglect; it minds soap and water left standing.",
            "A kitchen scale costs less than two bags of beans and improves both bread and coffee.",
            "Most recipes call for a hotter pan and a shorter time than people dare.",
            "Green tea turns bitter above eighty degrees, whatever the packet says.",
            "A blunt knife is the one that cuts fingers, because it has to be forced.",
            "Dough tells you when it is ready: press it, and see whether it comes back slowly.",
            "The cheapest upgrade to any kitchen is throwing half of it out.",
        ],
        Tags = ["coffee", "tea", "cooking", "baking", "kitchen", "recipes", "food"],
    };

    public static readonly Department Home = new()
    {
        Categories =
        [
            new("lighting", "Lamps & Lighting", 12, 380, "brass|dimmable|paper-shade|opal-glass|rechargeable|oak|linen-shade|wall-mounted",
                "desk lamp|floor lamp|pendant lamp|reading lamp|bedside lamp|string light|lampshade|clamp lamp|nightlight|chandelier",
                "reading in bed|a dark corner that needs a lamp|long evenings at the desk"),
            new("bedding", "Bedding", 15, 290, "wool|washed-linen|organic-cotton|goose-down|percale|brushed-cotton|merino|quilted",
                "duvet|blanket|pillowcase|fitted sheet|mattress topper|bedspread|wool throw|eiderdown|bolster cushion",
                "cold bedrooms|light sleepers|a bed worth going to early"),
            new("furniture", "Furniture", 45, 1900, "solid-oak|walnut|ash|upholstered|folding|rattan|powder-coated|reclaimed-pine",
                "armchair|bookcase|dining table|sideboard|footstool|coat stand|writing desk|bench|nightstand|wardrobe",
                "small flats|rooms that do two jobs|a lifetime of dinners"),
            new("rugs-curtains", "Rugs & Curtains", 19, 650, "wool|jute|blackout|hand-knotted|flatwoven|velvet|linen|recycled-cotton",
                "hallway runner|area rug|curtain panel|doormat|sheepskin|roller blind|kilim|curtain rail",
                "cold floors|street lamps outside the window|rooms that echo"),
            new("storage", "Storage", 5, 180, "stackable|woven|lidded|birch|galvanised|felt|transparent|under-bed",
                "storage box|shoe rack|wall shelf|laundry basket|drawer divider|magazine file|hanging organiser|toolchest|bookend",
                "hallways full of shoes|cupboards that overflow|moving house"),
            new("candles", "Candles & Scent", 4, 75, "beeswax|soy-wax|cedarwood|lavender|unscented|fig-leaf|rapeseed-wax|sandalwood",
                "pillar candle|scented candle|tealight set|reed diffuser|room spray|candle refill|!brass candlestick|!copper candlesnuffer|!storm lantern",
                "winter evenings|a bath without a phone|dinner tables"),
        ],
        Adjectives = ["quiet", "warm", "minimal", "vintage-inspired", "handmade", "timeless", "space-saving", "soft", "sturdy", "understated", "scandinavian", "easy-care"],
        Benefits =
        [
            "looks better after ten years than on the first day", "fits where a larger one would shout", "arrives flat and goes up without swearing",
            "softens a room without filling it", "can be repaired, and the parts are sold singly", "is made by a workshop of nine people",
            "wears evenly and hides the crumbs", "has no screws that can be lost",
        ],
        Problems = ["a room that never gets warm", "glare on the page", "moths", "a hallway nobody can pass", "echoing floors", "cables in plain sight", "sleep that will not come"],
        Tricks =
        [
            "light the corners and leave the ceiling dark", "air wool outdoors instead of washing it", "measure the doorway before the sofa",
            "hang curtains a hand's width above the frame", "buy the mattress first and the bed later", "keep one shelf empty on purpose",
            "trim the wick before each burn", "put a lamp where you would like to sit",
        ],
        Topics = ["lighting a room with three lamps", "sleeping under wool", "furnishing a small flat", "making peace with clutter", "old chairs worth saving", "curtains and the cold"],
        Facts =
        [
            "One lamp overhead makes a room look like a waiting room; three low ones make it a home.",
            "Wool takes up a third of its weight in water before it feels damp, which is why it suits a bed.",
            "A rug should reach under the front legs of the sofa, or it looks like an island.",
            "Solid wood moves with the seasons, and furniture that allows for it outlives its owner.",
            "Beeswax burns longer than paraffin and smells of very little, which is the point.",
            "Most storage problems are problems of owning.",
            "Light bulbs below 2700 kelvin flatter both walls and people.",
            "A heavy curtain saves more heat than most people expect of cloth.",
        ],
        Tags = ["home", "interior", "lighting", "sleep", "furniture", "wool", "slow-living"],
    };
}
