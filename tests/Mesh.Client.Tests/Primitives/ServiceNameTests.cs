using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Primitives;

public sealed class ServiceNameTests
{
    [Theory]
    [InlineData("Shop.Orders_Api", "shop-orders_api")]
    [InlineData("Shop", "shop")]
    [InlineData("My Shop", "my-shop")]
    [InlineData("---", "application")]
    [InlineData("", "application")]
    [InlineData(null, "application")]
    public void From_application_name_makes_a_host_that_can_be_called(string? application, string expected) =>
        Assert.Equal(expected, ServiceName.From(application));
}
