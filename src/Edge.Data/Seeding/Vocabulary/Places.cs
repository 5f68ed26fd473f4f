namespace Edge.Data.Seeding.Vocabulary;

/// <summary>
/// <see cref="Weight"/>: how many of our people live there, relative to the others.
/// <see cref="SpreadKm"/>: deviation of their distance from the centre, per axis.
/// </summary>
internal sealed record City(string Name, double Latitude, double Longitude, double Weight, double SpreadKm);

/// <summary>Real city centres, rounded to a hundredth of a degree.</summary>
internal static class Places
{
    public static readonly City[] Cities =
    [
        new("London", 51.51, -0.13, 9, 14), new("Berlin", 52.52, 13.40, 8, 11), new("Paris", 48.86, 2.35, 7, 10), new("Madrid", 40.42, -3.70, 5, 9),
        new("Rome", 41.90, 12.50, 4, 9), new("Hamburg", 53.55, 9.99, 4, 9), new("Vienna", 48.21, 16.37, 4, 8), new("Munich", 48.14, 11.58, 4, 8),
        new("Barcelona", 41.39, 2.17, 4, 7), new("Amsterdam", 52.37, 4.90, 4, 6), new("Copenhagen", 55.68, 12.57, 3, 7), new("Stockholm", 59.33, 18.07, 3, 8),
        new("Dublin", 53.35, -6.26, 3, 7), new("Lisbon", 38.72, -9.14, 3, 7), new("Prague", 50.08, 14.44, 3, 7), new("Warsaw", 52.23, 21.01, 3, 8),
        new("Zurich", 47.38, 8.54, 2, 5), new("Oslo", 59.91, 10.75, 2, 7), new("Helsinki", 60.17, 24.94, 2, 7), new("Brussels", 50.85, 4.35, 2, 6),
        new("Milan", 45.46, 9.19, 3, 7), new("Budapest", 47.50, 19.04, 2, 7), new("Athens", 37.98, 23.73, 2, 8), new("Edinburgh", 55.95, -3.19, 2, 5),
        new("Manchester", 53.48, -2.24, 3, 8), new("Cologne", 50.94, 6.96, 3, 7), new("Lyon", 45.76, 4.84, 2, 6), new("Porto", 41.15, -8.61, 2, 5),
        new("Leipzig", 51.34, 12.37, 2, 6), new("Ghent", 51.05, 3.72, 1, 4), new("Bergen", 60.39, 5.32, 1, 4), new("Turin", 45.07, 7.69, 1, 6),
        new("New York", 40.71, -74.01, 7, 14), new("Toronto", 43.65, -79.38, 4, 12), new("Chicago", 41.88, -87.63, 3, 13), new("Seattle", 47.61, -122.33, 3, 9),
        new("San Francisco", 37.77, -122.42, 3, 6), new("Montreal", 45.50, -73.57, 2, 8), new("Mexico City", 19.43, -99.13, 2, 13), new("Melbourne", -37.81, 144.96, 3, 13),
        new("Sydney", -33.87, 151.21, 3, 12), new("Wellington", -41.29, 174.78, 1, 4), new("Tokyo", 35.68, 139.69, 3, 16), new("Nairobi", -1.29, 36.82, 1, 8),
    ];

    public static readonly string[] Streets =
    [
        "Mill Lane", "Station Road", "Harbour Street", "Orchard Way", "Church Hill", "Market Square", "Linden Avenue", "Rosemary Close", "Canal Street", "Old Bridge Road",
        "Foundry Yard", "Meadow Row", "Kiln Lane", "Garden Terrace", "Lighthouse Road", "Weaver Street", "Chestnut Drive", "Quarry Path", "North Parade", "Saddler's Court",
    ];

    /// <summary>Invented makers: compound words, good prey for a search that forgives typos.</summary>
    public static readonly string[] Makers =
    [
        "Hearthstone", "Northwind", "Thistlebrook", "Fjordlight", "Hazelwick", "Copperfield & Daughters", "Silverbirch", "Oakenshield Works", "Marshmallow Lane", "Kestrelmoor",
        "Brambleworth", "Wintergarten", "Lanternfish", "Millstonegrit", "Rosenquist", "Saltmarsh", "Foxglove & Rye", "Ironbridge", "Larkspur", "Driftwoodhaus",
        "Candlewick", "Stormglass", "Underhill", "Wolkenkratzer", "Bellwether", "Moorland Supply", "Tidewater", "Juniper & Ash", "Nightingale", "Pepperwood",
        "Quarterdeck", "Elderflower", "Gingerbreadhouse", "Haberdash", "Inkwell & Sons", "Goosefeather", "Mistlethrush", "Snowdrift", "Applecross", "Bluebellwood",
    ];

    public static readonly string[] Colours =
    [
        "moss green", "charcoal", "cream", "terracotta", "navy", "rust", "slate", "ochre", "plum", "sage", "sand", "midnight blue", "cherry red", "natural", "graphite", "chalk white",
    ];
}
