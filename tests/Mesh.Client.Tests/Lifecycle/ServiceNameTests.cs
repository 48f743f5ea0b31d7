using Mesh.Client.Lifecycle;

namespace Mesh.Client.Tests.Lifecycle;

public class ServiceNameTests
{
    [Theory]
    [InlineData("Orders", "Shop.Orders.Api", "orders")]
    [InlineData("orders.eu", "Shop", "orders.eu")]
    [InlineData("my orders/1", "Shop", "my-orders-1")]
    [InlineData(null, "Shop.Orders_Api", "shop-orders_api")]
    [InlineData("  ", "Shop", "shop")]
    [InlineData("---", "Shop", "shop")]
    [InlineData(null, "", "application")]
    [InlineData(null, null, "application")]
    public void Of_prefers_the_configured_name_and_makes_both_usable_as_hosts(string? configured, string? application, string expected) =>
        Assert.Equal(expected, ServiceName.Of(configured, application));
}
