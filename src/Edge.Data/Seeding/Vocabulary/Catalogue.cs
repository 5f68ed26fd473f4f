namespace Edge.Data.Seeding.Vocabulary;

/// <summary>All departments, and their sixty categories in the order of their ids.</summary>
internal static class Catalogue
{
    static readonly Department[] Departments =
    [
        KitchenAndHome.Kitchen, KitchenAndHome.Home, ClothingAndOutdoors.Clothing, ClothingAndOutdoors.Outdoors,
        GardenAndWorkshop.Garden, GardenAndWorkshop.Workshop, TechAndLeisure.Electronics, TechAndLeisure.Leisure,
        FamilyAndCare.Family, FamilyAndCare.Care,
    ];

    // One category of each department in turn: a shop of fewer categories still has all departments.
    public static IReadOnlyList<(Category Category, Department Department)> Categories { get; } = Interleave();

    static List<(Category, Department)> Interleave()
    {
        var categories = new List<(Category, Department)>();
        for (var i = 0; i < Departments[0].Categories.Length; i++)
            foreach (var department in Departments)
                categories.Add((department.Categories[i], department));
        return categories;
    }
}
