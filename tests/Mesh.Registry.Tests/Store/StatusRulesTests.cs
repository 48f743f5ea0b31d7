using Mesh.Registry.Instances;
using Mesh.Registry.Store;

namespace Mesh.Registry.Tests.Store;

public sealed class StatusRulesTests
{
    [Theory]
    [InlineData("DOWN", "UP", "UP", "DOWN")] // down or starting is believed before anything else
    [InlineData("STARTING", "OUT_OF_SERVICE", "UP", "STARTING")]
    [InlineData("UP", "OUT_OF_SERVICE", "UP", "OUT_OF_SERVICE")] // then what an operator set
    [InlineData("UP", "UNKNOWN", "UP", "UNKNOWN")]
    [InlineData("OUT_OF_SERVICE", null, "UP", "UP")] // then the live lease
    [InlineData("UP", null, "OUT_OF_SERVICE", "OUT_OF_SERVICE")]
    [InlineData("UP", null, "DOWN", "UP")] // then what the instance says
    [InlineData("OUT_OF_SERVICE", null, "STARTING", "OUT_OF_SERVICE")]
    [InlineData("UP", null, null, "UP")]
    public void Resolve_follows_the_order_of_the_protocol(string claimed, string? overridden, string? current, string expected)
    {
        var resolved = StatusRules.Resolve(
            InstanceStatusNames.Parse(claimed)!.Value, InstanceStatusNames.Parse(overridden), InstanceStatusNames.Parse(current));

        Assert.Equal(expected, resolved.ToWire());
    }
}
