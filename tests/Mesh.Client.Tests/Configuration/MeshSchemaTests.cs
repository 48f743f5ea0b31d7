using System.Reflection;
using Mesh.Client.Configuration;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Configuration;

public sealed class MeshSchemaTests
{
    [Fact]
    public void Schema_and_option_classes_agree() => AssertSame("Mesh", MeshSchema.Root, typeof(MeshOptions));

    [Fact]
    public void With_adds_keys_of_a_further_package()
    {
        var walkable = MeshSchema.Root.With(["Discovery", "Consul"], KeySchema.Section(("Address", KeySchema.Text)));
        walkable = walkable.With(["Services", "*", "Quota"], KeySchema.WholeNumber);

        Assert.Equal(KeyKind.Text, walkable.Find("discovery")!.Find("consul")!.Find("address")!.Kind);
        Assert.NotNull(walkable.Find("Discovery")!.Find("Eureka"));
        Assert.Equal(KeyKind.WholeNumber, walkable.Find("Services")!.Element!.Find("Quota")!.Kind);
        Assert.NotNull(walkable.Find("Services")!.Element!.Find("Timeout"));
        Assert.Null(MeshSchema.Root.Find("Discovery")!.Find("Consul"));
    }

    [Theory]
    [InlineData("Domain", "Suffix")]
    [InlineData("Domain", "*")]
    [InlineData("Services", "payments")]
    public void With_refuses_a_place_below_a_value(string first, string second) =>
        Assert.Throws<InvalidOperationException>(() => MeshSchema.Root.With([first, second], KeySchema.Text));

    private static void AssertSame(string path, KeySchema schema, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var kind = KindOf(type);
        Assert.True(kind == schema.Kind, $"{path} is a {type}, but the schema says {schema.Kind}.");
        switch (kind)
        {
            case KeyKind.Section:
                var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
                Assert.Equal(
                    properties.Select(property => $"{path}:{property.Name}").Order(),
                    schema.Keys.Select(key => $"{path}:{key.Key}").Order());
                foreach (var property in properties)
                {
                    AssertSame($"{path}:{property.Name}", schema.Find(property.Name)!, property.PropertyType);
                }

                break;
            case KeyKind.Map or KeyKind.List:
                AssertSame($"{path}:*", schema.Element!, type.GetGenericArguments()[^1]);
                break;
            case KeyKind.Choice:
                Assert.Equal(Enum.GetNames(type), schema.Choices);
                break;
        }
    }

    private static KeyKind KindOf(Type type) => type switch
    {
        _ when type == typeof(string) => KeyKind.Text,
        _ when type == typeof(TimeSpan) => KeyKind.Duration,
        _ when type == typeof(int) => KeyKind.WholeNumber,
        _ when type == typeof(double) => KeyKind.Number,
        _ when type == typeof(bool) => KeyKind.Switch,
        { IsEnum: true } => KeyKind.Choice,
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IList<>) => KeyKind.List,
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IDictionary<,>) => KeyKind.Map,
        _ => KeyKind.Section,
    };
}
