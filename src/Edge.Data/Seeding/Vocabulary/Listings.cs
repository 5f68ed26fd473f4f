namespace Edge.Data.Seeding.Vocabulary;

/// <summary>Patterns of opportunities, by kind.</summary>
internal sealed record Listing(string Kind, double Weight, string[] Titles, string[] Descriptions, string[] Tags)
{
    /// <summary>Said under any kind.</summary>
    public static readonly string[] Closings =
    [
        "Write a few lines about yourself; a curriculum is not needed.", "Questions? Ask for {person}.", "We answer within {number} days.", "Beginners are welcome.",
        "The place is step-free and close to the station.", "Bring a friend if you like.", "We speak English and a little of everything else.",
    ];

    public static readonly Listing[] All =
    [
        new("job", 4,
            ["Shop assistant for {nouns}, {place}", "Warehouse colleague in {place}, early shift", "Buyer for {category}", "Customer service, part-time, {place}", "Workshop lead: {topic}", "Editor for our magazine on {topic}", "Bicycle courier in {place}", "Product photographer, {category}"],
            [
                "We are a team of {number} in {place} and look for someone who knows {nouns} inside out.", "You will advise customers, unpack deliveries and keep the shelves in order.",
                "The contract is permanent after {number} months.", "Thirty hours a week, {weekday}s off.", "You like {topic} and you do not mind {problem}.", "We pay above the local average and say how much in the first call.",
                "Training is on us; curiosity is on you.", "Last {season} we opened a second shop and have been short of hands since.",
            ],
            ["full-time", "part-time", "retail", "logistics", "customer-service", "permanent"]),
        new("gig", 3,
            ["Help needed on {weekday}: moving {number} {nouns}", "Photographer for {a} {noun}", "Repair {a} {qualifier} {noun}, paid", "Write {number} short texts on {topic}", "Market stall on {weekday} in {place}", "Assemble {number} {nouns} in one afternoon"],
            [
                "It should take about {number} hours.", "Paid on the day, with lunch.", "You need your own tools, or at least {a} {noun}.", "The flat is on the third floor, without a lift; we are honest people.",
                "If {problem} scares you, this is not for you.", "We have done it before with {person}, who has moved to {place}.", "Start on {weekday} at nine.",
            ],
            ["one-day", "paid", "weekend", "handiwork", "moving", "creative"]),
        new("volunteering", 2,
            ["Repair café in {place} looks for hands", "Teach {topic} to beginners", "Community garden: {season} work day", "Collect {nouns} for families in {place}", "Walk dogs from the shelter in {place}", "Reading hour at the library, {weekday}s"],
            [
                "We meet every {weekday} for {number} hours.", "No experience needed; we will show you: {trick}.", "Last year {number} of us fixed more than a hundred {nouns}.", "Coffee, tea and cake are provided.",
                "The people who come are curious and patient.", "Help with {topic} is what we need most.", "Insurance is covered by the city of {place}.",
            ],
            ["community", "environment", "neighbours", "teaching", "animals", "repair-cafe"]),
        new("event", 2,
            ["Evening class: {topic}", "Flea market for {nouns} in {place}", "Open workshop on {weekday}", "Talk: {topic}, with {person}", "{Season} fair in {place}", "Swap party for {nouns}"],
            [
                "Doors open at {number}; the talk begins half an hour later.", "Entry is free, donations are welcome.", "Bring {a} {noun} that you no longer need and take another one home.",
                "{Person} from {place} will speak about {problem} and answer questions.", "There is room for forty people, so please sign up.", "We will try it ourselves: {trick}.", "Children are welcome until eight.",
            ],
            ["free-entry", "workshop", "talk", "market", "family-friendly", "evening"]),
    ];
}
