using System.Collections;
using System.Reflection;
using Mesh.Client.Model;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Model;

/// <summary>Two models that say the same are equal, and any setting makes a difference: a reload changes what it changes, and nothing
/// else.</summary>
public sealed class ServiceModelTests
{
    public static TheoryData<string> Settings => [.. SettingsOf(typeof(ServiceOptions))];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Equals_setting_makes_a_difference_and_the_same_setting_none(string setting)
    {
        var before = Of(_ => { });

        Assert.Contains(Candidates(setting), value =>
        {
            var model = Of(options => Set(options, setting, value));
            Assert.Equal(model, Of(options => Set(options, setting, value)));
            Assert.Equal(model.GetHashCode(), Of(options => Set(options, setting, value)).GetHashCode());
            return model != before;
        });
    }

    [Theory]
    [InlineData("http://10.0.0.2", "eu-1", "rack", "r1", true)]
    [InlineData("http://10.0.0.3", "eu-1", "rack", "r1", false)]
    [InlineData("http://10.0.0.2", "eu-2", "rack", "r1", false)]
    [InlineData("http://10.0.0.2", "eu-1", "rock", "r1", false)]
    [InlineData("http://10.0.0.2", "eu-1", "rack", "r2", false)]
    public void Equals_endpoints_are_compared_by_what_they_say(string address, string zone, string label, string value, bool expected)
    {
        var one = Of(options => options.Endpoints = Endpoints("http://10.0.0.2", "eu-1", "rack", "r1"));
        var other = Of(options => options.Endpoints = Endpoints(address, zone, label, value));

        Assert.Equal(expected, one == other);
        Assert.NotEqual(one, Of(_ => { }));

        static IList<EndpointOptions> Endpoints(string address, string zone, string label, string value) =>
            ["http://10.0.0.1", new EndpointOptions { Address = address, Zone = zone, Labels = { [label] = value } }];
    }

    [Fact]
    public void Equals_says_nothing_of_the_process()
    {
        var (one, other) = (new MeshModel(new MeshOptions(), 1), new MeshModel(new MeshOptions { Domain = "mesh.local" }, 2));

        Assert.Equal(one.Defaults, other.Defaults);
        Assert.Same(other, other.Defaults.Mesh);
        Assert.NotEqual(one.Defaults, one.Defaults with { IsNamed = true });
    }

    [Fact]
    public void Routes_and_subsets_of_a_service_without_any_are_one_of_each()
    {
        var model = Of(options => options.Timeout = TimeSpan.FromSeconds(3));

        var route = Assert.Single(model.Routes);
        Assert.Equal(("default", TimeSpan.FromSeconds(3)), (route.Name, route.Policy.Timeout));
        Assert.Equal(RouteTarget.Own, Assert.Single(route.Targets));
        Assert.Null(Assert.Single(model.Subsets).Name);
        Assert.NotEqual(route, route with { Targets = [RouteTarget.Own with { Weight = 2 }] });
        Assert.NotEqual(route, route with { Name = "other" });
    }

    [Fact]
    public void Timeout_that_is_replaced_replaces_its_text()
    {
        var policy = Of(_ => { }).Routes[0].Policy with { Timeout = TimeSpan.FromSeconds(3) };
        Assert.Equal(("3000", TimeSpan.FromSeconds(3)), (policy.TimeoutText, policy.TimeLimit));

        policy = policy with { Timeout = Timeout.InfiniteTimeSpan };
        Assert.Null(policy.TimeoutText);
        Assert.True(policy.TimeLimit > TimeSpan.FromDays(365));
    }

    private static ServiceModel Of(Action<ServiceOptions> configure)
    {
        var options = new MeshOptions { Services = { ["orders"] = new ServiceOptions() } };
        configure(options.Services["orders"]);
        return new MeshModel(options, generation: 1).Of("orders");
    }

    /// <summary>The paths of all values, such as <c>Retry.MaxRetries</c>.</summary>
    private static IEnumerable<string> SettingsOf(Type type) => type.GetProperties().SelectMany(property =>
        property.PropertyType.Assembly == typeof(ServiceOptions).Assembly && property.PropertyType.IsClass
            ? SettingsOf(property.PropertyType).Select(path => $"{property.Name}.{path}")
            : [property.Name]);

    private static (object Owner, PropertyInfo Property) Find(object options, string path)
    {
        var names = path.Split('.');
        foreach (var name in names[..^1])
        {
            options = options.GetType().GetProperty(name)!.GetValue(options)!;
        }

        return (options, options.GetType().GetProperty(names[^1])!);
    }

    private static void Set(ServiceOptions options, string path, object value)
    {
        // Without a path there are no probes.
        options.OutlierDetection.Probe.Path = path.StartsWith("OutlierDetection.Probe.", StringComparison.Ordinal) ? "/" : null;
        var (owner, property) = Find(options, path);
        if (property.GetValue(owner) is IList list)
        {
            list.Add(value);
        }
        else
        {
            property.SetValue(owner, value);
        }
    }

    /// <summary>Values of which one at least is not built in.</summary>
    private static IEnumerable<object> Candidates(string path)
    {
        var type = Find(new ServiceOptions(), path).Property.PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(TimeSpan) ? [TimeSpan.FromSeconds(7.25)]
            : type == typeof(bool) ? [true, false]
            : type == typeof(int) ? [17]
            : type == typeof(double) ? [0.71]
            : type == typeof(string) ? ["own"]
            : type == typeof(IList<EndpointOptions>) ? [new EndpointOptions { Address = "http://10.0.0.1" }]
            : type == typeof(IList<string>) ? ["404"]
            : type == typeof(IDictionary<string, RouteOptions>)
                ? [new Dictionary<string, RouteOptions> { ["a"] = new() { Matches = [new() { Path = "/" }] } }]
            : type.IsEnum ? type.GetEnumValues().Cast<object>()
            : throw new NotSupportedException($"No values of {type} for {path}.");
    }
}
