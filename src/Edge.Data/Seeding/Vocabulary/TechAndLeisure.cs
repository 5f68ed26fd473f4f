namespace Edge.Data.Seeding.Vocabulary;

internal static class TechAndLeisure
{
    public static readonly Department Electronics = new()
    {
        Categories =
        [
            new("audio", "Audio & Headphones", 15, 620, "wireless|noise-cancelling|open-back|waterproof|bookshelf|walnut|portable|studio",
                "headphone|loudspeaker|soundbar|turntable|earbud set|microphone|amplifier|kitchen radio|subwoofer|recordplayer",
                "open-plan offices|records found in the attic|long train rides"),
            new("keyboards", "Keyboards & Mice", 12, 280, "mechanical|wireless|low-profile|ergonomic|split|hot-swappable|silent|aluminium",
                "keyboard|mouse|trackball|numeric pad|wrist rest|keycap set|mousepad|trackpad|presenter",
                "ten hours of typing|tired wrists|quiet rooms"),
            new("cameras", "Cameras & Photo", 9, 1800, "mirrorless|compact|waterproof|carbon-fibre|weatherproof|instant|analogue|padded",
                "camera|tripod|camera strap|lens filter|camera bag|memory card|flash unit|lens cloth|underwater camera|telephoto lens",
                "streets at night|children who never stand still|birds at a distance"),
            new("charging", "Chargers & Cables", 4, 140, "braided|magnetic|fast-charging|foldable|multi-port|wireless|solar|compact",
                "charging cable|wall charger|power bank|charging stand|travel adapter|desk hub|cable organiser|car charger|battery set",
                "bags with five devices|airports|nightstands"),
            new("smart-home", "Smart Home", 9, 340, "wireless|battery-powered|thread-enabled|solar|dimmable|indoor|programmable|weatherproof",
                "motion sensor|smart plug|thermostat|door lock|air sensor|doorbell|smoke detector|radiator valve|lamp controller",
                "holidays|heating bills|people who forget the lights"),
            new("desk-setup", "Desk & Screens", 9, 990, "height-adjustable|curved|aluminium|dual-arm|anti-glare|felt|walnut|portable",
                "monitor|monitor arm|laptop stand|desk mat|docking station|webcam|headset hanger|cable tray|screen lightbar",
                "working from home|small desks|video calls with dignity"),
        ],
        Adjectives = ["compact", "silent", "studio-grade", "travel", "next-generation", "minimal", "repairable", "everyday", "rugged", "high-resolution", "low-energy", "plug-and-play"],
        Benefits =
        [
            "works without an account", "gets updates for seven years", "remembers its settings when the power goes", "can be opened with an ordinary screwdriver",
            "does not blink at night", "pairs once and stays paired", "runs for a month on one charge", "has a real switch to turn it off",
        ],
        Problems = ["cable tangles", "dying batteries", "echo in calls", "wrist pain", "blurry pictures", "updates at the wrong moment", "a desk full of chargers"],
        Tricks =
        [
            "charge to eighty per cent and stop", "label both ends of each cable", "turn off every notification and add back three", "put the screen at arm's length and eye height",
            "carry one charger that fits everything", "switch the router off before you blame it", "back up to two places, one of them elsewhere", "clean the lens before you buy a new one",
        ],
        Topics = ["a quiet desk", "headphones for open offices", "photographs at night", "smart homes that work offline", "keyboards and wrists", "devices that can be repaired"],
        Facts =
        [
            "Batteries age fastest when they are full and warm.",
            "The best camera is the one in the coat pocket.",
            "Noise cancelling works on hum and fails on voices.",
            "A device that needs a server lives as long as the server does.",
            "Good speakers in the wrong place lose to plain ones in the right place.",
            "Most slow networks are one old cable.",
            "Mechanical keyboards last twenty years and annoy others for all of them.",
            "Light from the side is worth more than two thousand euros of camera.",
        ],
        Tags = ["tech", "audio", "photography", "desk", "smart-home", "reviews", "privacy"],
    };

