namespace Edge.Data.Seeding.Vocabulary;

/// <summary>Sentence patterns of posts and product descriptions. <c>TextComposer</c> says what the slots mean.</summary>
internal static class Prose
{
    public static readonly string[] Titles =
    [
        "What I learned about {topic}", "{Topic}: a beginner's notes", "In praise of the {adjective} {noun}", "{Number} things nobody tells you about {topic}",
        "Against {problem}", "A year with one {noun}", "Why I stopped buying {nouns}", "{Topic}, without the fuss", "The {noun} that changed my mind",
        "How to choose {a} {noun}", "{Problem}: causes and cures", "Notes from {place}: {topic}", "{Season} and {topic}", "Repair or replace? The case of the {noun}",
        "My grandmother's {noun}", "{Topic} on a small budget", "The case for fewer {nouns}", "Five evenings with {a} {adjective} {noun}",
        "What {number} years of {topic} taught me", "Do you need {a} {qualifier} {noun}?", "A short guide to {topic}", "Questions readers ask about {topic}",
        "Before you buy {a} {noun}, read this", "{Topic}: mistakes I keep making",
    ];

    public static readonly string[] Openings =
    [
        "It began with {problem}, as these things do.", "Last {season} I spent a week in {place} thinking about {topic}.", "Nobody in my family ever talked about {topic}.",
        "{Person} asked me the other day whether {a} {noun} is worth the money.", "I own {number} {nouns}, and I use one of them.",
        "There are two schools of thought on {topic}, and both of them shout.", "This post is the answer to a letter from {place}.",
        "When I moved to {place}, I left all my {nouns} behind.", "I have been putting off writing about {topic} for {number} months.",
        "If you have ever struggled with {problem}, you know how this starts.", "On the first cold day of {season}, I finally threw the old {noun} away.",
        "Somebody had to say it: most writing on {topic} is advertising.",
    ];

    public static readonly string[] Bodies =
    [
        "My rule is simple: {trick}.", "If you do only one thing this {season}, {trick}.", "{Person}, who has done this for {number} years, put it better: {trick}.",
        "The {noun} on my shelf is {qualifier}, and I would buy the same again.", "I tried three {nouns} over {number} weeks and kept notes on each of them.",
        "The cheap one failed first, which surprised nobody.", "The expensive one was good, though not {number} times better.",
        "What helped against {problem} was patience, and then {a} {adjective} {noun}.", "People in {place} have known this for generations.",
        "Shops will tell you otherwise, because shops sell {nouns}.", "I was wrong about that, and it took me {number} years to notice.",
        "{Person} laughed when I asked, and then showed me how it is done.", "There is no secret to it, only habit.", "You can spend a fortune here, and you need not.",
        "A good {noun} disappears while you use it.", "Borrow one before you buy one.", "Ask the person behind the counter what they use at home.",
        "The second attempt went better, because by then I had stopped hurrying.", "It is better to do this badly every {weekday} than perfectly once a year.",
        "The difference shows after {number} months and not before.", "None of this matters if {problem} is what you are fighting.",
        "In {place} I met a woman who owns a single {noun} and does everything with it.", "I wrote the date on the bottom with a pencil, and that was {number} years ago.",
        "Most of the advice I found had been copied from the same page.", "So I asked readers, and {number} of you answered within a day.",
        "The answers fell into two heaps: those who had tried it, and those who were sure.", "Try it for a fortnight and then decide.",
        "It looks like {problem}, but the cause is usually somewhere else.", "Look at the seams, the joints and the handle; the rest is decoration.",
        "Weight is a fair guide, except when it is not.", "{Person} swears by {a} {qualifier} {noun}, and I have stopped arguing.",
        "By {weekday} the whole house had an opinion.", "Keep the receipt, and keep the box for a month.", "A friend in {place} uses hers upside down, and it works.",
        "The instructions were {number} pages long and left out the one thing that counts.", "Start small: one {noun}, one afternoon, no audience.",
        "It rained all {weekday}, so I had time to do it properly.", "You will make every mistake once, and the good ones twice.",
        "Nothing in this list is new, which is why it works.", "I would rather have one {adjective} {noun} than a drawer full of compromises.",
        "For {use}, there is nothing better.", "For {use}, on the other hand, I would look elsewhere.", "Everything I know about {topic} fits on a postcard.",
        "The rest is practice, and a little luck with the {season}.", "My neighbour does the opposite and is just as happy.", "That alone took care of {problem}.",
        "After {number} weeks I noticed that I no longer thought about it.", "Children understand this at once; adults need a book.",
        "A workshop near {place} still makes them one at a time.", "I visited, and came home with two.", "They repair what they sell, even {number} years later.",
        "Write to them by post; they answer on {weekday}s.", "Of course it costs more, and of course it lasts longer.", "Divide the price by the years and the sum comes out kinder.",
        "It is not about the {noun}, and yet the {noun} helps.", "Put it where you see it, or you will never use it.", "The first {number} minutes are the hardest.",
        "If it feels wrong in the hand, it will not grow on you.", "That is the whole trick, and it is hardly one.", "Do not take my word for it.",
        "I asked {person} in {place} to test the same thing without saying why.", "Others have come to the same conclusion by a different road.",
    ];

