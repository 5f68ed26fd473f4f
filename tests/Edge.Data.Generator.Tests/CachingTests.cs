using Microsoft.CodeAnalysis;

namespace Edge.Data.Generator.Tests;

/// <summary>An editor runs the generator at each key press: it must do nothing unless a query changed, and not miss it if one did.</summary>
public sealed class CachingTests
{
    const string Source = """
        using Edge.Data;
        namespace Shop;
        internal static partial class ProductQueries
        {
            [Sql("select name from products where id = @id")]
            public static partial ValueTask<string> Name(Database database, long id, CancellationToken cancel);
        }
        internal static partial class UserQueries
        {
            [Sql("select email from users where id = @id")]
            public static partial ValueTask<string> Email(Database database, long id, CancellationToken cancel);
        }
        """;

    [Fact]
    public void Typing_above_a_query_writes_nothing_again()
    {
        var run = GeneratorRun.Of(Source);

        run.Edit("// a line that moves all places\n" + Source + "\ninternal sealed class Unrelated { public int X => 1; }");

        Assert.All(Reasons(run, SqlGenerator.ModelsStep), IsUnchanged);
        Assert.All(Reasons(run, SqlGenerator.ClassesStep), IsUnchanged);
        Assert.All(OutputReasons(run), IsUnchanged);
    }

    [Fact]
    public void A_new_file_without_queries_writes_nothing_again()
    {
        var run = GeneratorRun.Of(Source);

        run.AddFile("internal sealed class Unrelated;");

        Assert.All(Reasons(run, SqlGenerator.ModelsStep), IsUnchanged);
        Assert.All(OutputReasons(run), IsUnchanged);
    }

    [Fact]
    public void A_changed_query_writes_its_class_again_and_no_other()
    {
        var run = GeneratorRun.Of(Source);

        run.Edit(Source.Replace("select name", "select upper(name)", StringComparison.Ordinal));

        Assert.Single(Reasons(run, SqlGenerator.ModelsStep), IncrementalStepRunReason.Modified);
        Assert.Single(Reasons(run, SqlGenerator.ClassesStep), IncrementalStepRunReason.Modified);
        Assert.Contains("select upper(name)", run.Output(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_row_type_in_another_file_writes_the_class_again()
    {
        var source = Source.Replace("ValueTask<string> Name", "ValueTask<Row> Name", StringComparison.Ordinal);
        var run = GeneratorRun.Of(source + "\npublic sealed record Row(string Name);");

        run.Edit(source + "\npublic sealed record Row(string? Name);");

        Assert.Single(Reasons(run, SqlGenerator.ModelsStep), IncrementalStepRunReason.Modified);
        Assert.Contains("IsDBNull", run.Output(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_holds_nothing_of_the_compiler()
    {
        var seen = new HashSet<Type>();
        Visit(typeof(Model.QueryModel), seen);

        Assert.Contains(typeof(Model.FieldModel), seen);
        Assert.DoesNotContain(seen, type => type.Namespace!.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
    }

    static void Visit(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type))
            return;
        foreach (var argument in type.GenericTypeArguments)
            Visit(argument, seen);
        if (type.Assembly != typeof(SqlGenerator).Assembly)
            return;
        foreach (var field in type.GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic))
            Visit(field.FieldType, seen);
    }

    static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRun run, string step) =>
        run.Result.TrackedSteps[step].SelectMany(runs => runs.Outputs).Select(output => output.Reason);

    static IEnumerable<IncrementalStepRunReason> OutputReasons(GeneratorRun run) =>
        run.Result.TrackedOutputSteps.SelectMany(step => step.Value).Where(IsSource)
            .SelectMany(runs => runs.Outputs).Select(output => output.Reason);

    // Steps that only report problems hold places, and may run again when those move.
    static bool IsSource(IncrementalGeneratorRunStep step) =>
        step.Inputs.All(input => input.Source.Outputs.All(output => output.Value is not Model.QueryAnalysis and not IEnumerable<object>
            || output.Value is Model.EquatableList<Model.QueryModel>));

    static void IsUnchanged(IncrementalStepRunReason reason) =>
        Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"was {reason}");
}
