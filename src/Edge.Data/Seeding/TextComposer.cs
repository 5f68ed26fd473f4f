using System.Globalization;
using System.Text;
using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding;

/// <summary>
/// Writes text from patterns with {slots}: a slot is replaced by a random choice from the lists of the current
/// category and department, or from the shared ones. A slot with a capital first letter capitalises what it says;
/// {a} becomes "a" or "an" by what follows; {nouns} is the plural of {noun}. Noun, topic and problem stay the
/// same throughout a text, so that it is about something.
/// </summary>
internal sealed class TextComposer(RandomSource random)
{
    static readonly string[] Seasons = ["spring", "summer", "autumn", "winter"];
    static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    static readonly string[] Numbers = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    readonly StringBuilder text = new();
    Category category = Catalogue.Categories[0].Category;
    Department department = Catalogue.Categories[0].Department;
    string noun = "";
    string topic = "";
    string problem = "";
    string? place;
    string? article;

    /// <summary>Begins a new text about this category (an index into <see cref="Catalogue.Categories"/>), in any place or in the one named.</summary>
    public TextComposer About(int categoryIndex, string? place = null)
    {
        this.place = place;
        (category, department) = Catalogue.Categories[categoryIndex];
        noun = random.Pick(category.Nouns);
        topic = random.Pick(department.Topics);
        problem = random.Pick(department.Problems);
        return Restart();
    }

    /// <summary>Begins a further text about the same.</summary>
    public TextComposer Restart()
    {
        text.Clear();
        return this;
    }

    /// <summary>Whether the noun takes a qualifier.</summary>
    public bool NounIsPlain => noun[0] != '!';

    public TextComposer Say(string pattern)
    {
        var rest = pattern.AsSpan();
        for (var open = rest.IndexOf('{'); open >= 0; open = rest.IndexOf('{'))
        {
            Append(rest[..open]);
            var close = rest.IndexOf('}');
            Fill(rest[(open + 1)..close]);
            rest = rest[(close + 1)..];
        }
        Append(rest);
        return this;
    }

    /// <summary>A sentence after a space, unless it is the first of its paragraph.</summary>
    public TextComposer Sentence(string pattern)
    {
        if (text.Length > 0 && text[^1] != '\n') text.Append(' ');
        return Say(pattern);
    }

    public TextComposer Break(string separator)
    {
        text.Append(separator);
        return this;
    }

    /// <summary>What was written; cut at the last space before <paramref name="maxLength"/> where it is longer.</summary>
    public string Take(int maxLength)
    {
        if (text.Length <= maxLength) return text.ToString();
        var cut = text.ToString(0, maxLength);
        var space = cut.LastIndexOf(' ');
        return space > 0 ? cut[..space] : cut;
    }

    public static string TitleCase(string words) => string.Create(words.Length, words, static (span, source) =>
    {
        source.CopyTo(span);
        for (var i = 0; i < span.Length; i++)
            if (i == 0 || span[i - 1] is ' ' or '-') span[i] = char.ToUpperInvariant(span[i]);
    });

    /// <summary>ASCII letters and digits, hyphens between; cut between words where longer. Accents lose their marks.</summary>
    public static string Slug(string title, int maxLength)
    {
        var slug = new StringBuilder(title.Length);
        foreach (var c in title)
        {
            var plain = c switch { 'é' or 'è' => 'e', 'ü' => 'u', 'ö' => 'o', 'ä' => 'a', _ => char.ToLowerInvariant(c) };
            if (char.IsAsciiLetterOrDigit(plain)) slug.Append(plain);
            else if (c != '\'' && slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        }
        if (slug.Length > maxLength)
        {
            var lastHyphen = slug.ToString(0, maxLength + 1).LastIndexOf('-');
            slug.Length = lastHyphen > 0 ? lastHyphen : maxLength;
        }
        if (slug.Length > 0 && slug[^1] == '-') slug.Length--;
        return slug.ToString();
    }

    public static string Plural(string noun)
    {
        if (noun.EndsWith("fe", StringComparison.Ordinal)) return noun[..^2] + "ves";
        if (noun.EndsWith("elf", StringComparison.Ordinal) || noun.EndsWith("arf", StringComparison.Ordinal)) return noun[..^1] + "ves";
        if (noun.EndsWith('y') && noun.Length > 1 && !"aeiou".Contains(noun[^2])) return noun[..^1] + "ies";
        return noun[^1] is 's' or 'x' || noun.EndsWith("ch", StringComparison.Ordinal) || noun.EndsWith("sh", StringComparison.Ordinal)
            ? noun + "es"
            : noun + "s";
    }

    void Fill(ReadOnlySpan<char> slot)
    {
        if (slot is "a" or "A")
        {
            article = slot is "a" ? "a" : "A";
            return;
        }
        var capital = char.IsAsciiLetterUpper(slot[0]);
        Span<char> name = stackalloc char[slot.Length];
        slot.CopyTo(name);
        name[0] = char.ToLowerInvariant(name[0]);
        var words = Words(name);
        if (capital) Append(char.ToUpperInvariant(words[0]).ToString(CultureInfo.InvariantCulture));
        Append(capital ? words.AsSpan(1) : words);
    }

    void Append(ReadOnlySpan<char> words)
    {
        if (article is not null)
        {
            var first = words.TrimStart();
            if (first.IsEmpty) return;
            text.Append(article).Append("aeiou".Contains(char.ToLowerInvariant(first[0])) ? "n " : " ");
            article = null;
            words = first;
        }
        text.Append(words);
    }

    string Words(ReadOnlySpan<char> slot) => slot switch
    {
        "noun" => noun.TrimStart('!'),
        "nouns" => Plural(noun.TrimStart('!')),
        "qualifier" => random.Pick(category.Qualifiers),
        "use" => random.Pick(category.Uses),
        "category" => category.Name,
        "adjective" => random.Pick(department.Adjectives),
        "benefit" => random.Pick(department.Benefits),
        "problem" => problem,
        "trick" => random.Pick(department.Tricks),
        "topic" => topic,
        "fact" => random.Pick(department.Facts),
        "place" => place ?? random.Pick(Places.Cities).Name,
        "maker" => random.Pick(Places.Makers),
        "person" => TitleCase(random.Pick(People.FirstNames)),
        "season" => random.Pick(Seasons),
        "weekday" => random.Pick(Weekdays),
        "number" => random.Pick(Numbers),
        _ => throw new ArgumentException($"no such slot: {slot}", nameof(slot)),
    };
}