    public static readonly Department Leisure = new()
    {
        Categories =
        [
            new("board-games", "Board Games", 8, 120, "cooperative|two-player|wooden|strategy|travel|family|solo|card-driven",
                "board game|card game|dice set|chess set|dominoes set|party game|playing mat|word game|backgammon set",
                "rainy Sundays|grandparents and children|a table of six"),
            new("puzzles", "Puzzles", 6, 90, "wooden|thousand-piece|panoramic|mechanical|magnetic|hand-cut|glow-in-the-dark|double-sided",
                "jigsaw puzzle|brainteaser|puzzle mat|crossword book|puzzle cube|logic puzzle|floor puzzle|mapping puzzle",
                "long winters|patient people|a table nobody needs"),
            new("paper", "Notebooks & Paper", 3, 60, "dotted|hardcover|recycled|ruled|pocket|leather-bound|watercolour|spiral-bound",
                "notebook|diary|sketchbook|letter set|envelope pack|planner|index card box|guestbook|paperweight|bookmark",
                "plans that change|letters by hand|meetings worth noting"),
            new("pens", "Pens & Ink", 2, 240, "brass|fine-nib|refillable|retractable|lacquered|archival|broad-edge|aluminium",
                "fountain pen|rollerball|mechanical pencil|ink bottle|pencil case|penholder|brush pen|highlighter set|pencil sharpener",
                "left-handed writers|signatures|thank-you notes"),
            new("art-supplies", "Art Supplies", 3, 190, "watercolour|acrylic|oil|beechwood|cotton|artist-grade|water-soluble|professional",
                "paint set|brush set|easel|canvas pad|pastel box|linocut kit|palette knife|charcoal set|pottery clay",
                "evening classes|sketching outdoors|people who say they cannot draw"),
            new("instruments", "Musical Instruments", 9, 880, "acoustic|mahogany|beginner's|maple|electro-acoustic|spruce-top|nylon-string|handmade",
                "guitar|ukulele|harmonica|keyboard stand|cajon|metronome|music stand|glockenspiel|kalimba|guitar strap",
                "campfires|first lessons|flats with thin walls"),
        ],
        Adjectives = ["classic", "beautiful", "compact", "illustrated", "award-winning", "pocket", "handmade", "quick", "deluxe", "thoughtful", "traditional", "limited-edition"],
        Benefits =
        [
            "is learned in ten minutes and not mastered in ten years", "opens flat and stays open", "gets everyone around one table", "needs no screen and no battery",
            "packs into a coat pocket", "forgives beginners and rewards the patient", "comes in a box worth keeping", "has replacement parts for lost pieces",
        ],
        Problems = ["rules nobody reads", "the blank page", "lost pieces", "practising when tired", "ink that feathers", "players who take too long", "hobbies that stay in the box"],
        Tricks =
        [
            "read the rules aloud before anyone arrives", "draw for five minutes a day and throw most of it away", "practise slowly, then a little slower",
            "keep the notebook where the phone used to be", "rinse the nib each time you change ink", "stop while it still goes well",
            "sort the edges and one colour first", "play the short game first",
        ],
        Topics = ["games for two", "keeping a notebook for a year", "learning the guitar at forty", "drawing badly, daily", "fountain pens without fuss", "a puzzle table in winter"],
        Facts =
        [
            "A game that ends in forty minutes is played more often than a better one of three hours.",
            "Paper remembers what apps forget.",
            "Fifteen minutes of practice every day beat two hours on Sunday.",
            "Cheap paper makes a good pen look broken.",
            "Children learn to lose from adults who can.",
            "Watercolour is mostly waiting.",
            "An instrument left on its stand is played; one in its case is not.",
            "Nobody has ever finished a notebook that was too beautiful to begin.",
        ],
        Tags = ["games", "stationery", "music", "art", "hobbies", "puzzles", "writing"],
    };
}