    public static readonly string[] Closings =
    [
        "That is all I have on {topic} for now.", "If you know a better way, write to me; I collect them.", "Next time: {problem}, and what {person} does about it.",
        "And if you remember one line of this, let it be this one: {trick}.", "Now close this page and go and do it.", "Thanks to {person} for reading a draft and crossing out half of it.",
        "The kettle is on; good night from {place}.", "I will report back in {season}.", "In the end the best {noun} is the one you use.",
    ];

    public static readonly string[] Headings =
    [
        "What it costs", "Where to start", "The short answer", "A digression", "What went wrong", "What I use now", "Questions and answers", "The part that matters", "Small things", "A word of warning", "How long it lasts",
    ];

    public static readonly string[] ProductOpenings =
    [
        "{A} {adjective} {noun} for {use}.", "Made for {use}.", "The {noun} we reach for ourselves.", "A {noun} without surprises, made for {use}.", "Our {noun} for {use}, made in the same workshop for {number} years.",
        "Not the cheapest {noun}, and the last one you will need for a while.", "Designed in {place} and made in small batches.",
    ];

    public static readonly string[] ProductBodies =
    [
        "It {benefit}.", "It {benefit}, and it {benefit}.", "Customers write that it {benefit}.", "A tip from our workshop: {trick}.", "No more {problem}, or nearly none.",
"Tested for {number} weeks in {place}.", "It helps against {problem}; it does not work miracles.", "What we like best: it {benefit}.",
    ];

    public static readonly string[] ProductClosings =
    [
        "Ships in a plain cardboard box.", "Comes with a guarantee of {number} years.", "Spare parts are available.", "Packed without plastic.", "Gift wrapping on request.",
        "Care: a damp cloth is enough.", "Made by {maker}.", "From the workshop of {maker} in {place}.",
    ];

    public static readonly string[] Stories =
    [
        "Rain in {place} all day. Perfect for {topic}.", "Found {a} {qualifier} {noun} at the flea market. {Number} euros, no regrets.", "Day {number} of fighting {problem}. It is winning.",
        "Anyone in {place} selling {a} {noun}?", "{Person} just showed me this: {trick}. Why did nobody tell me before?", "New {noun} arrived. It is {adjective}. I am happy.",
        "Hot take: you do not need {a} {noun}.", "Quick question about {topic}: where do I start?", "The {noun} is repaired. {Number} screws left over.", "Sunrise over {place}, coffee in hand, phone away after this.",
        "Reminder to self: {trick}.", "We tried {use} today and laughed a lot.", "{Weekday} mood: {problem}.", "Swapping two {nouns} for one good one. Anyone?", "Overheard in {place}: \"{fact}\"",
        "{Season} is here and so is {problem}.", "Is it just me, or are {nouns} getting better?", "Made it to {place} with one bag and {a} {noun}.", "Three friends, one {noun}, zero instructions.", "Thank you, {person}, for the {noun}. It works.",
    ];
}
