using Microsoft.CodeAnalysis;

namespace Mesh.Architecture.Tests;

/// <summary>What counts as a use. Each case is a body that uses the types of <see cref="Lower"/>.</summary>
public sealed class DependencyWalkerTests
{
    /// <summary>Stands in the file <c>Lower.cs</c>.</summary>
    private const string Lower = """
        namespace Sources.Lower;
        public enum Colour { Red }
        public class Thing
        {
            public Thing() { }
            public const int Max = 1;
            public int this[int at] => at;
            public static Thing operator +(Thing a, Thing b) => a;
            public static implicit operator Thing(int value) => new();
            public void Deconstruct(out int one, out int two) => one = two = 1;
            public int Value { get; set; }
        }
        public sealed class MarkAttribute : System.Attribute;
        public sealed class Turns { public Turns GetEnumerator() => this; public int Current => 1; public bool MoveNext() => false; }
        public static class Extensions
        {
            public static int Twice(this int value) => 2 * value;
            public static System.Runtime.CompilerServices.TaskAwaiter GetAwaiter(this int value) => default;
        }
        """;

    /// <summary>Stands in <c>Middle.cs</c>: gives out what is of <c>Lower.cs</c>, so that a user of it need not name that.</summary>
    private const string Middle = """
        namespace Sources;
        public static class Middle
        {
            public static Lower.Thing Make() => null!;
            public static void Take(Lower.Thing thing) { }
            public static Lower.Turns Turns() => null!;
        }
        """;

    [Theory]
    [InlineData("object x = typeof(Thing);")]
    [InlineData("var x = Thing.Max;")]
    [InlineData("var x = nameof(Thing);")]
    [InlineData("var x = Middle.Make()[1];")]
    [InlineData("var x = Middle.Make().Value;")]
    [InlineData("Middle.Take(new());")]
    [InlineData("Middle.Take(1);")]
    [InlineData("var x = Middle.Make() + Middle.Make();")]
    [InlineData("var (one, two) = Middle.Make();")]
    [InlineData("if (Middle.Make() is { Value: 1 }) { }")]
    [InlineData("foreach (var turn in Middle.Turns()) { }")]
    [InlineData("var x = 1.Twice();")]
    [InlineData("await 1;")]
    [InlineData("[Mark] void F() { }")]
    [InlineData("System.Collections.Generic.List<Thing?> x = [];")]
    public void Find_a_type_or_member_of_another_file_is_a_use(string body) => Assert.Contains("Lower.cs", UsesOf(body));

    [Theory]
    [InlineData("var x = Middle.Make();")]
    [InlineData("/// <see cref=\"Thing\"/>\nvoid F() { }")]
    [InlineData("var x = \"Thing\"; /* Thing */")]
    public void Find_what_is_neither_named_nor_called_is_no_use(string body) => Assert.DoesNotContain("Lower.cs", UsesOf(body));

    [Fact]
    public void Find_the_parts_of_a_type_are_one_file()
    {
        var uses = DependencyWalker.Find(SourceFiles.Of(
        [
            ("Sub/X.cs", "partial class X { void A() => B(); }"),
            ("Sub/X.Log.cs", "partial class X { void B() => Y.C(); }"),
            ("Y.cs", "static class Y { public static void C() { } }"),
        ]));

        Assert.Equal(["Y", "Y.C"], uses.Select(static use => use.Symbol).Order());
        Assert.All(uses, static use => Assert.Equal(("Sub/X.cs", "Y.cs"), (use.From, use.To)));
    }

    private static IEnumerable<string> UsesOf(string body)
    {
        var files = SourceFiles.Of(
        [
            ("Lower.cs", Lower),
            ("Middle.cs", Middle),
            ("User.cs", $"using Sources.Lower;\nnamespace Sources;\nclass User {{ async Task Run() {{ {body} }} }}"),
        ]);
        Assert.DoesNotContain(
            files.Compilation.GetDiagnostics(TestContext.Current.CancellationToken),
            static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return DependencyWalker.Find(files).Where(static use => use.From == "User.cs").Select(static use => use.To);
    }
}
